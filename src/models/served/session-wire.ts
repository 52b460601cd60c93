import type { RuntimeOptions } from '../../nn/index.ts';

/** A tensor that is fed or fetched. Sizes that a file leaves open are 1: one window at a time is served. */
export interface Port {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What a graph carries from run to run: fetched under one name, fed under another. */
export interface StatePort extends Port {
  readonly output: string;
}

/** What the thread that owns a session is started with. */
export interface SessionSpec {
  /** The whole file. */
  readonly model: Uint8Array;
  readonly input: Port;
  readonly output: Port;
  readonly states: readonly StatePort[];
  readonly options: RuntimeOptions;
  readonly memory: SharedArrayBuffer;
}

/** What it says back, once: from then on the two speak through the memory alone. */
export type Opened =
  | { readonly type: 'open'; readonly device: string; readonly missed: string | null }
  | { readonly type: 'error'; readonly code: string | null; readonly message: string };

/** Places in the memory's head. A request is answered when `ANSWERED` is as `ASKED`. */
export const Head = { ASKED: 0, ANSWERED: 1, COMMAND: 2, FAILED: 3 } as const;
export const Command = {
  /** The window is in the memory: run, and leave the output there. */
  RUN: 0,
  /** The same, with all states 0 before. */
  RUN_ANEW: 1,
  CLOSE: 2,
} as const;

const HEAD_BYTES = 64;
const MESSAGE_BYTES = 1024;

/** The memory that both threads see: head, message of an error, input, output. */
export interface SharedViews {
  readonly head: Int32Array;
  /** UTF-8, its length in `FAILED`. */
  readonly message: Uint8Array;
  readonly input: Float32Array;
  readonly output: Float32Array;
}

export function sharedMemory(input: number, output: number): SharedArrayBuffer {
  return new SharedArrayBuffer(HEAD_BYTES + MESSAGE_BYTES + 4 * (input + output));
}

export function viewsOf(memory: SharedArrayBuffer, input: number, output: number): SharedViews {
  const start = HEAD_BYTES + MESSAGE_BYTES;
  return {
    head: new Int32Array(memory, 0, HEAD_BYTES / 4),
    message: new Uint8Array(memory, HEAD_BYTES, MESSAGE_BYTES),
    input: new Float32Array(memory, start, input),
    output: new Float32Array(memory, start + 4 * input, output),
  };
}

/** Looks made before a caller that spins goes to sleep after all, about 45 ns each: more than most nets take. */
const SPINS = 2000;

/** Tells the processor that this is a wait, so that a sibling thread of the same core runs meanwhile. In V8, and not yet in the types. */
const pause = (Atomics as unknown as { pause(): void }).pause;

/** Waits while `head[place]` is `value`; false where that takes longer than `patienceMs`. */
export function waitWhile(
  head: Int32Array,
  place: number,
  value: number,
  spin: boolean,
  patienceMs = Number.POSITIVE_INFINITY,
): boolean {
  if (spin) for (let i = 0; i < SPINS && Atomics.load(head, place) === value; i++) pause();
  while (Atomics.load(head, place) === value) {
    if (Atomics.wait(head, place, value, patienceMs) === 'timed-out') return false;
  }
  return true;
}

/** Numbers in a port's tensor. */
export function numbersIn({ shape }: Port): number {
  return shape.reduce((product, size) => product * size, 1);
}
