import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { type Analysis, analyseFeatures } from '../../../src/evaluate/index.ts';
import { schemaHash } from '../../../src/features/index.ts';
import { columnSchema, memoryTable } from './memory-table.ts';

const ROWS = 6000;
/** A mid that drifts with a hidden state, which columns know more or less of. */
function market(seed: number): { midTicks: number[]; state: number[]; random: Random } {
  const random = new Random(seed);
  const midTicks: number[] = [];
  const state: number[] = [];
  let mid = 1000;
  let hidden = 0;
  for (let i = 0; i < ROWS; i++) {
    hidden = 0.9 * hidden + 0.4 * random.normal();
    state.push(hidden);
    midTicks.push(mid);
    mid += Math.round(hidden + random.normal());
  }
  return { midTicks, state, random };
}

describe('analyseFeatures', () => {
  let analysis: Analysis;
  const { midTicks, state, random } = market(1);
  const noise = state.map(() => random.normal());
  const table = memoryTable({
    midTicks,
    timeNs: midTicks.map((_, i) => i * 5e7),
    columns: [
      { name: 'noise', values: noise },
      { name: 'truth', values: state },
      { name: 'half', values: state.map((x, i) => x + 0.5 * noise[i]) },
      { name: 'turned', values: state.map((x) => -(x ** 3)) },
      { name: 'flat', values: state.map(() => 3) },
      { name: 'absent', values: state.map(() => Number.NaN) },
      { name: 'late', values: state.map((x, i) => (i < ROWS / 2 ? Number.NaN : x)) },
      { name: 'infinite', values: state.map((x, i) => (i === 7 ? Number.POSITIVE_INFINITY : x)) },
    ],
  });
  const column = (name: string) => analysis.columns.find((one) => one.name === name)!;

  beforeAll(async () => {
    analysis = await analyseFeatures(table, { file: 'made-up.parquet' });
  });

  it('finds the column that knows, with an interval, and beyond what chance gives', () => {
    const { ic, interval, beyondChance, nullSd } = column('truth').information[1];
    expect(ic).toBeGreaterThan(0.5);
    expect(interval!.low).toBeLessThan(ic);
    expect(interval!.high).toBeGreaterThan(ic);
    expect(interval!.low).toBeGreaterThan(1.96 * nullSd);
    expect(beyondChance).toBe(true);
    expect(column('turned').information[1].ic).toBeCloseTo(-ic, 5);
    expect(column('truth').signAgreement).toBe(1);
  });

  it('calls noise noise, at every horizon', () => {
    for (const one of column('noise').information) {
      expect(one.beyondChance).toBe(false);
      expect(Math.abs(one.ic)).toBeLessThan(4 * one.nullSd);
    }
  });

  it('says nothing of a column that does not vary or is not there', () => {
    for (const name of ['flat', 'absent']) {
      for (const one of column(name).information) {
        expect(one).toMatchObject({ ic: Number.NaN, interval: null, beyondChance: false });
      }
      expect(column(name).signAgreement).toBeNaN();
    }
    expect(column('absent').distribution.missing).toBe(1);
  });

  it('groups what says the same, whatever its sign, and keeps the better one', () => {
    const [group] = analysis.groups;
    const names = [group.keep, ...group.drop.map(({ name }) => name)].sort();
    expect(names).toEqual(['infinite', 'late', 'truth', 'turned']);
    expect(analysis.groups.length).toBe(1);
    const { rho, order } = analysis.correlation;
    expect(rho[1][3]).toBeCloseTo(-1, 12);
    expect([...order].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('tells where values are missing, an infinite one among them', () => {
    expect(column('late').missing.slice(0, 6)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(column('late').missing.slice(6)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(column('infinite').distribution.missing).toBeCloseTo(1 / ROWS, 12);
  });

  it('knows the file that it is about', () => {
    expect(analysis.facts).toMatchObject({
      file: 'made-up.parquet',
      rows: ROWS,
      instrument: 'test:TEST',
      origin: 'recorded',
      clock: 'event',
      fit: null,
      fitted: 0,
      from: '2012-06-21T13:30:00.000000000Z',
      to: '2012-06-21T13:34:59.950000000Z',
    });
    expect(analysis.slices.labels[0]).toBe('13:30:00');
    expect(analysis.slices.labels[1]).toBe('13:30:25');
  });

  it('gives the same numbers again, and for some columns the numbers that they have among all', async () => {
    const again = await analyseFeatures(table, { file: 'made-up.parquet', columns: ['truth', 'noise'] });
    expect(again.columns.map(({ name }) => name)).toEqual(['noise', 'truth']);
    expect(again.columns[1].information[1]).toEqual(column('truth').information[1]);
  });

  it('reports progress, and stops where it is told to', async () => {
    const seen: number[] = [];
    const stopped = analyseFeatures(table, {
      file: 'x',
      onProgress: (done, total) => void seen.push(done, total),
      onColumn: () => {
        if (seen.length === 4) throw new Error('enough');
      },
    });
    await expect(stopped).rejects.toThrow('enough');
    expect(seen).toEqual([1, 8, 2, 8]);
  });
});

describe('files of features', () => {
  const midTicks = Array.from({ length: 50 }, (_, i) => 100 + (i % 3));
  const columns = [{ name: 'ofi_1', values: midTicks }];
  const analysed = (metadata: Record<string, string | undefined>, more = {}): Promise<Analysis> =>
    analyseFeatures(memoryTable({ midTicks, columns, metadata, ...more }), { file: 'f.parquet' });

  it('are refused where the schema hash is not that of the columns', async () => {
    const found = schemaHash([columnSchema('ofi_1')], null);
    await expect(analysed({ 'bookcast.schema_hash': 'abc' })).rejects.toThrow(
      `f.parquet: its columns have the schema hash ${found}, and the table says abc; write it again`,
    );
    await expect(analysed({}, { without: ['ofi_1'] })).rejects.toThrow('the table lacks ofi_1, which its schema names');
    // Fitted columns with another fit behind them are other columns.
    const fitted = { ...columnSchema('ofi_1'), fitted: true };
    const fit = { 'bookcast.columns': JSON.stringify([fitted]), 'bookcast.fit': 'f00d' };
    await expect(analysed({ ...fit, 'bookcast.schema_hash': schemaHash([fitted], 'beef') })).rejects.toThrow(
      'and the table says',
    );
    await expect(analysed({ ...fit, 'bookcast.schema_hash': schemaHash([fitted], 'f00d') })).resolves.toBeDefined();
  });

  it('are refused where they say nothing, or nonsense, of themselves', async () => {
    await expect(analysed({ 'bookcast.columns': undefined })).rejects.toThrow('is no file of features');
    await expect(analysed({ 'bookcast.columns': '{oops' })).rejects.toThrow('no JSON: "{oops"');
    await expect(analysed({ 'bookcast.columns': '[{"name": 3}]' })).rejects.toThrow('not a list of columns');
    await expect(analysed({ 'bookcast.instrument': '{}' })).rejects.toThrow('lacks "venue"');
    await expect(analysed({}, { without: ['mid_ticks'] })).rejects.toThrow('no column "mid_ticks"');
  });

  it('are refused without rows, and columns that are not there with what is', async () => {
    const empty = memoryTable({ midTicks: [], columns: [{ name: 'ofi_1', values: [] }] });
    await expect(analyseFeatures(empty, { file: 'e.parquet' })).rejects.toThrow('e.parquet has no rows');
    const table = memoryTable({ midTicks, columns });
    await expect(analyseFeatures(table, { file: 'f', columns: ['ofi'] })).rejects.toThrow(
      'no column or signal "ofi"; it has ofi_1',
    );
  });

  it('tell how much of them a fit has seen', async () => {
    const fitted = { ...columnSchema('ofi_1'), fitted: true };
    const { facts } = await analysed({
      'bookcast.columns': JSON.stringify([fitted]),
      'bookcast.fit': 'f00d',
      'bookcast.fit_until': '2012-06-21T13:30:09.5Z',
      'bookcast.schema_hash': schemaHash([fitted], 'f00d'),
    });
    expect(facts).toMatchObject({ fit: 'f00d', fitUntil: '2012-06-21T13:30:09.5Z', fitted: 10 / 50 });
  });

  it.each([1, 2, 5, 25])('of %i rows are analysed without an interval', async (rows) => {
    const short = memoryTable({
      midTicks: midTicks.slice(0, rows),
      columns: [{ name: 'a', values: midTicks.slice(0, rows) }],
    });
    const { columns: found, horizons } = await analyseFeatures(short, { file: 's' });
    expect(found[0].distribution.count).toBe(rows);
    expect(found[0].information.every(({ interval }) => interval === null)).toBe(true);
    expect(horizons[3].n).toBe(0);
  });
});
