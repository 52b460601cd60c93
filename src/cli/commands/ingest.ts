import { Command } from 'commander';
import { BookcastError } from '../../core/index.ts';
import { type FeedInstrument, type InstrumentHealth, listInstruments, type Supervisor } from '../../feed/index.ts';
import type { RecordingLimits } from '../../tape/index.ts';
import type { Io } from '../io.ts';
import { type LiveOptions, liveWorld, messagesOf, openLive } from '../live.ts';
import { liveSpec, lookingUp, withLive } from '../live-options.ts';
import { LiveRecorder } from '../live-recorder.ts';
import { type Context, parseBytes, parseSpan } from '../options.ts';
import { fixed, grouped, StatusTable, table } from '../output.ts';
import { type LiveSpec, type OrderListener, protocolOf } from '../venues.ts';

/** How often the queues are looked into where nothing calls earlier, and how often the state is shown. */
const DRAIN_MS = 50;
const SHOW_MS = 1000;

interface IngestFlags {
  record?: string;
  for?: number;
  maxBytes?: number;
  maxAge?: number;
  segmentBytes?: number;
  segmentAge?: number;
  list: boolean;
  json: boolean;
}

export function ingestCommand({ io, version }: Context): Command {
  const command = new Command('ingest')
    .description('Follow live markets: exact books, their health, and a recording that "bookcast replay" reads.')
    .option(
      '--record <folder>',
      'write raw messages and event batches here: a new folder, or a recording to go on with',
    )
    .option('--for <time>', 'stop by itself after so long, such as 90s or 1h', parseSpan)
    .option('--max-bytes <size>', 'remove the oldest closed segments of a recording that grew larger', parseBytes)
    .option('--max-age <time>', 'remove closed segments that are older', parseSpan)
    .option('--segment-bytes <size>', 'begin a new segment at this size', parseBytes)
    .option('--segment-age <time>', 'begin a new segment after so long', parseSpan)
    .option('--list', 'list the instruments of the venue', false)
    .option('--json', 'print the result as one JSON object', false);
  return withLive(command).action(async (flags) => {
    if (flags.venue === undefined)
      throw new BookcastError('bad-argument', 'ingest needs --venue; see "bookcast ingest --help"');
    if (flags.list) await list(io, flags);
    else await ingest(io, version, liveSpec(flags, io.env)!, flags);
  });
}

async function list(io: Io, flags: Record<string, unknown>): Promise<void> {
  const spec = liveSpec({ ...flags, instrument: flags.instrument ?? 'any' }, io.env)!;
  const found = await listInstruments(protocolOf(spec), liveWorld());
  const instruments = found.map(({ instrument }) => instrument);
  if (flags.json) io.out(`${JSON.stringify(instruments)}\n`);
  else {
    const rows = instruments.map(({ name, tickSize, lotSize }) => [name, tickSize, lotSize]);
    io.out(table(['instrument', 'tick', 'lot'], rows));
  }
}

/** Rows and messages that were handed out, and where they were written. */
interface Tally {
  messages: number;
  rows: number;
}

async function ingest(io: Io, version: string, spec: LiveSpec, flags: IngestFlags): Promise<void> {
  const status = new StatusTable(io);
  const onNote = (line: string): void => status.note(`note: ${line}`);
  let recorder: LiveRecorder | null = null;
  io.err(lookingUp(spec));
  const onOrder: OrderListener = (symbol, orderId, id) => recorder?.order(symbol, orderId, id);
  const open = (found: readonly FeedInstrument[]): LiveOptions => {
    if (flags.record === undefined) return { onNote };
    const opened = new LiveRecorder(flags.record, found, {
      venue: spec.venue,
      origin: 'live',
      version,
      command: `bookcast ingest --venue ${spec.venue} --instrument ${spec.instruments.join(',')}`,
      limits: limitsOf(flags),
      clock: io.clock,
      checkpoint: (i) => supervisor.checkpoint(i),
      onNote,
    });
    for (const note of opened.notes) onNote(note);
    recorder = opened;
    return { onNote, day: opened.day, onRecord: (record) => opened.record(record) };
  };
  const supervisor: Supervisor = await openLive(
    spec,
    liveWorld(),
    open,
    flags.record === undefined ? undefined : onOrder,
  );
  const tally = await follow(io, supervisor, recorder, status, flags.for);
  const health = supervisor.instruments.map((_, i) => supervisor.health(i));
  if (flags.json) {
    io.out(`${JSON.stringify({ venue: spec.venue, record: flags.record ?? null, ...tally, instruments: health })}\n`);
  } else io.out(healthTable(health));
  if (flags.record === undefined) return;
  io.err(`recorded ${grouped(tally.messages)} messages, ${grouped(tally.rows)} rows to ${flags.record}\n`);
}

function limitsOf(flags: IngestFlags): RecordingLimits {
  const ms = (seconds: number | undefined): number | undefined => (seconds === undefined ? undefined : seconds * 1000);
  const limits = {
    totalBytes: flags.maxBytes,
    ageMs: ms(flags.maxAge),
    segmentBytes: flags.segmentBytes,
    segmentMs: ms(flags.segmentAge),
  };
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

/** Hands on what arrives until the user, the given time or a failing disk ends it; then closes everything in order. */
async function follow(
  io: Io,
  supervisor: Supervisor,
  recorder: LiveRecorder | null,
  status: StatusTable,
  seconds: number | undefined,
): Promise<Tally> {
  const tally: Tally = { messages: 0, rows: 0 };
  const drain = (): void => {
    for (let taken = supervisor.take(); taken !== null; taken = supervisor.take()) {
      recorder?.append(taken.index, taken.batch);
      tally.rows += taken.batch.length;
      tally.messages += messagesOf(taken.batch);
    }
  };
  const show = (): void => {
    const health = supervisor.instruments.map((_, i) => supervisor.health(i));
    status.show(healthTable(health), health.map(({ state }) => state).join());
  };
  supervisor.start();
  try {
    await new Promise<void>((resolve, reject) => {
      const timers: NodeJS.Timeout[] = [setInterval(drain, DRAIN_MS), setInterval(show, SHOW_MS)];
      const onStop = (): void => finish(resolve);
      const finish = (end: () => void): void => {
        for (const timer of timers) clearInterval(timer);
        io.stop.removeEventListener('abort', onStop);
        end();
      };
      if (seconds !== undefined) timers.push(setTimeout(onStop, seconds * 1000));
      if (recorder !== null) recorder.failed = (error) => finish(() => reject(error));
      io.stop.addEventListener('abort', onStop, { once: true });
      if (io.stop.aborted) onStop();
    });
  } finally {
    await new Promise<void>((resolve) => supervisor.stop(resolve));
  }
  drain();
  await recorder?.close();
  return tally;
}

function healthTable(health: readonly InstrumentHealth[]): string {
  const head = [
    'instrument',
    'state',
    'proof',
    'sequence',
    'age s',
    'gaps',
    'crossed',
    'checksums',
    'overflow',
    'lost',
    'resyncs',
    'skew ms',
    'msg/s',
    'events/s',
    'kB/s',
  ];
  const rows = health.map((h) => [
    h.instrument,
    h.state,
    h.proof,
    h.lastSequence === null ? '—' : String(h.lastSequence),
    h.ageMs === null ? '—' : (h.ageMs / 1000).toFixed(1),
    ...[h.gaps, h.crossed, h.checksums, h.overflow, h.disconnects, h.resyncs].map(String),
    fixed(h.skewMs, 1),
    grouped(h.messagesPerSecond),
    grouped(h.eventsPerSecond),
    fixed(h.bytesPerSecond / 1e3, 1),
  ]);
  return table(head, rows);
}
