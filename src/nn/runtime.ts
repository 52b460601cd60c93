import { BookcastError } from '../core/index.ts';
import type { Shape } from './graph.ts';
import type { ActualDevice, Device, RuntimeOptions } from './training.ts';

type Ort = typeof import('onnxruntime-node');
type SessionOptions = import('onnxruntime-node').InferenceSession.SessionOptions;

/** The package as `package.json` pins it. */
const PACKAGE = 'onnxruntime-node@1.30.0';

/** A tensor of the runtime. Its `data` is the array that it was made of: it is read when a run begins, written when one ends. */
export type Tensor = import('onnxruntime-node').Tensor;
export type Tensors = Record<string, Tensor>;

/** A graph that is ready to run. */
export interface Session {
  readonly device: ActualDevice;
  /** What `auto` would have liked better and why it is not there; null where nothing is missed. */
  readonly missed: string | null;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Bytes stand for `bool`. The array is not copied. */
  tensor(data: Float32Array | BigInt64Array | Uint8Array, shape: Shape): Tensor;
  /** Runs the graph. `fetches` names the outputs wanted, or brings the tensors to write them into, which saves their allocation. */
  run(feeds: Tensors, fetches: Tensors | readonly string[]): Promise<Tensors>;
  close(): Promise<void>;
}

/** Made ready with ONNX Runtime, which is loaded when it is first needed: it is large, and optional. */
async function loadRuntime(load: () => Promise<Ort>): Promise<Ort> {
  try {
    return await load();
  } catch (cause) {
    throw new BookcastError(
      'missing-package',
      `nets need the package onnxruntime-node, which is not here or does not run on this machine (${firstLine(cause)}); ` +
        `install it with "npm install ${PACKAGE}"`,
      { cause },
    );
  }
}

/**
 * Makes a model's file ready to run. Throws `missing-package` without ONNX Runtime, `bad-argument` for a device that this machine or this
 * build of the runtime does not have, and `bad-input` for a model that the runtime refuses.
 */
export async function openSession(
  model: Uint8Array,
  options: RuntimeOptions = {},
  load: () => Promise<Ort> = () => import('onnxruntime-node'),
): Promise<Session> {
  const ort = await loadRuntime(load);
  // What goes wrong is thrown; without this the runtime also writes it to standard error.
  ort.env.logLevel = 'fatal';
  const wanted = options.device ?? 'cpu';
  const listed = ort.listSupportedBackends().map(({ name }) => name);
  const order: readonly ActualDevice[] = wanted === 'auto' ? ['cuda', 'webgpu', 'cpu'] : [wanted];
  const missed: string[] = [];
  for (const device of order) {
    if (!listed.includes(device)) {
      missed.push(`${device}: not in this build of the runtime`);
      continue;
    }
    try {
      const session = await ort.InferenceSession.create(model, sessionOptions(device, options));
      return new RuntimeSession(ort, session, device, missed.length === 0 ? null : missed.join('; '));
    } catch (cause) {
      if (device === 'cpu') throw refusedModel(cause);
      missed.push(`${device}: ${firstLine(cause)}`);
    }
  }
  throw absentDevice(wanted, missed.join('; '), listed);
}

function sessionOptions(device: ActualDevice, options: RuntimeOptions): SessionOptions {
  const spin = options.spin === true ? '1' : '0';
  return {
    executionProviders: [device],
    intraOpNumThreads: options.threads ?? 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: options.optimisation ?? 'all',
    logSeverityLevel: options.logSeverity ?? 3,
    // Threads that spin while they wait cost two to four times the time where cores are busy.
    extra: { session: { intra_op: { allow_spinning: spin }, inter_op: { allow_spinning: spin } } },
  };
}

class RuntimeSession implements Session {
  readonly device: ActualDevice;
  readonly missed: string | null;
  readonly #ort: Ort;
  readonly #session: import('onnxruntime-node').InferenceSession;

  constructor(
    ort: Ort,
    session: import('onnxruntime-node').InferenceSession,
    device: ActualDevice,
    missed: string | null,
  ) {
    this.#ort = ort;
    this.#session = session;
    this.device = device;
    this.missed = missed;
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  tensor(data: Float32Array | BigInt64Array | Uint8Array, shape: Shape): Tensor {
    const { Tensor } = this.#ort;
    if (data instanceof Float32Array) return new Tensor('float32', data, shape);
    if (data instanceof BigInt64Array) return new Tensor('int64', data, shape);
    return new Tensor('bool', data, shape);
  }

  run(feeds: Tensors, fetches: Tensors | readonly string[]): Promise<Tensors> {
    return this.#session.run(feeds, fetches) as Promise<Tensors>;
  }

  close(): Promise<void> {
    return this.#session.release();
  }
}

const REMEDIES: Readonly<Record<ActualDevice, string>> = {
  cpu: '',
  cuda: 'it needs Linux x64, an NVIDIA driver, CUDA 12 with cuDNN 9, and onnxruntime-node installed with its install script allowed',
  webgpu: 'it needs a graphics driver that Vulkan, Metal or Direct3D 12 can use',
};

function absentDevice(wanted: Device, why: string, listed: readonly string[]): BookcastError {
  const remedy = wanted === 'auto' ? '' : REMEDIES[wanted];
  return new BookcastError(
    'bad-argument',
    `the device ${wanted} is not available (${why}); this build of ONNX Runtime lists ${listed.join(', ')}; ` +
      `${remedy}${remedy === '' ? '' : '; or '}choose the device "auto" or "cpu"`,
    { device: wanted, listed },
  );
}

function refusedModel(cause: unknown): BookcastError {
  return new BookcastError(
    'bad-input',
    `ONNX Runtime does not accept the model: ${firstLine(cause)}; a file that was cut short or edited has to be made anew`,
    { cause },
  );
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  // The runtime's own failed checks begin with the place in its sources, of no use here.
  return text
    .split('\n')[0]
    .replace(/^\S+:\d+ .* was false\. /, '')
    .trim();
}
