import { createHash } from 'node:crypto';
import { BookcastError } from '../../core/index.ts';
import { decodeTrainerState, encodeTrainerState, type TrainerState } from '../../nn/index.ts';
import type { EarlyStoppingState } from './early-stopping.ts';

/** Everything that a fit knows between two steps: with it the fit goes on to the very same bits. */
export interface Checkpoint {
  /** Of all that decides what a fit comes to: `fitHash`. */
  readonly fit: string;
  /** Whether the run was on other threads or another device, which may round otherwise. */
  readonly device: string;
  readonly threads: number;
  /** The epoch under way, from 0, and its steps that are done. */
  readonly epoch: number;
  readonly stepInEpoch: number;
  /** Sum of the loss over the windows of this epoch so far. */
  readonly lossSum: number;
  /** Validation log-loss of each epoch that is done. */
  readonly losses: readonly number[];
  readonly stopping: EarlyStoppingState;
  readonly trainer: TrainerState;
  /** The weights of the best epoch; empty before the first. */
  readonly best: Float32Array;
}

/**
 * `BCKP`; version; bytes of the header; header (JSON); the trainer's state (`encodeTrainerState`); the best weights (float32); SHA-256 of
 * all before it. Little-endian.
 */
const MAGIC = 0x504b4342;
const VERSION = 1;
const FIXED = 12;
const DIGEST = 32;

interface Header extends Omit<Checkpoint, 'trainer' | 'best'> {
  readonly trainerBytes: number;
}

/** The same checkpoint has the same bytes. */
export function encodeCheckpoint({ trainer, best, ...facts }: Checkpoint): Uint8Array {
  const state = encodeTrainerState(trainer);
  const header: Header = { ...facts, trainerBytes: state.length };
  const json = Buffer.from(JSON.stringify(header));
  const head = Buffer.alloc(FIXED);
  head.writeUInt32LE(MAGIC, 0);
  head.writeUInt32LE(VERSION, 4);
  head.writeUInt32LE(json.length, 8);
  const body = Buffer.concat([head, json, state, Buffer.from(best.buffer, best.byteOffset, best.byteLength)]);
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
}

/** Throws `bad-input` for bytes that are not a whole checkpoint as it was written, `unsupported-version` for another format. */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < FIXED + DIGEST || buffer.readUInt32LE(0) !== MAGIC)
    throw damaged('it does not begin as a checkpoint does');
  const version = buffer.readUInt32LE(4);
  if (version !== VERSION) {
    throw new BookcastError(
      'unsupported-version',
      `the checkpoint is of format ${version}, and this version of bookcast reads format ${VERSION}; train again from the beginning`,
      { version },
    );
  }
  const body = buffer.subarray(0, buffer.length - DIGEST);
  const digest = createHash('sha256').update(body).digest();
  if (!digest.equals(buffer.subarray(body.length))) throw damaged('its checksum does not fit its content');
  const state = FIXED + buffer.readUInt32LE(8);
  const { trainerBytes, ...facts } = JSON.parse(body.toString('utf8', FIXED, state)) as Header;
  const end = state + trainerBytes;
  // Copies, and no Buffers, whose slices share their memory: the numbers may not stand at a multiple of four bytes.
  const best = new Float32Array(new Uint8Array(body.subarray(end)).buffer);
  return { ...facts, trainer: decodeTrainerState(new Uint8Array(body.subarray(state, end))), best };
}

function damaged(why: string): BookcastError {
  return new BookcastError(
    'bad-input',
    `the checkpoint is damaged: ${why}; remove it and train again from the beginning`,
    { why },
  );
}

/** Throws `bad-input` where a checkpoint was made by a fit of another configuration, seed or data. */
export function checkCheckpoint(checkpoint: Checkpoint, fit: string): void {
  if (checkpoint.fit === fit) return;
  throw new BookcastError(
    'bad-input',
    `the checkpoint is of another fit (${checkpoint.fit.slice(0, 16)}, and this one is ${fit.slice(0, 16)}): the configuration, the seed, ` +
      'the data or their split differ; resume with those of the run, or start a new one',
    { expected: fit, found: checkpoint.fit },
  );
}
