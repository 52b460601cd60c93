import { describe, expect, it } from 'vitest';
import { BookcastError } from '../../src/core/index.ts';
import { encodeModel, Graph, openSession, type RuntimeOptions } from '../../src/nn/index.ts';

type Loader = NonNullable<Parameters<typeof openSession>[2]>;
type Ort = Awaited<ReturnType<Loader>>;

function doubling(): Uint8Array {
  const graph = new Graph();
  const x = graph.input('x', [2, 2]);
  const [y] = graph.emit('Mul', [x, graph.scalar(2)], [{ shape: [2, 2] }]);
  graph.output('y', y);
  const keep = graph.input('keep', [2, 2], 'bool');
  const [kept] = graph.emit('Where', [keep, x, graph.scalar(0)], [{ shape: [2, 2] }]);
  graph.output('kept', kept);
  return encodeModel(graph);
}

/** The runtime as it is, but with the backends `listed`, and with sessions that fail on all devices but the CPU. */
function runtimeWith(listed: readonly string[], seen: unknown[] = [], works: readonly string[] = ['cpu']): Loader {
  return async () => {
    const ort = await import('onnxruntime-node');
    const create = (model: Uint8Array, options: { executionProviders: string[] }): unknown => {
      seen.push(options);
      const [device] = options.executionProviders;
      if (!works.includes(device)) throw new Error(`no ${device} here\nand a second line`);
      return ort.InferenceSession.create(model, { ...options, executionProviders: ['cpu'] });
    };
    return {
      ...ort,
      listSupportedBackends: () => listed.map((name) => ({ name, bundled: true })),
      InferenceSession: { create },
    } as unknown as Ort;
  };
}

async function errorOf(promise: Promise<unknown>): Promise<BookcastError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(BookcastError);
  return error as BookcastError;
}

describe('a session', () => {
  it('writes into the tensors that it is given, or makes its own', async () => {
    const session = await openSession(doubling(), { device: 'cpu', threads: 2, spin: true, optimisation: 'disabled' });
    expect([session.device, session.missed]).toEqual(['cpu', null]);
    const data = Float32Array.of(1, 2, 3, 4);
    const feeds = {
      x: session.tensor(data, [2, 2]),
      keep: session.tensor(Uint8Array.of(1, 0, 0, 1), [2, 2]),
    };
    const y = new Float32Array(4);
    await session.run(feeds, { y: session.tensor(y, [2, 2]) });
    expect(y).toEqual(Float32Array.of(2, 4, 6, 8));
    // The arrays are read anew at each run.
    data[0] = 10;
    const { kept } = await session.run(feeds, ['kept']);
    expect(kept.data).toEqual(Float32Array.of(10, 0, 0, 4));
    expect(kept.dims).toEqual([2, 2]);
    await session.close();
  });

  it('asks the runtime for what it was told, and never for anything undefined', async () => {
    const seen: unknown[] = [];
    const load = runtimeWith(['cpu'], seen);
    await (await openSession(doubling(), {}, load)).close();
    await (
      await openSession(doubling(), { threads: 3, spin: true, optimisation: 'basic', logSeverity: 4 }, load)
    ).close();
    const spinning = (value: string) => ({
      session: { intra_op: { allow_spinning: value }, inter_op: { allow_spinning: value } },
    });
    const fixed = { executionProviders: ['cpu'], interOpNumThreads: 1, executionMode: 'sequential' };
    expect(seen).toStrictEqual([
      { ...fixed, intraOpNumThreads: 1, graphOptimizationLevel: 'all', logSeverityLevel: 3, extra: spinning('0') },
      { ...fixed, intraOpNumThreads: 3, graphOptimizationLevel: 'basic', logSeverityLevel: 4, extra: spinning('1') },
    ]);
  });

  it('names the command that installs a missing runtime', async () => {
    const error = await errorOf(
      openSession(doubling(), {}, () => Promise.reject(new Error("Cannot find package 'onnxruntime-node'\nstack"))),
    );
    expect(error.code).toBe('missing-package');
    expect(error.message).toBe(
      "nets need the package onnxruntime-node, which is not here or does not run on this machine (Cannot find package 'onnxruntime-node'); " +
        'install it with "npm install onnxruntime-node@1.30.0"',
    );
  });

  it.each<[RuntimeOptions['device'], RegExp]>([
    [
      'cuda',
      /the device cuda is not available \(cuda: no cuda here\).*lists cpu, cuda, webgpu; it needs Linux x64, an NVIDIA driver/,
    ],
    [
      'webgpu',
      /the device webgpu is not available \(webgpu: no webgpu here\).*a graphics driver.*choose the device "auto" or "cpu"/,
    ],
  ])('says what %s needs where it does not run', async (device, message) => {
    const error = await errorOf(openSession(doubling(), { device: device! }, runtimeWith(['cpu', 'cuda', 'webgpu'])));
    expect(error.code).toBe('bad-argument');
    expect(error.message).toMatch(message);
    expect(error.context).toMatchObject({ device, listed: ['cpu', 'cuda', 'webgpu'] });
  });

  it('says so where this build does not have the device at all', async () => {
    const error = await errorOf(openSession(doubling(), { device: 'cuda' }, runtimeWith(['cpu', 'coreml'])));
    expect(error.message).toMatch(
      /\(cuda: not in this build of the runtime\); this build of ONNX Runtime lists cpu, coreml;/,
    );
    expect((await errorOf(openSession(doubling(), { device: 'auto' }, runtimeWith([])))).message).toMatch(
      /the device auto is not available/,
    );
  });

  it('takes the best device that there is for `auto`, and says what it missed', async () => {
    const all = ['cpu', 'webgpu', 'cuda'];
    const found = async (load: Loader) => {
      const session = await openSession(doubling(), { device: 'auto' }, load);
      await session.close();
      return [session.device, session.missed];
    };
    expect(await found(runtimeWith(all, [], ['cpu', 'webgpu', 'cuda']))).toEqual(['cuda', null]);
    expect(await found(runtimeWith(all, [], ['cpu', 'webgpu']))).toEqual(['webgpu', 'cuda: no cuda here']);
    expect(await found(runtimeWith(['cpu', 'webgpu']))).toEqual([
      'cpu',
      'cuda: not in this build of the runtime; webgpu: no webgpu here',
    ]);
  });

  it('takes what this machine has for `auto`', async () => {
    const session = await openSession(doubling(), { device: 'auto' });
    expect(['cpu', 'cuda', 'webgpu']).toContain(session.device);
    expect(session.missed === null).toBe(session.device === 'cuda');
    await session.close();
  });

  it('refuses what is no model', async () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array([1, 2, 3]), doubling().subarray(0, 60)]) {
      const error = await errorOf(openSession(bytes));
      expect(error.code).toBe('bad-input');
      expect(error.message).toMatch(/ONNX Runtime does not accept the model: .+; a file that was cut short or edited/);
    }
  });
});
