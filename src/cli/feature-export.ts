import { BookcastError, NS_PER_DAY, NS_PER_MS, NS_PER_SECOND, parseDay } from '../core/index.ts';
import {
  type FeatureFit,
  parseClock,
  RowSampler,
  type SampledRow,
  type Selection,
  selectSignals,
} from '../features/index.ts';
import { type EventBatch, type EventSource, type MergedRun, mergeByArrival } from '../market/index.ts';
import { featureTable, rowNs } from './feature-table.ts';
import { readFit } from './fit-file.ts';
import { openRecording } from './inputs.ts';
import type { Context } from './options.ts';
import { fixed, grouped, Progress } from './output.ts';
import { openRowSink, type RowSink } from './row-sink.ts';
import { sourceFiles } from './source-files.ts';

export interface ExportFlags {
  readonly set: string;
  readonly clock: string;
  readonly out?: string;
  readonly fit?: string;
  readonly peer?: string[];
  readonly double: boolean;
  readonly tick?: string;
  readonly lot?: string;
  readonly symbol?: string;
}

/** `bookcast features TAPE…`: the rows of a recording, into a file or as CSV to standard output. */
export async function exportFeatures(context: Context, files: readonly string[], flags: ExportFlags): Promise<void> {
  const { io, version } = context;
  const source = await openRecording(files, flags);
  const peer = flags.peer === undefined ? null : await openRecording(flags.peer);
  const { instrument } = source;
  const clock = parseClock(flags.clock, instrument);
  const fit = flags.fit === undefined ? null : readFit(flags.fit, instrument);
  const selection = selectSignals(flags.set, {
    instrument,
    ...(fit === null ? {} : { fit }),
    ...(peer === null ? {} : { peer: peer.instrument }),
  });
  for (const line of leftOutText(selection)) io.err(`${line}\n`);
  const training = new TrainingRows(fit);
  let sink: RowSink | null = null;
  const sampler = new RowSampler(
    instrument,
    {
      signals: selection.signals,
      clock,
      ...(fit === null ? {} : { fit }),
      ...(peer === null ? {} : { peer: peer.instrument }),
    },
    (row) => {
      training.see(row);
      sink?.add(row);
    },
  );
  const { schema } = sampler.engine;
  const named = flags.out === undefined ? [] : await sourceFiles([...files, ...(flags.peer ?? [])]);
  const { double } = flags;
  const table = featureTable({ version, schema, source, peer, clock: clock.text, fit, files: named, double });
  sink = await openRowSink(flags.out, table, io.out);
  const startNs = io.clock.monotonicNs();
  const bytes = await fill(context, { source, peer, sampler, sink, out: flags.out });
  for (const note of [...source.notes, ...(peer?.notes ?? [])]) io.err(`note: ${note}\n`);
  if (schema.fit !== null) io.err(training.text(sampler.rows));
  else if (fit !== null) io.err(`note: no signal of "${flags.set}" uses the fit\n`);
  const size = bytes === null ? '' : `, ${grouped(bytes / 1000)} kB`;
  const seconds = (io.clock.monotonicNs() - startNs) / NS_PER_SECOND;
  const where = flags.out ?? 'standard output';
  io.err(
    `${grouped(sampler.rows)} rows of ${schema.names.length} signals (schema ${schema.hash}) to ${where}${size} in ${fixed(seconds, 1)} s\n`,
  );
}

interface Filling {
  readonly source: EventSource;
  readonly peer: EventSource | null;
  readonly sampler: RowSampler;
  readonly sink: RowSink;
  readonly out: string | undefined;
}

/** Runs the recording through; returns the bytes of the file. Whatever goes wrong, no half file stays. */
async function fill({ io }: Context, { source, peer, sampler, sink, out }: Filling): Promise<number | null> {
  const { counts } = source;
  const progress = new Progress(io, source.instrument.name, counts);
  const startNs = io.clock.monotonicNs();
  try {
    let events = 0;
    let last: EventBatch | null = null;
    for await (const { source: which, batch, from, to } of runsOf(source, peer)) {
      if (which === 0) sampler.apply(batch, from, to);
      else sampler.applyPeer(batch, from, to);
      events += to - from;
      // Two sources come in runs of a few rows: what is worth doing seldom is done once a batch.
      if (batch === last) continue;
      last = batch;
      await sink.flush();
      progress.update(counts, events, (events / (io.clock.monotonicNs() - startNs)) * 1e9);
      if (io.stop.aborted) break;
    }
    if (!io.stop.aborted) sampler.finish();
    else if (out !== undefined) {
      throw new BookcastError('not-ready', `stopped before the end of the recording; ${out} was not written`);
    }
    return await sink.finish();
  } catch (error) {
    await sink.abort();
    throw error;
  } finally {
    progress.stop();
  }
}

async function* runsOf(source: EventSource, peer: EventSource | null): AsyncGenerator<MergedRun> {
  if (peer !== null) yield* mergeByArrival(source, peer);
  else for await (const batch of source.batches({ lend: true })) yield { source: 0, batch, from: 0, to: batch.length };
}

/** What a set had to do without, and why: one line a reason. */
function leftOutText({ leftOut }: Selection): string[] {
  const byReason = new Map<string, string[]>();
  for (const { name, reason } of leftOut) byReason.set(reason, [...(byReason.get(reason) ?? []), name]);
  return [...byReason].map(([reason, names]) => {
    const what = names.length === 1 ? '1 signal is' : `${names.length} signals are`;
    return `${what} left out (${names.join(', ')}): ${reason}`;
  });
}

/** Counts the rows that the fit has seen: a model that is tested on them looks better than it is. */
class TrainingRows {
  readonly #until: string;
  readonly #untilDay: number;
  readonly #untilNs: number;
  #rows = 0;

  constructor(fit: FeatureFit | null) {
    this.#until = fit?.until ?? '';
    [this.#untilDay, this.#untilNs] = fit === null ? [Number.NEGATIVE_INFINITY, 0] : dayAndNs(fit.until);
  }

  see(row: SampledRow): void {
    // Times may count from another midnight than the fit's.
    if (rowNs(row) + (row.day - this.#untilDay) * NS_PER_DAY <= this.#untilNs) this.#rows++;
  }

  text(rows: number): string {
    if (this.#rows === 0) return '';
    return `${grouped(this.#rows)} of ${grouped(rows)} rows, up to ${this.#until}, are the fit's own training data: test no model on them\n`;
  }
}

/** `2012-06-21T13:30:00.017459617Z` → days since 1970 and nanoseconds since that day's midnight UTC. */
function dayAndNs(text: string): [number, number] {
  const [whole, fraction = ''] = text.replace(/Z$/, '').split('.');
  const day = parseDay(whole.slice(0, 10));
  const ms = Date.parse(`${whole}Z`) - day * 86_400_000;
  return [day, ms * NS_PER_MS + Number(fraction.padEnd(9, '0'))];
}
