import type { BookcastError } from '../../../src/core/index.ts';
import type { Conversation, FeedInstrument, LinkSink, VenueProtocol } from '../../../src/feed/index.ts';
import {
  BatchBuilder,
  BookSync,
  type EventBatch,
  EventFlag,
  EventKind,
  Fault,
  instrumentKey,
  LadderBook,
  messageEnd,
  OrderBook,
  Side,
} from '../../../src/market/index.ts';

/** 2026-08-09. */
export const DAY = 20_674;

export function product(name: string, more: Partial<FeedInstrument['instrument']> = {}): FeedInstrument {
  return {
    instrument: {
      venue: 'coinbase',
      name,
      tickSize: '0.01',
      lotSize: '0.00000001',
      sequencing: 'linked',
      burstQuietNs: 1e6,
      depthLimit: null,
      ...more,
    },
    symbol: name,
    book: more.sequencing === 'consecutive' ? 'orders' : 'levels',
    proof: 'sequence',
  };
}

const name = (table: Readonly<Record<string, number>>, value: number): string =>
  Object.keys(table).find((key) => table[key] === value) ?? String(value);

/** Hears everything that a conversation tells, and keeps a book of each instrument as its supervisor would. */
export class Listener implements LinkSink {
  readonly builders: readonly BatchBuilder[];
  readonly syncs: readonly BookSync[];
  /** All rows as text: `DELTA #5 after 4`, `LEVEL BID 100 x 5`, … by instrument. */
  readonly rows: string[][];
  readonly told: string[] = [];
  readonly conversation: Conversation;
  recvNs = 0;
  readonly #trades: number[];

  constructor(protocol: VenueProtocol, instruments: readonly FeedInstrument[], day = DAY) {
    this.builders = instruments.map(({ instrument }) => new BatchBuilder(instrumentKey(instrument), day));
    this.syncs = instruments.map(
      ({ instrument, book }) => new BookSync(instrument, book === 'levels' ? new LadderBook() : new OrderBook()),
    );
    this.rows = instruments.map(() => []);
    this.#trades = instruments.map(() => Number.NEGATIVE_INFINITY);
    this.conversation = protocol.open(protocol.links(instruments)[0], this);
  }

  /** One frame: an object is said as JSON. */
  hear(frame: unknown, recvNs = this.recvNs + 1): this {
    this.recvNs = recvNs;
    const text = Buffer.isBuffer(frame)
      ? frame
      : Buffer.from(typeof frame === 'string' ? frame : JSON.stringify(frame));
    // Somewhere within a larger buffer, as frames are.
    const bytes = Buffer.concat([Buffer.from('}]"'), text, Buffer.from('"}]')]);
    this.conversation.receive(bytes, 3, 3 + text.length, recvNs);
    this.settle();
    return this;
  }

  answer(i: number, body: unknown, url?: string): this {
    const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    this.conversation.answer(i, bytes, this.recvNs, url);
    this.settle();
    return this;
  }

  settle(): void {
    this.builders.forEach((builder, i) => {
      const batch = builder.finish();
      if (batch === null) return;
      for (let from = 0; from < batch.length; ) {
        const to = messageEnd(batch, from);
        this.syncs[i].applyMessage(batch, from, to);
        for (let k = from; k < to; k++) this.rows[i].push(describeRow(batch, k));
        from = to;
      }
    });
  }

  /** The rows since the last call. */
  take(i = 0): string[] {
    return this.rows[i].splice(0);
  }

  builder(i: number): BatchBuilder {
    return this.builders[i];
  }

  joinable(i: number | null): void {
    this.told.push(`joinable ${i}`);
  }

  freshTrade(i: number, id: number): boolean {
    if (id <= this.#trades[i]) return false;
    this.#trades[i] = id;
    return true;
  }

  fault(i: number | null, fault: Fault, why: string): void {
    this.told.push(`fault ${i} ${name(Fault, fault)}: ${why}`);
    this.#row(i, fault);
  }

  unreadable(i: number | null, why: string, offset: number): void {
    this.told.push(`unreadable ${i} at ${offset}: ${why}`);
    this.#row(i, Fault.UNPARSABLE);
  }

  heartbeat(): void {
    this.told.push('heartbeat');
  }

  closing(why: string): void {
    this.told.push(`closing: ${why}`);
  }

  refused(i: number | null, error: BookcastError): void {
    this.told.push(`refused ${i} ${error.code}: ${error.message}`);
  }

  note(i: number | null, what: string): void {
    this.told.push(`note ${i}: ${what}`);
  }

  #row(i: number | null, fault: Fault): void {
    for (let k = i ?? 0; k <= (i ?? this.builders.length - 1); k++) {
      this.builders[k].push(EventKind.FAULT, Side.NONE, 0, fault, 0, 0, 0, 0);
      this.builders[k].endMessage();
    }
  }
}

export function describeRow(batch: EventBatch, k: number): string {
  const kind = batch.kind[k];
  const at = `${name(Side, batch.side[k])} ${batch.priceTicks[k]} x ${batch.sizeLots[k]}`;
  switch (kind) {
    case EventKind.SNAPSHOT:
      return `SNAPSHOT #${batch.sequence[k]}${(batch.flags[k] & EventFlag.RESTART) === 0 ? '' : ' restart'}`;
    case EventKind.DELTA:
      return `DELTA #${batch.sequence[k]} after ${batch.orderId[k]}`;
    case EventKind.FAULT:
      return `FAULT ${name(Fault, batch.sizeLots[k])}`;
    case EventKind.LEVEL:
      return `LEVEL ${at}`;
    default:
      return `${name(EventKind, kind)} ${at} id ${batch.orderId[k]}`;
  }
}

/** Both sides, best first, as [ticks, lots]. */
export function levelsOf(book: LadderBook, n = 1000): { bids: [number, number][]; asks: [number, number][] } {
  const side = (of: Side): [number, number][] => {
    const ticks = new Int32Array(n);
    const lots = new Float64Array(n);
    const count = book.top(of, n, ticks, lots);
    return Array.from({ length: count }, (_, i) => [ticks[i], lots[i]]);
  };
  return { bids: side(Side.BID), asks: side(Side.ASK) };
}
