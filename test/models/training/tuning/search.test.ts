import { describe, expect, it } from 'vitest';
import { Random } from '../../../../src/core/index.ts';
import { parzen } from '../../../../src/models/training/tuning/parzen.ts';
import { randomSearch } from '../../../../src/models/training/tuning/random-search.ts';
import type { Outcome, Proposal, Search } from '../../../../src/models/training/tuning/search.ts';
import { type Point, parseSpace } from '../../../../src/models/training/tuning/space.ts';
import { halvingRungs, successiveHalving } from '../../../../src/models/training/tuning/successive-halving.ts';
import { treeParzenSearch } from '../../../../src/models/training/tuning/tree-parzen.ts';

const space = parseSpace(
  {
    rate: { low: 1e-5, high: 1, log: true },
    width: { low: 1, high: 256, integer: true },
    dropout: { low: 0, high: 0.8 },
    loss: { values: ['cross-entropy', 'focal', 'brier'] },
  },
  'test',
);

/** Smallest, 0, at a rate of 3e-3, a width of 64, a dropout of 0.2 and the second loss: a bowl as nets tend to have. */
function bowl(point: Point): number {
  const { rate, width, dropout, loss } = point as { rate: number; width: number; dropout: number; loss: string };
  const bowls = [Math.log10(rate / 3e-3) / 2, (width - 64) / 100, (dropout - 0.2) * 2];
  return bowls.reduce((sum, x) => sum + x * x, 0) + (loss === 'focal' ? 0 : 0.3);
}

/** Runs a search with so many at a time, ending in an order of its own; `stopAt` forgets what is under way after so many ends. */
function drive(
  search: Search,
  objective: (proposal: Proposal) => number | null,
  { workers = 1, order = new Random(1), stopAt = Number.POSITIVE_INFINITY } = {},
): Map<number, Outcome & { epochs: number | null }> {
  const done = new Map<number, Outcome & { epochs: number | null }>();
  let flying = new Map<number, Proposal>();
  let next = 0;
  for (let ends = 0; ; ends++) {
    if (ends === stopAt) {
      flying = new Map();
      next = 0;
    }
    while (flying.size < workers) {
      while (done.has(next)) next++;
      const proposal = search.propose(next, done);
      if (proposal === 'wait' || proposal === 'done') break;
      flying.set(next++, proposal);
    }
    if (flying.size === 0) return done;
    const [trial, proposal] = [...flying][order.below(flying.size)];
    flying.delete(trial);
    done.set(trial, { ...proposal, objective: objective(proposal) });
  }
}

const best = (outcomes: ReadonlyMap<number, Outcome>): number =>
  Math.min(...[...outcomes.values()].map(({ objective }) => objective ?? Number.POSITIVE_INFINITY));
const median = (xs: number[]): number => xs.sort((a, b) => a - b)[xs.length >> 1];
const seeds = Array.from({ length: 31 }, (_, i) => i);

describe('every search', () => {
  const searches: [string, (seed: number) => Search][] = [
    ['random', (seed) => randomSearch(space, seed, 40)],
    ['tree Parzen', (seed) => treeParzenSearch(space, seed, { trials: 40, workers: 3 })],
    ['halving', (seed) => successiveHalving(space, seed, { configurations: 27, epochs: 9 })],
  ];

  it.each(searches)('%s: proposes the same, whichever worker was faster and wherever it was stopped', (_, create) => {
    const failing = ({ values }: Proposal): number | null => ((values.width as number) % 7 === 0 ? null : bowl(values));
    const straight = [...drive(create(4), failing)].sort(([a], [b]) => a - b);
    for (let stopAt = 0; stopAt < 40; stopAt += 3) {
      const order = new Random(stopAt);
      const other = [...drive(create(4), failing, { workers: 3, order, stopAt })].sort(([a], [b]) => a - b);
      expect(other).toEqual(straight);
    }
    expect([...drive(create(5), failing).values()]).not.toEqual(straight.map(([, outcome]) => outcome));
  });

  it.each(searches)('%s: ends even where every trial fails', (_, create) => {
    const outcomes = drive(create(1), () => null, { workers: 3 });
    expect(create(1).propose(outcomes.size, outcomes)).toBe('done');
    expect(outcomes.size).toBeGreaterThanOrEqual(39);
    expect(best(outcomes)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('tree Parzen', () => {
  const bestOf = (create: (seed: number) => Search, workers = 1): number[] =>
    seeds.map((seed) => best(drive(create(seed), ({ values }) => bowl(values), { workers })));

  it('beats random search on a bowl, in the median and with four workers too', () => {
    const random = median(bestOf((seed) => randomSearch(space, seed, 60)));
    const one = median(bestOf((seed) => treeParzenSearch(space, seed, { trials: 60, workers: 1 })));
    const four = median(bestOf((seed) => treeParzenSearch(space, seed, { trials: 60, workers: 4 }), 4));
    expect(one).toBeLessThan(0.6 * random);
    expect(four).toBeLessThan(0.6 * random);
  });

  it('begins as random search does, and waits for what it learns from', () => {
    const search = treeParzenSearch(space, 3, { trials: 30, workers: 2, startup: 5 });
    const random = randomSearch(space, 3, 30);
    const none = new Map<number, Outcome>();
    for (let trial = 0; trial < 5; trial++) expect(search.propose(trial, none)).toEqual(random.propose(trial, none));
    expect(search.propose(5, none)).toBe('wait');
    expect(search.propose(30, none)).toBe('done');
    const outcomes = new Map(
      [0, 1, 2, 3].map((i) => [i, { values: (search.propose(i, none) as Proposal).values, objective: i }]),
    );
    expect(search.propose(5, outcomes)).toMatchObject({ epochs: null });
    expect(search.propose(6, outcomes)).toBe('wait');
    // Later outcomes, were there any, say nothing.
    const more = new Map(outcomes).set(9, { values: outcomes.get(0)!.values, objective: -5 });
    expect(search.propose(5, more)).toEqual(search.propose(5, outcomes));
  });

  it('draws evenly while more workers than trials leave nothing to learn from', () => {
    const search = treeParzenSearch(space, 3, { trials: 30, workers: 12, startup: 2 });
    expect(search.propose(5, new Map())).toEqual(randomSearch(space, 3, 30).propose(5, new Map()));
  });
});

describe('parzen', () => {
  const rate = parseSpace({ x: { low: 0.01, high: 100, log: true } }, 'test')[0];
  const whole = parseSpace({ x: { low: 2, high: 9, integer: true } }, 'test')[0];
  const values = parseSpace({ x: { values: ['a', [1], null] } }, 'test')[0];

  it('has densities that sum to one over the scale', () => {
    for (const seen of [[], [0.01], [0.5, 0.6, 99], [100, 100, 100]]) {
      const density = parzen(rate, seen);
      const [from, to, n] = [Math.log(0.01), Math.log(100), 20_000];
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const x = Math.exp(from + ((i + 0.5) / n) * (to - from));
        sum += (Math.exp(density.logDensity(x)) * (to - from)) / n;
      }
      expect(sum).toBeCloseTo(1, 4);
    }
  });

  it('draws what it says is likely', () => {
    const density = parzen(rate, [0.02, 0.02, 0.03]);
    const random = new Random(2);
    const draws = Array.from({ length: 4000 }, () => density.draw(random) as number);
    let mass = 0;
    const [from, to, n] = [Math.log(0.01), Math.log(0.1), 4000];
    for (let i = 0; i < n; i++) {
      mass += (Math.exp(density.logDensity(Math.exp(from + ((i + 0.5) / n) * (to - from)))) * (to - from)) / n;
    }
    expect(draws.filter((x) => x < 0.1).length / draws.length).toBeCloseTo(mass, 1.5);
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0.01);
    expect(Math.max(...draws)).toBeLessThanOrEqual(100);
    const integers = Array.from({ length: 500 }, () => parzen(whole, [3, 8]).draw(random) as number);
    expect([...new Set(integers)].sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('counts values, of any kind, and rules none out', () => {
    const density = parzen(values, ['a', [1], 'a']);
    expect(Math.exp(density.logDensity('a'))).toBeCloseTo(3 / 6, 12);
    expect(Math.exp(density.logDensity([1]))).toBeCloseTo(2 / 6, 12);
    expect(Math.exp(density.logDensity(null))).toBeCloseTo(1 / 6, 12);
    const random = new Random(3);
    const draws = Array.from({ length: 3000 }, () => density.draw(random));
    expect(draws.filter((value) => value === 'a').length / 3000).toBeCloseTo(0.5, 1);
    expect(draws.filter((value) => value === null).length / 3000).toBeCloseTo(1 / 6, 1);
  });
});

describe('successive halving', () => {
  it('plans its rungs, and spends what it says', () => {
    expect(halvingRungs({ configurations: 27, epochs: 27 })).toEqual([
      { first: 0, trials: 27, epochs: 1 },
      { first: 27, trials: 9, epochs: 3 },
      { first: 36, trials: 3, epochs: 9 },
      { first: 39, trials: 1, epochs: 27 },
    ]);
    expect(
      halvingRungs({ configurations: 10, epochs: 8, factor: 2 }).map(({ trials, epochs }) => [trials, epochs]),
    ).toEqual([
      [10, 1],
      [5, 2],
      [2, 4],
      [1, 8],
    ]);
    expect(halvingRungs({ configurations: 2, epochs: 30 })).toEqual([{ first: 0, trials: 2, epochs: 30 }]);
    for (const [configurations, epochs] of [
      [27, 27],
      [20, 10],
      [5, 40],
    ]) {
      const rungs = halvingRungs({ configurations, epochs });
      const outcomes = drive(successiveHalving(space, 1, { configurations, epochs }), ({ values }) => bowl(values), {
        workers: 2,
      });
      const spent = [...outcomes.values()].reduce((sum, outcome) => sum + (outcome.epochs ?? Number.NaN), 0);
      expect(spent).toBe(rungs.reduce((sum, rung) => sum + rung.trials * rung.epochs, 0));
    }
  });

  it('promotes the best of each rung, and failures last', () => {
    const search = successiveHalving(space, 2, { configurations: 9, epochs: 9 });
    const outcomes = drive(search, ({ values, epochs }) =>
      (values.width as number) > 128 ? null : bowl(values) + 1 / epochs!,
    );
    const rung = (from: number, to: number): Outcome[] =>
      [...outcomes].filter(([i]) => i >= from && i < to).map(([, o]) => o);
    const order = rung(0, 9).sort((a, b) => (a.objective ?? 1e9) - (b.objective ?? 1e9));
    expect(rung(9, 12).map(({ values }) => values)).toEqual(order.slice(0, 3).map(({ values }) => values));
    expect(rung(12, 13)[0].values).toEqual(order[0].values);
    expect([...outcomes.values()].map(({ epochs }) => epochs)).toEqual([...Array(9).fill(1), 3, 3, 3, 9]);
  });

  it('waits for the whole rung below', () => {
    const search = successiveHalving(space, 2, { configurations: 3, epochs: 3 });
    const outcomes = new Map<number, Outcome>([
      [0, { values: {}, objective: 1 }],
      [2, { values: {}, objective: 2 }],
    ]);
    expect(search.propose(3, outcomes)).toBe('wait');
    outcomes.set(1, { values: { here: 1 }, objective: 0.5 });
    expect(search.propose(3, outcomes)).toEqual({ values: { here: 1 }, epochs: 3 });
    expect(search.propose(4, outcomes)).toBe('done');
  });
});
