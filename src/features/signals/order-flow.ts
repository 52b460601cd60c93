import type { SignalDefinition } from '../signal.ts';
import { ofi } from './order-flow/ofi.ts';
import { ofiMean } from './order-flow/ofi-mean.ts';

/** In the order in which they are listed and explained. */
export const ORDER_FLOW: readonly SignalDefinition[] = [ofi, ofiMean];
