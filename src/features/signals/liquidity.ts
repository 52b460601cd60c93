import type { MarketView } from '../market-view.ts';
import type { FeatureInfo, Signal } from '../signal.ts';

/**
 * Queue imbalance over the best n levels: (B − A) / (B + A), B and A the lots on the bid and on the ask.
 * Unit: 1, in [−1, 1]. Warm-up: none. Cost: at writing only. `NaN` where a side has fewer than n levels.
 */
export class Imbalance implements Signal {
  readonly columns: readonly FeatureInfo[];
  readonly #depths: readonly number[];

  /** `depths` rise. */
  constructor(depths: readonly number[]) {
    this.#depths = depths;
    this.columns = depths.map((depth) => ({
      name: `imbalance_${depth}`,
      family: 'liquidity',
      unit: '1',
      formula: `(B - A) / (B + A); B, A = lots on the ${depth} best bid and ask levels`,
      warmup: 'none',
      source: 'Gould and Bonart (2016), Queue imbalance as a one-tick-ahead price predictor in a limit order book',
      parity: 'odd',
      version: 1,
    }));
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    let bid = 0;
    let ask = 0;
    let level = 0;
    for (let c = 0; c < this.#depths.length; c++) {
      const depth = this.#depths[c];
      for (; level < depth; level++) {
        bid += view.bidLots[level];
        ask += view.askLots[level];
      }
      out[at + c] = view.has(depth) ? (bid - ask) / (bid + ask) : Number.NaN;
    }
  }

  reset(): void {}
}

/** Best ask less best bid. Unit: ticks; 0 or less where the venue's book is locked or crossed. Warm-up: none. */
export class Spread implements Signal {
  readonly columns: readonly FeatureInfo[] = [
    {
      name: 'spread',
      family: 'liquidity',
      unit: 'ticks',
      formula: 'Pa - Pb',
      warmup: 'none',
      source: 'definition',
      parity: 'even',
      version: 1,
    },
  ];

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = view.has(1) ? view.askTicks[0] - view.bidTicks[0] : Number.NaN;
  }

  reset(): void {}
}
