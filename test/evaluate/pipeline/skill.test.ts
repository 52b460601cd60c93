import { describe, expect, it } from 'vitest';
import { calibrationError, type Study } from '../../../src/evaluate/index.ts';
import { FixedShare } from '../../../src/forecast/index.ts';
import { LogisticModel, parseTarget } from '../../../src/models/index.ts';
import type { SimMode } from '../../../src/venues/sim/index.ts';
import { type SimulatedMarket, simulatedMarket } from './simulated-market.ts';
import { logLosses, mean, recipeStudy, servedForecasts, simulatedStudy } from './simulated-study.ts';

const MINUTES = 60_000;
/** Of the ten: on a simulated market it has seen enough by then. */
const SHORT = ['trained.ctabl.config.training.epochs=2'];
const target = parseTarget('next-change');

/**
 * By forecast, (null − forecast) / (null − oracle): log-losses as they are expected under the simulator's own probability of each test
 * window, for labels that share a change of the mid are few. The null says the training shares.
 */
function skills({ dataset, forecasts }: Study, market: SimulatedMarket): Map<string, number> {
  const truth = market.truth();
  const pUp = Float64Array.from(dataset.test.rows, (row) => truth[row]);
  const expected = (p: (i: number) => number): number =>
    mean(pUp.map((up, i) => -up * Math.log(p(i)) - (1 - up) * Math.log(1 - p(i))));
  const none = expected(() => dataset.prior[1]);
  const best = expected((i) => pUp[i]);
  return new Map(
    forecasts.map(({ name, probabilities: p }) => [name, (none - expected((i) => p[2 * i + 1])) / (none - best)]),
  );
}

async function studied(mode: SimMode, messages: number) {
  const market = await simulatedMarket({ mode, seed: 1, messages, target });
  const study = await recipeStudy(market, target, SHORT);
  return { study, share: skills(study, market) };
}

/** Checks what would have been served: calibrated, and sets that cover as they promise in every tenth. Returns their mean size. */
function honest(study: Study): number {
  const { probabilities, covered, kept, sizes } = servedForecasts(study);
  expect(calibrationError(study.labels, probabilities).topLabel).toBeLessThanOrEqual(0.02);
  // An empty set is served as the likeliest class: what is served covers no less than what was promised.
  expect(mean(covered)).toBeGreaterThanOrEqual(mean(kept));
  expect(Math.abs(mean(kept) - 0.9)).toBeLessThanOrEqual(0.01);
  const tenth = Math.floor(kept.length / 10);
  for (let i = 0; i < 10; i++) {
    const share = mean(kept.subarray(i * tenth, (i + 1) * tenth));
    expect(Math.abs(share - 0.9), `tenth ${i + 1}: ${share}`).toBeLessThanOrEqual(0.03);
  }
  return mean(sizes);
}

describe('where the queues tell', () => {
  it(
    'the ensemble has 95 % of the skill there is, is calibrated, and its sets cover as often as they promise',
    async () => {
      const { study, share } = await studied('oracle', 120_000);
      expect(study.mirrorTrial?.holds).toBe(true);
      expect(study.labels.length).toBeGreaterThan(30_000);
      expect(share.get('ensemble')).toBeGreaterThanOrEqual(0.95);
      expect(share.get('ensemble')).toBeLessThanOrEqual(1);
      expect(Math.abs(share.get('prior') as number)).toBeLessThan(1e-9);
      // Sets of both directions would cover always.
      expect(honest(study)).toBeLessThan(1.7);
    },
    10 * MINUTES,
  );
});

describe('where traders come and go as on a market', () => {
  it(
    'forecasts are calibrated, and sets cover as often as they promise',
    async () => {
      const moves = parseTarget('events:10');
      const market = await simulatedMarket({ mode: 'realistic', seed: 1, messages: 200_000, target: moves });
      const study = await simulatedStudy(market, { target: moves, trained: [] });
      expect(study.labels.length).toBeGreaterThan(50_000);
      // Of three classes.
      expect(honest(study)).toBeLessThan(1.5);
    },
    10 * MINUTES,
  );
});

describe('where only the product of two signs tells', () => {
  // Its law does not turn with the book: the mirror image of a market is another one there, and nobody who sees it learns anything.
  it(
    'the ensemble has 85 % of the skill there is, by those of its members that can bend, for the training rows gave up the mirror',
    async () => {
      const { study, share } = await studied('oracle-nonlinear', 40_000);
      expect(study.mirrorTrial?.holds).toBe(false);
      expect(share.get('ensemble')).toBeGreaterThanOrEqual(0.85);
      expect(share.get('ensemble')).toBeLessThanOrEqual(1);
      for (const linear of ['imbalance', 'bayes', 'logistic']) expect(share.get(linear)).toBeLessThan(0.02);
    },
    10 * MINUTES,
  );
});

describe('where the law turns round every 500 moves', () => {
  /** Margin of the ensemble over each member, nats; members differ in how fast they forget, and read the imbalance alone. */
  async function margins(seed: number, forgettings: readonly number[]): Promise<number[]> {
    const once = parseTarget('next-change:once');
    const market = await simulatedMarket({ mode: 'switching', seed, messages: 60_000, target: once });
    const study = await simulatedStudy(market, {
      target: once,
      trained: [],
      online: (resolved) =>
        forgettings.map((forgetting) => {
          const name = `forgets-${forgetting}`;
          return new LogisticModel({ name, target: resolved, featureCount: 0, schemaHash: null, forgetting });
        }),
      combiner: (shape) => new FixedShare({ ...shape, share: 0.01 }),
    });
    expect(study.labels.length).toBeGreaterThan(1500);
    const losses = logLosses(study);
    const ensemble = losses.get('ensemble') as number;
    return forgettings.map((forgetting) => (losses.get(`forgets-${forgetting}`) as number) - ensemble);
  }

  it.each([1, 2])(
    'fixed-share has a smaller log-loss than every one of its honest members, seed %i',
    async (seed) => {
      // One that finds its feet fast, and one that is sure of itself late.
      expect(Math.min(...(await margins(seed, [0.9, 0.99])))).toBeGreaterThan(0.02);
      // Also where the forgetting that suits best is nearly met by one of them.
      expect(Math.min(...(await margins(seed, [0.9, 0.95, 0.98, 0.99, 0.995])))).toBeGreaterThan(0);
    },
    5 * MINUTES,
  );

  it.each([1, 2, 3])(
    'the default recipe has a smaller log-loss than every one of its members, seed %i',
    async (seed) => {
      const once = parseTarget('next-change:once');
      const market = await simulatedMarket({ mode: 'switching', seed, messages: 60_000, target: once });
      const losses = logLosses(await recipeStudy(market, once, SHORT));
      for (const member of ['imbalance', 'bayes', 'bayes-slow', 'logistic', 'gbdt', 'ctabl']) {
        expect(losses.get(member), member).toBeGreaterThan(losses.get('ensemble') as number);
      }
    },
    5 * MINUTES,
  );
});
