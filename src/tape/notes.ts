import { BookcastError, dayOfEpochMs, isoTime, NS_PER_MS } from '../core/index.ts';

const MS_PER_DAY = 86_400_000;

/** A torn tail in words, for notes. */
export function tornNote(path: string, offset: number, bytes: number, why: string, done: string): string {
  return `${path}: the last write was cut off (${why}): ${bytes} bytes from offset ${offset} are no data and were ${done}`;
}

export function damagedError(path: string, offset: number, why: string): BookcastError {
  return new BookcastError(
    'bad-input',
    `${path}: the tape is damaged at offset ${offset} (${why}), before its end. Nothing is skipped: restore the file from a copy, or keep the part before by cutting the file at this offset and removing the segments after it.`,
    { path, offset },
  );
}

export function isoMs(epochMs: number): string {
  const day = dayOfEpochMs(epochMs);
  return isoTime(Math.round(epochMs - day * MS_PER_DAY) * NS_PER_MS, day);
}
