import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

/** Book messages over which the flow fades. */
const MEMORY = 100;

export const ofiRatio: SignalDefinition = {
  name: 'ofi_ratio',
  family: 'order-flow',
  title: 'Order flow imbalance ratio',
  meaning:
    'Which part of the flow at the touch goes one way, from −1 to 1: how one-sided it is, whatever its size. NaN where a side is empty and while nothing has flowed.',
  tex: String.raw`\frac{\sum_{n \le N} e^{-(N-n)/100}\, e_n}{\sum_{n \le N} e^{-(N-n)/100}\, |e_n|}`,
  formula: 'sum over book messages n of exp(-(N - n) / 100) e_n / the same of |e_n|; e as ofi, at the touch',
  warmup: `${MEMORY} book messages`,
  cost: 'two multiply-adds a message, a division a row',
  source: 'definition; e of Cont, Kukanov and Stoikov (2014), The price impact of order book events',
  needs: [],
  dependencies: ['order flow per level'],
  version: 1,
  columns: () => [{ name: 'ofi_ratio', unit: '1', mirror: 'odd', ticks: 0, lots: 0 }],
  create: () => new OrderFlowRatio(),
};

class OrderFlowRatio implements Signal {
  readonly #keep = Math.exp(-1 / MEMORY);
  #net = 0.5;
  #gross = 0.5;

  constructor() {
    this.reset();
  }

  onBook(view: MarketView): void {
    const flow = view.flowLots[0];
    this.#net = this.#net * this.#keep + flow;
    this.#gross = this.#gross * this.#keep + Math.abs(flow);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    // 0 / 0 is NaN: no flow, no ratio.
    out[at] = view.bookMessages >= MEMORY && view.has(1) ? this.#net / this.#gross : Number.NaN;
  }

  reset(): void {
    this.#net = 0;
    this.#gross = 0;
  }
}
