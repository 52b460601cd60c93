import { crc32 } from 'node:zlib';
import { assert, BookcastError, shown } from '../core/index.ts';
import { type Instrument, type Origin, parseInstrument } from '../market/index.ts';

/**
 * A segment file, all words little-endian:
 *
 *   header: magic u32 "BKTP", version u32, json's bytes u32, crc u32 of json; json, zero-padded to 8
 *   record: magic u32, payload's bytes u32, crc u32 of payload, crc u32 of the 12 bytes before; payload, zero-padded to 8
 *
 * The json is `{segment, firstRecord, instrument, origin}`. A record's head has a checksum of its own, so that a damaged length is
 * never followed; records begin at multiples of 8, so that a search can tell whether any stands after a damaged one.
 *
 * Records by magic: "BKTR" the bytes of one `EventBatch`; since version 2 also "BKTC", a checkpoint: a batch that brings a
 * book to what it is here, for readers who begin with this segment and passed over by all others; and "BKTI", the venue's
 * text for order ids, JSON `{"firstId":1,"ids":["…"]}`.
 */
const HEADER_MAGIC = 0x50544b42;
export const VERSION = 2;
const HEAD_BYTES = 16;
const ORIGINS: readonly Origin[] = ['simulated', 'recorded', 'live'];

/** What a record is, as its magic word. */
export const RecordType = { BATCH: 0x52544b42, CHECKPOINT: 0x43544b42, IDS: 0x49544b42 } as const;
export type RecordType = (typeof RecordType)[keyof typeof RecordType];

export interface SegmentHeader {
  /** Number of the segment, from 0; also its file's name. */
  readonly segment: number;
  /** Records of every type in all segments before this one: shows when an earlier one lost its end. */
  readonly firstRecord: number;
  readonly instrument: Instrument;
  readonly origin: Origin;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

function padded(length: number): number {
  return (length + 7) & ~7;
}

export function encodeHeader(header: SegmentHeader): Uint8Array {
  const json = encoder.encode(JSON.stringify(header));
  const bytes = new Uint8Array(HEAD_BYTES + padded(json.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, HEADER_MAGIC, true);
  view.setUint32(4, VERSION, true);
  view.setUint32(8, json.length, true);
  view.setUint32(12, crc32(json), true);
  bytes.set(json, HEAD_BYTES);
  return bytes;
}

/** A segment's header, its format's version, and the offset of its first record. */
export interface DecodedHeader {
  readonly header: SegmentHeader;
  readonly version: number;
  readonly end: number;
}

/** A header is written whole or not at all, so any damage is an error. */
export function decodeHeader(bytes: Uint8Array, path: string): DecodedHeader {
  const fail = (what: string): never => {
    throw new BookcastError('bad-input', `${path}: ${what}. It is no tape segment, or a damaged one.`, { path });
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEAD_BYTES)
    return fail(`${bytes.length} bytes, and a segment's header has at least ${HEAD_BYTES}`);
  if (view.getUint32(0, true) !== HEADER_MAGIC) return fail('it does not begin with "BKTP"');
  const version = view.getUint32(4, true);
  if (version === 0 || version > VERSION) {
    throw new BookcastError(
      'unsupported-version',
      `${path}: a tape segment of version ${version}; this bookcast reads versions 1 to ${VERSION}`,
      { path, version },
    );
  }
  const length = view.getUint32(8, true);
  if (HEAD_BYTES + padded(length) > bytes.length) return fail('the header is cut short');
  const json = bytes.subarray(HEAD_BYTES, HEAD_BYTES + length);
  if (crc32(json) !== view.getUint32(12, true)) return fail("the header's checksum differs");
  const end = HEAD_BYTES + padded(length);
  if (bytes.subarray(HEAD_BYTES + length, end).some((byte) => byte !== 0))
    return fail('the header is not padded with zeros');
  const data = parseObject(json);
  if (data === null) return fail('the header is no JSON object');
  if (!ORIGINS.includes(data.origin as Origin)) return fail(`its origin is ${shown(data.origin)}`);
  const header = {
    segment: Number(data.segment),
    firstRecord: Number(data.firstRecord),
    instrument: parseInstrument(data.instrument, path),
    origin: data.origin as Origin,
  };
  return { header, version, end };
}

function parseObject(json: Uint8Array): Record<string, unknown> | null {
  try {
    const data: unknown = JSON.parse(decoder.decode(json));
    return typeof data === 'object' ? (data as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}

/** A record, ready to be appended. */
export function encodeRecord(type: RecordType, payload: Uint8Array): Uint8Array {
  assert(payload.length <= 0xffffffff - 8, 'a record fits its length word');
  const bytes = new Uint8Array(HEAD_BYTES + padded(payload.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, payload.length, true);
  view.setUint32(8, crc32(payload), true);
  view.setUint32(12, crc32(bytes.subarray(0, 12)), true);
  bytes.set(payload, HEAD_BYTES);
  return bytes;
}

/** Where the next whole record of a segment lies, or why there is none. */
export type RecordAt =
  | { readonly found: 'record'; readonly type: RecordType; readonly payload: Uint8Array; readonly end: number }
  /** The segment ends here, cleanly. */
  | { readonly found: 'end' }
  /** What follows is no whole record, and no whole record follows it: a write that was cut off. */
  | { readonly found: 'torn'; readonly why: string }
  /** What follows is damaged, and whole records stand after it. */
  | { readonly found: 'damaged'; readonly why: string };

/** Looks at offset `at` of a whole segment file. */
export function recordAt(bytes: Uint8Array, at: number): RecordAt {
  if (at === bytes.length) return { found: 'end' };
  const end = wholeRecordEnd(bytes, at);
  if (end > 0) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEAD_BYTES);
    const from = at + HEAD_BYTES;
    const payload = bytes.subarray(from, from + view.getUint32(4, true));
    return { found: 'record', type: view.getUint32(0, true) as RecordType, payload, end };
  }
  const why = reason(bytes, at);
  for (let later = at + 8; later + HEAD_BYTES <= bytes.length; later += 8) {
    if (wholeRecordEnd(bytes, later) > 0) return { found: 'damaged', why };
  }
  return { found: 'torn', why };
}

const FIRST_BYTE = RecordType.BATCH & 0xff;

function isRecord(head: DataView): boolean {
  const magic = head.getUint32(0, true);
  return magic === RecordType.BATCH || magic === RecordType.CHECKPOINT || magic === RecordType.IDS;
}

/** The end of the whole, undamaged record that begins at `at`; 0 where there is none. */
function wholeRecordEnd(bytes: Uint8Array, at: number): number {
  if (at + HEAD_BYTES > bytes.length || bytes[at] !== FIRST_BYTE) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEAD_BYTES);
  if (!isRecord(view)) return 0;
  if (crc32(bytes.subarray(at, at + 12)) !== view.getUint32(12, true)) return 0;
  const length = view.getUint32(4, true);
  const end = at + HEAD_BYTES + padded(length);
  if (end > bytes.length) return 0;
  const from = at + HEAD_BYTES;
  if (crc32(bytes.subarray(from, from + length)) !== view.getUint32(8, true)) return 0;
  for (let i = from + length; i < end; i++) if (bytes[i] !== 0) return 0;
  return end;
}

function reason(bytes: Uint8Array, at: number): string {
  const rest = bytes.length - at;
  if (rest < HEAD_BYTES) return `${rest} bytes, and a record's head has ${HEAD_BYTES}`;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEAD_BYTES);
  const headGood = isRecord(view) && crc32(bytes.subarray(at, at + 12)) === view.getUint32(12, true);
  if (!headGood) return "a record's head is not readable";
  const needs = HEAD_BYTES + padded(view.getUint32(4, true));
  return needs > rest ? `a record of ${needs} bytes has only ${rest}` : "a record's checksum differs";
}
