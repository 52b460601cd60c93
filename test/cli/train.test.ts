import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { readModelFile } from '../../src/models/index.ts';
import { listRuns, type Run, readCurve } from '../../src/store/index.ts';
import { type Run as CliRun, cli, tempFile, tempFolder, testIo } from './support.ts';
import { changedFeatures, simulatedFeatures } from './train-files.ts';

const MESSAGES = 2500;
const folder = mkdtempSync(join(tmpdir(), 'bookcast-train-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const features = await simulatedFeatures(folder, 'realistic', 4, MESSAGES);
/** Small enough to train within a second or two. */
const SMALL = ['--set', 'net.hidden=[8]', 'net.length=5', 'training.batch=32', '--epochs', '2'];

interface Outcome extends CliRun {
  readonly runs: string;
  readonly run: Run;
}

async function train(...argv: string[]): Promise<Outcome> {
  const at = argv.indexOf('--runs');
  const runs = at < 0 ? join(tempFolder(), 'runs') : argv[at + 1];
  const done = await cli(['train', ...(at < 0 ? ['--runs', runs] : []), ...argv]);
  return { ...done, runs, run: listRuns(runs).runs[0] };
}

const mlp = (...argv: string[]): Promise<Outcome> => train('--model', 'mlp', '--data', features, ...SMALL, ...argv);

describe('bookcast train', () => {
  it('trains, scores beside every baseline, says what is simulated, and keeps the run', async () => {
    const out = join(tempFolder(), 'model.onnx');
    const { status, out: said, err, run } = await mlp('--out', out);
    expect(status, err).toBe(0);
    for (const name of ['mlp', 'prior', 'majority', 'persistence', 'martingale', 'transition'])
      expect(said).toMatch(new RegExp(`^${name} +\\d\\.\\d{4} `, 'm'));
    expect(said).toContain('SIMULATED data: test part');
    expect(said).toContain('these scores say that the machinery works, and nothing of a market');
    expect(err).toMatch(/target events:10, windows of 5 rows/);
    expect(err).toMatch(/epoch 2 of 2: train-loss \d\.\d+, validation-log-loss/);
    expect(run.state).toBe('finished');
    expect(run.record).toMatchObject({ model: 'mlp', target: 'events:10', seed: 1, device: 'cpu', threads: 2 });
    expect(run.record.config).toMatchObject({ model: 'mlp', net: { length: 5 }, training: { epochs: 2, batch: 32 } });
    expect(run.result?.metrics['test-log-loss'].value).toBeGreaterThan(0);
    expect(run.result?.metrics['validation-log-loss'].value).toBeGreaterThan(0);
    expect(Object.keys(run.result?.baselines ?? {})).toContain('martingale');
    expect(run.result?.artefacts.map(({ name }) => name)).toEqual(['explain.onnx', 'model.onnx']);
    const epochs = readCurve(run).lines.filter(({ metrics }) => 'validation-log-loss' in metrics);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
    const file = await readModelFile(out);
    expect(file.bytes).toEqual(readFileSync(join(run.folder, 'model.onnx')));
    expect(file.metadata).toMatchObject({
      kind: 'mlp',
      target: 'events:10',
      length: 5,
      streams: false,
      clock: 'burst',
    });
    expect(file.metadata.schemaHash).toBe(run.record.data.schemaHash);
  });

  it('writes the same bytes for the same seed, and others for another', async () => {
    const model = ({ run }: Outcome): Buffer => readFileSync(join(run.folder, 'model.onnx'));
    const [a, b, c] = [await mlp('--quiet'), await mlp('--quiet'), await mlp('--quiet', '--seed', '2')];
    expect(a.err).toBe('');
    expect(model(a).equals(model(b))).toBe(true);
    expect(model(a).equals(model(c))).toBe(false);
    const untimed = (text: string): string => text.replace(/fitted in [\d.]+ s/, '').replace(/^\/.*$/gm, '');
    expect(untimed(a.out)).toBe(untimed(b.out));
  });

  it('gives the scores as JSON, and a recording is read as its features are', async () => {
    const { status, out, err } = await mlp('--json');
    expect(status, err).toBe(0);
    const said = JSON.parse(out);
    expect(said).toMatchObject({ model: 'mlp', scores: { simulated: true } });
    const tape = join(tempFolder(), 'tape');
    await cli(['record', '--mode', 'realistic', '--seed', '4', '--messages', String(MESSAGES), '--out', tape]);
    const direct = await train('--model', 'mlp', '--data', tape, ...SMALL, '--json');
    expect(direct.status, direct.err).toBe(0);
    expect(JSON.parse(direct.out).scores).toEqual(said.scores);
  });

  it('writes a second file for a model that carries its state', async () => {
    const { status, err, run } = await train(
      '--model',
      'gru',
      '--data',
      features,
      '--epochs',
      '1',
      '--set',
      'net.hidden=4',
      '--set',
      'net.length=4',
    );
    expect(status, err).toBe(0);
    expect(run.result?.artefacts.map(({ name }) => name)).toEqual(['explain.onnx', 'model-stream.onnx', 'model.onnx']);
    expect((await readModelFile(join(run.folder, 'model-stream.onnx'))).metadata.streams).toBe(true);
  });

  it('draws a bar on a terminal', async () => {
    const io = testIo({ interactive: true });
    const runs = join(tempFolder(), 'runs');
    await cli(['train', '--model', 'mlp', '--data', features, ...SMALL, '--runs', runs], io);
    expect(io.written.err).toMatch(/mlp .*% \| epoch \d \| loss \d\.\d+ \| validation .* windows\/s \| .* left/);
  });
});

/** A process of its own, killed once it has written so many checkpoints: whether it was, or ended before. */
async function killed(argv: readonly string[], checkpoints: number): Promise<boolean> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../bin/bookcast.js', import.meta.url)), ...argv], {
    stdio: 'ignore',
  });
  const runs = argv[argv.indexOf('--runs') + 1];
  const last = (): string => {
    const run = existsSync(runs) ? readdirSync(runs).find((name) => !name.startsWith('.')) : undefined;
    const path = join(runs, run ?? '', 'checkpoint.bin');
    // Each checkpoint is a new file in the place of the last one.
    return existsSync(path) ? `${statSync(path).ino} ${statSync(path).mtimeMs}` : '';
  };
  const seen = new Set([last()]);
  const ended = once(child, 'exit');
  while (seen.size <= checkpoints && child.exitCode === null) {
    await setTimeout(1);
    seen.add(last());
  }
  child.kill('SIGKILL');
  const [, signal] = await ended;
  return signal === 'SIGKILL';
}

describe('a run that is killed', () => {
  it('goes on to the same bytes, wherever it was', async () => {
    const settings = [...SMALL, '--set', 'training.checkpointSteps=3', '--set', 'training.ema=0.9', '--epochs', '6'];
    const whole = await train('--model', 'mlp', '--data', features, ...settings);
    const runs = join(tempFolder(), 'runs');
    let kills = 0;
    if (await killed(['train', '--model', 'mlp', '--data', features, ...settings, '--runs', runs], 3)) kills++;
    const { id, folder: kept, state } = listRuns(runs).runs[0];
    expect(state).toBe('interrupted');
    expect(await killed(['train', '--resume', id, '--runs', runs], 7)).toBe(true);
    expect(await killed(['train', '--resume', id, '--runs', runs], 1)).toBe(true);
    kills += 2;
    const resumed = await train('--resume', id, '--runs', runs);
    expect(resumed.status, resumed.err).toBe(0);
    expect(resumed.err).toMatch(/note: going on in epoch \d, after \d+ of \d+ steps of it/);
    expect(resumed.run.attempts).toBe(kills + 1);
    expect(readFileSync(join(kept, 'model.onnx')).equals(readFileSync(join(whole.run.folder, 'model.onnx')))).toBe(
      true,
    );
    expect(resumed.run.result?.metrics).toEqual(whole.run.result?.metrics);
    const epochs = (run: Run) =>
      readCurve(run)
        .lines.filter(({ metrics }) => 'validation-log-loss' in metrics)
        .map(({ epoch, step, metrics }) => ({ epoch, step, metrics }));
    expect(epochs(resumed.run)).toEqual(epochs(whole.run));
  });
});

describe('a run that is stopped', () => {
  it('keeps its checkpoint, says how to go on, and comes to the same bytes', async () => {
    const whole = await mlp();
    const io = testIo();
    const runs = join(tempFolder(), 'runs');
    const { err } = io;
    Object.assign(io, {
      err: (text: string) => {
        err(text);
        if (text.startsWith('epoch 1 of')) io.stopNow();
      },
    });
    const stopped = await cli(['train', '--runs', runs, '--model', 'mlp', '--data', features, ...SMALL], io);
    expect(stopped.status).toBe(1);
    const [run] = listRuns(runs).runs;
    expect(stopped.err).toContain(`bookcast: stopped in epoch 2, after 0 of `);
    expect(stopped.err).toContain(`go on with: bookcast train --resume ${run.id} --runs ${runs}`);
    expect(run.state).toBe('stopped');
    expect(readdirSync(run.folder)).toContain('checkpoint.bin');
    const resumed = await train('--resume', run.id.slice(0, 20), '--runs', runs);
    expect(resumed.status, resumed.err).toBe(0);
    expect(resumed.err).toContain('note: going on in epoch 2, after 0 of');
    expect(resumed.run.state).toBe('finished');
    expect(readFileSync(join(resumed.run.folder, 'model.onnx'))).toEqual(
      readFileSync(join(whole.run.folder, 'model.onnx')),
    );
    expect(readdirSync(run.folder)).not.toContain('checkpoint.bin');
    const again = await train('--resume', run.id, '--runs', runs);
    expect(again).toMatchObject({ status: 2, err: expect.stringContaining('has finished') });
  });

  it('refuses a damaged checkpoint, other data, and flags that are the run’s own', async () => {
    const io = testIo();
    const runs = join(tempFolder(), 'runs');
    const { err } = io;
    Object.assign(io, {
      err: (text: string) => {
        err(text);
        if (text.startsWith('epoch 1 of')) io.stopNow();
      },
    });
    await cli(['train', '--runs', runs, '--model', 'mlp', '--data', features, ...SMALL], io);
    const [run] = listRuns(runs).runs;
    const resume = (...flags: string[]): Promise<CliRun> =>
      cli(['train', '--resume', run.id, '--runs', runs, ...flags]);
    expect(await resume('--seed', '2')).toMatchObject({
      status: 2,
      err: expect.stringContaining(
        '--resume goes on with what the run was started with, so --seed has no place beside it',
      ),
    });
    const other = await simulatedFeatures(folder, 'realistic', 5, MESSAGES);
    expect(await resume('--data', other)).toMatchObject({
      status: 1,
      err: expect.stringMatching(/the data of run .* had the hash/),
    });
    const checkpoint = join(run.folder, 'checkpoint.bin');
    const bytes = readFileSync(checkpoint);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(checkpoint, bytes);
    expect(await resume()).toMatchObject({
      status: 1,
      err: expect.stringContaining('the checkpoint is damaged: its checksum does not fit its content'),
    });
    expect(await cli(['train', '--resume', '2020', '--runs', runs])).toMatchObject({
      status: 1,
      err: expect.stringContaining('begins with "2020"; the nearest'),
    });
  });
});

describe('bad input', () => {
  const refused = async (status: number, message: string | RegExp, ...argv: string[]): Promise<void> => {
    const done = await train(...argv);
    expect(done.err).toMatch(message);
    expect(done.status).toBe(status);
    // Before time is spent: no run was begun.
    expect(existsSync(done.runs) ? listRuns(done.runs).runs : []).toEqual([]);
  };
  const data = ['--data', features];

  it.each([
    [['--model', 'lsmt', ...data], 'there is no model "lsmt"; did you mean "lstm"?; there are '],
    [data, 'no model was named: give --model NAME'],
    [['--model', 'mlp'], 'no data were named: give --data'],
    [['--model', 'mlp', ...data, '--set', 'net.lenght=3'], 'there is no key "net.lenght"; did you mean "length"?'],
    [['--model', 'mlp', ...data, '--set', 'trainign.rate=1'], 'there is no key "trainign"; did you mean "training"?'],
    [['--model', 'mlp', ...data, '--set', 'training.rate'], 'expected KEY=VALUE, such as training.epochs=3'],
    [['--model', 'mlp', ...data, '--set', 'training.rate=fast'], 'training.rate is "fast", and must be: learning rate'],
    [
      ['--model', 'mlp', ...data, '--set', 'training.rate=1', 'training.rate.x=1'],
      '--set training.rate.x=1: rate is 1, which has no keys',
    ],
    [['--model', 'mlp', ...data, '--target', 'events:0'], 'the horizon must be 1 to'],
    [['--model', 'mlp', ...data, '--set', 'data.split=50/50'], '"50/50" is no split'],
    [['--model', 'mlp', ...data, '--seed', 'one'], 'a seed is a whole number'],
  ])('%j', async (argv, message) => {
    await refused(2, message, ...argv);
  });

  it('names the file and the line of a configuration that cannot be read', async () => {
    const config = (text: string): string[] => ['--config', tempFile('own.yaml', text), ...data];
    await refused(2, /own\.yaml is no YAML: .* at line 2/, ...config('model: mlp\nnet: [1, 2'));
    await refused(2, /own\.yaml holds "mlp", and must hold keys/, ...config('mlp'));
    await refused(2, /own\.yaml: model is absent, and must be: the name of a model/, ...config('net: {}'));
    await refused(
      2,
      /own\.yaml is a configuration of mlp, and gru was asked for/,
      ...config('model: mlp'),
      '--model',
      'gru',
    );
    await refused(
      2,
      /own\.yaml: there is no key "data.split2"; did you mean "split"/,
      ...config('model: mlp\ndata: {split2: 1}'),
    );
    await refused(1, /cannot read the configuration \/no\/such/, '--config', '/no/such.yaml', ...data);
  });

  it('data that there are not, or that cannot be learnt from', async () => {
    const use = (path: string): string[] => ['--model', 'mlp', ...SMALL, '--data', path];
    await refused(1, /no such file/, ...use('/no/such.parquet'));
    const short = await simulatedFeatures(folder, 'realistic', 4, 60);
    await refused(1, /the train part has \d+ of the 32 windows of 5 rows that it needs for events:10/, ...use(short));
    const infinite = await changedFeatures(features, 'infinite', (column, values, row) => {
      if (column === 'spread' && row === 0) values[77] = Number.POSITIVE_INFINITY;
    });
    await refused(1, /the column "spread" is Infinity in row 77 \(2026-/, ...use(infinite));
    const rising = await changedFeatures(features, 'rising', (column, values, row) => {
      if (column === 'mid_ticks') for (let i = 0; i < values.length; i++) values[i] = row + i;
    });
    await refused(
      1,
      /no training window of events:10 has the class "down" or "flat" \(down 0, flat 0, up \d+\)/,
      ...use(rising),
    );
    const other = await simulatedFeatures(folder, 'realistic', 5, 300, 'spread,imbalance');
    await refused(
      1,
      /has the schema [0-9a-f]{16} and .* has [0-9a-f]{16}: .* columns only in the first/,
      ...use(features),
      other,
    );
  });

  it('an accelerator that there is not', async () => {
    const { status, err } = await mlp('--device', 'cuda');
    expect(status).toBe(2);
    expect(err).toMatch(/the device cuda is not available .* choose the device "auto" or "cpu"/);
  });

  it('a file that is there', async () => {
    const out = tempFile('model.onnx', 'mine');
    const { status, err, runs } = await mlp('--out', out);
    expect(status).toBe(1);
    expect(err).toContain(`${out} exists; choose another name or remove it`);
    expect(existsSync(runs)).toBe(false);
    expect(statSync(out).size).toBe(4);
  });

  it('notes columns that do not vary', async () => {
    const constant = await changedFeatures(features, 'constant', (column, values) => {
      if (column === 'spread') values.fill(1);
    });
    const { status, err } = await train('--model', 'mlp', '--data', constant, ...SMALL);
    expect(status, err).toBe(0);
    expect(err).toContain('note: The column spread does not vary in the training rows: 0 for every model.');
  });

  it('a rate that makes the loss no number: with the place of the batch', async () => {
    const { status, err, run } = await mlp(
      '--set',
      'training.rate=10',
      '--set',
      'training.clipNorm=0',
      '--set',
      'training.optimiser=sgd',
      '--epochs',
      '50',
      '--set',
      'training.patience=50',
    );
    expect(status).toBe(1);
    expect(err).toMatch(
      /the loss is (NaN|Infinity) in epoch \d+, step \d+ of \d+: its batch has the windows of 5 rows that end at row/,
    );
    expect(run).toMatchObject({ state: 'failed', result: { message: expect.stringContaining('the loss is') } });
  });
});
