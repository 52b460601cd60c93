import { crc32 } from 'node:zlib';
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
import { krakenInstrument } from '../../../src/venues/kraken/pairs.ts';

/** 2023-10-06. */
export const DAY = 19636;

export function pairOf(symbol: string, priceDecimals = 1, depth = 10, sizeDecimals = 8): FeedInstrument {
  const step = (decimals: number): string => (decimals === 0 ? '1' : `0.${'0'.repeat(decimals - 1)}1`);
  const facts = { tickSize: step(priceDecimals), lotSize: step(sizeDecimals), priceDecimals, sizeDecimals };
  return krakenInstrument(symbol, facts, depth);
}

/** Keeps everything that a conversation says; faults are rows, as the supervisor makes them. */
export class Sink implements LinkSink {
  readonly builders: BatchBuilder[];
  readonly said: string[] = [];
  readonly refusals: [number | null, BookcastError][] = [];
  readonly trades = new Set<string>();
  readonly unread: [number | null, string, number][] = [];

  constructor(instruments: number) {
    this.builders = Array.from({ length: instruments }, (_, i) => new BatchBuilder(`kraken:${i}`, DAY));
  }

  builder(i: number): BatchBuilder {
    return this.builders[i];
  }

  joinable(): void {
    this.said.push('joinable');
  }

  freshTrade(i: number, id: number): boolean {
    const key = `${i} ${id}`;
    if (this.trades.has(key)) return false;
    this.trades.add(key);
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
    this.said.push('heartbeat');
  }

  closing(why: string): void {
    this.said.push(why);
  }

  refused(i: number | null, error: BookcastError): void {
    this.refusals.push([i, error]);
  }

  take(i = 0): EventBatch | null {
    return this.builders[i].finish();
  }
}

/** Applies whole messages; returns the effects. */
export function applyAll(sync: BookSync, batch: EventBatch | null): number[] {
  const effects: number[] = [];
  for (let from = 0; batch !== null && from < batch.length; ) {
    const to = messageEnd(batch, from);
    effects.push(sync.applyMessage(batch, from, to));
    from = to;
  }
  return effects;
}

export function syncOf({ instrument }: FeedInstrument): BookSync<LadderBook> {
  return new BookSync(instrument, new LadderBook({ windowTicks: 1024 }));
}

/** Price and size as the wire writes them. */
export type WireLevel = readonly [price: string, size: string];

export interface BookFrame {
  type: 'snapshot' | 'update';
  symbol?: string;
  bids?: readonly WireLevel[];
  asks?: readonly WireLevel[];
  checksum: number;
  timestamp?: string;
}

export function bookFrame({ type, symbol = 'BTC/USD', bids = [], asks = [], checksum, timestamp }: BookFrame): string {
  const levels = (side: readonly WireLevel[]): string =>
    side.map(([price, size]) => `{"price":${price},"qty":${size}}`).join();
  const time = timestamp ?? '2023-10-06T17:35:55.440295Z';
  return `{"channel":"book","type":"${type}","data":[{"symbol":"${symbol}","bids":[${levels(bids)}],"asks":[${levels(asks)}],"checksum":${checksum},"timestamp":"${time}"}]}`;
}

/** The venue's rule on text, as its documents word it: the ten best asks, lowest first, then the ten best bids. */
export function checksumOfText(bids: readonly WireLevel[], asks: readonly WireLevel[]): number {
  const bare = (text: string): string => text.replace('.', '').replace(/^0+/, '');
  const by = (sign: number) => (a: WireLevel, b: WireLevel) => sign * (Number(a[0]) - Number(b[0]));
  const rows = [...[...asks].sort(by(1)).slice(0, 10), ...[...bids].sort(by(-1)).slice(0, 10)];
  return crc32(rows.map(([price, size]) => bare(price) + bare(size)).join(''));
}

/** docs.kraken.com, "Book checksum (WebSocket v2)": the example, whose checksum is 3310070434. */
export const GOLDEN = {
  checksum: 3310070434,
  asks: parse(`45285.2/0.00100000 45286.4/1.54571953 45286.6/1.54571109 45289.6/1.54560911 45290.2/0.15890660
45291.8/1.54553491 45294.7/0.04454749 45296.1/0.35380000 45297.5/0.09945542 45299.5/0.18772827`),
  bids: parse(`45283.5/0.10000000 45283.4/1.54582015 45282.1/0.10000000 45281.0/0.10000000 45280.3/1.54592586
45279.0/0.07990000 45277.6/0.03310103 45277.5/0.30000000 45277.3/1.54602737 45276.6/0.15445238`),
};

function parse(text: string): WireLevel[] {
  return text.split(/\s+/).map((level) => level.split('/') as unknown as WireLevel);
}
