import type { SignalDefinition } from '../signal.ts';
import { depthMid } from './fair-value/depth-mid.ts';
import { fairDeviation } from './fair-value/fair-deviation.ts';
import { lastTrade } from './fair-value/last-trade.ts';
import { microprice } from './fair-value/microprice.ts';
import { midTrend } from './fair-value/mid-trend.ts';
import { notionalMid } from './fair-value/notional-mid.ts';
import { slopeMid } from './fair-value/slope-mid.ts';
import { tradeVwap } from './fair-value/trade-vwap.ts';
import { weightedMid } from './fair-value/weighted-mid.ts';
import { weightedMidDeep } from './fair-value/weighted-mid-deep.ts';

/** In the order in which they are listed and explained. */
export const FAIR_VALUE: readonly SignalDefinition[] = [
  weightedMid,
  weightedMidDeep,
  depthMid,
  microprice,
  fairDeviation,
  slopeMid,
  notionalMid,
  tradeVwap,
  lastTrade,
  midTrend,
];
