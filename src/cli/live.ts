import type { MessagePort } from 'node:worker_threads';
import { BookcastError, Random, systemClock } from '../core/index.ts';
import {
  createTransport,
  discover,
  type FeedInstrument,
  Supervisor,
  type SupervisorOptions,
  systemTimers,
  type World,
} from '../feed/index.ts';
import { type EventBatch, EventFlag, type SourceCounts } from '../market/index.ts';
import { CREDIT, describeError, type FromFeed, STOP } from './feed-wire.ts';
import { type LiveSpec, type OrderListener, protocolOf } from './venues.ts';

/** How long a batch waits at most for company, and how often the worker looks whether the market has gone quiet. */
const TICK_MS = 5;
const HEALTH_MS = 1000;
const MAX_NOTES = 20;

/** The real network and the machine's clock. */
export function liveWorld(): World {
  const random = new Random(systemClock.nowMs() % 2 ** 31);
  return { clock: systemClock, timers: systemTimers, transport: createTransport(), random };
}

/** What a caller may choose of a supervisor. */
export type LiveOptions = Omit<SupervisorOptions, 'protocol' | 'instruments' | 'world'>;

/** Finds the instruments of the venue and builds their supervisor, not started. Throws `not-found`, `venue-unreachable`, `bad-argument`. */
export async function openLive(
  spec: LiveSpec,
  world: World,
  options: (found: readonly FeedInstrument[]) => LiveOptions,
  onOrder?: OrderListener,
): Promise<Supervisor> {
  const protocol = protocolOf(spec, onOrder);
  const instruments = await discover(protocol, spec.instruments, world);
  return new Supervisor({ ...options(instruments), protocol, instruments, world });
}

/**
 * The worker's side of a live market: batches while it has credit, and where nothing arrives for a while the time until
 * which that is so, in order with the batches. What has no credit waits in the supervisor's bounded queue.
 */
export async function serveLive(port: MessagePort, spec: LiveSpec, world: World = liveWorld()): Promise<void> {
  const send = (message: FromFeed, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  const counts: SourceCounts = { messages: 0, unparsable: 0, bytesRead: 0, bytesTotal: 0 };
  const notes: string[] = [];
  let credit = CREDIT;
  try {
    if (spec.instruments.length !== 1) {
      throw new BookcastError(
        'bad-argument',
        `the page follows one instrument, not ${spec.instruments.length}: name one with --instrument; "bookcast ingest" takes several`,
      );
    }
    const supervisor = await openLive(spec, world, () => ({
      flushMs: TICK_MS,
      onNote: (line) => {
        notes.push(line);
        if (notes.length > MAX_NOTES) notes.shift();
      },
    }));
    const drain = (): boolean => {
      let drained = false;
      while (credit > 0) {
        const taken = supervisor.take();
        if (taken === null) break;
        const { buffer } = taken.batch;
        counts.messages += messagesOf(taken.batch);
        counts.unparsable = supervisor.health(0).unparsable;
        credit--;
        drained = true;
        send({ type: 'batch', buffer, counts: { ...counts }, notes: [...notes] }, [buffer]);
      }
      return drained;
    };
    let toldQuiet = true;
    const tick = (): void => {
      supervisor.flush();
      if (drain()) toldQuiet = false;
      else if (!toldQuiet && credit > 0) {
        // Nothing arrived for a whole tick, which is longer than any burst's quiet time.
        toldQuiet = true;
        send({ type: 'quiet', untilNs: supervisor.nowNs() });
      }
    };
    const tellHealth = (): void => {
      send({ type: 'health', health: supervisor.health(0), notes: [...notes] });
      // A silence that goes on makes a forecast old.
      if (toldQuiet && credit > 0) send({ type: 'quiet', untilNs: supervisor.nowNs() });
    };
    send({ type: 'open', instrument: supervisor.instruments[0].instrument, origin: 'live' });
    supervisor.start();
    tellHealth();
    const timers = [setInterval(tick, TICK_MS), setInterval(tellHealth, HEALTH_MS)];
    await new Promise<void>((resolve) => {
      port.on('message', (message) => {
        if (message === STOP) resolve();
        else credit++;
      });
    });
    for (const timer of timers) clearInterval(timer);
    await new Promise<void>((resolve) => supervisor.stop(resolve));
    credit = Number.POSITIVE_INFINITY;
    drain();
    send({ type: 'end', counts, notes });
  } catch (error) {
    send(describeError(error));
  } finally {
    port.close();
  }
}

/** Messages that end in a batch. */
export function messagesOf(batch: EventBatch): number {
  let messages = 0;
  for (let i = 0; i < batch.length; i++) if ((batch.flags[i] & EventFlag.MESSAGE_END) !== 0) messages++;
  return messages;
}
