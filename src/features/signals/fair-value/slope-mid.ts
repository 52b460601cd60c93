import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';

const LEVELS = 5;

export const slopeMid: SignalDefinition = {
  name: 'slope_mid',
  family: 'fair-value',
  title: 'Price implied by the book’s slopes',
  meaning:
    'Where straight lines through the cumulated demand and the cumulated supply of the best five levels cross: the price that would balance the two if the book went on as it does. NaN where a side has fewer than two levels.',
  tex: String.raw`\frac{\alpha_b - \alpha_a}{\beta_b + \beta_a},\quad \sum_{k \le m} q^k \approx \alpha + \beta\, |P^m - M|\ \text{(least squares, a side each)}`,
  formula:
    '(alpha_b - alpha_a) / (beta_b + beta_a); alpha + beta d = least squares line through (distance d of level m from the mid, lots up to level m), m = 1 … 5, a side each',
  warmup: 'none',
  cost: 'a division a row; four multiply-adds a level and two divisions a side that changed',
  source:
    'definition; linear fits of the cumulated book: Næs and Skjeltorp (2006), Order book characteristics and the volume–volatility relation, J. Financial Markets 9(4)',
  needs: [],
  dependencies: ['running sums of the levels'],
  version: 1,
  columns: (depth) =>
    depth < 2 ? [] : [{ name: 'slope_mid', unit: 'ticks from the mid', mirror: 'odd', ticks: 1, lots: 0 }],
  create: (context) => new SlopeMid(context),
};

class SlopeMid implements Signal {
  readonly source: Versioned;
  readonly #depth: number;
  readonly #bid = new SideLine();
  readonly #ask = new SideLine();

  constructor({ depth, levels }: SignalContext) {
    this.source = levels;
    this.#depth = depth;
  }

  onBook(view: MarketView): void {
    if (view.bidChanged) this.#bid.stale = true;
    if (view.askChanged) this.#ask.stale = true;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    if (this.#depth < 2) return;
    if (!view.has(2)) {
      out[at] = Number.NaN;
      return;
    }
    const { bidTicks, askTicks } = view;
    const bid = this.#bid;
    const ask = this.#ask;
    if (bid.stale) bid.fit(bidTicks, view.bidSumLots, view.bidLevels);
    if (ask.stale) ask.fit(askTicks, view.askSumLots, view.askLevels);
    // The mid lies half the spread before either best price.
    const half = (askTicks[0] - bidTicks[0]) / 2;
    out[at] = (bid.lots - bid.slope * half - (ask.lots - ask.slope * half)) / (bid.slope + ask.slope);
  }

  reset(): void {
    this.#bid.stale = true;
    this.#ask.stale = true;
  }
}

/** The least squares line through a side's cumulated lots, which is fitted again where the side has changed alone. */
class SideLine {
  stale = true;
  /** Lots at the best price, and lots a tick behind it. */
  lots = 0.5;
  slope = 0.5;

  /** The cumulated lots rise from level to level and so does the distance, so that no slope is 0 or infinite. */
  fit(ticks: Int32Array, sumLots: Float64Array, levels: number): void {
    this.stale = false;
    const n = Math.min(LEVELS, levels);
    // Distances from the best level keep the sums small and exact.
    const best = ticks[0];
    let x = 0;
    let y = sumLots[0];
    let xx = 0;
    let xy = 0;
    for (let m = 1; m < n; m++) {
      const d = Math.abs(ticks[m] - best);
      const lots = sumLots[m];
      x += d;
      y += lots;
      xx += d * d;
      xy += d * lots;
    }
    const slope = (n * xy - x * y) / (n * xx - x * x);
    this.slope = slope;
    this.lots = (y - slope * x) / n;
  }
}
