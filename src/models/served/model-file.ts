import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { BookcastError } from '../../core/index.ts';
import { ANY, type DeclaredModel, type DeclaredTensor, readModel } from '../../nn/index.ts';
import { type ModelMetadata, parseModelMetadata } from '../model-metadata.ts';
import { numbersIn, type Port, type StatePort } from './session-wire.ts';

/** A trained model's file, read and understood but not loaded. */
export interface ModelFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** SHA-256 of the file: the version of the model. */
  readonly hash: string;
  readonly metadata: ModelMetadata;
  /** The window that it takes, the probabilities that it gives, and what it carries from row to row. */
  readonly input: Port;
  readonly output: Port;
  readonly states: readonly StatePort[];
}

const FLOAT32 = 1;
/** A state is fed as `state.NAME`; the output `next.NAME` is what the next row finds there. */
const STATE = 'state.';
const NEXT = 'next.';

/**
 * Reads a model's file. `pinned` is its SHA-256, or the first eight digits or more of it: another version is refused. Throws `not-found`;
 * `bad-input` for what is no ONNX model, not one of ours, damaged, or another version than the pinned one; `unsupported-version`.
 */
export async function readModelFile(path: string, pinned: string | null = null): Promise<ModelFile> {
  if (pinned !== null && !/^[0-9a-f]{8,64}$/.test(pinned)) {
    throw new BookcastError(
      'bad-argument',
      `a version of a model is its SHA-256, or the first eight hex digits or more of it, not "${pinned}"`,
    );
  }
  const bytes = await bytesOf(path);
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (pinned !== null && !hash.startsWith(pinned)) {
    throw new BookcastError(
      'bad-input',
      `${path} is version ${hash}, and ${pinned} is pinned: bring that file back, or pin this one`,
      { path, found: hash, expected: pinned },
    );
  }
  const declared = readModel(bytes, path);
  const metadata = parseModelMetadata(declared.metadata, path);
  return { path, bytes, hash, metadata, ...portsOf(declared, metadata, path) };
}

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      throw new BookcastError('not-found', `${path}: no such model file; "bookcast train" writes one`, { path });
    }
    throw new BookcastError('bad-input', `cannot read the model ${path}: ${message}`, { path, cause });
  }
}

function portsOf(
  { inputs, outputs }: DeclaredModel,
  metadata: ModelMetadata,
  path: string,
): Pick<ModelFile, 'input' | 'output' | 'states'> {
  const { length, streams, signals, classes } = metadata;
  const windows = inputs.filter(({ name }) => !name.startsWith(STATE));
  const states = inputs.filter(({ name }) => name.startsWith(STATE)).map((state) => statePort(state, outputs, path));
  const carried = new Set(states.map(({ output }) => output));
  const results = outputs.filter(({ name, type }) => !carried.has(name) && type === FLOAT32);
  if (windows.length !== 1) mismatch(path, `one input besides states, not ${windows.length}`);
  const rows = streams ? 1 : length;
  const [input] = windows.map(portOf);
  if (windows[0].type !== FLOAT32) mismatch(path, `its input "${input.name}" to be of 32-bit floats`);
  if (numbersIn(input) !== rows * signals.length) {
    mismatch(
      path,
      `its input "${input.name}" to be ${rows} rows of ${signals.length} columns, not ${textOf(windows[0])}`,
    );
  }
  const probabilities = results.find((result) => numbersIn(portOf(result)) === classes.length);
  if (probabilities === undefined) {
    mismatch(
      path,
      `an output of ${classes.length} probabilities; it gives ${outputs.map(textOf).join(', ') || 'none'}`,
    );
  }
  if (states.length > 0 !== streams) {
    mismatch(
      path,
      streams ? 'states, since it says that it streams' : 'no states, since it says that it does not stream',
    );
  }
  return { input, output: portOf(probabilities), states };
}

/** Sizes that the file leaves open are 1: one window at a time is served. */
function portOf({ name, shape }: DeclaredTensor): Port {
  return { name, shape: shape.map((size) => (size === ANY ? 1 : size)) };
}

function statePort(state: DeclaredTensor, outputs: readonly DeclaredTensor[], path: string): StatePort {
  const port = portOf(state);
  const output = NEXT + state.name.slice(STATE.length);
  const next = outputs.find(({ name }) => name === output);
  if (next === undefined || portOf(next).shape.join() !== port.shape.join()) {
    mismatch(path, `an output "${output}" of the shape of the state ${textOf(state)}`);
  }
  return { ...port, output };
}

function textOf({ name, shape }: DeclaredTensor): string {
  return `"${name}" (${shape.map((size) => (size === ANY ? 'any' : size)).join(', ')})`;
}

function mismatch(path: string, expected: string): never {
  throw new BookcastError('bad-input', `${path} does not fit its own metadata: they want ${expected}; train it again`, {
    path,
  });
}
