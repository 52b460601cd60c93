import type { Instrument } from '../market/index.ts';
import type { Signal } from './signal.ts';
import { EventRate, MidAge, TradeRate } from './signals/activity.ts';
import { DepthMid, WeightedMid } from './signals/fair-value.ts';
import { Imbalance, Spread } from './signals/liquidity.ts';
import { Microprice } from './signals/microprice.ts';
import { MeanOrderFlowImbalance, OrderFlowImbalance } from './signals/order-flow.ts';
import { Returns } from './signals/returns.ts';
import { TradeCountImbalance, TradeFlow } from './signals/trade-flow.ts';
import { RealisedVolatility } from './signals/volatility.ts';

const LEVELS = 10;

/** Levels that the core set reads: ten, or as many as the venue reports. */
export function coreDepth(instrument: Instrument): number {
  return Math.min(LEVELS, instrument.depthLimit ?? LEVELS);
}

/**
 * The first signals, in the order of their columns; those of levels that the venue does not report are left out. Decay
 * times are short because what a trade foretells is mostly over in a second.
 */
export function createCoreSignals(instrument: Instrument): Signal[] {
  const depth = coreDepth(instrument);
  const reported = (levels: number): boolean => levels <= depth;
  return [
    new OrderFlowImbalance(depth, 10),
    new MeanOrderFlowImbalance(depth, 100),
    new Imbalance([1, 3, 5, 10].filter(reported)),
    new Spread(),
    new WeightedMid(),
    new DepthMid([5, 10].filter(reported)),
    new Microprice(),
    new TradeFlow([0.1, 1]),
    new TradeCountImbalance([0.1, 1, 10]),
    new Returns([1, 10, 50]),
    new RealisedVolatility([1, 10]),
    new EventRate([0.1, 1]),
    new TradeRate([1]),
    new MidAge(),
  ];
}
