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
  cost: 'four multiply-adds a level and side and three divisions a row',
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
  /** Intercept and slope of the side fitted last. */
  readonly #line = new Float64Array(2);

  constructor({ depth, levels }: SignalContext) {
    this.source = levels;
    this.#depth = depth;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    if (this.#depth < 2) return;
    if (!view.has(2)) {
      out[at] = Number.NaN;
      return;
    }
    const line = this.#line;
    fitLine(view.bidTicks, view.bidSumLots, Math.min(LEVELS, view.bidLevels), -1, view.midTicks, line);
    const demand = line[0];
    const fall = line[1];
    fitLine(view.askTicks, view.askSumLots, Math.min(LEVELS, view.askLevels), 1, view.midTicks, line);
    out[at] = (demand - line[0]) / (fall + line[1]);
  }

  reset(): void {}
}

/** The cumulated lots rise from level to level and so does the distance, so that no slope is 0 or infinite. */
function fitLine(
  ticks: Int32Array,
  sumLots: Float64Array,
  levels: number,
  away: number,
  midTicks: number,
  line: Float64Array,
): void {
  // Distances from the best level keep the sums small and exact; the mid lies `near` before it.
  const best = ticks[0];
  const near = away * (best - midTicks);
  let x = 0;
  let y = 0;
  let xx = 0;
  let xy = 0;
  for (let m = 0; m < levels; m++) {
    const d = away * (ticks[m] - best);
    x += d;
    y += sumLots[m];
    xx += d * d;
    xy += d * sumLots[m];
  }
  const slope = (levels * xy - x * y) / (levels * xx - x * x);
  line[0] = (y - slope * x) / levels - slope * near;
  line[1] = slope;
}
