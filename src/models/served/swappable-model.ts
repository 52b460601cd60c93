import { BookcastError } from '../../core/index.ts';
import type { Decision, Model } from '../model.ts';
import type { ServedModel } from './served-model.ts';

/**
 * A place for a trained model, which may be replaced while it serves. The new one is loaded and warmed aside; then it takes over the
 * rows seen so far and stands in the place, all between two forecasts: none is dropped, and none is made of two models.
 */
export class SwappableModel implements Model {
  /** Of the place: scores and forecasts keep it when the model in it changes. */
  readonly name: string;
  readonly baseline = false;
  /** Number of the first forecast that the current model may have made. */
  since = 0;
  /** Replacements so far. */
  swaps = 0;
  #current: ServedModel;
  #lastIndex = -1;

  constructor(model: ServedModel) {
    this.name = model.name;
    this.#current = model;
  }

  get current(): ServedModel {
    return this.#current;
  }

  get schemaHash(): string {
    return this.#current.schemaHash;
  }

  get version(): string {
    return this.#current.version;
  }

  predict(decision: Decision, out: Float64Array): void {
    this.#lastIndex = decision.index;
    this.#current.predict(decision, out);
  }

  update(): void {}

  learntAt(instrument: string, day: number, tsNs: number): boolean {
    return this.#current.learntAt(instrument, day, tsNs);
  }

  reset(): void {
    this.#current.reset();
  }

  /** Puts `next` in place and returns what stood there, for the caller to close. Throws `schema-mismatch` and leaves all as it was. */
  swap(next: ServedModel): ServedModel {
    const before = this.#current;
    if (next.schemaHash !== before.schemaHash) {
      throw new BookcastError(
        'schema-mismatch',
        `${next.file.path} reads rows of schema ${next.schemaHash}, and the model that it is to replace reads ${before.schemaHash}: start again with the new one`,
        { found: next.schemaHash, expected: before.schemaHash },
      );
    }
    next.follow(before);
    this.#current = next;
    this.since = this.#lastIndex + 1;
    this.swaps++;
    return before;
  }

  close(): Promise<void> {
    return this.#current.close();
  }
}
