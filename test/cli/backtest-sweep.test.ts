import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSettings } from '../../src/cli/backtest-settings.ts';
import { parseSizes, sweepBacktest, sweepFolder, sweepTrials } from '../../src/cli/backtest-sweep.ts';
import { ONLINE_ALONE } from '../../src/cli/walk-forecasts.ts';
import { sweepIndex } from '../../src/evaluate/index.ts';
import { openSim } from '../../src/venues/sim/index.ts';
import { collect } from '../support/batches.ts';
import { cli, tempFolder, testIo } from './support.ts';

describe('the sweep of a backtest', () => {
  it('runs the queue models by level beside the exact queue, each once, and costs fall on the same fills', {
    timeout: 240_000,
  }, async () => {
    const folder = tempFolder();
    const tape = { kind: 'sim', mode: 'oracle', seed: 5, messages: 2000 } as const;
    const [first] = await collect(openSim(tape).batches());
    const set = ['latency={feedMs: 5, entryMs: 5, responseMs: 5}', 'forecast.signals=imbalance'];
    const options = {
      settings: openSettings(undefined, { set }),
      tape,
      startDay: first.day,
      models: ONLINE_ALONE,
      folder,
      workers: 2,
      latenciesMs: [0, 5],
    };
    const io = testIo();
    const context = { io, version: '0' };
    const swept = await sweepBacktest(context, options);
    const [latency, queue, cost] = swept.axes;
    expect(latency).toMatchObject({ values: [0, 5], own: 1 });
    expect(queue).toMatchObject({
      own: 0,
      values: ['exact', 'risk-averse', 'rigtorp', 'logarithmic', 'power:3', 'none'],
    });
    expect(sweepTrials(options, true)).toBe(12);
    const at = (l: number, q: number, c: number) => swept.cells[sweepIndex(swept.axes, [l, q, c])];
    for (let q = 0; q < 6; q++) {
      for (let c = 1; c < cost.values.length; c++) {
        expect(at(1, q, c).net).toBeLessThan(at(1, q, c - 1).net);
        expect(at(1, q, c)).toMatchObject({ orders: at(1, q, 0).orders, gross: at(1, q, 0).gross });
      }
    }
    expect(at(0, 0, 0).orders).toBeGreaterThan(50);
    // Nobody before us fills no less than the most careful model, which knows trades alone.
    expect(at(1, 5, 0).fills).toBeGreaterThanOrEqual(at(1, 1, 0).fills);

    // Two groups of six at once, whichever ends first.
    expect(io.written.err.match(/sweep +\d+ of 12 runs/g)).toEqual([
      'sweep      6 of 12 runs',
      'sweep      12 of 12 runs',
    ]);

    const kept = readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mtimeMs]);
    expect(await sweepBacktest(context, options)).toEqual(swept);
    expect(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mtimeMs])).toEqual(kept);

    // With sizes, one of them as it was: these runs are there already, and the others are those of settings written down so.
    const sized = await sweepBacktest(context, { ...options, latenciesMs: [5], sizes: [1, 3] });
    expect(sized.axes[2]).toEqual({ name: 'size', unit: 'lots', values: [1, 3], own: 0 });
    expect(io.written.err).toMatch(/sweep +6 of 6 runs\n$/);
    expect(sized.cells[sweepIndex(sized.axes, [0, 0, 0, 0])]).toEqual(at(1, 0, 0));
    expect(sized.notes.at(-1)).toMatch(/^capacity at latency 5 ms, queue exact: .* with 3 lots/);
    const large = ['strategy.quantityLots=3', 'strategy.maxPositionLots=15'];
    const other = { ...options, folder: tempFolder(), settings: openSettings(undefined, { set: [...set, ...large] }) };
    const written = await sweepBacktest(context, { ...other, latenciesMs: [5] });
    for (let q = 0; q < 6; q++) {
      const [threefold, alone] = [sized.axes, written.axes].map((axes, i) =>
        sweepIndex(axes, i === 0 ? [0, q, 1, 2] : [0, q, 2]),
      );
      expect(sized.cells[threefold]).toEqual(written.cells[alone]);
    }
  });

  it('multiplies sizes that are whole and that the settings tell', async () => {
    const maker = openSettings(undefined);
    expect(parseSizes('10, 1,2,2', maker)).toEqual([1, 2, 10]);
    for (const text of ['', '0', '1,', '1.5', '-1', 'x', '1e7', '9999999']) {
      expect(() => parseSizes(text, maker)).toThrow(`--sizes is "${text}", and must be whole numbers from 1`);
    }
    const file = { strategy: { kind: 'file', path: 'mine.ts' } } as const;
    expect(() => parseSizes('1,2', file)).toThrow('mine.ts decides its size itself');
    const alone = await cli(['backtest', '--simulate', 'null', '--sizes', '1,2']);
    expect(alone).toMatchObject({ status: 2 });
    expect(alone.err).toContain('--sizes is of the sweep: give --sweep, too');
    expect(sweepTrials({ sizes: [1, 2, 5] }, true)).toBe(90);
  });

  it('is kept apart from that of other settings', () => {
    const common = { tape: { kind: 'sim', mode: 'oracle', seed: 5, messages: 10 }, models: ONLINE_ALONE } as const;
    const [one, other] = [[], ['seed=3']].map((set) =>
      sweepFolder('a/runs', { ...common, settings: openSettings(undefined, { set }) }, ['x'], '1'),
    );
    expect(one).toMatch(/^a\/sweeps\//);
    expect(other).not.toBe(one);
  });
});
