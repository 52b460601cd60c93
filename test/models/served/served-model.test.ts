import { Value } from 'typebox/value';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NS_PER_DAY, NS_PER_SECOND, Random, systemClock } from '../../../src/core/index.ts';
import {
  type Decision,
  emptyDecision,
  encodeModelMetadata,
  type ModelMetadata,
  openServedModel,
  parseTarget,
  type ServedModel,
  type ServeOptions,
} from '../../../src/models/index.ts';
import { NETS } from '../../../src/models/nets/index.ts';
import { MAX_GAP_NS } from '../../../src/models/served/served-model.ts';
import { MAX_GAP_NS as TRAINING_GAP_NS } from '../../../src/models/training/row-matrix.ts';
import { openSession, serveGraph } from '../../../src/nn/index.ts';
import { layoutOf } from '../../../src/nn/net-builder.ts';
import { tempFile } from '../../cli/support.ts';
import { linearFile, lstmFile, metadataOf, namesOf, sha256 } from './files.ts';

const WIDTH = 5;
const TARGET = parseTarget('events:10');
const PRIOR = [0.25, 0.5, 0.25];

async function open(bytes: Uint8Array, change: Partial<ServeOptions> = {}): Promise<ServedModel> {
  const schema = { names: namesOf(WIDTH), hash: 'test' };
  const served = await openServedModel(tempFile('m.onnx', bytes), {
    target: TARGET,
    schema,
    clock: systemClock,
    ...change,
  });
  onTestFinished(() => served.close());
  return served;
}

function rowsOf(n: number, seed = 1): Float64Array[] {
  const random = new Random(seed);
  return Array.from({ length: n }, () => Float64Array.from({ length: WIDTH }, () => random.normal()));
}

/** Feeds rows as decisions of one stream, a second apart, and collects what is said of each. */
class Stream {
  readonly decision: Decision = emptyDecision(new Float64Array(WIDTH));
  readonly #served: ServedModel;

  constructor(served: ServedModel) {
    this.#served = served;
    this.decision.index = -1;
  }

  say(row: Float64Array, tsNs = this.decision.tsNs + NS_PER_SECOND): number[] {
    this.decision.index++;
    this.decision.tsNs = tsNs;
    this.decision.row.set(row);
    return this.again();
  }

  again(): number[] {
    const out = new Float64Array(3);
    this.#served.predict(this.decision, out);
    return [...out];
  }
}

/** The model's file on a whole window, by the runtime itself. */
async function reference(bytes: Uint8Array, rows: readonly Float64Array[]): Promise<number[]> {
  const session = await openSession(bytes);
  const x = session.tensor(Float32Array.from(rows.flatMap((row) => [...row])), [rows.length, 1, WIDTH]);
  const { probabilities } = await session.run({ x }, ['probabilities']);
  await session.close();
  return [...(probabilities.data as Float32Array)];
}

function expectClose(found: readonly number[], expected: readonly number[], tolerance = 1e-6): void {
  for (let k = 0; k < expected.length; k++) expect(Math.abs(found[k] - expected[k])).toBeLessThan(tolerance);
}

describe('a model of windows', () => {
  it('gives the training prior until it has seen a window, and then what the runtime gives for the last one', async () => {
    const bytes = linearFile({ width: WIDTH, length: 4 });
    const stream = new Stream(await open(bytes));
    const rows = rowsOf(9);
    for (let i = 0; i < rows.length; i++) {
      const said = stream.say(rows[i]);
      if (i < 3) expect(said).toEqual(PRIOR);
      else expectClose(said, await reference(bytes, rows.slice(i - 3, i + 1)));
    }
  });

  it('forgets where the book was lost', async () => {
    const served = await open(linearFile({ width: WIDTH, length: 3 }));
    const stream = new Stream(served);
    const rows = rowsOf(3);
    const first = rows.map((row) => stream.say(row));
    served.reset();
    expect(rows.map((row) => stream.say(row))).toEqual(first);
    expect(first[1]).toEqual(PRIOR);
    expect(first[2]).not.toEqual(PRIOR);
  });

  it('forgets after a long pause, at midnight and where time goes back: where training cuts its data', async () => {
    expect(MAX_GAP_NS).toBe(TRAINING_GAP_NS);
    const stream = new Stream(await open(linearFile({ width: WIDTH, length: 2 })));
    const [row] = rowsOf(1);
    const isPrior = (tsNs: number): boolean => stream.say(row, tsNs).join() === PRIOR.join();
    const noon = NS_PER_DAY / 2;
    expect([noon, noon + MAX_GAP_NS].map(isPrior)).toEqual([true, false]);
    expect(isPrior(noon + 2 * MAX_GAP_NS + 1)).toBe(true);
    expect([NS_PER_DAY - 1, NS_PER_DAY, NS_PER_DAY + 1].map(isPrior)).toEqual([true, true, false]);
    expect([NS_PER_DAY, NS_PER_DAY].map(isPrior)).toEqual([true, false]);
  });

  it('takes a row once, however often it is asked', async () => {
    const stream = new Stream(await open(linearFile({ width: WIDTH, length: 2 })));
    const [a, b, c] = rowsOf(3);
    stream.say(a);
    const said = stream.say(b);
    expect(stream.again()).toEqual(said);
    expect(stream.again()).toEqual(said);
    const other = new Stream(await open(linearFile({ width: WIDTH, length: 2 })));
    other.say(a);
    other.say(b);
    expect(stream.say(c)).toEqual(other.say(c));
  });

  it('keeps every class possible', async () => {
    const stream = new Stream(await open(linearFile({ width: WIDTH, length: 1 })));
    const said = stream.say(new Float64Array(WIDTH).fill(1e6));
    expect(Math.min(...said)).toBeGreaterThan(0);
    expect(said.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
  });
});

describe('a model that streams', () => {
  it('equals the batch path on the whole sequence, to 1e-5', async () => {
    const spec = { width: WIDTH, length: 5, hidden: 16 };
    const stream = new Stream(await open(lstmFile(spec)));
    const rows = rowsOf(200);
    for (let i = 0; i < rows.length; i++) {
      const said = stream.say(rows[i]);
      if (i < 4) expect(said).toEqual(PRIOR);
      else if (i % 13 === 4) {
        const whole = lstmFile({ ...spec, rows: i + 1 });
        expectClose(said, await reference(whole, rows.slice(0, i + 1)), 1e-5);
      }
    }
  });

  it.each(['lstm', 'gru'])('equals the batch path of the %s that is trained, to 1e-5', async (name) => {
    const length = 40;
    const net = NETS.find((one) => one.name === name)!;
    const config = Value.Default(net.config, { length, hidden: 12 }) as Record<string, unknown>;
    const shape = { net: net.build(config, WIDTH, 3), steps: length, features: WIDTH, outputs: 3 };
    const scaler = {
      mean: new Float32Array(WIDTH).fill(0.1),
      deviation: new Float32Array(WIDTH).fill(2),
      clip: 3,
    };
    const weights = layoutOf(shape).initialise(5);
    const [streaming, windowed] = [true, false].map((streams) => {
      const metadata = encodeModelMetadata(metadataOf({ width: WIDTH, length }, { kind: name, streams }));
      const spec = { ...shape, weights, activation: 'softmax', scaler, streaming: streams } as const;
      return serveGraph(spec, { metadata });
    });
    const [a, b] = [new Stream(await open(streaming)), new Stream(await open(windowed))];
    const rows = rowsOf(length);
    rows[3][2] = Number.NaN;
    rows[9].fill(1e9);
    for (const row of rows) {
      const [said, expected] = [a.say(row), b.say(row)];
      expectClose(said, expected, 1e-5);
    }
    expect(a.again()).not.toEqual(PRIOR);
  });

  it('begins anew where the book was lost', async () => {
    const served = await open(lstmFile({ width: WIDTH, length: 3 }));
    const stream = new Stream(served);
    const rows = rowsOf(10);
    const first = rows.map((row) => stream.say(row));
    const onwards = rows.map((row) => stream.say(row));
    served.reset();
    expect(rows.map((row) => stream.say(row))).toEqual(first);
    expect(onwards).not.toEqual(first);
  });

  it('says the same bits in every run', async () => {
    const bytes = lstmFile({ width: WIDTH, length: 3 });
    const [a, b] = [new Stream(await open(bytes)), new Stream(await open(bytes, { spin: true }))];
    for (const row of rowsOf(300)) expect(a.say(row)).toEqual(b.say(row));
  });
});

describe('opening a model', () => {
  const spec = { width: WIDTH, length: 3 };
  const file = (change: Partial<ModelMetadata>): Uint8Array => linearFile(spec, change);

  it('tells its version, its device and how long it took', async () => {
    const bytes = file({});
    const served = await open(bytes, { name: 'mine', pinned: sha256(bytes), threads: 1 });
    expect(served).toMatchObject({ name: 'mine', version: sha256(bytes), device: 'cpu', baseline: false });
    expect(served.schemaHash).toBe('test');
    expect(served.openedInMs).toBeGreaterThan(0);
    served.update();
  });

  it.each([
    [
      'another target',
      file({ target: 'time:100' }),
      /forecasts time:100, and events:10 is asked for: give --target time:100/,
    ],
    [
      'other classes',
      file({ classes: ['a', 'b', 'c'] }),
      /tells the classes a, b, c, and events:10 has down, flat, up/,
    ],
    ['another schema', file({ schemaHash: 'other' }), /reads rows of schema other, and these are of schema test/],
    ['rows of another clock', file({ clock: 'time:100' }), /trained on rows of the clock time:100/],
  ])('refuses a model of %s', async (_, bytes, message) => {
    await expect(open(bytes)).rejects.toMatchObject({
      code: 'schema-mismatch',
      message: expect.stringMatching(message),
    });
  });

  it('refuses a file that the runtime cannot load, and another pinned version', async () => {
    const bytes = file({});
    const operator = Buffer.from(bytes).indexOf('Transpose');
    const broken = bytes.slice();
    broken[operator] = 'X'.charCodeAt(0);
    await expect(open(broken)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/does not accept the model.*Xranspose/),
    });
    await expect(open(bytes, { pinned: '00000000' })).rejects.toThrow(/is pinned/);
  });

  it('refuses a model that gives no probabilities, before the first forecast', async () => {
    const nan = linearFile({ ...spec, scale: Number.NaN });
    await expect(open(nan)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/gives \[NaN, NaN, NaN\], which are no probabilities: train it again/),
    });
  });

  it('refuses a device that is not here', async () => {
    await expect(open(file({}), { device: 'cuda' })).rejects.toMatchObject({
      code: 'bad-argument',
      message: expect.stringMatching(/the device cuda is not available/),
    });
  });

  it('runs no more once it is closed', async () => {
    const served = await open(linearFile({ width: WIDTH, length: 1 }));
    await served.close();
    expect(() => new Stream(served).say(new Float64Array(WIDTH))).toThrow(
      /assertion failed: a session that was closed/,
    );
  });
});
