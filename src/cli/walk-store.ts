import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { BookcastError } from '../core/index.ts';

/** Writes a value (typed arrays and NaN included) whole or not at all: the process may be killed at any moment. */
export function writeValue(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, serialize(value));
  renameSync(`${path}.new`, path);
}

/** Null where it is not there. Throws `bad-input` where it cannot be read. */
export function readValue<T>(path: string): T | null {
  if (!existsSync(path)) return null;
  try {
    return deserialize(readFileSync(path)) as T;
  } catch (cause) {
    throw new BookcastError('bad-input', `${path} cannot be read: remove it, and it is made anew`, { path, cause });
  }
}

/**
 * Makes a folder the home of one piece of work, told by its key. Throws `already-exists` where it holds work and was not to be resumed, `bad-argument` where it holds other
 * work than this.
 */
export function claimFolder(folder: string, key: string, resume: boolean): void {
  const path = `${folder}/work.bin`;
  const found = readValue<{ key: string }>(path);
  if (found === null) {
    writeValue(path, { key });
    return;
  }
  if (found.key !== key) {
    throw new BookcastError(
      'bad-argument',
      `${folder} holds the results of other data, settings or another version; name another folder with --out`,
      { folder },
    );
  }
  if (resume) return;
  throw new BookcastError(
    'already-exists',
    `${folder} holds results of exactly this; go on with --resume, or name another folder with --out`,
    { folder },
  );
}
