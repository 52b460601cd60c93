import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { minimiseConvex } from '../../../src/forecast/calibration/convex-newton.ts';
import { risingCurve } from '../../../src/forecast/calibration/fit-isotonic.ts';
import {
  type CalibrationData,
  chooseCalibrator,
  fitIsotonic,
  fitTemperature,
  fitVector,
} from '../../../src/forecast/fitting.ts';
import type { Calibrator } from '../../../src/forecast/index.ts';
import { needsPython, PYTHON, runPython } from '../../support/python.ts';
import { madeUp, rowOf } from '../made-up-stream.ts';

function logLoss(calibrator: Pick<Calibrator, 'apply'>, data: CalibrationData): number {
  const out = new Float64Array(data.classes);
  let sum = 0;
  for (let i = 0; i < data.labels.length; i++) {
    calibrator.apply(data.probabilities.subarray(i * data.classes, (i + 1) * data.classes), out);
    sum -= Math.log(out[data.labels[i]]);
  }
  return sum / data.labels.length;
}

/** Expected calibration error of the most probable class over 15 bins of equal mass. */
function ece(calibrator: Calibrator, data: CalibrationData): number {
  const out = new Float64Array(data.classes);
  const seen = Array.from(data.labels, (label, i) => {
    calibrator.apply(data.probabilities.subarray(i * data.classes, (i + 1) * data.classes), out);
    const top = out.indexOf(Math.max(...out));
    return { said: out[top], right: top === label ? 1 : 0 };
  }).sort((a, b) => a.said - b.said);
  let error = 0;
  for (let b = 0; b < 15; b++) {
    const bin = seen.slice(Math.floor((b * seen.length) / 15), Math.floor(((b + 1) * seen.length) / 15));
    error += Math.abs(bin.reduce((sum, { said, right }) => sum + said - right, 0)) / seen.length;
  }
  return error;
}

describe('fitTemperature', () => {
  it('finds the temperature that forecasts were spoilt with, and no other has less loss', () => {
    const data = madeUp(20_000, 1, (z) => z.map((x) => 3 * x));
    const fitted = fitTemperature(data);
    expect(fitted.temperature).toBeGreaterThan(2.85);
    expect(fitted.temperature).toBeLessThan(3.15);
    const loss = logLoss(fitted, data);
    for (const factor of [0.5, 0.9, 0.999, 1.001, 1.1, 2]) {
      const other = { ...data, probabilities: data.probabilities.map((p) => p ** (1 / factor)) };
      expect(logLoss(fitted, other)).toBeGreaterThan(loss);
    }
  });

  it('stays within its bounds where the labels call for certainty, or for none', () => {
    const p = Float64Array.of(0.6, 0.4, 0.4, 0.6);
    const sure = fitTemperature({ classes: 2, probabilities: p, labels: Int8Array.of(0, 1) });
    expect(sure.temperature).toBeCloseTo(1 / 50, 3);
    const wrong = fitTemperature({ classes: 2, probabilities: p, labels: Int8Array.of(1, 0) });
    expect(wrong.temperature).toBeCloseTo(50, 0);
  });
});

describe('fitVector', () => {
  it('finds the scales and biases that forecasts were spoilt with', () => {
    const data = madeUp(40_000, 2, (z) => [2 * z[0] + 0.5, z[1], z[2] - 1]);
    const found = fitVector(data).toJson();
    if (found.kind !== 'vector') throw new Error(found.kind);
    // Of ln p, so what all classes share is not seen: the forecast's normaliser makes the recovery approximate.
    const truth = -data.labels.reduce((s, k, i) => s + Math.log(data.truth[i * 3 + k]), 0) / data.labels.length;
    const before = logLoss({ apply: (p, out) => out.set(p) }, data);
    const after = logLoss(fitVector(data), data);
    expect(after).toBeLessThan(logLoss(fitTemperature(data), data));
    expect(before - after).toBeGreaterThan(0.8 * (before - truth));
  });

  it('is at the minimum of its penalised loss', () => {
    const data = madeUp(300, 3, (z) => z.map((x, k) => 2 * x + k));
    const found = fitVector(data, 5).toJson();
    if (found.kind !== 'vector') throw new Error(found.kind);
    const objective = (x: number[]): number => {
      let sum = 0;
      for (let i = 0; i < 300; i++) {
        const e = [...rowOf(data, i)].map((p, k) => Math.exp(x[k] * Math.log(p) + x[3 + k]));
        sum -= Math.log(e[data.labels[i]] / (e[0] + e[1] + e[2]));
      }
      return sum + (5 / 2) * x.reduce((s, v, d) => s + (v - (d < 3 ? 1 : 0)) ** 2, 0);
    };
    const best = [...found.scale, ...found.bias];
    const least = objective(best);
    const random = new Random(4);
    for (let t = 0; t < 200; t++) {
      const size = 10 ** -(t % 5);
      expect(objective(best.map((v) => v + size * random.normal()))).toBeGreaterThan(least - 1e-9);
    }
  });
});

describe('fitIsotonic', () => {
  const points = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 1 })), {
    minLength: 1,
    maxLength: 60,
  });

  it('is the max-min of means', () => {
    fc.assert(
      fc.property(points, (all) => {
        const x = Float64Array.from(all, ([a]) => a / 20);
        const y = Float64Array.from(all, ([, b]) => b);
        const { from, to } = risingCurve(x, y);
        const levels = [...new Set(x)].sort((a, b) => a - b);
        const mean = (a: number, b: number): number => {
          const inside = [...y].filter((_, i) => x[i] >= levels[a] && x[i] <= levels[b]);
          return inside.reduce((s, v) => s + v, 0) / inside.length;
        };
        levels.forEach((level, i) => {
          let best = Number.NEGATIVE_INFINITY;
          for (let a = 0; a <= i; a++) {
            let least = Number.POSITIVE_INFINITY;
            for (let b = i; b < levels.length; b++) least = Math.min(least, mean(a, b));
            best = Math.max(best, least);
          }
          const at = from.findIndex((f, j) => f === level || (f < level && from[j + 1] > level));
          expect(to[at]).toBeCloseTo(best, 12);
        });
        expect(from.every((f, j) => j === 0 || (f > from[j - 1] && to[j] >= to[j - 1]))).toBe(true);
      }),
    );
  });

  it.skipIf(PYTHON === null)(
    `is scikit-learn’s, at seen and unseen probabilities${needsPython}`,
    { timeout: 60_000 },
    () => {
      const data = madeUp(500, 5, (z) => z.map((x) => 2 * x + 0.3), 2);
      const said = Array.from({ length: 500 }, (_, i) => data.probabilities[2 * i]);
      const asked = Array.from({ length: 101 }, (_, i) => i / 100);
      const program = `
import sys, json
from sklearn.isotonic import IsotonicRegression
d = json.load(sys.stdin)
m = IsotonicRegression(out_of_bounds='clip').fit(d['x'], d['y'])
print(json.dumps(list(m.predict(d['asked']))))`;
      const y = Array.from(data.labels, (k) => (k === 0 ? 1 : 0));
      const expected = JSON.parse(runPython(program, '.', JSON.stringify({ x: said, y, asked }))) as number[];
      const curve = risingCurve(Float64Array.from(said), Float64Array.from(y));
      asked.forEach((x, i) => {
        const last = curve.from.length - 1;
        const at = curve.from.findIndex((f, j) => f <= x && (j === last || curve.from[j + 1] > x));
        const next = Math.min(last, at + 1);
        const share = next === at ? 0 : (x - curve.from[at]) / (curve.from[next] - curve.from[at]);
        const value = at < 0 ? curve.to[0] : curve.to[at] + share * (curve.to[next] - curve.to[at]);
        expect(value).toBeCloseTo(expected[i], 9);
      });
    },
  );
});

describe('chooseCalibrator', () => {
  it('leaves calibrated forecasts all but alone', () => {
    const data = madeUp(10_000, 6, (z) => z);
    const { calibrator, scores, scored } = chooseCalibrator(data, { purge: 10 });
    expect(scores.map(({ kind }) => kind)).toEqual(['identity', 'temperature', 'vector', 'isotonic']);
    expect(scored).toBe(8000);
    expect(['identity', 'temperature', 'vector']).toContain(calibrator.kind);
    expect(
      ece(
        calibrator,
        madeUp(20_000, 7, (z) => z),
      ),
    ).toBeLessThan(0.02);
  });

  it.each([
    ['temperature', (z: number[]) => z.map((x) => 2.5 * x)],
    ['vector', (z: number[]) => z.map((x, k) => 1.5 * x + 2 * k)],
    ['isotonic', (z: number[]) => [Math.max(0, z[0] - z[1]) ** 2 - Math.max(0, z[1] - z[0]) ** 0.5, 0]],
  ] as const)('takes %s where it is needed, and brings the error of unseen forecasts below .02', (kind, said) => {
    const classes = kind === 'isotonic' ? 2 : 3;
    const { calibrator, scores } = chooseCalibrator(madeUp(20_000, 8, said, classes));
    expect(calibrator.kind).toBe(kind);
    const chosen = scores.find((score) => score.kind === kind)!;
    expect(Math.min(...scores.map(({ logLoss }) => logLoss))).toBe(chosen.logLoss);
    const unseen = madeUp(20_000, 9, said, classes);
    expect(ece(readIdentity(classes), unseen)).toBeGreaterThan(0.03);
    expect(ece(calibrator, unseen)).toBeLessThan(0.02);
  });

  it('scores no row by what was fitted on it or on a label that overlaps it', () => {
    // Labels of the last block say the opposite: what was fitted on them would be found there.
    const data = madeUp(1000, 10, (z) => z);
    const before = chooseCalibrator(data, { purge: 5 }).scores;
    const turned = { ...data, labels: data.labels.slice() };
    for (let i = 195; i < 200; i++) turned.labels[i] = (turned.labels[i] + 1) % 3;
    const one = (labels: Int8Array, purge: number): number =>
      chooseCalibrator({ ...data, labels }, { blocks: 5, purge }).scores[3].logLoss;
    // Rows 195 to 199 are purged before the first scored block, and fitted on for the later ones.
    expect(one(turned.labels, 5)).not.toBe(before[3].logLoss);
    const two = (labels: Int8Array, purge: number): number =>
      chooseCalibrator({ ...data, labels }, { blocks: 2, purge }).scores[3].logLoss;
    const late = { ...data, labels: data.labels.slice() };
    for (let i = 495; i < 500; i++) late.labels[i] = (late.labels[i] + 1) % 3;
    expect(two(late.labels, 5)).toBe(two(data.labels, 5));
    expect(two(late.labels, 4)).not.toBe(two(data.labels, 4));
  });

  it('refuses too few rows and odd ones', () => {
    const data = madeUp(249, 11, (z) => z);
    expect(() => chooseCalibrator(data)).toThrow(/249 rows are too few .* 250 is the least/);
    expect(() => fitTemperature({ ...data, labels: data.labels.subarray(1) })).toThrow(/747 probabilities for 248/);
    expect(() => fitIsotonic({ ...data, classes: 3, labels: data.labels.map(() => 3) })).toThrow(/row 0 .* label 3/);
    const odd = data.probabilities.slice();
    odd[7] = Number.NaN;
    expect(() => fitVector({ ...data, probabilities: odd })).toThrow(/row 2 .* probability NaN/);
  });
});

describe('minimiseConvex', () => {
  it('stops at the bounds of a quadratic', () => {
    // (x − 1)² + (y + 2)² + x y with y ≥ 0: x = 1, y = 0.
    const f = (x: Float64Array, g: Float64Array, h: Float64Array): number => {
      g[0] = 2 * (x[0] - 1) + x[1];
      g[1] = 2 * (x[1] + 2) + x[0];
      h.set([2, 1, 1, 2]);
      return (x[0] - 1) ** 2 + (x[1] + 2) ** 2 + x[0] * x[1];
    };
    const found = minimiseConvex(f, Float64Array.of(3, 3), Float64Array.of(Number.NEGATIVE_INFINITY, 0));
    expect(found[0]).toBeCloseTo(1, 10);
    expect(found[1]).toBe(0);
  });
});

function readIdentity(classes: number): Calibrator {
  return {
    kind: 'identity',
    classes,
    apply: (p, out) => out.set(p),
    toJson: () => ({ kind: 'identity', classes }),
  };
}
