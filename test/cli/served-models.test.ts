import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ForecastMessage, InstrumentList } from '../../src/api/index.ts';
import { main } from '../../src/cli/main.ts';
import type { ReplayReport } from '../../src/cli/replay.ts';
import { FeatureEngine, selectSignals } from '../../src/features/index.ts';
import type { ModelMetadata } from '../../src/models/index.ts';
import { openBinance } from '../../src/venues/binance/index.ts';
import { linearFile, lstmFile, namesOf, sha256 } from '../models/served/files.ts';
import { usdmSession } from '../support/session.ts';
import { cli, tempFile, tempFolder, testIo, waitFor } from './support.ts';

const ROOT = resolve(import.meta.dirname, '../..');

interface Setup {
  tape: string;
  folder: string;
  columns: Pick<ModelMetadata, 'schemaHash' | 'signals'>;
}

/** A recording, and the columns that a model of it reads. */
async function setup(signals = 'core'): Promise<Setup> {
  const folder = tempFolder();
  const tape = join(folder, 'session.txt');
  writeFileSync(tape, usdmSession({ updates: 1200 }));
  const { instrument } = await openBinance({ paths: [tape] });
  const { schema } = new FeatureEngine(instrument, selectSignals(signals, { instrument }));
  return { tape, folder, columns: { schemaHash: schema.hash, signals: [...schema.names] } };
}

function save(folder: string, name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function linear({ columns }: Setup, seed = 1, change: Partial<ModelMetadata> = {}): Uint8Array {
  return linearFile({ width: columns.signals.length, length: 5, seed }, { ...columns, ...change });
}

function lstm({ columns }: Setup): Uint8Array {
  return lstmFile({ width: columns.signals.length, length: 8 }, columns);
}

async function replayed(args: string[]): Promise<ReplayReport> {
  const { status, out, err } = await cli(['replay', ...args, '--json']);
  expect(status, err).toBe(0);
  return JSON.parse(out) as ReplayReport;
}

async function json<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}

describe('replay --model', () => {
  it('scores trained models beside the online ones, the same bits in every run', async () => {
    const made = await setup();
    const models = [
      '--model',
      save(made.folder, 'a.onnx', linear(made)),
      '--model',
      save(made.folder, 'b.onnx', lstm(made)),
    ];
    const plain = await replayed([made.tape]);
    const first = await replayed([made.tape, ...models]);
    expect(first.hash).toEqual((await replayed([made.tape, ...models])).hash);
    expect(first.hash.rows).toBe(plain.hash.rows);
    expect(first.trained).toEqual([
      { model: 'linear', version: sha256(linear(made)) },
      { model: 'lstm', version: sha256(lstm(made)) },
    ]);
    expect(plain.trained).toEqual([]);
    expect(first.scores.map(({ model }) => model)).toEqual([
      ...plain.scores.slice(0, -2).map(({ model }) => model),
      'linear',
      'lstm',
      'ensemble',
      'ensemble-calibrated',
    ]);
    expect(Object.keys(first.weights!)).toEqual([
      'imbalance-logistic',
      'regime-softmax',
      'dma-softmax',
      'bayes-softmax',
      'linear',
      'lstm',
      'equal pool',
    ]);
    // The others forecast as they do alone.
    expect(first.scores.slice(0, 8)).toEqual(plain.scores.slice(0, 8));
    expect(first.scores.at(-1)!.n).toBeGreaterThan(100);
    const { out, err } = await cli(['replay', made.tape, ...models]);
    expect(out).toContain(`trained: lstm, version ${sha256(lstm(made))}`);
    expect(err).toMatch(/model +linear .*a\.onnx, version [0-9a-f]{64}, on cpu; warm in \d+ ms/);
  });

  it('says where a model was trained on what is replayed, or on another market', async () => {
    const made = await setup();
    const { instrument: key } = await replayed([made.tape]);
    const train = ['train', '--model', 'logistic', '--data', made.tape, '--target', 'events:2', '--runs', made.folder];
    const model = join(made.folder, 'logistic.onnx');
    const trained = await cli([...train, '--out', model, '--quiet']);
    expect(trained.status, trained.err).toBe(0);
    const told = await replayed([made.tape, '--model', model, '--target', 'events:2']);
    const [score, ensemble, served] = told.scores.slice(-3);
    // 60 % taught it and 10 % would have stopped it; a horizon beside each is left out.
    expect(score.seen / score.n).toBeGreaterThan(0.6);
    expect(score.seen / score.n).toBeLessThan(0.75);
    // What an ensemble has a part of it from is no evidence either.
    expect([ensemble.seen, served.seen]).toEqual([score.seen, score.seen]);
    expect(told.scores.slice(0, -3).every(({ seen }) => seen === 0)).toBe(true);
    const { out } = await cli(['replay', made.tape, '--model', model, '--target', 'events:2']);
    expect(out).toMatch(/^logistic was trained on \d+ of these [\d,]+ decisions: its score is no evidence of skill/m);
    const learnt = { instruments: ['lobster:GOOG'], spans: [] };
    const other = save(made.folder, 'other.onnx', linear(made, 1, { learnt }));
    const { err } = await cli(['replay', made.tape, '--model', other]);
    expect(err).toContain(`linear learnt from lobster:GOOG and never saw ${key}: expect no skill`);
  });

  it('computes the signals that the model reads', async () => {
    const made = await setup('imbalance,spread,return');
    const report = await replayed([made.tape, '--model', save(made.folder, 'a.onnx', linear(made))]);
    expect(report.features).toEqual({ count: made.columns.signals.length, hash: made.columns.schemaHash });
  });

  it('tells two of a kind apart, and takes a pinned version', async () => {
    const made = await setup();
    const [a, b] = [1, 2].map((seed) => linear(made, seed));
    const paths = [save(made.folder, 'a.onnx', a), save(made.folder, 'b@home.onnx', b)];
    const report = await replayed([
      made.tape,
      '--model',
      `${paths[0]}@${sha256(a).toUpperCase()}`,
      '--model',
      paths[1],
    ]);
    expect(report.trained.map(({ model }) => model)).toEqual(['linear', 'linear#2']);
    const { status, err } = await cli(['replay', made.tape, '--model', `${paths[0]}@${sha256(b)}`]);
    expect(status).toBe(1);
    expect(err).toContain(`is version ${sha256(a)}, and ${sha256(b)} is pinned`);
  });

  it.each([
    ['of another target', { target: 'time:100' }, /forecasts time:100, and events:10 is asked for/],
    [
      'of columns that are no signals',
      { signals: namesOf(34) },
      /cannot be computed here: there is no signal or set "x_0"/,
    ],
    ['of another schema', { schemaHash: 'other' }, /reads rows of schema other, and these are of schema [0-9a-f]{16}/],
    ['of a fit', { fit: 'abc' }, /reads signals of the fit abc, and none was given: give that fit with --fit/],
  ])('refuses a model %s before the replay', async (_, change, message) => {
    const made = await setup();
    const { status, out, err } = await cli([
      'replay',
      made.tape,
      '--model',
      save(made.folder, 'a.onnx', linear(made, 1, change)),
    ]);
    expect([status, out]).toEqual([1, '']);
    expect(err).toMatch(message);
  });

  it('refuses models of different rows together, and a file that is not there', async () => {
    const [made, other] = [await setup(), await setup('spread')];
    const paths = [save(made.folder, 'a.onnx', linear(made)), save(other.folder, 'b.onnx', linear(other))];
    const { err } = await cli(['replay', made.tape, '--model', paths[0], '--model', paths[1]]);
    expect(err).toMatch(/models that serve together read the same signals/);
    expect((await cli(['replay', made.tape, '--model', '/no/such.onnx'])).err).toBe(
      'bookcast: /no/such.onnx: no such model file; "bookcast train" writes one\n',
    );
  });

  it('goes on with the online models where ONNX Runtime is not installed, and says how to install it', async () => {
    const made = await setup();
    const path = save(made.folder, 'a.onnx', linear(made));
    const without = tempFile(
      'without.mjs',
      `import { registerHooks } from 'node:module';
       registerHooks({ resolve(specifier, context, next) {
         if (specifier === 'onnxruntime-node') throw new Error("Cannot find package 'onnxruntime-node'");
         return next(specifier, context);
       } });`,
    );
    const args = ['--import', without, join(ROOT, 'bin/bookcast.js'), 'replay', made.tape, '--model', path, '--json'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/^model +the online models serve alone: .*npm install onnxruntime-node.*\n$/);
    expect((JSON.parse(stdout) as ReplayReport).hash).toEqual((await replayed([made.tape])).hash);
  });
});

describe('api --model', () => {
  it('serves the same bits as a replay, and tells which model with which hash', async () => {
    const made = await setup();
    const path = save(made.folder, 'a.onnx', lstm(made));
    const report = await replayed([made.tape, '--model', path]);
    const io = testIo();
    const ended = main(['api', '--replay', made.tape, '--speed', 'max', '--api-port', '0', '--model', path], io);
    const [, api] = await waitFor(io, /API +(http:\S+)/);
    await waitFor(io, /ended/);
    expect(io.written.err).toContain(report.hash.forecasts);
    const [status] = (await json<InstrumentList>(`${api}/v1/instruments`)).instruments;
    expect(status.models[0]).toBe('ensemble-calibrated');
    const version = sha256(lstm(made));
    expect(status.trained).toEqual([{ model: 'lstm', version, kind: 'lstm', device: 'cpu', since: 0, swaps: 0 }]);
    const forecast = await json<ForecastMessage>(`${api}/v1/instruments/${encodeURIComponent(status.key)}/forecast`);
    expect(forecast).toMatchObject({ model: 'ensemble-calibrated', version: null });
    expect(Object.keys(forecast.weights!)).toContain('lstm');
    io.stopNow();
    expect(await ended).toBe(0);
  });

  it.each(['SIGHUP', 'a changed file'])(
    'puts a new version in place on %s, and keeps the old one where the new cannot serve',
    async (how) => {
      const made = await setup();
      const [first, second] = [linear(made, 1), linear(made, 2)];
      const path = save(made.folder, 'a.onnx', first);
      const watch = how === 'SIGHUP' ? [] : ['--watch-models'];
      const io = testIo();
      const ended = main(
        ['api', '--replay', made.tape, '--speed', '20', '--api-port', '0', '--model', path, ...watch],
        io,
      );
      const [, api] = await waitFor(io, /API +(http:\S+)/);
      const renew = (bytes: Uint8Array): void => {
        writeFileSync(path, bytes);
        if (how === 'SIGHUP') io.reloadNow();
      };
      renew(second);
      await waitFor(
        io,
        new RegExp(`linear is version ${sha256(second)} from forecast \\d+ on; it was ${sha256(first)}`),
      );
      const [status] = (await json<InstrumentList>(`${api}/v1/instruments`)).instruments;
      expect(status.trained).toMatchObject([{ version: sha256(second), swaps: 1 }]);
      renew(second.subarray(0, 100));
      await waitFor(io, new RegExp(`linear stays version ${sha256(second)}: .*no ONNX model, or a damaged one`));
      if (how === 'SIGHUP') {
        renew(second);
        await waitFor(io, /linear is still version/);
      }
      io.stopNow();
      expect(await ended).toBe(0);
    },
  );
});
