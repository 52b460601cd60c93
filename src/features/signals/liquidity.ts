import type { SignalDefinition } from '../signal.ts';
import { imbalance } from './liquidity/imbalance.ts';
import { spread } from './liquidity/spread.ts';

/** In the order in which they are listed and explained. */
export const LIQUIDITY: readonly SignalDefinition[] = [spread, imbalance];
