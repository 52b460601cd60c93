import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { BookcastError } from '../../core/index.ts';

const NEWLINE = 10;

/** What a log of lines holds. */
export interface LogLines<T> {
  readonly lines: readonly T[];
  /** Bytes of a last line that was never finished: its writer was killed, or is writing now. */
  readonly tornBytes: number;
}

/**
 * A file of JSON, one value a line, that only ever grows. A line counts once its newline is there, so a writer that was killed leaves at
 * most one torn line, at the end.
 */
export class LineLog {
  readonly #file: number;

  /** Makes the file where there is none. The tail of a torn line, which was never a line, is cut off. */
  constructor(path: string) {
    if (existsSync(path)) {
      const bytes = readFileSync(path);
      const whole = bytes.lastIndexOf(NEWLINE) + 1;
      if (whole < bytes.length) truncateSync(path, whole);
    }
    this.#file = openSync(path, 'a');
  }

  /** On the disk when it returns. */
  append(value: unknown): void {
    const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** All whole lines of such a file; none where it is absent. Throws `bad-input` naming the line that is not what it must be. */
export function readLines<S extends TSchema>(path: string, schema: S): LogLines<Static<S>> {
  if (!existsSync(path)) return { lines: [], tornBytes: 0 };
  const bytes = readFileSync(path);
  const whole = bytes.lastIndexOf(NEWLINE) + 1;
  const texts = bytes.toString('utf8', 0, whole).split('\n').slice(0, -1);
  const lines = texts.map((text, i) => {
    const value = parsed(text);
    if (Value.Check(schema, value)) return value as Static<S>;
    throw new BookcastError(
      'bad-input',
      `${path}, line ${i + 1}: ${text.slice(0, 80)} is no record of this file; it was edited or damaged, remove the line or take the file from a copy`,
      { path, line: i + 1 },
    );
  });
  return { lines, tornBytes: bytes.length - whole };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
