import type { Random } from '../../src/core/index.ts';

/** What came of inputs; the harness adds them up. */
export interface Tally {
  /** Mutated messages, lines or files. */
  inputs: number;
  bytes: number;
  /** Rows of the batches that came out. */
  rows: number;
  /** Inputs that were said to be unreadable, or refused by a typed error. */
  refused: number;
}

/** One decoder with a state of its own, fed input after input. */
export interface FuzzSession {
  /** Makes one input, feeds it, and throws where anything comes of it that must not. */
  step(random: Random, tally: Tally): void | Promise<void>;
  /** Bytes that the session may allocate for a step beside a multiple of the input, such as what it reads anew each time. */
  readonly allowance?: number;
}

/** A decoder to fuzz. `prepare` makes the seeds, once; it must not depend on chance other than its own fixed seed. */
export interface FuzzTarget {
  readonly name: string;
  /** Steps of a session: few where each is expensive. */
  readonly steps: number;
  prepare(): Promise<(seed: number) => FuzzSession>;
}
