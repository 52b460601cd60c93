import type { MarketView } from '../market-view.ts';
import type { FeatureInfo, Signal } from '../signal.ts';

/**
 * How far the weighted mid lies from the mid: (Pa qb + Pb qa) / (qa + qb) − (Pb + Pa) / 2 = spread / 2 × imbalance.
 * Unit: ticks. Warm-up: none. Cost: at writing only.
 */
export class WeightedMid implements Signal {
  readonly columns: readonly FeatureInfo[] = [
    {
      name: 'weighted_mid',
      family: 'fair-value',
      unit: 'ticks from the mid',
      formula: '(Pa qb + Pb qa) / (qa + qb) - (Pa + Pb) / 2, at the best level',
      warmup: 'none',
      source: 'Stoikov (2018), The micro-price, Quantitative Finance 18(12)',
      parity: 'odd',
      version: 1,
    },
  ];

  write(view: MarketView, out: Float64Array, at: number): void {
    const bid = view.bidLots[0];
    const ask = view.askLots[0];
    out[at] = view.has(1) ? (((view.askTicks[0] - view.bidTicks[0]) / 2) * (bid - ask)) / (bid + ask) : Number.NaN;
  }

  reset(): void {}
}

/**
 * How far the middle between the two sides' average prices lies from the mid, each side's prices weighted by size over its
 * best levels, as many as there are: large where one best quote stands alone in front of its side and may as well step
 * back. Unit: ticks. Warm-up: none. Cost: at writing only.
 */
export class DepthMid implements Signal {
  readonly columns: readonly FeatureInfo[];
  readonly #depths: readonly number[];

  /** `depths` rise. */
  constructor(depths: readonly number[]) {
    this.#depths = depths;
    this.columns = depths.map((depth) => ({
      name: `depth_mid_${depth}`,
      family: 'fair-value',
      unit: 'ticks from the mid',
      formula: `(V_b + V_a) / 2 - (Pa + Pb) / 2; V = sum P q / sum q over the ${depth} best levels of a side`,
      warmup: 'none',
      source: 'definition: size-weighted average price of the displayed book',
      parity: 'odd',
      version: 1,
    }));
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { bidTicks, bidLots, askTicks, askLots } = view;
    const known = view.has(1);
    // Distances from the best price, not prices: the two sides then mirror each other to the last bit.
    let bidDistance = 0;
    let bidSum = 0;
    let askDistance = 0;
    let askSum = 0;
    let m = 0;
    for (let c = 0; c < this.#depths.length; c++) {
      for (; m < this.#depths[c]; m++) {
        // The product of an absent level is 0: it is far away, but its size is 0.
        bidDistance += (bidTicks[0] - bidTicks[m]) * bidLots[m];
        bidSum += bidLots[m];
        askDistance += (askTicks[m] - askTicks[0]) * askLots[m];
        askSum += askLots[m];
      }
      out[at + c] = known ? (askDistance / askSum - bidDistance / bidSum) / 2 : Number.NaN;
    }
  }

  reset(): void {}
}
