import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import {
  BlockDraws,
  chanceMaximum,
  deviation,
  drawShifts,
  ShiftedNull,
} from '../../../src/evaluate/analysis/information.ts';
import { centredRanks, correlationOf } from '../../../src/evaluate/analysis/ranks.ts';

/** Two columns that share a part: ρ of the normals is `rho`. Each remembers `memory` of its last value. */
function pair(random: Random, rows: number, rho: number, memory = 0): [Float64Array, Float64Array] {
  const x = new Float64Array(rows);
  const y = new Float64Array(rows);
  let [a, b] = [0, 0];
  const fresh = Math.sqrt(1 - memory * memory);
  for (let i = 0; i < rows; i++) {
    const shared = random.normal();
    a = memory * a + fresh * shared;
    b = memory * b + fresh * (rho * shared + Math.sqrt(1 - rho * rho) * random.normal());
    x[i] = a;
    y[i] = b;
  }
  return [x, y];
}

describe('BlockDraws', () => {
  it('has the correlation of all rows, those behind the last whole block included', () => {
    const [x, y] = pair(new Random(1), 1037, 0.4);
    const [rx, ry] = [centredRanks(x), centredRanks(y)];
    const draws = new BlockDraws(1037, 5, 200, new Random(2));
    expect(draws.blockRows).toBe(11);
    const { n, ic, interval } = draws.correlation(rx, ry);
    expect(n).toBe(1037);
    expect(ic).toBeCloseTo(correlationOf(rx, ry), 12);
    expect(interval!.low).toBeLessThan(ic);
    expect(interval!.high).toBeGreaterThan(ic);
  });

  it('is at least twice the horizon long, and gives no interval for fewer than twenty blocks', () => {
    const draws = new BlockDraws(1000, 26, 200, new Random(2));
    expect(draws).toMatchObject({ blockRows: 52, blocks: 19, enough: false });
    const [x, y] = pair(new Random(3), 1000, 0.4);
    expect(draws.correlation(centredRanks(x), centredRanks(y)).interval).toBeNull();
  });

  it('covers the truth about as often as it says, also where rows remember each other', () => {
    const random = new Random(4);
    const rho = 0.3;
    // Spearman's ρ of a normal pair: 6/π · asin(ρ/2).
    const truth = (6 / Math.PI) * Math.asin(rho / 2);
    for (const memory of [0, 0.8]) {
      let covered = 0;
      for (let k = 0; k < 150; k++) {
        const [x, y] = pair(random, 1500, rho, memory);
        const draws = new BlockDraws(1500, 8, 200, random);
        const { interval } = draws.correlation(centredRanks(x), centredRanks(y));
        if (interval!.low <= truth && truth <= interval!.high) covered++;
      }
      expect(covered / 150, `memory ${memory}`).toBeGreaterThan(0.87);
      expect(covered / 150, `memory ${memory}`).toBeLessThanOrEqual(1);
    }
  });

  it('gives the same interval for the same seed', () => {
    const [x, y] = pair(new Random(5), 900, 0.2).map((values) => centredRanks(values));
    const once = new BlockDraws(900, 1, 300, new Random(6)).correlation(x, y);
    expect(new BlockDraws(900, 1, 300, new Random(6)).correlation(x, y)).toEqual(once);
  });

  it('says nothing of a column that does not vary, or varies in a few blocks only', () => {
    const y = centredRanks(pair(new Random(7), 1000, 0)[1]);
    const draws = new BlockDraws(1000, 1, 200, new Random(8));
    expect(draws.correlation(centredRanks(new Float64Array(1000)), y)).toMatchObject({
      ic: Number.NaN,
      interval: null,
    });
    const once = new Float64Array(1000);
    once[500] = 1;
    expect(draws.correlation(centredRanks(once), y).interval).toBeNull();
  });
});

function shiftedDeviation(x: Float64Array, y: Float64Array, count: number, random: Random): number {
  const shifts = drawShifts(x.length, count, random);
  return deviation(new ShiftedNull(centredRanks(y), shifts).correlations(centredRanks(x)));
}

describe('ShiftedNull', () => {
  it('correlates with a future that is moved on, as a naive loop does', () => {
    const [x, y] = pair(new Random(9), 500, 0.9);
    const [rx, ry] = [centredRanks(x), centredRanks(y)];
    const shifts = drawShifts(500, 10, new Random(10));
    const found = new ShiftedNull(ry, shifts).correlations(rx);
    shifts.forEach((shift, k) => {
      expect(shift).toBeGreaterThanOrEqual(50);
      expect(shift).toBeLessThan(450);
      const moved = Float64Array.from(y, (_, i) => y[(i + shift) % 500]);
      expect(found[k]).toBeCloseTo(correlationOf(rx, centredRanks(moved)), 10);
    });
  });

  it('finds no skill where there is much: what chance gives is about 1/√n', () => {
    const [x, y] = pair(new Random(11), 4000, 0.9);
    const sd = shiftedDeviation(x, y, 60, new Random(12));
    expect(sd * Math.sqrt(4000)).toBeGreaterThan(0.7);
    expect(sd * Math.sqrt(4000)).toBeLessThan(1.3);
  });

  it('is wider for what remembers: √((1 + ab) / (1 − ab)) for two with memories a and b (Bartlett 1935)', () => {
    const random = new Random(13);
    const [x] = pair(random, 20_000, 0, 0.9);
    const [y] = pair(random, 20_000, 0, 0.9);
    const sd = shiftedDeviation(x, y, 200, random);
    const expected = Math.sqrt((1 + 0.81) / (1 - 0.81) / 20_000);
    expect(sd / expected).toBeGreaterThan(0.75);
    expect(sd / expected).toBeLessThan(1.25);
  });

  it('makes up for missing rows', () => {
    const random = new Random(14);
    const [x, y] = pair(random, 4000, 0);
    for (let i = 0; i < 4000; i++) {
      if (random.bernoulli(0.5)) x[i] = Number.NaN;
      if (random.bernoulli(0.3)) y[i] = Number.NaN;
    }
    const sd = shiftedDeviation(x, y, 100, random);
    const pairs = 4000 * 0.5 * 0.7;
    expect(sd * Math.sqrt(pairs)).toBeGreaterThan(0.7);
    expect(sd * Math.sqrt(pairs)).toBeLessThan(1.3);
  });

  it('has no shifts of a handful of rows, and nothing to say of a constant', () => {
    expect(drawShifts(20, 60, new Random(1))).toEqual([]);
    const flat = centredRanks(new Float64Array(100));
    expect(new ShiftedNull(flat, [10, 20, 30]).correlations(flat)).toEqual(
      Float64Array.of(Number.NaN, Number.NaN, Number.NaN),
    );
  });

  it('goes over a long file in steps, about as wide', () => {
    const random = new Random(15);
    const [x, y] = pair(random, 410_000, 0);
    const sd = shiftedDeviation(x, y, 20, random);
    // Every third row: √3 times as wide as all rows would be.
    expect(sd * Math.sqrt(410_000 / 3)).toBeGreaterThan(0.6);
    expect(sd * Math.sqrt(410_000 / 3)).toBeLessThan(1.4);
  });
});

describe('chanceMaximum', () => {
  it('is passed by the luckiest of fifteen columns of noise in about one of twenty cases', () => {
    const random = new Random(16);
    const rows = 600;
    let passed = 0;
    for (let k = 0; k < 40; k++) {
      const future = centredRanks(pair(random, rows, 0, 0.5)[0]);
      const shifted = new ShiftedNull(future, drawShifts(rows, 60, random));
      const columns = Array.from({ length: 15 }, () => centredRanks(pair(random, rows, 0, 0.5)[0]));
      const nulls = columns.map((column) => shifted.correlations(column));
      const bar = chanceMaximum(nulls);
      if (columns.some((column, c) => Math.abs(correlationOf(column, future)) / deviation(nulls[c]) > bar)) passed++;
    }
    // 2 of 40 on average, with a standard deviation of 1.4.
    expect(passed).toBeLessThanOrEqual(7);
  });

  it('is the 95 % quantile of the largest of all columns, each in its own deviations', () => {
    // Each by the deviation of the other two: of the first column 1/√((9 + 4)/2), 3/√((1 + 4)/2), 2/√((1 + 9)/2), of the second 1.
    const none = Float64Array.of(Number.NaN, Number.NaN, Number.NaN);
    const found = chanceMaximum([Float64Array.of(1, -3, 2), Float64Array.of(2, 2, 2), none]);
    expect(found).toBeCloseTo(3 / Math.sqrt(2.5), 14);
    expect(chanceMaximum([Float64Array.of(0, 0), new Float64Array(0)])).toBeNaN();
  });
});
