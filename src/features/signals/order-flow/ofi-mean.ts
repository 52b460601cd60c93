import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

/** Book messages over which the flow fades. */
const MEMORY = 100;

export const ofiMean: SignalDefinition = {
  name: 'ofi_mean',
  family: 'order-flow',
  title: 'Order flow imbalance, mean of the levels',
  meaning:
    'Order flow imbalance with a longer memory, all levels weighing the same: integrated OFI without a fit. NaN where a side is empty.',
  tex: String.raw`\frac{1}{QM}\sum_{m=1}^{M}\sum_{n \le N} e^{-(N-n)/100}\, e_n^m`,
  formula: 'mean over levels of e, decayed as ofi but over 100 book messages, / Q',
  warmup: `${MEMORY} book messages`,
  cost: 'an addition a level and a multiply-add a message, a division a row',
  source:
    'Cont, Cucuringu and Zhang (2023), Cross-impact of order flow imbalance in equity markets, with equal weights',
  needs: [],
  dependencies: ['average level size', 'order flow per level', 'flows of the levels'],
  version: 1,
  columns: () => [{ name: 'ofi_mean_slow', unit: 'average levels', mirror: 'odd', ticks: 0, lots: 0 }],
  create: (context) => new MeanOrderFlowImbalance(context),
};

class MeanOrderFlowImbalance implements Signal {
  readonly #keep = Math.exp(-1 / MEMORY);
  readonly #part: number;
  #sum = 0.5;

  constructor(context: SignalContext) {
    this.#part = 1 / context.depth;
    this.reset();
  }

  onBook(view: MarketView): void {
    this.#sum = this.#sum * this.#keep + view.flowTotal * this.#part;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = view.bookMessages >= MEMORY && view.has(1) ? this.#sum / view.meanLots : Number.NaN;
  }

  reset(): void {
    this.#sum = 0;
  }
}
