import { BookcastError, type ErrorCode } from '../core/index.ts';
import type { InstrumentHealth } from '../feed/index.ts';
import type { Instrument, Origin, SourceCounts } from '../market/index.ts';

/** Batches that may be under way to the reader at once: enough to keep both threads busy, few enough to stop promptly. */
export const CREDIT = 4;

/** What a feed's thread tells its reader, in order. */
export type FromFeed =
  | { type: 'open'; instrument: Instrument; origin: Origin }
  | { type: 'batch'; buffer: ArrayBuffer; counts: SourceCounts; notes: readonly string[] }
  /** Of a live market: nothing to come was received before `untilNs`. */
  | { type: 'quiet'; untilNs: number }
  | { type: 'health'; health: InstrumentHealth; notes: readonly string[] }
  | { type: 'end'; counts: SourceCounts; notes: readonly string[] }
  | { type: 'error'; code: ErrorCode | null; message: string };

/** What the reader says back: room for one more batch, or enough. */
export const ONE_MORE = 'one more';
export const STOP = 'stop';

/** An error as plain data; the code of a user's mistake survives the crossing. */
export function describeError(error: unknown): FromFeed {
  const known = error instanceof BookcastError;
  return {
    type: 'error',
    code: known ? error.code : null,
    message: known ? error.message : String((error as Error).stack),
  };
}
