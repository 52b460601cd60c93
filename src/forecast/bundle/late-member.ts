import { BookcastError } from '../../core/index.ts';
import type { Decision, Model, ServedModel } from '../../models/index.ts';

/** A trained member that is still being loaded: asleep until it is, and for ever where it cannot be. */
export class LateMember implements Model {
  readonly name: string;
  readonly baseline = false;
  readonly schemaHash: string;
  #model: ServedModel | null = null;
  #why = new BookcastError('not-ready', 'it is still being loaded');
  readonly #opened: Promise<void>;

  /** `onAbsent` is told why it cannot be loaded. */
  constructor(name: string, schemaHash: string, opening: Promise<ServedModel>, onAbsent: (why: string) => void) {
    this.name = name;
    this.schemaHash = schemaHash;
    this.#opened = opening.then(
      (model) => {
        this.#model = model;
      },
      (error: unknown) => {
        this.#why = error instanceof BookcastError ? error : new BookcastError('bad-input', String(error));
        onAbsent(this.#why.message);
      },
    );
  }

  /** It changes when the member is there, and a forecaster then asks it at once. */
  get version(): string {
    return this.#model?.version ?? 'loading';
  }

  predict(decision: Decision, out: Float64Array): void {
    if (this.#model === null) throw this.#why;
    this.#model.predict(decision, out);
  }

  update(): void {}

  reset(): void {
    this.#model?.reset();
  }

  learntAt(instrument: string, day: number, tsNs: number): boolean {
    return this.#model?.learntAt(instrument, day, tsNs) ?? false;
  }

  async close(): Promise<void> {
    await this.#opened;
    await this.#model?.close();
  }
}
