import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { BacktestRun } from '../../src/backtest/index.ts';
import { openWalkSettings } from '../../src/cli/walk-settings.ts';
import { readValue } from '../../src/cli/walk-store.ts';
import type { BacktestCard, CostedCurve } from '../../src/evaluate/index.ts';
import { copyMessages, type EventBatch, type EventSource, messageEnd } from '../../src/market/index.ts';
import { TapeWriter } from '../../src/tape/index.ts';
import { openSim } from '../../src/venues/sim/index.ts';
import { cli } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'bookcast-walk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const market = (): EventSource => openSim({ mode: 'oracle', seed: 3, messages: 9800 });

async function writeTape(name: string, change: (batch: EventBatch) => EventBatch | null): Promise<string> {
  const path = join(folder, name);
  const source = market();
  const writer = TapeWriter.create(path, source.instrument, 'simulated');
  for await (const batch of source.batches()) {
    const kept = change(batch);
    if (kept !== null) writer.append(kept);
  }
  writer.close();
  return path;
}

const tape = await writeTape('tape', (batch) => batch);
const CONFIG = join(folder, 'walk.yaml');
const BACKTEST = join(folder, 'taker.yaml');
writeFileSync(
  BACKTEST,
  `
strategy: { kind: taker, threshold: 0.1 }
latency: { feedMs: 1, entryMs: 1, responseMs: 1 }
fees: none
forecast: { target: 'events:5', signals: imbalance }
`,
);
writeFileSync(
  CONFIG,
  `
backtest: taker.yaml
grid: { strategy.threshold: [0.05, 0.3] }
first: 0.3
folds: 2
`,
);
const RECIPE = join(folder, 'small.yaml');
writeFileSync(
  RECIPE,
  `
data: { signals: imbalance, reach: 5 }
trained:
  trees: { model: gbdt, mirror: true, config: { trees: { rounds: 8 } } }
online: [imbalance, bayes]
`,
);

const argsOf = (out: string, tapes: string, more: readonly string[]): string[] => {
  const where = ['--out', join(folder, out), '--runs', join(folder, `${out}-runs`), '--workers', '1'];
  return ['walkforward', '--tape', tapes, '--config', CONFIG, ...where, ...more];
};
const walk = (out: string, tapes: string, ...more: string[]) => cli(argsOf(out, tapes, more));
const curvesOf = (out: string, at: number) => readValue<CostedCurve[]>(join(folder, out, `stretch-${at}.bin`));
/** Without the mids behind a fill, which are looked at when the stretch is over. */
const tradesOf = (out: string, at: number) =>
  readValue<BacktestRun[]>(join(folder, out, `runs-${at}.bin`))?.map(({ orders, fills }) => ({
    orders,
    fills: fills.map(({ laterMidTicks: _, ...fill }) => fill),
  }));

describe('walkforward', () => {
  it('trades out of sample, goes on where it was killed, and comes to the same', { timeout: 240_000 }, async () => {
    const whole = await walk('whole', tape, '--json');
    expect(whole.status, whole.err).toBe(0);
    const card = JSON.parse(whole.out) as BacktestCard;
    expect(card).toMatchObject({ simulated: true, strategy: 'taker' });
    expect(card.walk?.folds.length).toBe(2);
    expect(card.walk?.combinations).toEqual(['threshold 0.05', 'threshold 0.3']);
    // Two combinations on three stretches.
    expect(card.trials.counted).toBe(6);
    const placed = card.walk?.folds.map(({ outOfSample }) => outOfSample.orders ?? 0) ?? [];
    expect(Math.min(...placed)).toBeGreaterThan(10);
    expect(card.walk?.outOfSample.net).toBeCloseTo(card.totals.net ?? Number.NaN, 9);
    expect(card.curve.positionLots.at(-1)).toBe(0);
    expect(readFileSync(join(folder, 'whole', 'report.html'), 'utf8')).toContain('SIMULATED');

    // Killed without warning as soon as the first stretch is done.
    const entry = join(import.meta.dirname, '../../bin/bookcast.js');
    const child = spawn(process.execPath, [entry, ...argsOf('killed', tape, [])], { stdio: 'ignore' });
    const gone = new Promise((done) => child.once('close', done));
    for (let i = 0; i < 6000 && curvesOf('killed', 0) === null && child.exitCode === null; i++) {
      await new Promise((done) => setTimeout(done, 10));
    }
    child.kill('SIGKILL');
    await gone;
    expect(existsSync(join(folder, 'killed', 'card.json'))).toBe(false);
    expect(curvesOf('killed', 0)).not.toBeNull();

    const refused = await walk('killed', tape);
    expect(refused).toMatchObject({ status: 1 });
    expect(refused.err).toContain('--resume');
    const resumed = await walk('killed', tape, '--resume');
    expect(resumed.status, resumed.err).toBe(0);
    expect(resumed.err).toMatch(/of 3 stretches were done before/);
    expect(resumed.out).toContain('SIMULATED: walk forward');
    const { walk: again, hash } = JSON.parse(readFileSync(join(folder, 'killed', 'card.json'), 'utf8')) as BacktestCard;
    expect({ walk: again, hash }).toEqual({ walk: card.walk, hash: card.hash });

    const other = await walk('whole', tape, '--resume', '--folds', '1');
    expect(other.status).toBe(2);
    expect(other.err).toContain('other data, settings or another version');
  });

  it('fits members on the past alone: another future changes nothing before it', { timeout: 240_000 }, async () => {
    const fitted = ['--folds', '1', '--set', `recipe=${RECIPE}`];
    const known = await walk('known', tape, ...fitted);
    expect(known.status, known.err).toBe(0);
    const { walk: plan } = JSON.parse(readFileSync(join(folder, 'known', 'card.json'), 'utf8')) as BacktestCard;
    const last = plan?.folds.at(-1)?.trade.fromMs ?? Number.NaN;
    const endNs = await endOf();
    // Behind the beginning of the last stretch and what is looked at behind the one before, only the very last message stays: the future is another one.
    const changed = await writeTape('changed', (batch) => cutMessages(batch, last, endNs));
    const blind = await walk('blind', changed, ...fitted);
    expect(blind.status, blind.err).toBe(0);
    expect(curvesOf('blind', 0)).toEqual(curvesOf('known', 0));
    expect(tradesOf('blind', 0)).toEqual(tradesOf('known', 0));
    expect(curvesOf('known', 0)?.some(({ orders }) => orders > 10)).toBe(true);
    expect(curvesOf('blind', 1)).not.toEqual(curvesOf('known', 1));
  });

  it('is told what is wrong before anything is read', () => {
    const failing = (text: string): string => {
      const path = join(folder, 'wrong.yaml');
      writeFileSync(path, text);
      try {
        openWalkSettings(path);
      } catch (error) {
        return (error as Error).message;
      }
      return 'nothing';
    };
    expect(failing('gird: {}')).toContain('grid');
    expect(failing('grid: { latency.feedMs: [1, 2] }')).toContain('nobody has a choice');
    expect(failing('grid: { strategy.skewTicks: 3 }')).toContain('a list of values');
    expect(failing('grid: [1]')).toContain('keys with the values');
    expect(failing('set: 3')).toContain('keys and values');
    expect(failing('backtest: 3')).toContain('a file of settings');
    expect(failing('folds: 0')).toContain('1 or more');
    const many = Array.from({ length: 65 }, (_, i) => i + 1);
    expect(failing(`grid: { strategy.skewTicks: [${many}] }`)).toContain('64 are the most');
    expect(() => openWalkSettings(join(folder, 'absent.yaml'))).toThrow('no such file');
    expect(openWalkSettings(undefined).combinations.length).toBe(6);
  });
});

async function endOf(): Promise<number> {
  let end = 0;
  for await (const { tsEventNs, length } of market().batches({ lend: true })) end = tsEventNs[length - 1];
  return end;
}

/** Without the messages after `fromMs` since 1970, but for the one at `endNs` since midnight. */
function cutMessages(batch: EventBatch, fromMs: number, endNs: number): EventBatch | null {
  const fromNs = (fromMs - batch.day * 86_400_000) * 1e6 + 1e9;
  let keep = 0;
  while (keep < batch.length && batch.tsEventNs[keep] <= fromNs) keep = messageEnd(batch, keep);
  if (batch.tsEventNs[batch.length - 1] < endNs) return keep === 0 ? null : copyMessages(batch, 0, keep);
  let first = batch.length - 1;
  for (let i = keep; i < batch.length; i = messageEnd(batch, i)) first = i;
  return copyMessages(batch, first, batch.length);
}
