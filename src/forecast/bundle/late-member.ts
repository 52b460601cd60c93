import { BookcastError } from '../../core/index.ts';
import { type Decision, type Model, type ServedModel, SwappableModel } from '../../models/index.ts';

/** A trained member that is still being loaded: asleep until it is, and for as long as it cannot be. */
export class LateMember implements Model {
  readonly name: string;
  readonly baseline = false;
  readonly schemaHash: string;
  #slot: SwappableModel | null = null;
  #why = new BookcastError('not-ready', 'it is still being loaded');
  readonly #opened: Promise<void>;

  /** `onAbsent` is told why it cannot be loaded. */
  constructor(name: string, schemaHash: string, opening: Promise<ServedModel>, onAbsent: (why: string) => void) {
    this.name = name;
    this.schemaHash = schemaHash;
    this.#opened = opening.then(
      (model) => {
        this.#slot = new SwappableModel(model);
      },
      (error: unknown) => {
        this.#why = error instanceof BookcastError ? error : new BookcastError('bad-input', String(error));
        onAbsent(this.#why.message);
      },
    );
  }

  /** Where its model stands; null until it is loaded. */
  get slot(): SwappableModel | null {
    return this.#slot;
  }

  /** The model in it; null until it is loaded. */
  get current(): ServedModel | null {
    return this.#slot?.current ?? null;
  }

  /** It changes when the member is there, and a forecaster then asks it at once. */
  get version(): string {
    return this.#slot?.version ?? 'loading';
  }

  predict(decision: Decision, out: Float64Array): void {
    if (this.#slot === null) throw this.#why;
    this.#slot.predict(decision, out);
  }

  update(): void {}

  reset(): void {
    this.#slot?.reset();
  }

  learntAt(instrument: string, day: number, tsNs: number): boolean {
    return this.#slot?.learntAt(instrument, day, tsNs) ?? false;
  }

  /** Resolves when it is loaded, or cannot be. */
  settled(): Promise<void> {
    return this.#opened;
  }

  /** As `SwappableModel.swap`, once it has settled; null where nothing stood in its place. */
  swap(next: ServedModel): ServedModel | null {
    if (this.#slot !== null) return this.#slot.swap(next);
    this.#slot = new SwappableModel(next);
    return null;
  }

  async close(): Promise<void> {
    await this.#opened;
    await this.#slot?.close();
  }
}
