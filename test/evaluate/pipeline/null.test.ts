import { describe, expect, it } from 'vitest';
import { parseTarget, type Target } from '../../../src/models/index.ts';
import type { RowMatrix } from '../../../src/models/training.ts';
import { apart, type NullRun, nullRun, nullVerdicts } from './null-forecasts.ts';
import { type SimulatedMarket, simulatedMarket } from './simulated-market.ts';
import { simulatedStudy, trainedMember } from './simulated-study.ts';

const SEEDS = [1, 2, 3, 4, 5];
const MESSAGES = 6000;
const MINUTES = 60_000;

/** The whole pipeline on markets in which nothing can be known, of rows as they are or as `change` makes them. */
async function runs(
  target: Target,
  change: (market: SimulatedMarket) => RowMatrix = ({ matrix }) => matrix,
): Promise<NullRun[]> {
  const out: NullRun[] = [];
  for (const seed of SEEDS) {
    const market = await simulatedMarket({ mode: 'null', seed, messages: MESSAGES, target });
    const study = await simulatedStudy(
      { ...market, matrix: change(market) },
      {
        target,
        seed,
        trained: [trainedMember('logistic'), trainedMember('gbdt', ['trees.rounds=15', 'trees.leaves=8'])],
        shares: { train: 0.4, validation: 0.1, test: 0.5 },
      },
    );
    const places = apart(study.dataset);
    const { rows } = study.dataset.test;
    // Non-overlapping by another road than that of the labels themselves.
    if (target.kind === 'events')
      expect(places.every((p, i) => i === 0 || rows[p] - rows[places[i - 1]] >= 10)).toBe(true);
    out.push(nullRun(study));
  }
  return out;
}

const members = ['imbalance', 'bayes', 'bayes-slow', 'logistic', 'gbdt', 'ensemble'];

describe('the whole pipeline where nothing can be known', () => {
  it.each(['events:10', 'next-change:once'])(
    'finds no direction beyond two standard errors: %s',
    async (text) => {
      const found = await runs(parseTarget(text));
      for (const { rows } of found) expect(rows).toBeGreaterThan(200);
      const verdicts = nullVerdicts(found);
      expect(verdicts.map(({ forecast }) => forecast)).toEqual(expect.arrayContaining(members));
      for (const verdict of verdicts) expect(verdict.passed, JSON.stringify(verdict)).toBe(true);
    },
    10 * MINUTES,
  );

  /** The move of the mid over so many rows to come, in the place of a signal that changes its sign in the mirror, as moves do. */
  const leaking =
    (ahead: number) =>
    ({ matrix, mirror }: SimulatedMarket): RowMatrix => {
      const data = matrix.data.slice();
      const odd = mirror.sign.findIndex((sign, f) => sign === -1 && mirror.source[f] === f);
      expect(odd).toBeGreaterThanOrEqual(0);
      for (let row = 0; row + ahead < matrix.rows; row++) {
        data[row * matrix.width + odd] = matrix.midTicks[row + ahead] - matrix.midTicks[row];
      }
      return { ...matrix, data };
    };

  it.each([
    // One row in ten tells something then; a fit of few rows by heart loses more than that is worth.
    [1, ['bayes', 'bayes-slow', 'ensemble']],
    [10, ['bayes', 'bayes-slow', 'logistic', 'gbdt', 'ensemble']],
  ])(
    'finds one where a signal knows the mid %i rows on, so that the test above can fail',
    async (ahead, fooled) => {
      const verdicts = nullVerdicts(await runs(parseTarget('events:10'), leaking(ahead)));
      const found = verdicts.filter(({ passed }) => !passed).map(({ forecast }) => forecast);
      expect(found).toEqual(expect.arrayContaining(fooled));
      // Reads no signal of the row, so it knows nothing still.
      expect(found).not.toContain('imbalance');
    },
    10 * MINUTES,
  );
});

describe('the verdict', () => {
  it('is that of a one-sided test at two standard errors', () => {
    const of = (...gains: number[]) => nullVerdicts(gains.map((gain) => ({ rows: 1, gains: { model: gain } })))[0];
    // Mean 2, standard error 1 / √3 · √(1) = 0.577: t = 3.46.
    expect(of(1, 2, 3)).toMatchObject({ mean: 2, passed: false });
    expect(of(1, 2, 3).t).toBeCloseTo(2 * Math.sqrt(3), 12);
    expect(of(-1, 2, 3).passed).toBe(true);
    expect(of(-1, -2, -3).passed).toBe(true);
    expect(of(0, 0, 0)).toMatchObject({ t: 0, passed: true });
  });
});
