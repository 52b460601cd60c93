import { type Search, trialRandom } from './search.ts';
import { type Space, samplePoint } from './space.ts';

/** Independent points, drawn evenly (Bergstra and Bengio 2012): the baseline that any other search must beat. */
export function randomSearch(space: Space, seed: number, trials: number): Search {
  return {
    propose: (trial) =>
      trial >= trials ? 'done' : { values: samplePoint(space, trialRandom(seed, trial)), epochs: null },
  };
}
