import { assert } from '../../../core/index.ts';
import { parzen } from './parzen.ts';
import { type Outcome, ranked, type Search, trialRandom } from './search.ts';
import { type Point, type Space, samplePoint } from './space.ts';

export interface TreeParzenOptions {
  readonly trials: number;
  /**
   * Trials that may be under way at a time. A proposal then rests on trials that far back, all of which are done: what is not known yet is
   * not guessed at, and does not depend on which worker was faster.
   */
  readonly workers: number;
  /** Trials drawn evenly before the first that learns from others; default 10. */
  readonly startup?: number;
  /** Candidates a setting; default 24. */
  readonly candidates?: number;
  /** Share of the trials that counts as good; default 0.25. */
  readonly quantile?: number;
}

/**
 * Tree-structured Parzen estimators (Bergstra, Bardenet, Bengio and Kégl 2011, "Algorithms for hyper-parameter optimization", section 4).
 * The best quarter of the trials gives a density l of each setting, the others a density g; of some candidates drawn from l the one with
 * the largest l/g, to which the expected improvement rises, is taken. Settings are looked at one by one, so it does not see that two
 * belong together.
 */
export function treeParzenSearch(space: Space, seed: number, options: TreeParzenOptions): Search {
  const { trials, workers, startup = 10, candidates = 24, quantile = 0.25 } = options;
  assert(workers >= 1 && startup >= 2 && candidates >= 1, 'a search has workers, a start and candidates');
  assert(quantile > 0 && quantile < 1, 'a quantile is in (0, 1)');
  return {
    propose: (trial, outcomes) => {
      if (trial >= trials) return 'done';
      const random = trialRandom(seed, trial);
      if (trial < startup) return { values: samplePoint(space, random), epochs: null };
      const known: (readonly [number, Outcome])[] = [];
      for (let i = 0; i <= trial - workers; i++) {
        const outcome = outcomes.get(i);
        if (outcome === undefined) return 'wait';
        known.push([i, outcome]);
      }
      // With more workers than trials behind there is nothing to learn from yet.
      if (known.length < 2) return { values: samplePoint(space, random), epochs: null };
      const order = ranked(known).map(([, { values }]) => values);
      const good = Math.ceil(quantile * order.length);
      return { values: best(order.slice(0, good), order.slice(good)), epochs: null };

      function best(goods: readonly Point[], others: readonly Point[]): Point {
        return Object.fromEntries(
          space.map((dimension) => {
            const l = parzen(
              dimension,
              goods.map((point) => point[dimension.key]),
            );
            const g = parzen(
              dimension,
              others.map((point) => point[dimension.key]),
            );
            let [chosen, score] = [undefined as unknown, Number.NEGATIVE_INFINITY];
            for (let i = 0; i < candidates; i++) {
              const value = l.draw(random);
              const ratio = l.logDensity(value) - g.logDensity(value);
              if (ratio > score) [chosen, score] = [value, ratio];
            }
            return [dimension.key, chosen];
          }),
        );
      }
    },
  };
}
