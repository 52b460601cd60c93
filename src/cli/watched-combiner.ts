import { type Combiner, WeightHistory } from '../forecast/index.ts';

/** Weights that are drawn. */
const KEPT_WEIGHTS = 256;

/** The combiner, and its weights as they were at forecasts. */
export class WatchedCombiner implements Combiner {
  readonly name: string;
  readonly history: WeightHistory;
  readonly #own: Combiner;
  #forecasts = 0;

  constructor(own: Combiner) {
    this.#own = own;
    this.name = own.name;
    this.history = new WeightHistory(own.weights.length, KEPT_WEIGHTS);
  }

  get weights(): Float64Array {
    return this.#own.weights;
  }

  combine(...args: Parameters<Combiner['combine']>): void {
    this.#own.combine(...args);
    this.history.add(this.#forecasts++, this.#own.weights);
  }

  settle(...args: Parameters<Combiner['settle']>): void {
    this.#own.settle(...args);
  }

  save(): Uint8Array {
    return this.#own.save();
  }

  restore(bytes: Uint8Array): void {
    this.#own.restore(bytes);
  }
}
