import { assert } from '../../../core/index.ts';
import { type Outcome, ranked, type Search, trialRandom } from './search.ts';
import { type Space, samplePoint } from './space.ts';

export interface HalvingOptions {
  /** Configurations to begin with. */
  readonly configurations: number;
  /** Epochs that the last rung trains for. */
  readonly epochs: number;
  /** One in so many is promoted, and trains so many times longer; default 3. */
  readonly factor?: number;
}

export interface Rung {
  /** Number of its first trial. */
  readonly first: number;
  readonly trials: number;
  readonly epochs: number;
}

/** What halving will spend, known before it begins: the rungs, from many short trials to one long or a few. */
export function halvingRungs({ configurations, epochs, factor = 3 }: HalvingOptions): Rung[] {
  assert(
    configurations >= 1 && epochs >= 1 && factor >= 2,
    'halving has configurations, epochs and a factor of 2 or more',
  );
  let steps = 0;
  while (configurations >= factor ** (steps + 1) && epochs >= factor ** (steps + 1)) steps++;
  const rungs: Rung[] = [];
  let first = 0;
  for (let step = 0; step <= steps; step++) {
    const trials = Math.floor(configurations / factor ** step);
    rungs.push({ first, trials, epochs: Math.max(1, Math.round(epochs / factor ** (steps - step))) });
    first += trials;
  }
  return rungs;
}

/**
 * Successive halving (Jamieson and Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter optimization"): all
 * configurations train for few epochs, the best third of them for three times as many, and so on. A promoted configuration trains anew from
 * its first step, since schedules of the learning rate depend on the number of epochs. A failed trial is never promoted before one that
 * did not fail.
 */
export function successiveHalving(space: Space, seed: number, options: HalvingOptions): Search {
  const rungs = halvingRungs(options);
  return {
    propose: (trial, outcomes) => {
      const step = rungs.findIndex(({ first, trials }) => trial < first + trials);
      if (step < 0) return 'done';
      const { first, epochs } = rungs[step];
      if (step === 0) return { values: samplePoint(space, trialRandom(seed, trial)), epochs };
      const below = rungs[step - 1];
      const known: (readonly [number, Outcome])[] = [];
      for (let i = below.first; i < below.first + below.trials; i++) {
        const outcome = outcomes.get(i);
        if (outcome === undefined) return 'wait';
        known.push([i, outcome]);
      }
      const [, { values }] = ranked(known)[trial - first];
      return { values, epochs };
    },
  };
}
