import { assert } from '../../core/index.ts';
import type { Combiner } from '../../forecast/index.ts';
import {
  type Decision,
  emptyDecision,
  type Label,
  type MarketColumn,
  type Model,
  marketColumn,
  marketColumnsOf,
  type Target,
  TargetStream,
} from '../../models/index.ts';
import type { RowMatrix } from '../../models/training.ts';

/** What a model that was trained beforehand says of some rows: `rows` rising, `probabilities` rows × classes. */
export interface Said {
  readonly name: string;
  readonly rows: Int32Array;
  readonly probabilities: Float64Array;
}

export interface WalkOptions {
  readonly matrix: RowMatrix;
  readonly target: Target;
  /** Learn from every row, in order of time, each label as soon as it exists. */
  readonly online: readonly Model[];
  readonly trained: readonly Said[];
  /** Pools what all members say, online ones first, from row `pooledFrom` on, where all of the trained have begun to speak. */
  readonly combiner: Combiner;
  readonly pooledFrom: number;
  /** Rows to keep forecasts of, rising. */
  readonly wanted: Int32Array;
  /** Called now and then with the number of rows walked. */
  readonly onProgress?: (rows: number) => void;
}

export interface Walked {
  /** By member, online ones first: wanted rows × classes. NaN where it was asleep. */
  readonly members: readonly { readonly name: string; readonly probabilities: Float64Array }[];
  /** Of the pool: wanted rows × classes. */
  readonly pooled: Float64Array;
  /** Mean number of rows from a decision to its label. */
  readonly span: number;
}

const PROGRESS_ROWS = 4096;
/** Read by the desk's baseline, beside what the target needs. */
const ALWAYS: readonly MarketColumn[] = ['spreadTicks', 'imbalance'];

/** The columns of the book that rows must have for a walk. */
export function walkColumns(target: Target): MarketColumn[] {
  return [...new Set([...ALWAYS, ...marketColumnsOf(target)])];
}

/**
 * The online path over rows that were computed before: what a `Forecaster` with these members would have said at each of them, since labels,
 * their order and their delay are a `TargetStream`'s here and there. Nothing is learnt from a label before a later row has brought it.
 */
export function walkMatrix(options: WalkOptions): Walked {
  const walk = new MatrixWalk(options);
  walk.run();
  return walk.result();
}

interface Kept {
  readonly said: readonly Float64Array[];
  readonly awake: Uint8Array;
  pooled: boolean;
}

class MatrixWalk {
  readonly #options: WalkOptions;
  readonly #targets: TargetStream;
  readonly #said: readonly Float64Array[];
  readonly #awake: Uint8Array;
  readonly #pool: Float64Array;
  readonly #kept: Kept[] = [];
  /** Of each trained member, the next of its rows. */
  readonly #next: Int32Array;
  readonly #members: readonly Float64Array[];
  readonly #pooled: Float64Array;

  constructor(options: WalkOptions) {
    const { target, online, trained, wanted } = options;
    const classes = target.classes.length;
    const count = online.length + trained.length;
    assert(options.combiner.weights.length === count + 1, 'the combiner is made for the members');
    this.#options = options;
    this.#targets = new TargetStream(target);
    this.#said = vectors(count, classes);
    this.#awake = new Uint8Array(count).fill(1, 0, online.length);
    this.#pool = new Float64Array(classes);
    this.#next = new Int32Array(trained.length);
    this.#members = Array.from({ length: count }, () => new Float64Array(wanted.length * classes).fill(Number.NaN));
    this.#pooled = new Float64Array(wanted.length * classes);
  }

  run(): void {
    const { matrix, online, wanted, pooledFrom, combiner, onProgress } = this.#options;
    const decision = emptyDecision(new Float64Array(matrix.width));
    const read = rowReader(matrix, this.#options.target);
    let next = 0;
    for (let row = 0; row < matrix.rows; row++) {
      if (row > 0 && matrix.segment[row] !== matrix.segment[row - 1]) {
        this.#targets.reset();
        for (const model of online) model.reset?.();
      }
      read(row, decision);
      const slot = this.#targets.onDecision(decision, this.#settle);
      for (let m = 0; m < online.length; m++) online[m].predict(decision, this.#said[m]);
      this.#recall(row);
      const pooled = row >= pooledFrom;
      if (pooled) combiner.combine(this.#said, this.#awake, this.#pool);
      if (slot >= 0) this.#keep(slot, pooled);
      if (next < wanted.length && wanted[next] === row) this.#note(next++);
      if (row % PROGRESS_ROWS === 0) onProgress?.(row);
    }
    assert(next === wanted.length, 'the wanted rows rise, and are rows of the matrix');
  }

  result(): Walked {
    const { online, trained } = this.#options;
    const names = [...online, ...trained].map(({ name }) => name);
    return {
      members: names.map((name, m) => ({ name, probabilities: this.#members[m] })),
      pooled: this.#pooled,
      span: Math.max(1, this.#targets.meanSpan),
    };
  }

  /** What the trained members said of the row, where they did. */
  #recall(row: number): void {
    const { online, trained } = this.#options;
    const classes = this.#pool.length;
    for (let t = 0; t < trained.length; t++) {
      const { rows, probabilities } = trained[t];
      while (this.#next[t] < rows.length && rows[this.#next[t]] < row) this.#next[t]++;
      const at = this.#next[t];
      const speaks = at < rows.length && rows[at] === row;
      this.#awake[online.length + t] = speaks ? 1 : 0;
      if (!speaks) continue;
      const out = this.#said[online.length + t];
      for (let k = 0; k < classes; k++) out[k] = probabilities[at * classes + k];
    }
  }

  #keep(slot: number, pooled: boolean): void {
    let kept = this.#kept[slot];
    if (kept === undefined) {
      kept = { said: vectors(this.#said.length, this.#pool.length), awake: new Uint8Array(this.#awake.length), pooled };
      this.#kept[slot] = kept;
    }
    for (let m = 0; m < this.#said.length; m++) kept.said[m].set(this.#said[m]);
    kept.awake.set(this.#awake);
    kept.pooled = pooled;
  }

  #note(at: number): void {
    const classes = this.#pool.length;
    for (let m = 0; m < this.#said.length; m++) {
      if (this.#awake[m] === 1) this.#members[m].set(this.#said[m], at * classes);
    }
    this.#pooled.set(this.#pool, at * classes);
  }

  readonly #settle = (slot: number, decision: Decision, label: Label): void => {
    const { online, combiner } = this.#options;
    const { said, awake, pooled } = this.#kept[slot];
    for (let m = 0; m < online.length; m++) online[m].update(decision, label, said[m]);
    if (pooled) combiner.settle(said, awake, label, decision.span);
  };
}

function vectors(count: number, length: number): Float64Array[] {
  return Array.from({ length: count }, () => new Float64Array(length));
}

/** Writes a row as the decision that it was. */
function rowReader(matrix: RowMatrix, target: Target): (row: number, decision: Decision) => void {
  const { width, data, timeNs, midTicks } = matrix;
  const spread = marketColumn(matrix, 'spreadTicks');
  const imbalance = marketColumn(matrix, 'imbalance');
  const traded = target.kind === 'volume' ? marketColumn(matrix, 'tradedLots') : null;
  const fair = target.anchorLevels === undefined ? null : marketColumn(matrix, `vwap${target.anchorLevels}Ticks`);
  return (row, decision) => {
    decision.index = row;
    decision.tsNs = timeNs[row];
    decision.midTicks = midTicks[row];
    decision.fairTicks = fair === null ? Number.NaN : fair[row];
    decision.spreadTicks = spread[row];
    decision.imbalance = imbalance[row];
    decision.tradedLots = traded === null ? Number.NaN : traded[row];
    for (let f = 0; f < width; f++) decision.row[f] = data[row * width + f];
  };
}
