import type { Decision } from './model.ts';
import { Undecided, type UndecidedOptions } from './undecided.ts';

/** What streams of labels and of outcomes have in common: decisions that wait, in fixed memory, and the counts of what became of them. */
export abstract class DecisionQueue {
  /** Decisions whose end was emitted. */
  resolved = 0;
  #spanSum = 0;
  protected readonly undecided: Undecided;

  constructor(options: UndecidedOptions) {
    this.undecided = new Undecided(options);
  }

  /** Most undecided decisions kept. */
  get capacity(): number {
    return this.undecided.capacity;
  }

  /** Decisions whose end is not known yet. */
  get pending(): number {
    return this.undecided.size;
  }

  /** Undecided decisions given up because the ring was full: the oldest goes first. */
  get overflowed(): number {
    return this.undecided.overflowed;
  }

  /** Undecided decisions given up at gaps. */
  get dropped(): number {
    return this.undecided.dropped;
  }

  /** Mean number of decisions from a decision to its end: how far labels overlap. NaN before the first. */
  get meanSpan(): number {
    return this.#spanSum / this.resolved;
  }

  /** `decision` has come to its end. */
  protected resolve({ span }: Decision): void {
    this.#spanSum += span;
    this.resolved++;
  }
}
