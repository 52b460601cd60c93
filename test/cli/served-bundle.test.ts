import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ForecastMessage, InstrumentList, StreamMessage } from '../../src/api/index.ts';
import { main } from '../../src/cli/main.ts';
import type { ReplayReport } from '../../src/cli/replay.ts';
import { writeBundle } from '../../src/forecast/fitting.ts';
import { readFacts } from '../../src/forecast/index.ts';
import { type MadeBundle, madeBundle } from '../forecast/bundle/made-bundle.ts';
import { linearFile } from '../models/served/files.ts';
import { cli, testIo, waitFor } from './support.ts';

interface Shelf extends MadeBundle {
  readonly shelf: string;
}

/** A shelf with `mine`, and `next`: the same but for its net. */
async function shelved(): Promise<Shelf> {
  const made = await madeBundle();
  const shelf = join(made.folder, 'shelf');
  mkdirSync(shelf);
  cpSync(made.bundle, join(shelf, 'mine'), { recursive: true });
  const columns = { schemaHash: made.schema.hash, signals: [...made.schema.names] };
  const bytes = linearFile({ width: made.schema.names.length, length: 5, seed: 2 }, columns);
  const members = [...made.parts.members.slice(0, 2), { kind: 'onnx', name: 'net', bytes } as const];
  writeBundle(join(shelf, 'next'), { ...made.parts, name: 'next', members });
  writeBundle(join(shelf, 'other'), { ...made.parts, name: 'other', sets: null });
  return { ...made, shelf };
}

async function json<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}

describe('a served bundle', () => {
  it.each(['SIGHUP', 'a promotion'])(
    'is replaced on %s without a lost forecast, and says its name and version',
    async (how) => {
      const { shelf, tape, version } = await shelved();
      const next = readFacts(join(shelf, 'next'));
      const promote = (name: string) => cli(['models', 'promote', name, '--shelf', shelf]);
      await promote('mine');
      const io = testIo();
      const watch = how === 'SIGHUP' ? [] : ['--watch-models'];
      const argv = ['api', '--replay', tape, '--speed', '4', '--api-port', '0', '--shelf', shelf, ...watch];
      const ended = main(argv, io);
      const [, api] = await waitFor(io, /API +(http:\S+)/);
      const status = async () => (await json<InstrumentList>(`${api}/v1/instruments`)).instruments[0];
      const first = await status();
      expect(first.bundle).toEqual({ name: 'mine', version });
      expect(first.trained.map(({ model }) => model)).toEqual(['net']);
      const stream = new WebSocket(`${api.replace('http', 'ws')}/v1/stream`);
      const forecasts: ForecastMessage[] = [];
      stream.onmessage = ({ data }) => {
        const message = JSON.parse(data as string) as StreamMessage;
        if (message.type === 'forecast' && message.status === 'ready') forecasts.push(message);
      };
      const forecast = `${api}/v1/instruments/${encodeURIComponent(first.key)}/forecast`;
      expect(await json<ForecastMessage>(forecast)).toMatchObject({ version, bundle: { name: 'mine', version } });
      await promote('next');
      if (how === 'SIGHUP') io.reloadNow();
      await waitFor(
        io,
        new RegExp(
          `bundle next is version ${next.version.slice(0, 8)} from the next forecast on; it was mine ${version.slice(0, 8)}`,
        ),
      );
      const second = await status();
      expect(second.bundle).toEqual({ name: 'next', version: next.version });
      expect(second.trained).toMatchObject([{ model: 'net', swaps: 1, version: next.members[2].sha256 }]);
      await promote('other');
      if (how === 'SIGHUP') io.reloadNow();
      await waitFor(io, /bundle next stays version [0-9a-f]{8}: .*has other sets: .*start it again to take it up/);
      expect((await status()).bundle).toEqual({ name: 'next', version: next.version });
      await expect.poll(() => forecasts.at(-1)?.version, { timeout: 10_000 }).toBe(next.version);
      // One after the other, first all of one version and then all of the other, and nobody asleep.
      expect(forecasts.map(({ index }) => index)).toEqual(forecasts.map((_, i) => forecasts[0].index + i));
      const versions = forecasts.map((one) => one.version);
      const turn = versions.indexOf(next.version);
      expect(turn).toBeGreaterThan(0);
      expect(new Set(versions.slice(0, turn))).toEqual(new Set([version]));
      expect(new Set(versions.slice(turn))).toEqual(new Set([next.version]));
      expect(forecasts.every(({ asleep }) => Object.keys(asleep).length === 0)).toBe(true);
      stream.close();
      io.stopNow();
      expect(await ended).toBe(0);
    },
    60_000,
  );

  it('is looked for again where it was asked for by name: still the same, another one in its folder, or none', async () => {
    const { shelf, tape, version } = await shelved();
    const io = testIo();
    const argv = ['api', '--replay', tape, '--speed', '20', '--api-port', '0', '--shelf', shelf, '--bundle', 'mine'];
    const ended = main(argv, io);
    await waitFor(io, /API +(http:\S+)/);
    io.reloadNow();
    await waitFor(io, new RegExp(`bundle mine is still version ${version.slice(0, 8)}`));
    rmSync(join(shelf, 'mine'), { recursive: true });
    io.reloadNow();
    await waitFor(io, /bundle mine stays version [0-9a-f]{8}: there is no bundle "mine"/);
    renameSync(join(shelf, 'next'), join(shelf, 'mine'));
    io.reloadNow();
    await waitFor(io, /bundle mine is version [0-9a-f]{8} from the next forecast on/);
    io.stopNow();
    expect(await ended).toBe(0);
  });

  it('loads its trained members while the simulator is forecast already, and says where it learnt', async () => {
    const { bundle } = await shelved();
    const io = testIo();
    const ended = main(['api', '--seed', '3', '--speed', '20', '--api-port', '0', '--bundle', bundle], io);
    const [, api] = await waitFor(io, /API +(http:\S+)/);
    expect(io.written.err).toMatch(/bundle mine, version [0-9a-f]{8}: 3 members; those trained load meanwhile/);
    expect(io.written.err).toMatch(
      /bundle mine learnt from binance:\S+ and never saw sim:\S+: .*; its online parts begin anew/,
    );
    const trained = async () => (await json<InstrumentList>(`${api}/v1/instruments`)).instruments[0].trained;
    await expect.poll(trained, { timeout: 10_000 }).toMatchObject([{ model: 'net', kind: 'linear', swaps: 0 }]);
    io.stopNow();
    expect(await ended).toBe(0);
  });

  it('is refused beside members that serve without one, and where it cannot serve here', async () => {
    const { shelf, tape } = await shelved();
    const replay = (...flags: string[]) => cli(['replay', tape, '--shelf', shelf, ...flags]);
    expect((await replay('--bundle', 'mine', '--online', 'bayes')).err).toContain(
      '--bundle serves all of its members, and --online',
    );
    expect((await replay('--bundle', 'mine', '--model', 'a.onnx')).err).toContain(
      '--bundle serves all of its members, and --model',
    );
    expect((await replay('--bundle', 'mine', '--target', 'events:50')).err).toContain(
      'forecasts events:10, and events:50 is asked for',
    );
    await cli(['models', 'promote', 'mine', '--shelf', shelf]);
    const passed = await replay('--target', 'events:50', '--json');
    expect(passed.err).toMatch(/mine is passed over, and what learns live serves alone/);
    expect(JSON.parse(passed.out)).toMatchObject({ trained: [] });
  });

  it('needs the fit that its rows were computed with, and signals that can be computed here', async () => {
    const made = await madeBundle({ fit: 'f'.repeat(64) });
    const without = await cli(['replay', made.tape, '--bundle', made.bundle]);
    expect(without.err).toMatch(/reads signals of the fit f{64}, and none was given: give that fit with --fit/);
    const signals = await madeBundle({ signals: ['no_such_signal'] });
    expect((await cli(['replay', signals.tape, '--bundle', signals.bundle])).err).toMatch(
      /the rows that the bundle mine reads .* cannot be computed here/,
    );
  });
});

describe('--online', () => {
  it('names what learns live: a learner that forgets at a change of regime, an average over forgetting and signals', async () => {
    const { tape } = await madeBundle();
    const run = async (...flags: string[]) => cli(['replay', tape, '--json', ...flags]);
    const report = JSON.parse((await run('--online', 'bayes-dma,bayes-regime')).out) as ReplayReport;
    expect(report.scores.slice(4).map(({ model }) => model)).toEqual([
      ...['bayes-dma', 'bayes-regime', 'ensemble', 'ensemble-calibrated'],
    ]);
    expect(Object.keys(report.weights ?? {})).toEqual(['bayes-dma', 'bayes-regime', 'equal pool']);
    const again = JSON.parse((await run('--online', 'bayes-dma,bayes-regime')).out) as ReplayReport;
    expect(again.hash).toEqual(report.hash);
    expect((await run('--online', 'bayes-dmb')).err).toContain(
      'there is no "bayes-dmb"; name some of imbalance, bayes',
    );
    expect((await run('--online', 'bayes,bayes')).err).toContain('bayes is there twice');
  });
});
