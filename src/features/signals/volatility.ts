import type { SignalDefinition } from '../signal.ts';
import { pastReturn } from './volatility/return.ts';
import { volatility } from './volatility/volatility.ts';

/** In the order in which they are listed and explained. */
export const VOLATILITY: readonly SignalDefinition[] = [pastReturn, volatility];
