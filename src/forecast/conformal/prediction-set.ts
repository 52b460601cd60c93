import { assert } from '../../core/index.ts';

/**
 * The classes that a forecast does not rule out, and what it takes to learn from it once the label exists. Reused by its
 * owner; whoever keeps one beyond the call copies it, as those do who wait for labels.
 */
export class PredictionSet {
  /** 1 for each class in the set. */
  readonly members: Uint8Array;
  /** Classes in the set: at least one. */
  size = 0;
  /** No class passed, and the most probable one stands there alone: an empty set would tell nobody anything. */
  forced = false;
  /** The level α that was in force: classes whose p-value is above it are in the set. */
  alpha = 0;
  /** Conformal p-value of each class at the decision. */
  readonly pValues: Float64Array;
  /** Score of each class at the decision. */
  readonly scores: Float64Array;
  /** The level of each expert at the decision. */
  readonly alphas: Float64Array;

  constructor(classes: number, experts: number) {
    assert(classes >= 2 && experts >= 1, 'a set is of two classes or more, by one expert or more');
    this.members = new Uint8Array(classes);
    this.pValues = new Float64Array(classes);
    this.scores = new Float64Array(classes);
    this.alphas = new Float64Array(experts);
  }

  copy(from: PredictionSet): void {
    this.members.set(from.members);
    this.size = from.size;
    this.forced = from.forced;
    this.alpha = from.alpha;
    this.pValues.set(from.pValues);
    this.scores.set(from.scores);
    this.alphas.set(from.alphas);
  }

  /** Numbers that `write` makes. */
  get numbers(): number {
    return 3 + 3 * this.members.length + this.alphas.length;
  }

  /** All of it into `to` from `at` on, for whoever saves sets whose labels are awaited. */
  write(to: Float64Array, at: number): void {
    const classes = this.members.length;
    to[at] = this.size;
    to[at + 1] = this.forced ? 1 : 0;
    to[at + 2] = this.alpha;
    to.set(this.members, at + 3);
    to.set(this.pValues, at + 3 + classes);
    to.set(this.scores, at + 3 + 2 * classes);
    to.set(this.alphas, at + 3 + 3 * classes);
  }

  /** Takes back what `write` wrote. */
  read(from: Float64Array, at: number): void {
    const classes = this.members.length;
    this.size = from[at];
    this.forced = from[at + 1] === 1;
    this.alpha = from[at + 2];
    for (let k = 0; k < classes; k++) {
      this.members[k] = from[at + 3 + k];
      this.pValues[k] = from[at + 3 + classes + k];
      this.scores[k] = from[at + 3 + 2 * classes + k];
    }
    for (let i = 0; i < this.alphas.length; i++) this.alphas[i] = from[at + 3 + 3 * classes + i];
  }
}
