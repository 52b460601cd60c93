import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

/** Sizes to trade, in average levels. A book of as few levels would hardly ever hold them. */
const SIZES = [1, 3];

export const notionalMid: SignalDefinition = {
  name: 'notional_mid',
  family: 'fair-value',
  title: 'Middle of the prices for a size',
  meaning:
    'Half-way between the average price to buy a given size at once and that to sell it, less the mid: on which side the size is dearer. NaN where the displayed book does not hold the size on both sides.',
  tex: String.raw`\frac{A(S) + B(S)}{2} - \frac{P_a + P_b}{2},\quad A(S) = \frac{1}{S}\sum_m P_a^m \min\Big(q_a^m,\ \big(S - \textstyle\sum_{k<m} q_a^k\big)^+\Big)`,
  formula: '(A(S) + B(S)) / 2 - (Pa + Pb) / 2; A, B = average price to buy, sell S lots from the book; S = Q, 3 Q',
  warmup: 'none',
  cost: 'a walk over the levels that the size takes, and a division, a column a row',
  source: 'definition: the middle of the impact bid and ask prices that derivative venues make their mark price of',
  needs: [],
  dependencies: ['average level size', 'running sums of the levels'],
  version: 1,
  columns: (depth) =>
    SIZES.filter((n) => n < depth).map((n) => ({
      name: `notional_mid_${n}`,
      unit: 'ticks from the mid',
      mirror: 'odd',
      ticks: 1,
      lots: 0,
      detail: `${n} average levels`,
    })),
  create: (context) => new NotionalMid(context),
};

class NotionalMid implements Signal {
  readonly #sizes: readonly number[];

  constructor({ depth }: SignalContext) {
    this.#sizes = SIZES.filter((n) => n < depth);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const sizes = this.#sizes;
    const { askTicks, askSumLots, askSumReach, askLevels } = view;
    const { bidTicks, bidSumLots, bidSumReach, bidLevels } = view;
    // A larger size ends no sooner.
    let a = 0;
    let b = 0;
    for (let c = 0; c < sizes.length; c++) {
      const lots = sizes[c] * view.meanLots;
      while (a < askLevels && askSumLots[a] < lots) a++;
      while (b < bidLevels && bidSumLots[b] < lots) b++;
      if (a === askLevels || b === bidLevels) {
        out[at + c] = Number.NaN;
        continue;
      }
      // Lots × distance from the best price: all of the last level, less what is not taken of it.
      const ask = askSumReach[a] - (askSumLots[a] - lots) * (askTicks[a] - askTicks[0]);
      const bid = bidSumReach[b] - (bidSumLots[b] - lots) * (bidTicks[0] - bidTicks[b]);
      out[at + c] = (ask - bid) / (2 * lots);
    }
  }

  reset(): void {}
}
