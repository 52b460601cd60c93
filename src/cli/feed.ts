import { type MessagePort, Worker } from 'node:worker_threads';
import { BookcastError } from '../core/index.ts';
import type { InstrumentHealth } from '../feed/index.ts';
import { EventBatch, type EventSource, type Instrument, type Origin, type SourceCounts } from '../market/index.ts';
import { openSim, type SimMode } from '../venues/sim/index.ts';
import { CREDIT, describeError, type FromFeed, ONE_MORE, STOP } from './feed-wire.ts';
import { openRecording } from './inputs.ts';
import { serveLive } from './live.ts';
import type { LiveSpec } from './venues.ts';

/** What can be read from its beginning to its end. */
export type SourceSpec =
  | { kind: 'simulator'; mode: SimMode; seed: number }
  | {
      kind: 'recording';
      paths: string[];
      tick?: string | undefined;
      lot?: string | undefined;
      symbol?: string | undefined;
    };

/** What to read, as plain data that a worker can be sent. */
export type FeedSpec = SourceSpec | { kind: 'live'; live: LiveSpec };

/** How long a live market may take to let go of its sockets. */
const STOP_MS = 2000;

/** A source whose reading and decoding run in a thread of their own, so that the servers stay quick to answer. */
export interface Feed {
  readonly instrument: Instrument;
  readonly origin: Origin;
  readonly counts: SourceCounts;
  readonly notes: readonly string[];
  /** Of a live market; null for any other source. */
  health(): InstrumentHealth | null;
  /** `onQuiet`: a live market is silent, in order with the batches (`Forecaster.quietUntil`). */
  batches(onQuiet?: (untilNs: number) => void): AsyncIterable<EventBatch>;
  close(): Promise<void>;
}

export async function openSpec(spec: SourceSpec): Promise<EventSource> {
  return spec.kind === 'simulator' ? openSim({ mode: spec.mode, seed: spec.seed }) : openRecording(spec.paths, spec);
}

/** The worker's side. */
export async function serveFeed(port: MessagePort, spec: FeedSpec): Promise<void> {
  if (spec.kind === 'live') await serveLive(port, spec.live);
  else await serveSource(port, spec);
}

/** Sends batches while it has credit; each message from the other side is one more. */
async function serveSource(port: MessagePort, spec: SourceSpec): Promise<void> {
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
      const { buffer } = batch;
      send({ type: 'batch', buffer, counts: { ...source.counts }, notes: [...source.notes] }, [buffer]);
      if (--credit === 0) await new Promise<void>((resolve) => (wake = resolve));
    }
    send({ type: 'end', counts: { ...source.counts }, notes: [...source.notes] });
  } catch (error) {
    send(describeError(error));
  } finally {
    port.close();
  }
}

/** Starts a worker and waits until its source is open; throws what opening it throws. */
export async function openFeed(spec: FeedSpec): Promise<Feed> {
  // Node runs the sources as they are; a published package has only what `tsc` emitted.
  const file = import.meta.url.endsWith('.ts') ? './feed-worker.ts' : './feed-worker.js';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: spec });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  return receiveFeed(worker, async () => {
    if (spec.kind === 'live') {
      worker.postMessage(STOP);
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, STOP_MS).unref())]);
    }
    await worker.terminate();
  });
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
    inbox.push(describeError(error));
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
  let health: InstrumentHealth | null = null;
  return {
    instrument: opened.instrument,
    origin: opened.origin,
    counts,
    notes,
    health: () => health,
    async *batches(onQuiet) {
      for (;;) {
        const message = await next();
        if (message.type === 'open' || message.type === 'error') throw new Error('a feed opens once');
        if (message.type === 'quiet') {
          onQuiet?.(message.untilNs);
          continue;
        }
        notes.splice(0, notes.length, ...message.notes);
        if (message.type === 'health') {
          ({ health } = message);
          continue;
        }
        Object.assign(counts, message.counts);
        if (message.type === 'end') return;
        yield EventBatch.from(message.buffer);
        port.postMessage(ONE_MORE);
      }
    },
    close,
  };
}
