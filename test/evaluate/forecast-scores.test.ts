import { describe, expect, it } from 'vitest';
import { BookcastError, Random } from '../../src/core/index.ts';
import {
  type ForecastRun,
  type ForecastScore,
  type RunForecast,
  Scoreboard,
  scoreForecasts,
} from '../../src/evaluate/index.ts';
import { perfectForecasts, sharpened } from './made-forecasts.ts';

const PRIOR = [1 / 3, 1 / 3, 1 / 3];

function constant(rows: number, shares: readonly number[]): Float64Array {
  return Float64Array.from({ length: rows * shares.length }, (_, i) => shares[i % shares.length]);
}

/** A perfect model, one too sure of itself, and two without skill. */
function madeRun(rows: number, more: Partial<ForecastRun> = {}): ForecastRun {
  const { labels, probabilities } = perfectForecasts(new Random(11), rows, 3);
  return {
    labels,
    forecasts: [
      { name: 'perfect', probabilities, baseline: false },
      { name: 'too sure', probabilities: sharpened(probabilities, 3, 2), baseline: false },
      { name: 'prior', probabilities: constant(rows, PRIOR), baseline: true },
      { name: 'careless', probabilities: constant(rows, [0.2, 0.2, 0.6]), baseline: true },
    ],
    prior: PRIOR,
    blockLength: 10,
    seed: 4,
    draws: 200,
    simulations: 100,
    ...more,
  };
}

describe('scores of a run', () => {
  const run = madeRun(3000, { trials: 17 });
  const scores = scoreForecasts(run);
  const [perfect, tooSure, prior, careless] = scores.forecasts;

  it('are plain data, the same for the same seed', () => {
    expect(JSON.parse(JSON.stringify(scores))).toEqual(scores);
    expect(JSON.stringify(scoreForecasts(run))).toBe(JSON.stringify(scores));
    expect(JSON.stringify(scoreForecasts({ ...run, seed: 5 }))).not.toBe(JSON.stringify(scores));
    expect(scores).toMatchObject({
      rows: 3000,
      classes: 3,
      horizon: 5,
      blocks: 300,
      reason: null,
      trials: 17,
      bestBaseline: 'prior',
    });
    expect(scores.counts.reduce((sum, count) => sum + count)).toBe(3000);
  });

  it('agree with the running scores', () => {
    const board = new Scoreboard(scores.forecasts.length, 3);
    run.forecasts.forEach(({ probabilities }, f) => {
      for (let row = 0; row < 3000; row++) board.add(f, run.labels[row], probabilities, row * 3);
    });
    scores.forecasts.forEach((score, f) => {
      const expected = board.score(f);
      for (const key of ['logLoss', 'brier', 'accuracy', 'macroF1', 'mcc', 'directionGain'] as const) {
        expect(score[key].value, `${score.name} ${key}`).toBeCloseTo(expected[key] as number, 10);
      }
      expect(score.gain.value).toBeCloseTo(Math.log(3) - (expected.logLoss as number), 10);
      expect(score.confusion.flat().reduce((sum, count) => sum + count)).toBe(3000);
      expect(score.brierParts.brier).toBeCloseTo(expected.brier as number, 10);
    });
  });

  it('have intervals around the values', () => {
    const keys = [
      'logLoss',
      'gain',
      'directionGain',
      'brier',
      'accuracy',
      'balancedAccuracy',
      'macroF1',
      'mcc',
    ] as const;
    for (const key of keys) {
      const { value, interval } = perfect[key];
      expect(interval?.low, key).toBeLessThan(value);
      expect(interval?.high, key).toBeGreaterThan(value);
    }
    expect(prior.gain).toEqual({ value: 0, interval: { low: 0, high: 0 } });
    expect(perfect.directionGain.interval?.low).toBeGreaterThan(0.05);
  });

  it('tell the better from the worse', () => {
    expect(perfect.againstPrior?.statistic).toBeGreaterThan(10);
    expect(perfect.againstBestBaseline?.pValue).toBeLessThan(1e-6);
    expect(careless.againstBestBaseline?.gain).toBeLessThan(0);
    expect(prior.againstBestBaseline).toBeNull();
    expect(prior.againstPrior).toMatchObject({ gain: 0, statistic: null, pValue: 1 });
    expect(perfect.confidence).toBe(1);
    for (const { confidence } of [tooSure, prior, careless]) expect(confidence).toBeLessThan(0.05);
    expect(perfect.perClass.every(({ rocAuc }) => (rocAuc as number) > 0.6)).toBe(true);
    expect(prior.perClass.map(({ rocAuc }) => rocAuc)).toEqual([0.5, 0.5, 0.5]);
  });

  it('say which is calibrated', () => {
    // One perfect model in twenty lies beyond its band, but not far.
    const inside = ({ calibration: { error, band } }: ForecastScore): boolean =>
      error.topLabel <= 1.4 * band.topLabel.high && error.classwise <= 1.4 * band.classwise.high;
    expect(inside(perfect)).toBe(true);
    expect(inside(tooSure)).toBe(false);
    expect(perfect.uniformity.pValue).toBeGreaterThan(0.01);
    expect(careless.uniformity.pValue).toBeLessThan(1e-6);
    expect(perfect.calibration.overlappingBand).not.toEqual(perfect.calibration.band);
    expect(perfect.calibration.reliability.map((curve) => curve.length)).toEqual([15, 15, 15]);
    expect(prior.calibration.reliability.map((curve) => curve.length)).toEqual([1, 1, 1]);
    expect(perfect.selective[0].accuracy).toBeGreaterThan(perfect.accuracy.value + 0.1);
    expect(perfect.selective.at(-1)?.accuracy).toBeCloseTo(perfect.accuracy.value, 12);
    expect(perfect.effectiveSize.byHorizon).toBe(600);
  });
});

describe('a run that is too short', () => {
  it('has no intervals and says why', () => {
    const scores = scoreForecasts(madeRun(100));
    expect(scores.reason).toBe('10 blocks of 10 rows; an interval needs 20');
    expect(scores.forecasts[0]).toMatchObject({ mcc: { interval: null }, confidence: null });
    expect(scores.forecasts[0].againstPrior?.n).toBe(100);
    expect(scoreForecasts(madeRun(10)).forecasts[0].againstPrior).toBeNull();
    expect(scoreForecasts(madeRun(100, { forecasts: [] }))).toMatchObject({
      forecasts: [],
      bestBaseline: null,
      trials: null,
    });
  });
});

describe('a run that cannot be scored', () => {
  const bad =
    (more: Partial<ForecastRun>): (() => unknown) =>
    () =>
      scoreForecasts(madeRun(30, more));
  const forecast = (probabilities: Float64Array): { forecasts: RunForecast[] } => ({
    forecasts: [{ name: 'm', probabilities, baseline: false }],
  });

  it('is refused with what was found and expected', () => {
    expect(bad({ labels: new Int8Array(0) })).toThrow('there are no labels');
    expect(bad({ labels: new Int8Array(30).fill(3) })).toThrow(
      'the label of row 0 is 3; a label is a class from 0 to 2',
    );
    expect(bad(forecast(new Float64Array(89)))).toThrow('"m" has 89 probabilities; 30 rows of 3 classes need 90');
    expect(bad(forecast(constant(30, [0.5, 0.5, 0.1])))).toThrow('"m" says 0.5, 0.5, 0.1 of row 0');
    expect(bad(forecast(constant(30, [1.2, -0.2, 0])))).toThrow('together 1');
    expect(bad(forecast(constant(30, [Number.NaN, 0.5, 0.5])))).toThrow('"m" says NaN');
    expect(bad({ prior: [0.5, 0.5, 0.5] })).toThrow('forecast "prior" says');
    expect(bad({ blockLength: 10, horizon: 6 })).toThrow(
      'blocks of 10 rows are too short for labels that reach 6 rows',
    );
    expect(bad({ blockLength: 1 })).toThrow(BookcastError);
  });
});
