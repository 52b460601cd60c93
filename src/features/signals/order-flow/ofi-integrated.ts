import { assert } from '../../../core/index.ts';
import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

/** Book messages over which the flow fades. */
const FAST = 10;
const SLOW = 100;

export const ofiIntegrated: SignalDefinition = {
  name: 'ofi_integrated',
  family: 'order-flow',
  title: 'Integrated order flow imbalance',
  meaning:
    'Order flow of all levels in one number: their first principal component, whose weights were fitted on training data. NaN where a side is empty.',
  tex: String.raw`\frac{1}{Q}\sum_{n \le N} e^{-(N-n)/\nu} \sum_{m=1}^{M} \frac{w_m}{\lVert w \rVert_1}\, e_n^m,\quad w = \text{first principal component of the flows}`,
  formula: 'sum over levels of w_m e_m / sum |w|, decayed as ofi over 10 and 100 book messages, / Q; w from the fit',
  warmup: 'as many book messages',
  cost: 'a multiply-add a level a message, a division a column a row',
  source:
    'Cont, Cucuringu and Zhang (2023), Cross-impact of order flow imbalance in equity markets, Quantitative Finance 23(10)',
  needs: ['fit'],
  dependencies: ['average level size', 'order flow per level', 'fit'],
  version: 1,
  columns: () => [
    {
      name: 'ofi_integrated_fast',
      unit: 'average levels',
      mirror: 'odd',
      ticks: 0,
      lots: 0,
      detail: `over ${FAST} book messages`,
    },
    {
      name: 'ofi_integrated_slow',
      unit: 'average levels',
      mirror: 'odd',
      ticks: 0,
      lots: 0,
      detail: `over ${SLOW} book messages`,
    },
  ],
  create: (context) => new IntegratedOrderFlowImbalance(context),
};

class IntegratedOrderFlowImbalance implements Signal {
  readonly #weights: Float64Array;
  readonly #keepFast = Math.exp(-1 / FAST);
  readonly #keepSlow = Math.exp(-1 / SLOW);
  #fast = 0.5;
  #slow = 0.5;

  constructor({ fit, depth }: SignalContext) {
    assert(fit !== null && fit.components.weights.length === depth, 'the fit has a weight for every level');
    this.#weights = Float64Array.from(fit.components.weights);
    this.reset();
  }

  onBook(view: MarketView): void {
    const weights = this.#weights;
    const flow = view.flowLots;
    let sum = 0;
    for (let m = 0; m < weights.length; m++) sum += weights[m] * flow[m];
    this.#fast = this.#fast * this.#keepFast + sum;
    this.#slow = this.#slow * this.#keepSlow + sum;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const known = view.has(1);
    out[at] = known && view.bookMessages >= FAST ? this.#fast / view.meanLots : Number.NaN;
    out[at + 1] = known && view.bookMessages >= SLOW ? this.#slow / view.meanLots : Number.NaN;
  }

  reset(): void {
    this.#fast = 0;
    this.#slow = 0;
  }
}
