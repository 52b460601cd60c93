import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, Random, systemClock } from '../../src/core/index.ts';
import { emptyDecision, openServedModel, parseTarget, type ServedModel } from '../../src/models/index.ts';
import { openSession } from '../../src/nn/index.ts';
import { type Benchmark, type BenchResult, hashNumbers, packageVersion, quantile } from '../harness.ts';
import { columnsOf, type ServedFile, servedFiles } from './served-files.ts';
import { TorchRival } from './torch-rival.ts';

/** One forecast after another, with its time. */
interface Side {
  /** The forecast of the next row. */
  step(row: Float64Array): Promise<Float64Array>;
  readonly ns: number[];
}

/** As the online path asks: row in, probabilities out, at once. */
function online(served: ServedModel): Side {
  const decision = emptyDecision(new Float64Array(served.file.metadata.signals.length));
  const out = new Float64Array(served.file.metadata.classes.length);
  const ns: number[] = [];
  decision.index = -1;
  return {
    ns,
    async step(row) {
      decision.row.set(row);
      decision.index++;
      const begun = systemClock.monotonicNs();
      served.predict(decision, out);
      ns.push(systemClock.monotonicNs() - begun);
      return out;
    },
  };
}

/** The runtime alone, awaited, with tensors made once: windows are shifted outside the timing. */
async function bare({ file }: ServedModel): Promise<Side & { close(): Promise<void> }> {
  const session = await openSession(file.bytes, { threads: 1 });
  const numbers = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
  const made = (shape: readonly number[]) => session.tensor(new Float32Array(numbers(shape)), shape);
  const x = made(file.input.shape);
  const y = made(file.output.shape);
  const window = x.data as Float32Array;
  const sets = [0, 1].map(() => file.states.map(({ shape }) => made(shape)));
  const named = (key: 'name' | 'output', set: number) =>
    Object.fromEntries(file.states.map((state, i) => [state[key], sets[set][i]]));
  const feeds = [0, 1].map((set) => ({ [file.input.name]: x, ...named('name', set) }));
  const fetches = [0, 1].map((set) => ({ [file.output.name]: y, ...named('output', 1 - set) }));
  const ns: number[] = [];
  let turn = 0;
  return {
    ns,
    async step(row) {
      window.copyWithin(0, row.length);
      window.set(row, window.length - row.length);
      const begun = systemClock.monotonicNs();
      await session.run(feeds[turn], fetches[turn]);
      ns.push(systemClock.monotonicNs() - begun);
      turn = 1 - turn;
      return Float64Array.from(y.data as Float32Array);
    },
    close: () => session.close(),
  };
}

/**
 * All sides in turns of `chunk` forecasts, ours and the runtime's on the same rows; the first window, which one of them answers with the
 * prior, is not timed. PyTorch is given one window that does not change.
 */
async function raced(
  { title, features, bytes, net }: ServedFile,
  torches: readonly TorchRival[],
  folder: string,
  smoke: boolean,
): Promise<BenchResult[]> {
  const path = join(folder, 'model.onnx');
  writeFileSync(path, bytes);
  const schema = { names: columnsOf(features), hash: 'bench' };
  const served = await openServedModel(path, { target: parseTarget('events:10'), schema, clock: systemClock });
  const theirs = await bare(served);
  const ours = online(served);
  const { length } = served.file.metadata;
  const [rounds, chunk] = smoke ? [1, 10] : [8, 250];
  const random = new Random(7);
  const last: number[] = [];
  const rivals = net === null ? [] : torches.map((torch) => ({ torch, ns: [] as number[] }));
  for (const { torch } of rivals) await torch.build(net!);
  for (const { torch } of rivals) await torch.infer(20);
  const row = new Float64Array(features);
  const rows = Array.from({ length: length + rounds * chunk }, () => row.map(() => random.normal()));
  try {
    for (const side of [ours, theirs]) for (const first of rows.slice(0, length)) await side.step(first);
    ours.ns.length = theirs.ns.length = 0;
    for (let from = length; from < rows.length; from += chunk) {
      const ends: Float64Array[] = [];
      for (const side of [ours, theirs]) {
        let said = new Float64Array(0);
        for (const one of rows.slice(from, from + chunk)) said = Float64Array.from(await side.step(one));
        ends.push(said);
      }
      const [a, b] = ends;
      assert(
        a.every((p, k) => Math.abs(p - b[k]) < 1e-6),
        `both sides of "${title}" forecast the same`,
      );
      last.push(...b);
      for (const { torch, ns } of rivals) ns.push(...(await torch.infer(chunk)).ms.map((ms) => ms * 1e6));
    }
  } finally {
    await theirs.close();
    await served.close();
  }
  const us = (ns: readonly number[], q: number): number => quantile(ns, q) / 1e3;
  const besides = [
    { name: `${packageVersion('onnxruntime-node')} (awaited)`, ns: theirs.ns },
    ...rivals.map(({ torch: { name }, ns }) => ({ name, ns })),
  ];
  return besides.map(({ name, ns }) => ({
    case: title,
    value: us(ours.ns, 0.5),
    unit: 'µs/forecast',
    rival: name,
    rivalValue: us(ns, 0.5),
    ratio: us(ns, 0.5) / us(ours.ns, 0.5),
    hash: hashNumbers(last),
    p99: us(ours.ns, 0.99),
    rivalP99: us(ns, 0.99),
  }));
}

/**
 * One forecast, one thread: a model as it is served, synchronous, in a thread of its own, beside the runtime's own call and PyTorch's. What the
 * first costs more than the second is the price of an answer within the call: two threads that wake each other.
 */
export const bench: Benchmark = {
  name: 'nn-infer',
  async run({ smoke }): Promise<BenchResult[]> {
    const folder = mkdtempSync(join(tmpdir(), 'bookcast-infer-'));
    const torches = smoke ? [] : await TorchRival.start(1);
    try {
      const results: BenchResult[] = [];
      for (const file of servedFiles(smoke)) results.push(...(await raced(file, torches, folder, smoke)));
      return results;
    } finally {
      for (const torch of torches) torch.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
