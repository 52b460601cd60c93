import { type MessagePort, Worker } from 'node:worker_threads';
import { BookcastError, type ErrorCode } from '../core/index.ts';
import { EventBatch, type EventSource, type Instrument, type Origin, type SourceCounts } from '../market/index.ts';
import { openSim, type SimMode } from '../venues/sim/index.ts';
import { openRecording } from './inputs.ts';

/** What to read, as plain data that a worker can be sent. */
export type FeedSpec =
  | { kind: 'simulator'; mode: SimMode; seed: number }
  | { kind: 'recording'; paths: string[]; tick?: string | undefined; lot?: string | undefined };

/** Batches that may be under way to the reader at once: enough to keep both threads busy, few enough to stop promptly. */
const CREDIT = 4;

type FromFeed =
  | { type: 'open'; instrument: Instrument; origin: Origin }
  | { type: 'batch'; buffer: ArrayBuffer; counts: SourceCounts; notes: readonly string[] }
  | { type: 'end'; counts: SourceCounts; notes: readonly string[] }
  | { type: 'error'; code: ErrorCode | null; message: string };

/** A source whose reading and decoding run in a thread of their own, so that the servers stay quick to answer. */
export interface Feed {
  readonly instrument: Instrument;
  readonly origin: Origin;
  readonly counts: SourceCounts;
  readonly notes: readonly string[];
  batches(): AsyncIterable<EventBatch>;
  close(): Promise<void>;
}

export async function openSpec(spec: FeedSpec): Promise<EventSource> {
  return spec.kind === 'simulator' ? openSim({ mode: spec.mode, seed: spec.seed }) : openRecording(spec.paths, spec);
}

/** The worker's side: sends batches while it has credit; each message from the other side is one more. */
export async function serveFeed(port: MessagePort, spec: FeedSpec): Promise<void> {
  const send = (message: FromFeed, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  let credit = CREDIT;
  let wake = (): void => {};
  port.on('message', () => {
    credit++;
    wake();
  });
  try {
    const source = await openSpec(spec);
    send({ type: 'open', instrument: source.instrument, origin: source.origin });
    for await (const batch of source.batches()) {
      send({ type: 'batch', buffer: batch.buffer, counts: { ...source.counts }, notes: [...source.notes] }, [
        batch.buffer,
      ]);
      if (--credit === 0) await new Promise<void>((resolve) => (wake = resolve));
    }
    send({ type: 'end', counts: { ...source.counts }, notes: [...source.notes] });
  } catch (error) {
    const known = error instanceof BookcastError;
    send({
      type: 'error',
      code: known ? error.code : null,
      message: known ? error.message : String((error as Error).stack),
    });
  } finally {
    port.close();
  }
}

/** Starts a worker and waits until its source is open; throws what opening it throws. */
export async function openFeed(spec: FeedSpec): Promise<Feed> {
  // Node runs the sources as they are; a published package has only what `tsc` emitted.
  const file = import.meta.url.endsWith('.ts') ? './feed-worker.ts' : './feed-worker.js';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: spec });
  return receiveFeed(worker, async () => void (await worker.terminate()));
}

/** The reader's side of `serveFeed`, over a worker or any message port. */
export async function receiveFeed(port: Worker | MessagePort, close: () => Promise<void>): Promise<Feed> {
  const inbox: FromFeed[] = [];
  let wake = (): void => {};
  port.on('message', (message: FromFeed) => {
    inbox.push(message);
    wake();
  });
  port.on('error', (error: Error) => {
    inbox.push({ type: 'error', code: null, message: String(error.stack) });
    wake();
  });
  const next = async (): Promise<FromFeed> => {
    while (inbox.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    const message = inbox.shift() as FromFeed;
    if (message.type !== 'error') return message;
    await close();
    throw message.code === null ? new Error(message.message) : new BookcastError(message.code, message.message);
  };
  const opened = await next();
  if (opened.type !== 'open') throw new Error(`a feed opens first, and this one sent ${opened.type}`);
  const counts: SourceCounts = { messages: 0, unparsable: 0, bytesRead: 0, bytesTotal: 0 };
  const notes: string[] = [];
  return {
    instrument: opened.instrument,
    origin: opened.origin,
    counts,
    notes,
    async *batches() {
      for (;;) {
        const message = await next();
        if (message.type === 'open') throw new Error('a feed opens once');
        Object.assign(counts, (message as { counts: SourceCounts }).counts);
        notes.splice(0, notes.length, ...(message as { notes: readonly string[] }).notes);
        if (message.type === 'end') return;
        if (message.type === 'batch') yield EventBatch.from(message.buffer);
        port.postMessage('one more');
      }
    },
    close,
  };
}
