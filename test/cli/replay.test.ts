import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ReplayReport } from '../../src/cli/replay.ts';
import { dataPath, needs } from '../support/data.ts';
import { usdmSession } from '../support/session.ts';
import { cli, tempFile, testIo } from './support.ts';

async function report(argv: string[]): Promise<ReplayReport> {
  const { status, out, err } = await cli(['replay', ...argv, '--json']);
  expect(err).toBe('');
  expect(status).toBe(0);
  expect(out.trim().split('\n')).toHaveLength(1);
  return JSON.parse(out) as ReplayReport;
}

const LOBSTER = [
  ['lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip', 147_916],
  ['lobster/LOBSTER_SampleFile_GOOG_2012-06-21_5.zip', 112_673],
  ['lobster/LOBSTER_SampleFile_GOOG_2012-06-21_1.zip', 49_482],
  ['lobster/LOBSTER_SampleFile_AAPL_2012-06-21_1.zip', 118_497],
] as const;

/** Recorded sessions that hold a snapshot, and the sampled quotes that each can at least be compared on. */
const BINANCE = [
  [['binance/usdm_btcusdt_20230404.dat.gz', 'binance/usdm_btcusdt_20230405.dat.gz'], 1000],
  [['binance/usdm_btcusdt_20240718.gz', 'binance/usdm_btcusdt_20240719.gz'], 1000],
  [['binance/usdm_btcusdt_20240808.gz'], 600],
  [['binance/spot_btcusdt_20240808.gz', 'binance/spot_btcusdt_20240809.gz'], 500],
  [['binance/cm_btcusd_perp_20240808.gz', 'binance/cm_btcusd_perp_20240809.gz'], 4000],
] as const;

function expectSkill({ scores, gains }: ReplayReport): void {
  const served = scores.at(-1)!;
  const noSkill = scores.filter((score) => score.baseline);
  expect(noSkill.map((score) => score.model).sort()).toEqual(['majority', 'martingale', 'persistence', 'transition']);
  for (const baseline of noSkill) {
    expect(baseline.n).toBe(served.n);
    expect(served.logLoss!, `log-loss against ${baseline.model}`).toBeLessThan(baseline.logLoss!);
    const gain = gains.find((one) => one.over === baseline.model)!;
    expect(gain.interval!.low, `low end of the gain over ${baseline.model}`).toBeGreaterThan(0);
  }
}

const NO_FAULTS = { gaps: 0, crossed: 0, stale: 0, unparsable: 0, checksums: 0, overflow: 0, disconnects: 0 };

describe('replay --verify --json on real recordings', () => {
  for (const [name, rows] of LOBSTER) {
    it.skipIf(dataPath(name) === null)(`rebuilds ${name} exactly${needs(name)}`, async () => {
      const found = await report([dataPath(name)!, '--verify']);
      expect(found.venue).toBe('lobster');
      expect(found.messages).toBe(rows);
      expect(found.verified!.mismatches).toBe(0);
      expect(found.verified!.checked).toBeGreaterThan(rows);
      expect(found.faults).toEqual(NO_FAULTS);
      expect(found.scores.at(-1)!.n).toBe(found.rows - 10);
      if (name.includes('GOOG_2012-06-21_10')) expectSkill(found);
    });
  }

  for (const [names, least] of BINANCE) {
    const missing = names.find((name) => dataPath(name) === null);
    const title = `rebuilds ${names.join(' and ')} exactly${missing === undefined ? '' : needs(missing)}`;
    it.skipIf(missing !== undefined)(title, async () => {
      const found = await report([...names.map((name) => dataPath(name)!), '--verify']);
      expect(found.venue).toBe('binance');
      expect(found.verified!.mismatches).toBe(0);
      expect(found.verified!.checked).toBeGreaterThan(least);
      expect(found.faults).toEqual(NO_FAULTS);
      expect(found.state).toBe('synced');
      expectSkill(found);
    });
  }

  const without = 'binance/spot_btcusdt_20230405.dat.gz';
  it.skipIf(dataPath(without) === null)(
    `guesses no book where the session has no snapshot${needs(without)}`,
    async () => {
      const found = await report([dataPath(without)!, '--verify']);
      expect(found).toMatchObject({ rows: 0, state: 'buffering', verified: { checked: 0, mismatches: 0 } });
      expect(found.notes.join()).toContain('no snapshot');
    },
  );
});

describe('replay', () => {
  const file = (): string => tempFile('session.gz', gzipSync(usdmSession({ updates: 1500 })));

  it('prints the promised fields', async () => {
    const path = file();
    const found = await report([path, '--verify', '--target', 'next-change']);
    expect(found).toMatchObject({
      input: [path],
      venue: 'binance',
      instrument: 'binance:BTCUSDT/USDM',
      origin: 'recorded',
      verified: { mismatches: 0 },
      faults: NO_FAULTS,
      target: { kind: 'next-change', horizon: 1, classes: ['down', 'up'] },
      state: 'synced',
    });
    expect(found.verified!.checked).toBeGreaterThan(1000);
    expect(found.eventsPerSecond).toBeGreaterThan(0);
    for (const score of found.scores) {
      for (const key of ['model', 'logLoss', 'brier', 'accuracy', 'macroF1', 'mcc', 'n'])
        expect(score).toHaveProperty(key);
    }
  });

  it('gives the same bits twice, and at any speed', async () => {
    const path = file();
    const first = await report([path]);
    const again = await report([path]);
    const paced = await report([path, '--speed', '40']);
    expect(again.hash).toEqual(first.hash);
    expect(paced.hash).toEqual(first.hash);
    expect({ ...paced, eventsPerSecond: 0 }).toEqual({ ...first, eventsPerSecond: 0 });
  });

  it("does not change when the venue's own quotes are deleted", async () => {
    const bare = tempFile('bare.gz', gzipSync(usdmSession({ updates: 1500, bookTicker: false })));
    const [full, stripped] = [await report([file(), '--verify']), await report([bare, '--verify'])];
    expect(stripped.hash).toEqual(full.hash);
    expect(stripped.verified!.checked).toBe(0);
  });

  it("fails, and names the first difference, where the venue's truth is another", async () => {
    const lines = usdmSession({ updates: 200 }).split('\n');
    const at = lines.findLastIndex((line) => line.includes('@bookTicker')) - 60;
    const quote = lines.findIndex((line, i) => i > at && line.includes('@bookTicker'));
    lines[quote] = lines[quote].replace(/"B":"[^"]*"/, '"B":"9999.000"');
    const { status, out, err } = await cli(['replay', tempFile('wrong.txt', lines.join('\n')), '--verify', '--json']);
    expect(status).toBe(1);
    expect(JSON.parse(out).verified.mismatches).toBe(1);
    expect(err).toMatch(
      /^bookcast: the rebuilt book differs from the venue's own in 1 of \d+ comparisons; the first: .*9999/,
    );
  });

  it('loses the book at a gap, and says so', async () => {
    const path = tempFile('gap.txt', usdmSession({ updates: 1500, dropUpdate: 1000 }));
    const found = await report([path, '--verify']);
    expect(found.faults.gaps).toBe(1);
    expect(found.state).toBe('gapped');
    expect(found.verified!.mismatches).toBe(0);
    expect(found.unresolved.dropped).toBe(10);
  });

  it('prints a table a person can read, beside the baselines', async () => {
    const { out, status } = await cli(['replay', file(), '--verify']);
    expect(status).toBe(0);
    expect(out).toContain("0 mismatches: the book is the venue's");
    expect(out).toMatch(/martingale \(no skill\)\s+\d\.\d{4}/);
    expect(out).toMatch(/over martingale: [+−]\d\.\d{4}, 95 % interval/);
    expect(out).toMatch(
      /^weights at the end: imbalance-logistic [\d.]+ %, regime-softmax [\d.]+ %, dma-softmax [\d.]+ %, bayes-softmax [\d.]+ %, equal pool [\d.]+ %$/m,
    );
    expect(out).toMatch(
      /^sets of 90\.0 % coverage: [\d.]+ % held the outcome, [\d.]+ classes in the mean, [\d.]+ % a single one$/m,
    );
  });

  it('says so where nothing can be compared or scored', async () => {
    const path = tempFile('short.txt', usdmSession({ updates: 10, bookTicker: false }));
    const { out } = await cli(['replay', path, '--verify']);
    expect(out).toContain('verified: nothing could be compared');
    expect(out).toContain('nothing was scored');
  });

  it('draws a bar on a terminal, on standard error alone', async () => {
    const io = testIo({ interactive: true });
    const { out, err } = await cli(['replay', file(), '--json'], io);
    expect(() => JSON.parse(out)).not.toThrow();
    expect(err).toContain('events');
  });
});
