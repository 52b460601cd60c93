import { Random } from '../../src/core/index.ts';
import { type InstrumentHealth, type SessionRecord, Supervisor, type SupervisorOptions } from '../../src/feed/index.ts';
import {
  BookSync,
  type EventBatch,
  EventKind,
  LadderBook,
  messageEnd,
  OrderBook,
  SyncState,
} from '../../src/market/index.ts';
import { type FakeConnection, type FakeOptions, FakeTransport, fakeInstrument, fakeProtocol } from './fake-venue.ts';
import { VirtualTime } from './virtual-world.ts';

/** A supervisor of the fake venue in virtual time, and a reader downstream that keeps books of its own from the batches alone. */
export class Bench {
  readonly time = new VirtualTime();
  readonly transport = new FakeTransport(this.time);
  readonly supervisor: Supervisor;
  readonly records: SessionRecord[] = [];
  readonly notes: string[] = [];
  readonly batches: EventBatch[] = [];
  readonly books: BookSync[];
  /** Whether the reader takes what is ready. */
  reading = true;

  constructor(options: FakeOptions, more: Partial<SupervisorOptions> = {}) {
    const names = options.names ?? ['AAA'];
    const instruments = names.map((name) => fakeInstrument(name, options));
    this.books = instruments.map(
      ({ instrument, book }) => new BookSync(instrument, book === 'orders' ? new OrderBook() : new LadderBook()),
    );
    this.supervisor = new Supervisor({
      protocol: fakeProtocol(options),
      instruments,
      world: { clock: this.time, timers: this.time, transport: this.transport, random: new Random(1) },
      onRecord: (record) => {
        // The bytes are lent.
        const copy = 'bytes' in record ? { ...record, bytes: Buffer.from(record.bytes) } : record;
        this.records.push(copy as SessionRecord);
      },
      onNote: (line) => this.notes.push(line),
      onReady: () => {
        if (this.reading) this.drain();
      },
      ...more,
    });
  }

  /** Starts, and runs until the first connection is open. */
  start(): FakeConnection {
    this.supervisor.start();
    this.time.runFor(1);
    return this.transport.last;
  }

  /** Runs on with signs of life on the newest connection. */
  live(ms: number): void {
    for (const untilMs = this.time.elapsedMs + ms; this.time.elapsedMs < untilMs; ) {
      this.time.runUntil(Math.min(untilMs, this.time.elapsedMs + 5000));
      this.transport.last.say({ beat: true });
    }
  }

  drain(): void {
    for (let next = this.supervisor.take(); next !== null; next = this.supervisor.take()) {
      const { index, batch } = next;
      this.batches.push(batch);
      for (let from = 0; from < batch.length; ) {
        const to = messageEnd(batch, from);
        this.books[index].applyMessage(batch, from, to);
        from = to;
      }
    }
  }

  health(index = 0): InstrumentHealth {
    return this.supervisor.health(index);
  }

  get state(): string {
    return this.health().state;
  }

  /** Rows handed out so far, of one kind where given: `sequence` of each, or the trade's id, or the fault's code. */
  told(kind: EventKind): number[] {
    const found: number[] = [];
    for (const batch of this.batches) {
      for (let i = 0; i < batch.length; i++) {
        if (batch.kind[i] !== kind) continue;
        if (kind === EventKind.TRADE) found.push(batch.orderId[i]);
        else found.push(kind === EventKind.FAULT ? batch.sizeLots[i] : batch.sequence[i]);
      }
    }
    return found;
  }

  /** The supervisor and the reader are of one mind: the same state, the same id, the same book. */
  get agrees(): boolean {
    this.supervisor.flush();
    this.drain();
    return this.books.every((book, i) => {
      const ours = this.supervisor.sync(i);
      const synced = ours.state === SyncState.SYNCED;
      const same = (a: number, b: number): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));
      return (
        ours.state === book.state &&
        (!synced || (same(ours.lastSequence, book.lastSequence) && ours.levels.hash() === book.levels.hash()))
      );
    });
  }
}
