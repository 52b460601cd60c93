import { assert } from './assert.ts';
import { BookcastError } from './errors.ts';

/**
 * "BCSTATE" and a zero; version of this layout; CRC-32 of all bytes behind it; version of the state; characters of its kind; number of
 * arrays; length of each (all little-endian uint32); the kind (ASCII); zeros up to a multiple of eight; the arrays (float64,
 * little-endian, bit for bit: the payload of a NaN and the sign of a zero are kept).
 */
const MAGIC = Uint8Array.of(0x42, 0x43, 0x53, 0x54, 0x41, 0x54, 0x45, 0);
const LAYOUT = 1;
const LAYOUT_AT = 8;
const CRC_AT = 12;
const VERSION_AT = 16;
const KIND_AT = 20;
const COUNT_AT = 24;
const HEAD = 28;
const KIND = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** In place of a length in `decodeState`: as long as it was when it was saved. */
export const ANY_LENGTH = -1;

/** The state of a learner as bytes: equal states give equal bytes. `kind` is kebab-case, `version` a whole number that counts its layouts. */
export function encodeState(kind: string, version: number, arrays: readonly Float64Array[]): Uint8Array<ArrayBuffer> {
  assert(KIND.test(kind), 'the kind of a state is a kebab-case name of at most 64 characters');
  assert(Number.isInteger(version) && version >= 0 && version < 2 ** 32, 'the version of a state is a whole number');
  const kindAt = HEAD + 4 * arrays.length;
  let at = dataAt(kindAt + kind.length);
  const bytes = new Uint8Array(arrays.reduce((sum, array) => sum + array.byteLength, at));
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(LAYOUT_AT, LAYOUT, true);
  view.setUint32(VERSION_AT, version, true);
  view.setUint32(KIND_AT, kind.length, true);
  view.setUint32(COUNT_AT, arrays.length, true);
  for (let i = 0; i < arrays.length; i++) view.setUint32(HEAD + 4 * i, arrays[i].length, true);
  for (let i = 0; i < kind.length; i++) bytes[kindAt + i] = kind.charCodeAt(i);
  for (const array of arrays) {
    bytes.set(bytesOf(array), at);
    at += array.byteLength;
  }
  view.setUint32(CRC_AT, crc32(bytes.subarray(VERSION_AT)), true);
  return bytes;
}

/**
 * Reads back arrays of these `lengths` (`ANY_LENGTH` where one may be of any). Throws `bad-input` for bytes that are no state, are damaged, or
 * are of another kind, version or size.
 */
export function decodeState(
  bytes: Uint8Array,
  kind: string,
  version: number,
  lengths: readonly number[],
): Float64Array<ArrayBuffer>[] {
  if (bytes.length < HEAD || MAGIC.some((byte, i) => bytes[i] !== byte))
    throw refused(kind, `these ${bytes.length} bytes do not begin as one does`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const layout = view.getUint32(LAYOUT_AT, true);
  if (layout !== LAYOUT) throw refused(kind, `its layout is ${layout}, and this program reads layout ${LAYOUT}`);
  if (view.getUint32(CRC_AT, true) !== crc32(bytes.subarray(VERSION_AT)))
    throw refused(kind, `its checksum is not that of its ${bytes.length} bytes`);
  const count = view.getUint32(COUNT_AT, true);
  const kindAt = HEAD + 4 * count;
  const kindEnd = kindAt + view.getUint32(KIND_AT, true);
  const found = String.fromCharCode(...bytes.subarray(kindAt, Math.min(kindEnd, kindAt + 64)));
  if (found !== kind) throw refused(kind, `it is a state of "${found}"`);
  const saved = view.getUint32(VERSION_AT, true);
  if (saved !== version) throw refused(kind, `its version is ${saved}, and this program reads version ${version}`);
  const sizes = Array.from({ length: count }, (_, i) => view.getUint32(HEAD + 4 * i, true));
  if (count !== lengths.length || sizes.some((size, i) => lengths[i] !== ANY_LENGTH && lengths[i] !== size)) {
    const expected = lengths.map((length) => (length === ANY_LENGTH ? 'any' : length)).join(', ');
    throw refused(kind, `its arrays are of the lengths [${sizes.join(', ')}], and [${expected}] are expected`);
  }
  let at = dataAt(kindEnd);
  const end = sizes.reduce((sum, size) => sum + 8 * size, at);
  if (end !== bytes.length) throw refused(kind, `it has ${bytes.length} bytes, and ${end} by what its first ones say`);
  return sizes.map((size) => {
    const array = new Float64Array(size);
    bytesOf(array).set(bytes.subarray(at, at + 8 * size));
    at += 8 * size;
    return array;
  });
}

/** Bytes as an array for `encodeState`, such as the state of a part that saves itself. Its numbers mean nothing as numbers. */
export function packBytes(bytes: Uint8Array): Float64Array<ArrayBuffer> {
  const packed = new Float64Array(1 + Math.ceil(bytes.length / 8));
  packed[0] = bytes.length;
  bytesOf(packed).set(bytes, 8);
  return packed;
}

/** What `packBytes` was given. Throws `bad-input` for an array that it did not make. */
export function unpackBytes(packed: Float64Array): Uint8Array {
  const length = packed[0];
  if (packed.length < 1 || packed.length !== 1 + Math.ceil(length / 8))
    throw new BookcastError('bad-input', `${packed.length} numbers hold no packed bytes: they say ${length} bytes`, {
      length,
    });
  return bytesOf(packed).slice(8, 8 + length);
}

function bytesOf(array: Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Where the arrays begin: the next multiple of eight. */
function dataAt(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}

function refused(kind: string, why: string): BookcastError {
  return new BookcastError(
    'bad-input',
    `this is no saved state that ${kind} can go on from: ${why}; restore one that the same learner with the same settings saved, or begin anew`,
    { kind },
  );
}

/** By byte: the remainder of a division by the reflected polynomial 0xEDB88320 (IEEE 802.3). */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  return remainder >>> 0;
});

/** As zlib's. Its own, because the page loads this room and browsers have no zlib. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = CRC_TABLE[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
