import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdentityCalibrator } from '../../../src/forecast/calibration/identity-calibrator.ts';
import { IsotonicCalibrator } from '../../../src/forecast/calibration/isotonic-calibrator.ts';
import { TemperatureCalibrator } from '../../../src/forecast/calibration/temperature-calibrator.ts';
import { VectorCalibrator } from '../../../src/forecast/calibration/vector-calibrator.ts';
import { type Calibrator, readCalibrator } from '../../../src/forecast/index.ts';

const CURVE = { from: [0, 0.2, 0.9], to: [0, 0.3, 0.8] };
const ALL: Calibrator[] = [
  new IdentityCalibrator(3),
  new TemperatureCalibrator(3, 2.5),
  new TemperatureCalibrator(3, 0.05),
  new VectorCalibrator([1.5, 0.5, 2], [0.3, -1, 0]),
  new IsotonicCalibrator([CURVE, CURVE, CURVE], 0.001),
];

/** Three probabilities above 0 that sum to 1. */
const simplex = fc
  .tuple(fc.double({ min: 1e-6, max: 1 }), fc.double({ min: 1e-6, max: 1 }), fc.double({ min: 1e-6, max: 1 }))
  .filter((parts) => parts.every((x) => x > 0))
  .map((parts) => {
    const sum = parts[0] + parts[1] + parts[2];
    return Float64Array.from(parts, (x) => x / sum);
  });

describe.each(ALL.map((calibrator) => [JSON.stringify(calibrator.toJson()), calibrator] as const))('%s', (_, of) => {
  it('gives probabilities, also in place, and the same after JSON', () => {
    const again = readCalibrator(JSON.parse(JSON.stringify(of.toJson())), 'test');
    fc.assert(
      fc.property(simplex, (p) => {
        const out = new Float64Array(3);
        of.apply(p, out);
        expect(out.every((x) => x > 0)).toBe(true);
        expect(out[0] + out[1] + out[2]).toBeCloseTo(1, 12);
        const other = new Float64Array(3);
        again.apply(p, other);
        expect([...other]).toEqual([...out]);
        of.apply(p, p);
        expect([...p]).toEqual([...out]);
      }),
    );
  });
});

describe('calibrators', () => {
  it('give what pencil and paper give', () => {
    const out = new Float64Array(3);
    const p = Float64Array.of(0.5, 0.25, 0.25);
    new TemperatureCalibrator(3, 0.5).apply(p, out);
    // Squares: 4 : 1 : 1.
    expect([...out].map((x) => x.toFixed(12))).toEqual([4 / 6, 1 / 6, 1 / 6].map((x) => x.toFixed(12)));
    new VectorCalibrator([1, 1, 2], [Math.log(2), 0, 0]).apply(p, out);
    // 1 : 1/4 : 1/16.
    expect([...out].map((x) => x.toFixed(12))).toEqual([16 / 21, 4 / 21, 1 / 21].map((x) => x.toFixed(12)));
    new IsotonicCalibrator([CURVE, CURVE, CURVE], 0.001).apply(Float64Array.of(0.1, 0.95, 0), out);
    // .15 halfway, .8 beyond the end, the least where the curve is 0.
    const sum = 0.15 + 0.8 + 0.001;
    expect([...out].map((x) => x.toFixed(12))).toEqual([0.15, 0.8, 0.001].map((x) => (x / sum).toFixed(12)));
  });

  it('keep a class that was ruled out possible', () => {
    const out = new Float64Array(3);
    for (const calibrator of ALL.slice(1)) {
      calibrator.apply(Float64Array.of(1, 0, 0), out);
      expect(Math.min(...out)).toBeGreaterThan(0);
    }
  });

  it.each([
    [null, /holds no calibrator/],
    [{ kind: 'platt', classes: 3 }, /"platt"/],
    [{ kind: 'temperature', classes: 3, temperature: 0 }, /"temperature" with other fields/],
    [{ kind: 'temperature', classes: 3, temperature: 1, more: 1 }, /other fields/],
    [{ kind: 'vector', classes: 3, scale: [1, 1], bias: [0, 0, 0] }, /3 classes, 2 scales and 3 biases/],
    [{ kind: 'isotonic', classes: 2, least: 0.1, curves: [CURVE] }, /2 classes and 1 curves/],
    [{ kind: 'isotonic', classes: 2, least: 0.1, curves: [CURVE, { from: [1, 0], to: [0, 1] }] }, /does not rise/],
    [{ kind: 'isotonic', classes: 2, least: 0.1, curves: [CURVE, { from: [], to: [] }] }, /does not rise/],
  ])('are refused as %j', (json, message) => {
    expect(() => readCalibrator(json, 'a.json')).toThrow(
      expect.objectContaining({ code: 'bad-input', message: expect.stringMatching(message) }),
    );
  });
});
