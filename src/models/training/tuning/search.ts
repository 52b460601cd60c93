import { Random } from '../../../core/index.ts';
import type { Point } from './space.ts';

/** What is to be tried next. */
export interface Proposal {
  readonly values: Point;
  /** For so many epochs; null for as many as the configuration says. */
  readonly epochs: number | null;
}

/** A trial that is done. */
export interface Outcome {
  readonly values: Point;
  /** To be made small; null where the trial failed, which ranks behind all others. */
  readonly objective: number | null;
}

/**
 * Decides what to try. A proposal is a pure function of the seed, of the trial's number and of the outcomes of trials before it, whatever the
 * order in which those ended: a study that was stopped goes on with the same trials as one that was not.
 */
export interface Search {
  /**
   * The trial of that number, counted from 0; `wait` while it needs outcomes that are not there yet, `done` where there is none. Never
   * looks at outcomes of later trials.
   */
  propose(trial: number, outcomes: ReadonlyMap<number, Outcome>): Proposal | 'wait' | 'done';
}

/** Draws of one trial: apart from those of all other trials, and the same whenever it is asked for. */
export function trialRandom(seed: number, trial: number): Random {
  return new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(trial + 1, 0x85ebca77));
}

/** The best first; failures last; of equals the earlier trial first. */
export function ranked<T extends Outcome>(outcomes: readonly (readonly [number, T])[]): (readonly [number, T])[] {
  const loss = ({ objective }: Outcome): number => objective ?? Number.POSITIVE_INFINITY;
  return [...outcomes].sort(([i, a], [j, b]) => {
    const [x, y] = [loss(a), loss(b)];
    return x < y ? -1 : x > y ? 1 : i - j;
  });
}
