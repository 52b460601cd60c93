import type { SignalDefinition } from '../signal.ts';
import { depthMid } from './fair-value/depth-mid.ts';
import { microprice } from './fair-value/microprice.ts';
import { weightedMid } from './fair-value/weighted-mid.ts';

/** In the order in which they are listed and explained. */
export const FAIR_VALUE: readonly SignalDefinition[] = [weightedMid, depthMid, microprice];
