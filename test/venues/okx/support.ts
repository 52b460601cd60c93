import type { BookcastError } from '../../../src/core/index.ts';
import type { FeedInstrument, LinkSink } from '../../../src/feed/index.ts';
import {
  BatchBuilder,
  BookSync,
  type EventBatch,
  EventKind,
  Fault,
  LadderBook,
  messageEnd,
  Side,
} from '../../../src/market/index.ts';
import { OkxConversation } from '../../../src/venues/okx/conversation.ts';
import { instrumentsOf } from '../../../src/venues/okx/instruments.ts';

/** 2020-08-10, the day of the documentation's books (`ts` 1597026383085 is 02:26:23.085). */
export const DAY = 18_484;
export const TS = 1_597_026_383_085;
export const TS_NS = (TS - DAY * 86_400_000) * 1e6;

export function feedOf(instId: string, tickSz = '0.01', lotSz = '0.00000001'): FeedInstrument {
  const body = JSON.stringify({ code: '0', msg: '', data: [{ instType: 'SPOT', instId, tickSz, lotSz }] });
  return instrumentsOf([{ url: 'http://okx', status: 200, headers: {}, body: Buffer.from(body) }])[0];
}

/** Keeps everything that a conversation says; faults are rows, as the supervisor makes them. */
export class Sink implements LinkSink {
  readonly builders: BatchBuilder[];
  readonly said: string[] = [];
  heartbeats = 0;
  readonly refusals: [number | null, BookcastError][] = [];
  readonly unread: [number | null, string, number][] = [];
  /** Ids that were asked about, in order. */
  readonly ids: number[] = [];
  readonly #lastIds: number[];

  constructor(instruments: number) {
    this.builders = Array.from({ length: instruments }, (_, i) => new BatchBuilder(`okx:${i}`, DAY));
    this.#lastIds = this.builders.map(() => 0);
  }

  builder(i: number): BatchBuilder {
    return this.builders[i];
  }

  joinable(i: number | null): void {
    this.said.push(`joinable ${i}`);
  }

  freshTrade(i: number, id: number): boolean {
    this.ids.push(id);
    if (id <= this.#lastIds[i]) return false;
    this.#lastIds[i] = id;
    return true;
  }

  fault(i: number | null, fault: Fault, why: string): void {
    this.said.push(`${Object.keys(Fault)[fault - 1]} ${i ?? 'all'}: ${why}`);
    this.builders.forEach((builder, at) => {
      if (i !== null && i !== at) return;
      builder.push(EventKind.FAULT, Side.NONE, 0, fault, 0, 0, 0, 0);
      builder.endMessage();
    });
  }

  unreadable(i: number | null, why: string, offset: number): void {
    this.unread.push([i, why, offset]);
  }

  heartbeat(): void {
    this.heartbeats++;
  }

  closing(why: string): void {
    this.said.push(`closing: ${why}`);
  }

  refused(i: number | null, error: BookcastError): void {
    this.refusals.push([i, error]);
  }

  note(i: number | null, what: string): void {
    this.said.push(`note ${i ?? 'all'}: ${what}`);
  }

  take(i = 0): EventBatch | null {
    return this.builders[i].finish();
  }
}

/** A conversation, what it says, and the books that come of it. */
export class Bench {
  readonly sink: Sink;
  readonly conversation: OkxConversation;
  readonly syncs: readonly BookSync<LadderBook>[];
  /** Of the last rows. */
  batch: EventBatch | null = null;
  readonly effects: number[] = [];

  constructor(...instruments: FeedInstrument[]) {
    this.sink = new Sink(instruments.length);
    this.conversation = new OkxConversation(instruments, this.sink, (symbol, levels) => ({
      url: `http://okx/books?instId=${symbol}&sz=${levels}`,
      scope: 'okx',
      weight: 1,
    }));
    this.syncs = instruments.map(({ instrument }) => new BookSync(instrument, new LadderBook({ windowTicks: 1024 })));
  }

  /** Other bytes stand around the message. */
  receive(frame: string | object, recvNs = TS_NS + 5e6): this {
    const text = Buffer.isBuffer(frame)
      ? frame
      : Buffer.from(typeof frame === 'string' ? frame : JSON.stringify(frame));
    const bytes = Buffer.concat([Buffer.from('{"9'), text, Buffer.from('9"]]}}')]);
    this.conversation.receive(bytes, 3, 3 + text.length, recvNs);
    return this.#settle();
  }

  answer(i: number, body: string | object, recvNs = TS_NS + 5e6): this {
    this.conversation.answer(i, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), recvNs);
    return this.#settle();
  }

  /** Of a side, best first: `ticks x lots`. */
  levels(side: Side, i = 0): string[] {
    const ticks = new Int32Array(4096);
    const lots = new Float64Array(4096);
    const count = this.syncs[i].levels.top(side, 4096, ticks, lots);
    return Array.from({ length: count }, (_, k) => `${ticks[k]} x ${lots[k]}`);
  }

  #settle(): this {
    this.syncs.forEach((sync, i) => {
      const batch = this.sink.take(i);
      if (i === 0 || batch !== null) this.batch = batch;
      for (let from = 0; batch !== null && from < batch.length; ) {
        const to = messageEnd(batch, from);
        this.effects.push(sync.applyMessage(batch, from, to));
        from = to;
      }
    });
    return this;
  }
}

/** Price and size as the wire writes them. */
export type WireLevel = readonly [price: string, size: string];

const wire = (levels: readonly WireLevel[]): string[][] => levels.map(([price, size]) => [price, size, '0', '1']);

export interface BookFrame {
  readonly asks?: readonly WireLevel[];
  readonly bids?: readonly WireLevel[];
  readonly seqId: number;
  readonly instId?: string;
  readonly ts?: number;
}

const book = ({ asks = [], bids = [], ts = TS }: BookFrame): object => ({
  asks: wire(asks),
  bids: wire(bids),
  ts: String(ts),
});

export function snapshot(frame: BookFrame): object {
  const { instId = 'BTC-USDT', seqId } = frame;
  const data = [{ ...book(frame), checksum: 0, prevSeqId: -1, seqId }];
  return { arg: { channel: 'books', instId }, action: 'snapshot', data };
}

export function update(prevSeqId: number, frame: BookFrame): object {
  const { instId = 'BTC-USDT', seqId } = frame;
  const data = [{ ...book(frame), checksum: 0, prevSeqId, seqId }];
  return { arg: { channel: 'books', instId }, action: 'update', data };
}

/** An answer of REST `books`. */
export function answer(frame: BookFrame): object {
  return { code: '0', msg: '', data: [{ ...book(frame), seqId: frame.seqId }] };
}

export function trade(more: object = {}): object {
  const data = { instId: 'BTC-USDT', tradeId: '130639474', px: '42219.9', sz: '0.12060306', side: 'buy' };
  const tail = { ts: String(TS), count: '3', source: '0', seqId: 1234 };
  return { arg: { channel: 'trades', instId: 'BTC-USDT' }, data: [{ ...data, ...tail, ...more }] };
}
