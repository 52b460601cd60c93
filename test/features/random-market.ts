import { NO_PRICE, Random } from '../../src/core/index.ts';
import type { FeatureEngine } from '../../src/features/index.ts';
import {
  BatchBuilder,
  BookSync,
  type EventBatch,
  EventFlag,
  EventKind,
  Fault,
  type Instrument,
  LadderBook,
  messageEnd,
  Side,
} from '../../src/market/index.ts';
import { openSim } from '../../src/venues/sim/index.ts';

/** A venue's message in a form that tests can read, mirror, cut and count by hand. */
export interface Message {
  /** For both clocks, ns. */
  tsNs: number;
  /** `delta` and `snapshot` get their head and their place in the chain from `toBatch`. */
  type: 'snapshot' | 'delta' | 'other';
  rows: Row[];
}

export interface Row {
  kind: EventKind;
  side: Side;
  price: number;
  lots: number;
  flags?: number;
  /** Of an order. */
  id?: number;
}

export function instrumentOf(fields: Partial<Instrument> = {}): Instrument {
  return {
    venue: 'test',
    name: 'TEST',
    tickSize: '0.01',
    lotSize: '1',
    sequencing: 'linked',
    burstQuietNs: 0,
    depthLimit: null,
    ...fields,
  };
}

export const level = (side: Side, price: number, lots: number): Row => ({ kind: EventKind.LEVEL, side, price, lots });
export const bid = (price: number, lots: number): Row => level(Side.BID, price, lots);
export const ask = (price: number, lots: number): Row => level(Side.ASK, price, lots);
/** A TRADE row; `side` is the aggressor's. */
export const trade = (side: Side, price: number, lots: number): Row => ({ kind: EventKind.TRADE, side, price, lots });
/** An EXECUTE row; `side` is the resting one. */
export const execute = (side: Side, price: number, lots: number): Row => ({
  kind: EventKind.EXECUTE,
  side,
  price,
  lots,
});
export const bbo = (side: Side, price: number, lots: number): Row => ({ kind: EventKind.BBO, side, price, lots });

export const snapshot = (tsNs: number, rows: Row[]): Message => ({ tsNs, type: 'snapshot', rows });
export const delta = (tsNs: number, rows: Row[]): Message => ({ tsNs, type: 'delta', rows });
export const other = (tsNs: number, rows: Row[]): Message => ({ tsNs, type: 'other', rows });
export const disconnect = (tsNs: number): Message =>
  other(tsNs, [{ kind: EventKind.FAULT, side: Side.NONE, price: NO_PRICE, lots: Fault.DISCONNECT }]);

export function toBatch(messages: readonly Message[]): EventBatch {
  const builder = new BatchBuilder('test:TEST', 0, 64);
  let sequence = 0;
  for (const message of messages) {
    const { tsNs, type } = message;
    if (type !== 'other') {
      sequence++;
      const head = type === 'snapshot' ? EventKind.SNAPSHOT : EventKind.DELTA;
      builder.push(head, Side.NONE, NO_PRICE, 0, tsNs, tsNs, sequence, sequence - 1);
    }
    for (const row of message.rows) {
      builder.push(row.kind, row.side, row.price, row.lots, tsNs, tsNs, sequence, row.id ?? 0);
      if (row.flags !== undefined) builder.flag(row.flags);
    }
    builder.endMessage();
  }
  return builder.finish()!;
}

/** Plays the messages through book, sync and engine; the row after every message. */
export function play(engine: FeatureEngine, instrument: Instrument, messages: readonly Message[]): Float64Array[] {
  const batch = toBatch(messages);
  const book = new LadderBook();
  const sync = new BookSync(instrument, book);
  const rows: Float64Array[] = [];
  for (let from = 0; from < batch.length; ) {
    const to = messageEnd(batch, from);
    engine.onMessage(batch, from, to, book, sync.applyMessage(batch, from, to));
    const row = new Float64Array(engine.schema.names.length);
    row.set(engine.row());
    rows.push(row);
    from = to;
  }
  return rows;
}

/** The same market seen in a mirror: bids are asks, buyers are sellers, and prices run the other way around `about / 2`. */
export function mirrored(messages: readonly Message[], about = 20_000): Message[] {
  const flip = (side: Side): Side => (side === Side.BID ? Side.ASK : side === Side.ASK ? Side.BID : Side.NONE);
  return mapRows(messages, (row) => ({
    ...row,
    side: flip(row.side),
    price: row.price === NO_PRICE ? NO_PRICE : about - row.price,
  }));
}

export function mapRows(messages: readonly Message[], change: (row: Row) => Row): Message[] {
  return messages.map((message) => ({ ...message, rows: message.rows.map(change) }));
}

/** A market of named orders: what the simulator's exchange says, in the form of tests. */
export async function simMessages(seed: number, count: number): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const batch of openSim({ mode: 'realistic', seed, messages: count }).batches()) {
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      messages.push(messageOf(batch, from, to, batch.tsEventNs[from]));
      from = to;
    }
  }
  return messages;
}

/** Rows [from, to) of a batch, one message, in the form of tests. */
export function messageOf(batch: EventBatch, from: number, to: number, tsNs: number): Message {
  const head = batch.kind[from];
  const heads = head === EventKind.SNAPSHOT || head === EventKind.DELTA ? 1 : 0;
  const rows: Row[] = [];
  for (let i = from + heads; i < to; i++) {
    const [kind, side] = [batch.kind[i] as EventKind, batch.side[i] as Side];
    const flags = batch.flags[i] & ~EventFlag.MESSAGE_END;
    rows.push({ kind, side, price: batch.priceTicks[i], lots: batch.sizeLots[i], flags, id: batch.orderId[i] });
  }
  const changes = head === EventKind.DELTA || rows.some((row) => row.kind <= EventKind.EXECUTE);
  return { tsNs, type: head === EventKind.SNAPSHOT ? 'snapshot' : changes ? 'delta' : 'other', rows };
}

export interface MarketOptions {
  messages: number;
  /** Per message: the feed breaks and comes back with a snapshot. */
  breaks?: number;
  /** Per message: one side of the book is emptied until it is quoted again. */
  empties?: number;
}

/**
 * A seeded market without any sense: levels come and go near a wandering price, trades print, best quotes are reported,
 * times repeat, and what may go wrong does.
 */
export class RandomMarket {
  readonly #random: Random;
  readonly #levels: Map<number, number>[] = [new Map(), new Map()];
  readonly #messages: Message[] = [];
  #tsNs = 1e12;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  run(options: MarketOptions): Message[] {
    const random = this.#random;
    this.#snapshot();
    while (this.#messages.length < options.messages) {
      if (random.bernoulli(0.7)) this.#tsNs += Math.ceil(random.exponential(10 ** (6 + random.below(4))));
      const u = random.float();
      if (random.bernoulli(options.breaks ?? 0)) {
        this.#messages.push(disconnect(this.#tsNs));
        if (random.bernoulli(0.5)) this.#messages.push(other(this.#tsNs, [trade(Side.BID, 10_000, 3)]));
        this.#snapshot();
      } else if (random.bernoulli(options.empties ?? 0)) this.#empty(random.below(2) as Side);
      else if (u < 0.12) this.#messages.push(other(this.#tsNs, [this.#trade()]));
      else if (u < 0.2)
        this.#messages.push(other(this.#tsNs, [bbo(random.below(2) as Side, 10_000, 1 + random.below(50))]));
      else this.#delta();
    }
    return this.#messages;
  }

  /** The best price, or where one would be. */
  #best(side: Side): number {
    const prices = [...this.#levels[side].keys()];
    if (prices.length === 0) return side === Side.BID ? this.#best(Side.ASK) - 2 : this.#best(Side.BID) + 2;
    return side === Side.BID ? Math.max(...prices) : Math.min(...prices);
  }

  #set(side: Side, price: number, lots: number): Row {
    if (lots === 0) this.#levels[side].delete(price);
    else this.#levels[side].set(price, lots);
    return level(side, price, lots);
  }

  #snapshot(): void {
    const random = this.#random;
    const rows: Row[] = [];
    for (const side of [Side.BID, Side.ASK]) {
      this.#levels[side].clear();
      const away = side === Side.BID ? -1 : 1;
      for (let m = 1; m <= 12; m++) {
        rows.push(this.#set(side, 10_000 + away * (m * 2 - random.below(2)), 1 + random.below(40)));
      }
    }
    this.#messages.push(snapshot(this.#tsNs, rows));
  }

  #empty(side: Side): void {
    const rows = [...this.#levels[side].keys()].map((price) => this.#set(side, price, 0));
    if (rows.length > 0 && this.#levels[1 - side].size > 0) this.#messages.push(delta(this.#tsNs, rows));
    else for (const row of rows) this.#set(side, row.price, 1 + this.#random.below(9));
  }

  #trade(): Row {
    const random = this.#random;
    return trade(random.below(3) as Side, 9_990 + random.below(21), 1 + random.below(20));
  }

  #delta(): void {
    const random = this.#random;
    const rows: Row[] = [];
    for (let k = random.below(4); k >= 0; k--) {
      const side = random.below(2) as Side;
      const away = side === Side.BID ? -1 : 1;
      const best = this.#best(side);
      const opposite = this.#best((1 - side) as Side);
      // From one tick inside the spread to eight behind; a level is as often cut as it is quoted.
      const price = best + away * (random.below(random.bernoulli(0.5) ? 2 : 10) - 1);
      const present = this.#levels[side].get(price) ?? 0;
      if (price === best && present > 2 && random.bernoulli(0.3)) {
        this.#levels[side].set(price, present - 2);
        rows.push(execute(side, price, 2));
      } else if (present > 0 && this.#levels[side].size > 1 && random.bernoulli(0.5))
        rows.push(this.#set(side, price, 0));
      else if ((opposite - price) * away < 0) rows.push(this.#set(side, price, 1 + random.below(40)));
      if (rows.length > 0 && random.bernoulli(0.05)) rows[rows.length - 1].flags = EventFlag.REVEALED;
    }
    if (rows.length > 0) this.#messages.push(delta(this.#tsNs, rows));
  }
}
