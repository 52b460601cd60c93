import { isZip, parseFileName } from './files.ts';

const ROW = /^\d{1,6}(\.\d+)?,[1-7],\d+,\d+,-?\d+,-?1\r?\n/;
/** Where the name of a zip's first file stands: its length at 26, itself from 30. */
const ZIP_NAME_LENGTH = 26;
const ZIP_NAME = 30;

/**
 * Does this look like LOBSTER? By the file's name; in a zip by the name of its first file, or the archive's own; else by
 * the shape of its first row. `head` is the beginning of the file, decompressed where it was gzip.
 */
export function sniffLobster(head: Uint8Array, fileName: string): boolean {
  if (isZip(head)) {
    const length = head.length > ZIP_NAME ? head[ZIP_NAME_LENGTH] | (head[ZIP_NAME_LENGTH + 1] << 8) : 0;
    const first = new TextDecoder().decode(head.subarray(ZIP_NAME, ZIP_NAME + length));
    return parseFileName(first) !== null || /^LOBSTER_/i.test(fileName);
  }
  return parseFileName(fileName) !== null || ROW.test(new TextDecoder().decode(head.subarray(0, 200)));
}
