import type { BookcastError } from '../../core/index.ts';
import type { Model } from '../../models/index.ts';

/**
 * Stands for a member that cannot run here, so that the others keep their places among the weights. It is asleep for ever: its weight rests
 * (`Combiner`), and is there again where it can run.
 */
export class AbsentMember implements Model {
  readonly name: string;
  readonly baseline = false;
  readonly schemaHash: string;
  readonly #why: BookcastError;

  constructor(name: string, schemaHash: string, why: BookcastError) {
    this.name = name;
    this.schemaHash = schemaHash;
    this.#why = why;
  }

  /** Why it is not here, in words. */
  get why(): string {
    return this.#why.message;
  }

  /** Throws why it is not here. */
  predict(): void {
    throw this.#why;
  }

  update(): void {}
}
