import { closeSync, fsyncSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { BookcastError } from '../../core/index.ts';
import { RUN_FORMAT } from './run-record.ts';

/** Writes a new file of JSON, indented for people, and waits until the disk has it. Throws where the file exists. */
export function writeLastingJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`, { flag: 'wx', flush: true });
}

/** What a folder holds survives a power cut only once the folder itself is synced. */
export function syncFolder(path: string): void {
  // Windows cannot sync a folder, and does not need to.
  if (process.platform === 'win32') return;
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Reads such a file. Throws `bad-input` where it is not what `schema` says, naming the place, and `unsupported-version`. */
export function readLastingJson<S extends TSchema>(path: string, schema: S): Static<S> {
  const value = parse(path);
  const { format } = (value ?? {}) as { format?: unknown };
  if (typeof format === 'number' && format > RUN_FORMAT) {
    throw new BookcastError(
      'unsupported-version',
      `${path} has format ${format}, and this bookcast reads up to ${RUN_FORMAT}; update bookcast`,
      { path, format },
    );
  }
  if (Value.Check(schema, value)) return value as Static<S>;
  const [first] = Value.Errors(schema, value);
  throw new BookcastError(
    'bad-input',
    `${path} is no record of bookcast: ${first?.instancePath || 'the whole'} ${first?.message ?? 'is wrong'}; it was edited or damaged, take it from a copy or remove its folder`,
    { path },
  );
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new BookcastError('bad-input', `${path} cannot be read: ${(cause as Error).message}`, { path, cause });
  }
}
