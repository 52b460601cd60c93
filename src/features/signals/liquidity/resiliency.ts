import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { Reversion } from './reversion.ts';

/** Book messages that the regression remembers, and needs before it says anything. */
const MEMORY = 200;
const WARMUP = 50;

export const resiliency: SignalDefinition = {
  name: 'resiliency',
  family: 'liquidity',
  title: 'Resiliency',
  meaning:
    'How fast liquidity comes back to its mean: the part of a deviation of the spread, or of the lots at both best prices, that the next book message undoes; 0 never, 1 at once. NaN where a side is empty, before enough messages, and where what is measured hardly varied (a deviation below a millionth of the mean).',
  tex: String.raw`\kappa = -\frac{\operatorname{cov}_w(\Delta L_n, L_{n-1})}{\operatorname{var}_w(L_{n-1})},\quad w = (1 - \tfrac{1}{200})^{N - n}`,
  formula:
    '-cov(L_n - L_(n-1), L_(n-1)) / var(L_(n-1)) over book messages; weights fade by 1 - 1/200 a book message; L = Pa - Pb, or qb + qa at the best prices',
  warmup: `${WARMUP} book messages`,
  cost: 'two divisions a book message and a row',
  source:
    'Kempf, Mayston, Gehde-Trapp and Yadav (2015), Resiliency: a dynamic view of liquidity, eq. of mean reversion without lags',
  needs: [],
  dependencies: [],
  version: 1,
  columns: () => [
    { name: 'resiliency_spread', unit: '1', mirror: 'even', ticks: 0, lots: 0, detail: 'of the spread' },
    { name: 'resiliency_depth', unit: '1', mirror: 'even', ticks: 0, lots: 0, detail: 'of the lots at the touch' },
  ],
  create: () => new Resiliency(),
};

class Resiliency implements Signal {
  readonly #spread = new Reversion(MEMORY, WARMUP);
  readonly #depth = new Reversion(MEMORY, WARMUP);

  onBook(view: MarketView): void {
    // What stood before is read from the view, because nobody tells of the first book.
    if (!view.has(1) || view.oldBidLevels === 0 || view.oldAskLevels === 0) return;
    const spread = view.askTicks[0] - view.bidTicks[0];
    this.#spread.add(view.oldAskTicks[0] - view.oldBidTicks[0], spread);
    this.#depth.add(view.oldBidLots[0] + view.oldAskLots[0], view.bidLots[0] + view.askLots[0]);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    if (view.has(1)) {
      this.#spread.write(out, at);
      this.#depth.write(out, at + 1);
    } else {
      out[at] = Number.NaN;
      out[at + 1] = Number.NaN;
    }
  }

  reset(): void {
    this.#spread.reset();
    this.#depth.reset();
  }
}
