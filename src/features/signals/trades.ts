import type { SignalDefinition } from '../signal.ts';
import { tradeCountImbalance } from './trades/trade-count-imbalance.ts';
import { tradeFlow } from './trades/trade-flow.ts';
import { tradeRate } from './trades/trade-rate.ts';

/** In the order in which they are listed and explained. */
export const TRADES: readonly SignalDefinition[] = [tradeFlow, tradeCountImbalance, tradeRate];
