import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Analysis, ImpactAnalysis } from '../../src/evaluate/index.ts';
import { createParquet } from '../../src/store/index.ts';
import { memoryTable } from '../evaluate/analysis/memory-table.ts';
import { usdmSession } from '../support/session.ts';
import { cli, tempFile, tempFolder, testIo } from './support.ts';

const ROWS = 2500;

/** A file of features as "bookcast features" writes it. */
async function featureFile(metadata: Record<string, string> = {}): Promise<string> {
  const state = Array.from({ length: ROWS }, (_, i) => ((i * 7919) % 101) - 50);
  let mid = 1000;
  const table = memoryTable({
    midTicks: state.map((x) => (mid += Math.sign(x))),
    columns: [
      { name: 'ofi_1', values: state.map((_, i) => state[(i + 1) % ROWS]) },
      { name: 'ofi_2', values: state.map((_, i) => 3 * state[(i + 1) % ROWS]) },
      { name: 'spread', values: state.map((_, i) => (i < 100 ? Number.NaN : i % 3)), family: 'liquidity' },
    ],
    metadata,
  });
  const path = join(tempFolder(), 'rows.parquet');
  const writer = await createParquet(path, table.schema);
  for await (const block of table.read(table.schema.columns.map(({ name }) => name))) await writer.append(block);
  await writer.finish();
  return path;
}

describe('analyse', () => {
  it('prints the strongest columns and the redundant ones, and writes a report', async () => {
    const path = await featureFile();
    const out = join(tempFolder(), 'report.html');
    const run = await cli(['analyse', path, '--out', out]);
    expect(run.status, run.err).toBe(0);
    expect(run.out).toContain('test:TEST (recorded), 2,500 rows of 3 columns, clock event');
    expect(run.out).toMatch(/ofi_1 +[+−]0\.\d{3} +\[.+\] +±0\.\d{3}/);
    expect(run.out).toMatch(/1 redundant column [\s\S]*ofi_[12] +ofi_[12] \(\+1\.00\)/);
    expect(run.err).toContain(`report: ${out}`);
    expect(readFileSync(out, 'utf8')).toContain('<h1>Signals of test:TEST</h1>');
  });

  it('prints JSON, of chosen columns, and writes nothing then', async () => {
    const path = await featureFile({ 'bookcast.origin': 'simulated' });
    const run = await cli(['analyse', path, '--json', '--columns', 'ofi_1,spread']);
    expect(run.status, run.err).toBe(0);
    const found = JSON.parse(run.out) as Analysis;
    expect(found.columns.map(({ name }) => name)).toEqual(['ofi_1', 'spread']);
    expect(found.facts).toMatchObject({ file: 'rows.parquet', rows: ROWS, origin: 'simulated' });
    expect(found.columns[1].distribution.missing).toBeCloseTo(0.04, 12);
    expect(run.err).toBe('');
    const text = await cli(['analyse', path, '--out', join(tempFolder(), 'r.html')]);
    expect(text.out).toContain('(SIMULATED)');
  });

  it('shows how far it is, on a terminal', async () => {
    const io = testIo({ interactive: true });
    const run = await cli(['analyse', await featureFile(), '--json'], io);
    expect(run.err).toContain('columns');
  });

  it('stops when it is told to, and leaves nothing', async () => {
    const io = testIo();
    io.stopNow();
    const out = join(tempFolder(), 'report.html');
    const run = await cli(['analyse', await featureFile(), '--out', out], io);
    expect(run).toMatchObject({ status: 1, err: 'bookcast: stopped before the end; nothing was written\n' });
    expect(existsSync(out)).toBe(false);
  });

  it('refuses what is not there, not a file of features, not as it says, or in the way', async () => {
    const path = await featureFile();
    const taken = tempFile('taken.html', 'mine');
    const cases: [string[], string][] = [
      [[], 'nothing to analyse'],
      [['nowhere.parquet'], 'no such file'],
      [['rows.csv'], 'names no table'],
      [[path, '--columns', 'ofi'], 'no column or signal "ofi"'],
      [[path, '--out', taken], `${taken} exists`],
      [[path, '--out', join(tempFolder(), 'no', 'folder.html')], 'cannot write'],
      [[await featureFile({ 'bookcast.schema_hash': 'beef' })], 'have the schema hash'],
      [['--impact', 'nowhere.gz'], 'no such file'],
      [['--impact', path, '--columns', 'ofi_1'], '--columns is for a file of features'],
    ];
    for (const [argv, message] of cases) {
      const run = await cli(['analyse', ...argv]);
      expect(run.status, argv.join(' ')).toBeGreaterThan(0);
      expect(run.err, argv.join(' ')).toContain(message);
      expect(run.err).not.toContain('this is a bug');
    }
    expect(readFileSync(taken, 'utf8')).toBe('mine');
  });

  it('compares order flow with the move of the same time, alone or beside the features', async () => {
    const recording = join(tempFolder(), 'session.txt');
    writeFileSync(recording, usdmSession({ updates: 3000 }));
    const alone = await cli(['analyse', '--impact', recording]);
    expect(alone.status, alone.err).toBe(0);
    expect(alone.out).toMatch(/^order flow of binance:BTCUSDT\/USDM \(recorded, session\.txt\)/);
    expect(alone.out).toContain('no forecast');
    const json = JSON.parse((await cli(['analyse', '--impact', recording, '--json'])).out) as ImpactAnalysis;
    expect(json.impacts[0]).toMatchObject({ seconds: 1 });
    expect(json.impacts[0].points).toBeUndefined();
    const out = join(tempFolder(), 'report.html');
    const both = await cli(['analyse', await featureFile(), '--out', out, '--impact', recording]);
    expect(both.status, both.err).toBe(0);
    expect(both.out).toContain('95 % interval');
    expect(readFileSync(out, 'utf8')).toContain('Price impact of order flow');
  });
});
