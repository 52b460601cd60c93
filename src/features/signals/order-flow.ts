import type { MarketView } from '../market-view.ts';
import type { FeatureInfo, Signal } from '../signal.ts';

const SOURCE =
  'Cont, Kukanov and Stoikov (2014), The price impact of order book events, J. Financial Econometrics 12(1); ' +
  'per level: Xu, Gould and Howison (2018), Multi-level order-flow imbalance in a limit order book';

/**
 * Multi-level order flow imbalance: what joined the bid at level m less what joined the ask, faded with the number of book
 * messages since, and divided by the average size of a level so that instruments compare (Cont, Cucuringu and Zhang 2023
 * divide by the same average).
 *
 * Unit: average levels. Warm-up: `memory` book messages. Cost: one multiply-add a level a message. Columns: `ofi_1` … by
 * level. `NaN` where the level is absent on a side now.
 */
export class OrderFlowImbalance implements Signal {
  readonly columns: readonly FeatureInfo[];
  readonly #memory: number;
  readonly #keep: number;
  readonly #sums: Float64Array;

  constructor(depth: number, memory: number) {
    this.#memory = memory;
    this.#keep = Math.exp(-1 / memory);
    this.#sums = new Float64Array(depth);
    this.columns = Array.from({ length: depth }, (_, m) => ({
      name: `ofi_${m + 1}`,
      family: 'order-flow',
      unit: 'average levels',
      formula:
        `sum over book messages n of exp(-(N - n) / ${memory}) e_n / Q, at level ${m + 1}; ` +
        'e = 1{Pb >= Pb_prev} qb - 1{Pb <= Pb_prev} qb_prev - 1{Pa <= Pa_prev} qa + 1{Pa >= Pa_prev} qa_prev; ' +
        'Q = average size of a level',
      warmup: `${memory} book messages`,
      source: SOURCE,
      parity: 'odd',
      version: 1,
    }));
  }

  onBook(view: MarketView): void {
    const sums = this.#sums;
    const flow = view.flowLots;
    const keep = this.#keep;
    for (let m = 0; m < sums.length; m++) sums[m] = sums[m] * keep + flow[m];
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const ready = view.bookMessages >= this.#memory;
    for (let m = 0; m < this.#sums.length; m++) {
      out[at + m] = ready && view.has(m + 1) ? this.#sums[m] / view.meanLots : Number.NaN;
    }
  }

  reset(): void {
    this.#sums.fill(0);
  }
}

/**
 * The same flow with a longer memory, averaged over the levels: integrated order flow imbalance with equal weights (the
 * first principal component, which fits them, needs training data). Unit, cost and absence as above.
 */
export class MeanOrderFlowImbalance implements Signal {
  readonly columns: readonly FeatureInfo[];
  readonly #depth: number;
  readonly #memory: number;
  readonly #keep: number;
  #sum = 0;

  constructor(depth: number, memory: number) {
    this.#depth = depth;
    this.#memory = memory;
    this.#keep = Math.exp(-1 / memory);
    this.columns = [
      {
        name: 'ofi_mean_slow',
        family: 'order-flow',
        unit: 'average levels',
        formula: `mean over levels 1..${depth} of e, decayed as ofi_1 but over ${memory} book messages, / Q`,
        warmup: `${memory} book messages`,
        source:
          'Cont, Cucuringu and Zhang (2023), Cross-impact of order flow imbalance in equity markets, with equal weights',
        parity: 'odd',
        version: 1,
      },
    ];
  }

  onBook(view: MarketView): void {
    let flow = 0;
    for (let m = 0; m < this.#depth; m++) flow += view.flowLots[m];
    this.#sum = this.#sum * this.#keep + flow / this.#depth;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = view.bookMessages >= this.#memory && view.has(1) ? this.#sum / view.meanLots : Number.NaN;
  }

  reset(): void {
    this.#sum = 0;
  }
}
