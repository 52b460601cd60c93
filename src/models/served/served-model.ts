import { assert, BookcastError, type Clock, NS_PER_DAY, NS_PER_SECOND } from '../../core/index.ts';
import type { RuntimeOptions } from '../../nn/index.ts';
import { checkSchema } from '../create-models.ts';
import type { Explainer } from '../explain/attribution.ts';
import { fileExplainer } from '../explain/file-explainer.ts';
import { learntAt } from '../learnt-data.ts';
import type { Decision, Model } from '../model.ts';
import { formatTarget, type Target } from '../target.ts';
import { type ModelFile, readModelFile } from './model-file.ts';
import { RowRing } from './ring.ts';
import { SyncSession } from './sync-session.ts';

export interface ServeOptions extends RuntimeOptions {
  /** What is forecast, and of which rows: the file must be made for both. */
  readonly target: Target;
  readonly schema: { readonly names: readonly string[]; readonly hash: string };
  readonly clock: Clock;
  /** SHA-256 of the file, or its first digits: another version is refused. */
  readonly pinned?: string | null;
  /** In tables and messages; default: the kind, such as `lstm`. */
  readonly name?: string;
}

/** Runs before the first forecast: the runtime's first ones allocate, and are many times slower. */
const WARM_UP_RUNS = 20;
/** Below the smallest probability that a softmax of 32-bit floats can tell from 0; keeps the log-loss finite. */
const LEAST = 1e-7;
/** After a longer pause the rows do not follow on those before: where training cuts its data, too. */
export const MAX_GAP_NS = 60 * NS_PER_SECOND;

/** A model from a file, loaded and warm. Throws what reading, checking and loading it throws; the message says what to do. */
export async function openServedModel(file: string | ModelFile, options: ServeOptions): Promise<ServedModel> {
  const { pinned = null } = options;
  const read = typeof file === 'string' ? await readModelFile(file, pinned) : file;
  checkFile(read, options);
  const { device, threads, spin, clock } = options;
  const runtime: RuntimeOptions = {
    threads: threads ?? 1,
    ...(device === undefined ? {} : { device }),
    ...(spin === undefined ? {} : { spin }),
  };
  const { bytes: model, input, output, states } = read;
  const startNs = clock.monotonicNs();
  const session = await SyncSession.open({ model, input, output, states, options: runtime });
  const served = new ServedModel(read, session, options.name ?? read.metadata.kind);
  try {
    served.warmUp();
  } catch (error) {
    await session.close();
    throw error;
  }
  served.openedInMs = (clock.monotonicNs() - startNs) / 1e6;
  return served;
}

function checkFile({ path, metadata }: ModelFile, { target, schema }: ServeOptions): void {
  const wanted = formatTarget(target);
  if (metadata.target !== wanted) {
    throw new BookcastError(
      'schema-mismatch',
      `${path} forecasts ${metadata.target}, and ${wanted} is asked for: give --target ${metadata.target}, or train a model for ${wanted}`,
      { path, found: metadata.target, expected: wanted },
    );
  }
  if (metadata.classes.join() !== target.classes.join()) {
    throw new BookcastError(
      'schema-mismatch',
      `${path} tells the classes ${metadata.classes.join(', ')}, and ${wanted} has ${target.classes.join(', ')}: train it again`,
      { path },
    );
  }
  if (metadata.clock !== 'burst') {
    throw new BookcastError(
      'schema-mismatch',
      `${path} was trained on rows of the clock ${metadata.clock}, and forecasts are made at the end of bursts: train it on rows of "--clock burst"`,
      { path, found: metadata.clock, expected: 'burst' },
    );
  }
  checkSchema({ name: path, schemaHash: metadata.schemaHash }, schema);
  assert(metadata.signals.length === schema.names.length, 'a schema of one hash has one number of columns');
}

/**
 * A trained model in the online path. It keeps the last rows in a ring, or its state where the net streams, and forgets both where the book was
 * lost, after a long pause and at midnight UTC: as in training, nothing reaches over those. Until it has seen a whole window it gives the shares of the classes in its training
 * data. It learns nothing online.
 */
export class ServedModel implements Model {
  readonly name: string;
  readonly baseline = false;
  readonly schemaHash: string;
  readonly file: ModelFile;
  /** Milliseconds that loading and warming took. */
  openedInMs = Number.NaN;
  readonly #session: SyncSession;
  readonly #ring: RowRing;
  /** The number of the row last taken in: a decision's row is taken once, however often it is asked about. */
  #lastIndex = -1;
  #lastNs = Number.NaN;
  /** States begin with 0 at the next row. */
  #anew = true;
  #explainer: Explainer | null | undefined;

  /** Use `openServedModel`. */
  constructor(file: ModelFile, session: SyncSession, name: string) {
    this.file = file;
    this.name = name;
    this.schemaHash = file.metadata.schemaHash;
    this.#session = session;
    this.#ring = new RowRing(file.metadata.length, file.metadata.signals.length);
  }

  /**
   * What explains its forecasts from its own file; null where that cannot. Read when it is first asked for, which takes some milliseconds a hundred
   * trees. Throws `bad-input` where the file does not hold what its kind says.
   */
  get explainer(): Explainer | null {
    if (this.#explainer === undefined) this.#explainer = fileExplainer(this.file);
    return this.#explainer;
  }

  /** Itself: what stands in a place where models may be swapped (`SwappableModel`). */
  get current(): ServedModel {
    return this;
  }

  /** SHA-256 of the file. */
  get version(): string {
    return this.file.hash;
  }

  get device(): string {
    return this.#session.device;
  }

  /** What the device `auto` would have liked better, and why it is not here; null where nothing is missed. */
  get missed(): string | null {
    return this.#session.missed;
  }

  /** False too where the file does not say what it learnt from. */
  learntAt(instrument: string, day: number, tsNs: number): boolean {
    const { learnt } = this.file.metadata;
    return learnt !== null && learntAt(learnt, instrument, day, tsNs);
  }

  /** The book was lost: earlier rows have nothing to do with those to come. */
  reset(): void {
    this.#ring.clear();
    this.#anew = true;
  }

  /** Takes in the decision's row and writes its probabilities. Throws where the model gives what is no probability. */
  predict(decision: Decision, out: Float64Array): void {
    const { index, row, tsNs } = decision;
    const { streams } = this.file.metadata;
    if (index !== this.#lastIndex) {
      if (!this.#followsOn(tsNs)) this.reset();
      this.#ring.push(row);
      this.#lastIndex = index;
      this.#lastNs = tsNs;
      if (streams) this.#step(row);
      else if (this.#ring.full) {
        this.#ring.copyTo(this.#session.input);
        this.#session.run(false);
      }
    }
    if (!this.#ring.full) out.set(this.file.metadata.prior);
    else this.#write(out);
    keepAboveZero(out);
  }

  /** Writes the last rows, oldest first, which an explanation of the last forecast reads; false until there is a whole window. */
  copyWindow(out: Float32Array): boolean {
    if (this.#ring.full) this.#ring.copyTo(out);
    return this.#ring.full;
  }

  /** Everything was learnt in training. */
  update(): void {}

  /** Takes over where another model of the same rows stands, with the rows that this one would have seen. */
  follow(other: ServedModel): void {
    assert(other.schemaHash === this.schemaHash, 'a model follows one of the same rows');
    this.reset();
    const { width, length, count } = other.#ring;
    const rows = new Float32Array(length * width);
    other.#ring.copyTo(rows);
    for (let i = 0; i < count; i++) {
      const row = rows.subarray(i * width, (i + 1) * width);
      this.#ring.push(row);
      if (this.file.metadata.streams) this.#step(row);
    }
    if (!this.file.metadata.streams && this.#ring.full) {
      this.#ring.copyTo(this.#session.input);
      this.#session.run(false);
    }
    this.#lastIndex = other.#lastIndex;
    this.#lastNs = other.#lastNs;
  }

  /** Runs before the first forecast, on rows of zeros; throws where the model does not give probabilities. */
  warmUp(): void {
    const out = new Float64Array(this.file.metadata.classes.length);
    this.#session.input.fill(0);
    for (let i = 0; i < WARM_UP_RUNS; i++) this.#session.run(i === 0);
    this.#write(out);
    this.reset();
  }

  /** Ends its thread; it predicts no more. */
  close(): Promise<void> {
    return this.#session.close();
  }

  #followsOn(tsNs: number): boolean {
    const last = this.#lastNs;
    const sameDay = Math.floor(tsNs / NS_PER_DAY) === Math.floor(last / NS_PER_DAY);
    return sameDay && tsNs >= last && tsNs - last <= MAX_GAP_NS;
  }

  #step(row: Float64Array | Float32Array): void {
    this.#session.input.set(row);
    this.#session.run(this.#anew);
    this.#anew = false;
  }

  #write(out: Float64Array): void {
    const { output } = this.#session;
    let sum = 0;
    for (let k = 0; k < out.length; k++) sum += out[k] = output[k];
    if (Math.abs(sum - 1) < 1e-3) return;
    throw new BookcastError(
      'bad-input',
      `${this.file.path} gives [${[...output].join(', ')}], which are no probabilities: train it again`,
      { path: this.file.path },
    );
  }
}

/** A class that a model holds impossible is given a little all the same; the sum stays 1. */
function keepAboveZero(out: Float64Array): void {
  let sum = 0;
  for (let k = 0; k < out.length; k++) sum += out[k] = Math.max(out[k], LEAST);
  for (let k = 0; k < out.length; k++) out[k] /= sum;
}
