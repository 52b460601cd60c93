import { BookcastError, NS_PER_DAY } from '../core/index.ts';
import type { EventSource } from '../market/index.ts';
import { openSim, type SimMode } from '../venues/sim/index.ts';
import { type OpenOptions, openRecording } from './inputs.ts';

/** What a tape is opened with, as plain data, so that a worker can open it again. */
export type TapeSpec =
  | { readonly kind: 'files'; readonly paths: readonly string[]; readonly open: OpenOptions }
  | { readonly kind: 'sim'; readonly mode: SimMode; readonly seed: number; readonly messages: number };

/** Throws what `openRecording` does. */
export async function openTapeSpec(spec: TapeSpec): Promise<EventSource> {
  if (spec.kind === 'files') return openRecording(spec.paths, spec.open);
  const { mode, seed, messages } = spec;
  return openSim({ mode, seed, messages });
}

/** From the first message to the last, at the venue: ns since the midnight of `startDay` (days since 1970-01-01). */
export interface TapeSpan {
  readonly startDay: number;
  readonly startNs: number;
  readonly endNs: number;
}

/** Reads the whole tape. Throws `bad-input` where it has no message. */
export async function spanOfTape(source: EventSource): Promise<TapeSpan> {
  let [startDay, startNs, endNs] = [Number.NaN, Number.NaN, Number.NEGATIVE_INFINITY];
  for await (const { length, day, tsEventNs } of source.batches({ lend: true })) {
    if (length === 0) continue;
    if (Number.isNaN(startDay)) [startDay, startNs] = [day, tsEventNs[0]];
    endNs = Math.max(endNs, (day - startDay) * NS_PER_DAY + tsEventNs[length - 1]);
  }
  if (!Number.isNaN(startDay)) return { startDay, startNs, endNs };
  throw new BookcastError('bad-input', 'the tape has no message; check the path and the instrument');
}
