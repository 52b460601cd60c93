import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

const MEMORY = 200;
const WARMUP = 50;
const KEEP = 1 - 1 / MEMORY;

export const depthVolatility: SignalDefinition = {
  name: 'depth_volatility',
  family: 'liquidity',
  title: 'Volatility of depth',
  meaning:
    'By how much the lots at both best prices vary around their mean, in logarithms: high where what is shown at the touch cannot be relied on. Messages that leave a side empty do not count. NaN before enough messages and while a side is empty.',
  tex: String.raw`\sqrt{\operatorname{var}_w \ln(q_b^1 + q_a^1)},\quad w = (1 - \tfrac{1}{200})^{N - n}`,
  formula:
    'standard deviation of ln(qb + qa) at the best prices after each book message; weights fade by 1 - 1/200 a book message',
  warmup: `${WARMUP} book messages`,
  cost: 'a division a book message, a logarithm where the touch changed, a division and a root a row',
  source: 'definition; moments updated as in West (1979), Updating mean and variance estimates',
  needs: [],
  dependencies: [],
  version: 1,
  columns: () => [{ name: 'depth_volatility', unit: '1', mirror: 'even', ticks: 0, lots: 0 }],
  create: () => new DepthVolatility(),
};

class DepthVolatility implements Signal {
  #books = 0;
  #lots = Number.NaN;
  #log = Number.NaN;
  #weight = Number.NaN;
  #mean = Number.NaN;
  #squares = Number.NaN;

  constructor() {
    this.reset();
  }

  onBook(view: MarketView): void {
    if (!view.has(1)) return;
    const lots = view.bidLots[0] + view.askLots[0];
    if (lots !== this.#lots) {
      this.#lots = lots;
      this.#log = Math.log(lots);
    }
    this.#books++;
    this.#weight = this.#weight * KEEP + 1;
    const deviation = this.#log - this.#mean;
    this.#mean += deviation / this.#weight;
    this.#squares = this.#squares * KEEP + deviation * (this.#log - this.#mean);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const known = view.has(1) && this.#books >= WARMUP;
    out[at] = known ? Math.sqrt(this.#squares / this.#weight) : Number.NaN;
  }

  reset(): void {
    this.#books = 0;
    this.#lots = Number.NaN;
    this.#log = Number.NaN;
    this.#weight = 0;
    this.#mean = 0;
    this.#squares = 0;
  }
}
