import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

/** Book messages over which flow and moves fade, and over which their line is estimated. */
const FLOW_MEMORY = 100;
const LINE_MEMORY = 500;

export const ofiImpact: SignalDefinition = {
  name: 'ofi_impact',
  family: 'order-flow',
  title: 'Price impact of order flow',
  meaning:
    'By how many ticks an average level of touch order flow has lately moved the mid, and what the mid still owes to the flow by that measure: above 0 it has not followed buying yet. NaN where a side is empty and while nothing has flowed.',
  tex: String.raw`\beta = Q\,\frac{\sum_n \theta^{N-n} x_n y_n}{\sum_n \theta^{N-n} x_n^2},\quad \frac{\beta x_N}{Q} - y_N;\quad x_n = \sum_{k \le n} e^{-(n-k)/100} e_k,\; y_n = \sum_{k \le n} e^{-(n-k)/100} \Delta M_k,\; \theta = e^{-1/500}`,
  formula:
    'beta = Q × sum of exp(-(N - n) / 500) x y / the same of x²; gap = beta x / Q - y; x = touch e as ofi over 100 book messages, in lots, y = moves of the mid likewise',
  warmup: `${LINE_MEMORY} book messages`,
  cost: 'four multiply-adds a message, a division a row',
  source:
    'Cont, Kukanov and Stoikov (2014), The price impact of order book events, J. Financial Econometrics 12(1), eq. ΔP = β OFI + ε',
  needs: [],
  dependencies: ['average level size', 'order flow per level'],
  version: 2,
  columns: () => [
    {
      name: 'ofi_impact',
      unit: 'ticks per average level',
      mirror: 'even',
      ticks: 1,
      lots: 0,
      detail: 'the slope β',
    },
    { name: 'ofi_impact_gap', unit: 'ticks', mirror: 'odd', ticks: 1, lots: 0, detail: 'flow not yet in the price' },
  ],
  create: () => new OrderFlowImpact(),
};

class OrderFlowImpact implements Signal {
  readonly #keep = Math.exp(-1 / FLOW_MEMORY);
  readonly #keepLine = Math.exp(-1 / LINE_MEMORY);
  #flow = 0.5;
  #moves = 0.5;
  #squares = 0.5;
  #products = 0.5;

  constructor() {
    this.reset();
  }

  onBook(view: MarketView): void {
    const flow = this.#flow * this.#keep + view.flowLots[0];
    const moves = this.#moves * this.#keep + view.moveTicks;
    this.#flow = flow;
    this.#moves = moves;
    this.#squares = this.#squares * this.#keepLine + flow * flow;
    this.#products = this.#products * this.#keepLine + flow * moves;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const known = view.bookMessages >= LINE_MEMORY && view.has(1);
    // In ticks a lot; 0 / 0 is NaN: no flow, no slope.
    const slope = known ? this.#products / this.#squares : Number.NaN;
    out[at] = slope * view.meanLots;
    out[at + 1] = slope * this.#flow - this.#moves;
  }

  reset(): void {
    this.#flow = 0;
    this.#moves = 0;
    this.#squares = 0;
    this.#products = 0;
  }
}
