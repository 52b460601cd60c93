import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const BLOCK = 1 << 20;

/** SHA-256 of a file's bytes, in hexadecimal; the file is never in memory whole. */
export function fileSha256(path: string): string {
  const hash = createHash('sha256');
  addFile(hash, path);
  return hash.digest('hex');
}

/** SHA-256 of the names and bytes of all files under a folder that end in one of `endings`: which code this is, without git. */
export function folderSha256(folder: string, endings: readonly string[]): string {
  const hash = createHash('sha256');
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
  for (const name of names) {
    hash.update(`${name}\0`);
    addFile(hash, join(folder, name));
    hash.update('\0');
  }
  return hash.digest('hex');
}

function addFile(hash: Hash, path: string): void {
  const block = Buffer.allocUnsafe(BLOCK);
  const file = openSync(path, 'r');
  try {
    for (let n = readSync(file, block); n > 0; n = readSync(file, block)) hash.update(block.subarray(0, n));
  } finally {
    closeSync(file);
  }
}
