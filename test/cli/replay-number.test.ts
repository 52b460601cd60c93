import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NumberReport } from '../../src/cli/replay-number.ts';
import { PrequentialNumber } from '../../src/evaluate/index.ts';
import { parseContinuousTarget } from '../../src/models/index.ts';
import { openBinance } from '../../src/venues/binance/index.ts';
import { usdmSession } from '../support/session.ts';
import { cli, tempFolder } from './support.ts';

function recording(): string {
  const path = join(tempFolder(), 'session.txt');
  writeFileSync(path, usdmSession({ updates: 1200 }));
  return path;
}

describe('replay --target of a number', () => {
  it.each(['log-wait', 'imbalance@events:10', 'imbalance@time:1000+5ms'])(
    'scores %s beside the forecasts without skill, the same in every run',
    async (target) => {
      const tape = recording();
      const run = async () =>
        JSON.parse((await cli(['replay', tape, '--target', target, '--json'])).out) as NumberReport;
      const report = await run();
      expect(report.target).toBe(target);
      expect(report.scores.map(({ model, baseline }) => [model, baseline])).toEqual([
        ['mean', true],
        [target === 'log-wait' ? 'last' : 'now', true],
        ['bayes-linear', false],
      ]);
      const { n, crps, error, below } = report.scores[2];
      expect(n).toBeGreaterThan(100);
      expect(n + report.unresolved.pending + report.unresolved.dropped).toBe(report.rows);
      expect(crps).toBeGreaterThan(0);
      // A forecast that is spread out is charged less than its median alone.
      expect(crps).toBeLessThan(error as number);
      expect(below?.[0]).toBeLessThan(below?.[2] as number);
      expect(report.gains.map(({ over }) => over)).toEqual(report.scores.slice(0, 2).map(({ model }) => model));
      expect(report.gains[0].gain).toBeCloseTo((report.scores[0].crps as number) - (crps as number), 9);
      expect(await run()).toEqual(report);
    },
  );

  it('tells a person what the number is, and how honest its quantiles are', async () => {
    const { out } = await cli(['replay', recording(), '--target', 'imbalance@events:10']);
    expect(out).toContain('target imbalance@events:10: level-1 imbalance, from −1 to 1');
    expect(out).toMatch(/^model +CRPS +abs\. error +below \.05 +below \.5 +below \.95 +n$/m);
    expect(out).toMatch(/over now: [+−]\d\.\d{4}/);
  });

  it('says nothing of outcomes before there are any', async () => {
    const { instrument } = await openBinance({ paths: [recording()] });
    const session = new PrequentialNumber(instrument, parseContinuousTarget('log-wait'));
    expect(session.last).toBeNull();
    expect(session.scores()[0]).toMatchObject({ n: 0, crps: null, below: null });
    expect(session.gains()[0]).toMatchObject({ gain: null, over: 'mean' });
  });

  it('refuses what it has no use for, and says what a number is', async () => {
    const run = async (...flags: string[]) => (await cli(['replay', recording(), ...flags])).err;
    expect(await run('--target', 'log-wait', '--verify')).toContain('leave --verify out');
    expect(await run('--target', 'log-wait', '--model', 'a.onnx')).toContain('leave --model out');
    expect(await run('--target', 'imbalance@nonsense')).toContain('"nonsense" is no target');
  });
});
