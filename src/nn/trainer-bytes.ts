import { createHash } from 'node:crypto';
import { BookcastError } from '../core/index.ts';
import type { TrainerState } from './training.ts';

/**
 * "BCTRAIN" and a zero; version; numbers in each of the four vectors (all little-endian uint32); step (float64); the vectors (float32);
 * SHA-256 of all before it.
 */
const MAGIC = Buffer.from('BCTRAIN\0', 'latin1');
const VERSION = 1;
const VECTORS = ['parameters', 'first', 'second', 'average'] as const;
const HEADER = MAGIC.length + 4 + 4 * VECTORS.length + 4 + 8;
const DIGEST = 32;

/** The same state gives the same bytes. */
export function encodeTrainerState(state: TrainerState): Uint8Array<ArrayBuffer> {
  const numbers = VECTORS.reduce((n, name) => n + state[name].length, 0);
  const bytes = new Uint8Array(HEADER + 4 * numbers + DIGEST);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(MAGIC.length, VERSION, true);
  VECTORS.forEach((name, i) => {
    view.setUint32(MAGIC.length + 4 + 4 * i, state[name].length, true);
  });
  view.setFloat64(HEADER - 8, state.step, true);
  let at = HEADER;
  for (const name of VECTORS) {
    const vector = state[name];
    bytes.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength), at);
    at += vector.byteLength;
  }
  bytes.set(digestOf(bytes.subarray(0, at)), at);
  return bytes;
}

/** Throws `bad-input` for bytes that are no state of a trainer, of another version, cut short or changed. */
export function decodeTrainerState(bytes: Uint8Array): TrainerState {
  if (bytes.length < HEADER + DIGEST || !MAGIC.equals(bytes.subarray(0, MAGIC.length)))
    throw new BookcastError(
      'bad-input',
      `this is no saved state of a training (${bytes.length} bytes, which do not begin with BCTRAIN)`,
      { bytes: bytes.length },
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(MAGIC.length, true);
  if (version !== VERSION)
    throw new BookcastError(
      'unsupported-version',
      `the saved state of a training has version ${version}, and this program reads version ${VERSION}: use the program that wrote it, or begin anew`,
      { version },
    );
  const sizes = VECTORS.map((_, i) => view.getUint32(MAGIC.length + 4 + 4 * i, true));
  const end = HEADER + 4 * sizes.reduce((n, size) => n + size, 0);
  if (bytes.length !== end + DIGEST)
    throw damaged(`it has ${bytes.length} bytes, and ${end + DIGEST} by what its first ones say`);
  if (!digestOf(bytes.subarray(0, end)).equals(bytes.subarray(end)))
    throw damaged('its checksum is not that of its bytes');
  let at = HEADER;
  const [parameters, first, second, average] = sizes.map((size) => {
    // Copied: the bytes may begin where no float may.
    const vector = new Float32Array(Uint8Array.from(bytes.subarray(at, at + 4 * size)).buffer);
    at += 4 * size;
    return vector;
  });
  return { step: view.getFloat64(HEADER - 8, true), parameters, first, second, average };
}

function damaged(how: string): BookcastError {
  return new BookcastError(
    'bad-input',
    `the saved state of a training is damaged (${how}): go on from another one, or begin anew`,
  );
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
