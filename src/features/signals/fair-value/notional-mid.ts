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
  cost: 'a division a column a row, and a walk over the levels by which its end has moved',
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
  readonly #columns: number;
  /** Levels in which the sizes ended last, where the search for those of now begins. */
  #bidSmall = 0;
  #bidLarge = 0;
  #askSmall = 0;
  #askLarge = 0;

  constructor({ depth }: SignalContext) {
    this.#columns = SIZES.filter((n) => n < depth).length;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    if (this.#columns === 0) return;
    const { bidSumLots, bidLevels, askSumLots, askLevels, meanLots } = view;
    const small = SIZES[0] * meanLots;
    this.#bidSmall = endOf(bidSumLots, bidLevels, small, this.#bidSmall);
    this.#askSmall = endOf(askSumLots, askLevels, small, this.#askSmall);
    writeMiddle(view, this.#bidSmall, this.#askSmall, small, out, at);
    if (this.#columns === 1) return;
    const large = SIZES[1] * meanLots;
    this.#bidLarge = endOf(bidSumLots, bidLevels, large, this.#bidLarge);
    this.#askLarge = endOf(askSumLots, askLevels, large, this.#askLarge);
    writeMiddle(view, this.#bidLarge, this.#askLarge, large, out, at + 1);
  }

  reset(): void {
    this.#bidSmall = 0;
    this.#bidLarge = 0;
    this.#askSmall = 0;
    this.#askLarge = 0;
  }
}

/** The level that a size ends in, `levels` where the side does not hold it; it is mostly the one that it was, `from`. */
function endOf(sumLots: Float64Array, levels: number, lots: number, from: number): number {
  let m = from < levels ? from : levels;
  while (m > 0 && sumLots[m - 1] >= lots) m--;
  while (m < levels && sumLots[m] < lots) m++;
  return m;
}

function writeMiddle(view: MarketView, b: number, a: number, lots: number, out: Float64Array, at: number): void {
  if (a === view.askLevels || b === view.bidLevels) {
    out[at] = Number.NaN;
    return;
  }
  const { askTicks, bidTicks } = view;
  // Lots × distance from the best price: all of the last level, less what is not taken of it.
  const ask = view.askSumReach[a] - (view.askSumLots[a] - lots) * (askTicks[a] - askTicks[0]);
  const bid = view.bidSumReach[b] - (view.bidSumLots[b] - lots) * (bidTicks[0] - bidTicks[b]);
  out[at] = (ask - bid) / (2 * lots);
}
