import { crc32, inflateRawSync } from 'node:zlib';
import { BookcastError } from '../../core/index.ts';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;

/**
 * The files of a zip archive whose names `wanted` accepts, each checked against its length and CRC-32. Stored and
 * deflated entries; no zip64, no encryption, no archives in parts (PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.16).
 *
 *   end of central directory: signature u32, disk u16 ×2, entries here u16, entries u16, bytes u32, offset u32, comment u16
 *   central header: signature, version u16 ×2, flags u16 @8, method u16 @10, time u32, crc u32 @16, packed u32 @20,
 *                   size u32 @24, name u16 @28, extra u16 @30, comment u16 @32, …, local header's offset u32 @42, name @46
 *   local header: signature, …, name u16 @26, extra u16 @28, name @30, extra, data
 */
export function unzip(
  archive: Uint8Array,
  path: string,
  wanted: (name: string) => boolean,
): { name: string; bytes: Uint8Array }[] {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const fail = (what: string): never => {
    throw new BookcastError('bad-input', `${path}: ${what}. Get the zip file again.`, { path });
  };
  const end = findEnd(view);
  if (end < 0) return fail('the zip file is cut short: its directory, which stands at the end, is missing');
  const entries = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  const directoryEnd = at + view.getUint32(end + 12, true);
  const files: { name: string; bytes: Uint8Array }[] = [];
  for (let i = 0; i < entries; i++) {
    if (at + CENTRAL_BYTES > end || view.getUint32(at, true) !== CENTRAL) fail('the zip file has a damaged directory');
    const nameLength = view.getUint16(at + 28, true);
    const nameBytes = archive.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameLength);
    const name = new TextDecoder().decode(nameBytes);
    const local = view.getUint32(at + 42, true);
    const hasHeader = local + LOCAL_BYTES <= archive.length && view.getUint32(local, true) === LOCAL;
    if (!hasHeader) fail(`${name} in the zip file has no header`);
    const localLength = view.getUint16(local + 26, true);
    const localName = archive.subarray(local + LOCAL_BYTES, local + LOCAL_BYTES + localLength);
    // Names have no checksum. One damaged in either place must not make a file look as if it were not there.
    if (Buffer.compare(nameBytes, localName) !== 0)
      fail(`${name} in the zip file has two names: the archive is damaged`);
    if (wanted(name))
      files.push({
        name,
        bytes: readEntry(archive, view, at, local, (what) => fail(`${name} in the zip file ${what}`)),
      });
    at += CENTRAL_BYTES + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  if (at !== directoryEnd) fail('the zip file has a damaged directory');
  return files;
}

function findEnd(view: DataView): number {
  const lowest = Math.max(0, view.byteLength - END_BYTES - LONGEST_COMMENT);
  for (let at = view.byteLength - END_BYTES; at >= lowest; at--) {
    if (view.getUint32(at, true) === END && at + END_BYTES + view.getUint16(at + 20, true) <= view.byteLength)
      return at;
  }
  return -1;
}

function readEntry(
  archive: Uint8Array,
  view: DataView,
  at: number,
  local: number,
  fail: (what: string) => never,
): Uint8Array {
  const method = view.getUint16(at + 10, true);
  const packedBytes = view.getUint32(at + 20, true);
  const size = view.getUint32(at + 24, true);
  if ((view.getUint16(at + 8, true) & 1) !== 0) fail('is encrypted');
  if (method !== 0 && method !== 8) fail(`is packed by method ${method}; only deflate and stored are read`);
  const start = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + packedBytes > archive.length) fail('is cut short');
  const packed = archive.subarray(start, start + packedBytes);
  let bytes: Uint8Array = packed;
  if (method === 8) {
    try {
      bytes = inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) });
    } catch {
      return fail('is damaged: it does not unpack');
    }
  }
  if (bytes.length !== size) fail(`has ${bytes.length} bytes, and its directory says ${size}`);
  if (crc32(bytes) !== view.getUint32(at + 16, true)) fail('is damaged: its checksum differs');
  return bytes;
}
