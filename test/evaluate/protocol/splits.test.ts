import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import {
  combinatorialFolds,
  combinatorialPaths,
  type LabelledRows,
  purgedKFold,
  type Split,
  walkForward,
} from '../../../src/evaluate/index.ts';
import type { Range } from '../../../src/models/training.ts';

function rowsOf(ranges: readonly Range[]): number[] {
  return ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));
}

/** Rows in segments of random length whose labels are known up to `reach` rows later, the last ones of each segment never. */
function randomRows(seed: number, n: number, reach: number): LabelledRows {
  const random = new Random(seed);
  const segment = new Int32Array(n);
  for (let row = 1; row < n; row++) segment[row] = segment[row - 1] + (random.bernoulli(0.04) ? 1 : 0);
  const knownAt = Int32Array.from({ length: n }, (_, row) => {
    const at = row + random.below(reach + 1);
    return at < n && segment[at] === segment[row] ? at : -1;
  });
  return { knownAt, segment };
}

/** Training rows that break the rule, found the naive way: pair by pair. */
function leaks({ knownAt }: LabelledRows, { train, test }: Split, embargo: number): number[] {
  const tested = rowsOf(test);
  return rowsOf(train).filter((row) =>
    tested.some((other) => {
      const begins = other - embargo;
      const ends = Math.max(other, knownAt[other]) + embargo;
      return knownAt[row] < 0 || (knownAt[row] >= begins && row <= ends);
    }),
  );
}

function expectWholeSegments({ segment }: LabelledRows, { train, test }: Split): void {
  for (const { from, to } of [...train, ...test]) {
    expect(to).toBeGreaterThan(from);
    expect(segment[to - 1]).toBe(segment[from]);
  }
}

function timesTested(splits: readonly Split[], n: number): number[] {
  const times = new Array<number>(n).fill(0);
  for (const { test } of splits) for (const row of rowsOf(test)) times[row]++;
  return times;
}

const someRows = fc
  .record({ seed: fc.integer(), n: fc.integer({ min: 24, max: 140 }), reach: fc.integer({ min: 0, max: 12 }) })
  .map(({ seed, n, reach }) => randomRows(seed, n, reach));
const someEmbargo = fc.integer({ min: 0, max: 12 });

describe('purged k-fold', () => {
  it('tests every row once and learns from none whose label is known in or near a test', () => {
    fc.assert(
      fc.property(someRows, fc.integer({ min: 2, max: 8 }), someEmbargo, (rows, folds, embargo) => {
        const splits = [...purgedKFold(rows, { folds, embargo })];
        expect(splits).toHaveLength(folds);
        expect(timesTested(splits, rows.knownAt.length)).toEqual(new Array(rows.knownAt.length).fill(1));
        for (const split of splits) {
          expect(leaks(rows, split, embargo)).toEqual([]);
          expectWholeSegments(rows, split);
        }
      }),
    );
  });

  it('leaves out no more than it must', () => {
    // Labels three rows ahead, a fold of rows 10 to 19 whose last label is known with row 22, two rows of embargo.
    const n = 30;
    const rows = {
      knownAt: Int32Array.from({ length: n }, (_, row) => (row + 3 < n ? row + 3 : -1)),
      segment: new Int32Array(n),
    };
    const [, middle] = purgedKFold(rows, { folds: 3, embargo: 2 });
    expect(middle).toEqual({
      train: [
        { from: 0, to: 5 },
        { from: 25, to: 27 },
      ],
      test: [{ from: 10, to: 20 }],
    });
  });

  it('breaks the rule when the embargo is dropped', () => {
    const rows = randomRows(5, 120, 6);
    const careless = [...purgedKFold(rows, { folds: 4, embargo: 0 })];
    expect(careless.flatMap((split) => leaks(rows, split, 0))).toEqual([]);
    expect(careless.flatMap((split) => leaks(rows, split, 8)).length).toBeGreaterThan(20);
  });

  it('keeps a model that looks its neighbours up from seeming skilful, which purging alone does not', () => {
    // A trend that lasts about 60 rows; its sign over the next two rows is the label. The model repeats the label of the nearest training row:
    // it has learnt nothing but where it is.
    const skill = (embargo: number): number => {
      let [right, all] = [0, 0];
      for (let seed = 0; seed < 12; seed++) {
        const random = new Random(seed);
        const n = 1500;
        const trend = new Float64Array(n);
        for (let row = 1; row < n; row++) trend[row] = 0.985 * trend[row - 1] + random.normal();
        const knownAt = Int32Array.from({ length: n }, (_, row) => (row + 2 < n ? row + 2 : -1));
        for (const { train, test } of purgedKFold({ knownAt, segment: new Int32Array(n) }, { folds: 50, embargo })) {
          const known = rowsOf(train);
          for (const row of rowsOf(test).filter((at) => knownAt[at] >= 0)) {
            const nearest = known.reduce((best, at) => (Math.abs(at - row) < Math.abs(best - row) ? at : best));
            right += Math.sign(trend[knownAt[row]]) === Math.sign(trend[knownAt[nearest]]) ? 1 : 0;
            all++;
          }
        }
      }
      return right / all;
    };
    expect(skill(0)).toBeGreaterThan(0.7);
    expect(Math.abs(skill(300) - 0.5)).toBeLessThan(0.08);
  });
});

describe('walk-forward', () => {
  const options = fc.record({
    kind: fc.constantFrom('expanding' as const, 'rolling' as const),
    train: fc.integer({ min: 1, max: 20 }),
    test: fc.integer({ min: 1, max: 30 }),
    embargo: someEmbargo,
  });

  it('goes forward only, tests every row after the first stretch once, and keeps its distance', () => {
    fc.assert(
      fc.property(someRows, options, (rows, option) => {
        const n = rows.knownAt.length;
        const splits = [...walkForward(rows, option)];
        expect(timesTested(splits, n)).toEqual(Array.from({ length: n }, (_, row) => (row < option.train ? 0 : 1)));
        for (const split of splits) {
          expect(leaks(rows, split, option.embargo)).toEqual([]);
          expectWholeSegments(rows, split);
          const [first] = rowsOf(split.test);
          for (const row of rowsOf(split.train)) {
            expect(rows.knownAt[row]).toBeLessThan(first - option.embargo);
            if (option.kind === 'rolling') expect(row).toBeGreaterThanOrEqual(first - option.train);
          }
        }
      }),
    );
  });

  it('learns from more and more, or from as much', () => {
    const n = 40;
    const rows = {
      knownAt: Int32Array.from({ length: n }, (_, row) => (row + 1 < n ? row + 1 : -1)),
      segment: new Int32Array(n),
    };
    const walk = (kind: 'expanding' | 'rolling'): unknown => [
      ...walkForward(rows, { kind, train: 20, test: 15, embargo: 3 }),
    ];
    expect(walk('expanding')).toEqual([
      { train: [{ from: 0, to: 16 }], test: [{ from: 20, to: 35 }] },
      { train: [{ from: 0, to: 31 }], test: [{ from: 35, to: 40 }] },
    ]);
    expect(walk('rolling')).toEqual([
      { train: [{ from: 0, to: 16 }], test: [{ from: 20, to: 35 }] },
      { train: [{ from: 15, to: 31 }], test: [{ from: 35, to: 40 }] },
    ]);
  });

  it('refuses what leaves nothing to learn from or to test', () => {
    const rows = randomRows(1, 30, 2);
    const walk = (train: number, test: number, embargo: number): unknown => [
      ...walkForward(rows, { kind: 'rolling', train, test, embargo }),
    ];
    expect(() => walk(30, 1, 0)).toThrow('30 rows cannot be walked through with 30 rows before');
    expect(() => walk(10, 0, 0)).toThrow('0 a test');
    expect(() => walk(10, 5, -1)).toThrow('an embargo of -1 rows is none');
  });
});

describe('combinatorial purged cross-validation', () => {
  it('tests every row φ times, without leaks', () => {
    fc.assert(
      fc.property(
        someRows,
        fc.integer({ min: 2, max: 6 }),
        fc.integer({ min: 1, max: 5 }),
        someEmbargo,
        (rows, groups, k, embargo) => {
          const tested = Math.min(k, groups - 1);
          const splits = [...combinatorialFolds(rows, { groups, tested, embargo })];
          const paths = combinatorialPaths({ groups, tested, embargo });
          expect(paths.length * groups).toBe(tested * splits.length);
          expect(timesTested(splits, rows.knownAt.length)).toEqual(new Array(rows.knownAt.length).fill(paths.length));
          for (const split of splits) {
            expect(leaks(rows, split, embargo)).toEqual([]);
            expectWholeSegments(rows, split);
          }
          // Every forecast of every split is part of exactly one path.
          const used = paths.flatMap((path) => path.map((split, group) => `${split} ${group}`));
          expect(new Set(used).size).toBe(used.length);
          for (const path of paths)
            expect(path.every((split, group) => splits[split].groups.includes(group))).toBe(true);
        },
      ),
    );
  });

  it('has 15 splits and 5 paths for 6 groups of which 2 are tested (López de Prado 2018, section 12.4.1)', () => {
    const options = { groups: 6, tested: 2, embargo: 0 };
    const splits = [...combinatorialFolds(randomRows(2, 60, 3), options)];
    expect(splits.map(({ groups }) => groups.join(''))).toEqual(
      '01 02 03 04 05 12 13 14 15 23 24 25 34 35 45'.split(' '),
    );
    expect(combinatorialPaths(options)).toEqual([
      [0, 0, 1, 2, 3, 4],
      [1, 5, 5, 6, 7, 8],
      [2, 6, 9, 9, 10, 11],
      [3, 7, 10, 12, 12, 13],
      [4, 8, 11, 13, 14, 14],
    ]);
  });

  it('refuses parts that cannot be made', () => {
    const rows = randomRows(1, 10, 2);
    expect(() => [...purgedKFold(rows, { folds: 11, embargo: 0 })]).toThrow('10 rows cannot be cut into 11 parts');
    expect(() => [...combinatorialFolds(rows, { groups: 4, tested: 4, embargo: 0 })]).toThrow('4 of 4 groups cannot');
    expect(() => [
      ...purgedKFold({ knownAt: Int32Array.of(0, 0, 2), segment: new Int32Array(3) }, { folds: 2, embargo: 0 }),
    ]).toThrow('a label is known with its own row or a later one');
  });
});
