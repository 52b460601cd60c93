import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { fitTrainingRange } from '../../../src/forecast/fitting.ts';
import { AbstentionRule, Cause, PredictionSet, readTrainingRange, TrainingRange } from '../../../src/forecast/index.ts';

const WIDTH = 5;
const ROWS = 20_000;
const names = Array.from({ length: WIDTH }, (_, i) => `x_${i}`);

/** Normals of other sizes, one that is hardly ever anything but 0, one that is often missing. */
function rows(seed: number, count = ROWS): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count * WIDTH }, (_, j) => {
    const i = j % WIDTH;
    if (i === 3) return random.bernoulli(0.0002) ? 1 : 0;
    if (i === 4 && random.bernoulli(0.5)) return Number.NaN;
    return 5 + 10 ** i * random.normal();
  });
}

const range = fitTrainingRange({ data: rows(1), width: WIDTH, names }, 0, ROWS);
const INSIDE = Float64Array.of(5, 5, 5, 0, 5);

function setOf(...members: number[]): PredictionSet {
  const set = new PredictionSet(members.length, 1);
  set.members.set(members);
  set.size = members.reduce((a, b) => a + b, 0);
  return set;
}

describe('TrainingRange', () => {
  it('has the quantiles of the known rows, and a scale that outliers do not move', () => {
    const [a, b, , flat, missing] = range.signals;
    // Quantiles .001 and .999 of a standard normal: ±3.09.
    expect(a.high).toBeGreaterThan(5 + 2.8);
    expect(a.high).toBeLessThan(5 + 3.4);
    expect(b.low).toBeGreaterThan(5 - 34);
    expect(b.low).toBeLessThan(5 - 28);
    expect(b.scale).toBeGreaterThan(9.7);
    expect(b.scale).toBeLessThan(10.3);
    expect(flat).toMatchObject({ low: 0, high: 0, median: 0, scale: 0 });
    expect(missing.scale).toBeGreaterThan(9700);
  });

  it('finds few rows far of those like training, and all that are not', () => {
    const fresh = rows(2);
    let far = 0;
    let shifted = 0;
    for (let r = 0; r < ROWS; r++) {
      const row = fresh.subarray(r * WIDTH, (r + 1) * WIDTH);
      if (range.isFar(row)) far++;
      const moved = row.slice();
      moved[1] += 1000;
      if (range.isFar(moved)) shifted++;
    }
    expect(far / ROWS).toBeLessThan(0.005);
    expect(shifted).toBe(ROWS);
  });

  it('counts signals outside and mean squares, without those that are not known', () => {
    expect(range.outside(INSIDE)).toBe(0);
    expect(range.outside(Float64Array.of(100, 5, 5, 1, Number.NaN))).toBe(2);
    expect(range.outside(new Float64Array(WIDTH).fill(Number.NaN))).toBe(0);
    expect(range.distance(new Float64Array(WIDTH).fill(Number.NaN))).toBe(0);
    const [a, b] = range.signals;
    const row = Float64Array.of(a.median + 2 * a.scale, b.median - 4 * b.scale, Number.NaN, 9, Number.NaN);
    expect(range.distance(row)).toBeCloseTo((4 + 16) / 2, 9);
    row[0] = Number.POSITIVE_INFINITY;
    expect(range.distance(row)).toBeCloseTo((10_000 + 16) / 2, 6);
  });

  it('is the same after JSON, and refuses what is none', () => {
    const again = readTrainingRange(JSON.parse(JSON.stringify(range.toJson())), 'x');
    expect(again).toBeInstanceOf(TrainingRange);
    expect(again.toJson()).toEqual(range.toJson());
    for (const odd of [null, {}, { signals: [], mostOutside: 1, mostDistance: 1 }]) {
      expect(() => readTrainingRange(odd, 'a.json')).toThrow(/a.json holds no range of training rows/);
    }
  });

  it('is not made of too few rows, or of a signal that none knows', () => {
    const data = rows(3, 1000);
    expect(() => fitTrainingRange({ data, width: WIDTH, names }, 0, 999)).toThrow(/1000 rows at least/);
    for (let r = 0; r < 1000; r++) data[r * WIDTH + 2] = Number.NaN;
    expect(() => fitTrainingRange({ data, width: WIDTH, names }, 0, 1000)).toThrow(/signal "x_2" is not known/);
  });
});

describe('AbstentionRule', () => {
  const rule = new AbstentionRule({ classes: 3, staleAfterNs: 2e9, range });
  const FAR = Float64Array.of(1e9, 1e9, 1e9, 1, 1e9);

  it('is silent where nothing speaks against the forecast', () => {
    expect(rule.reason(setOf(0, 1, 0), 2e9, INSIDE)).toBeNull();
    expect(rule.causes(setOf(0, 1, 0), 0, INSIDE)).toBe(0);
    expect(rule.reason(null, 0, INSIDE)).toBeNull();
  });

  it('tells all reasons in one order', () => {
    const stale = 'the book is stale: nothing was received for more than 2000 ms';
    const far = 'the signals are far from those that the models were trained on';
    expect(rule.reason(setOf(0, 1, 0), 2e9 + 1, INSIDE)).toBe(stale);
    expect(rule.reason(setOf(0, 1, 0), Number.NaN, INSIDE)).toBe(stale);
    expect(rule.reason(setOf(0, 1, 0), 0, FAR)).toBe(far);
    expect(rule.reason(setOf(1, 1, 0), 0, INSIDE)).toBe('2 of 3 classes cannot be ruled out');
    expect(rule.reason(setOf(1, 1, 1), 3e9, FAR)).toBe(`${stale}; ${far}; 3 of 3 classes cannot be ruled out`);
    expect(rule.reason(null, 3e9, FAR)).toBe(`${stale}; ${far}`);
    expect(rule.causes(setOf(1, 1, 1), 3e9, FAR)).toBe(Cause.STALE | Cause.FAR | Cause.AMBIGUOUS);
  });

  it('leaves out what it was not asked to look at', () => {
    const lax = new AbstentionRule({ classes: 3, onAmbiguity: false, staleAfterNs: null, range: null });
    expect(lax.reason(setOf(1, 1, 1), Number.NaN, FAR)).toBeNull();
    expect(lax.reason(setOf(1, 1, 1), Number.POSITIVE_INFINITY, FAR)).toBeNull();
  });
});
