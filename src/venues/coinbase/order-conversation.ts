import { NO_PRICE, shown, VenueTime } from '../../core/index.ts';
import type { Conversation, FeedInstrument, HttpRequest, LinkSink, Outgoing, Resync } from '../../feed/index.ts';
import { EventFlag, EventKind, Fault, Side } from '../../market/index.ts';
import { type Level3, parseLevel3 } from './level3.ts';
import { NumberChain, Step } from './number-chain.ts';
import { type OrderMessage, orderMessage, wholeNumber } from './order-message.ts';
import { type OrderIds, OrderTable } from './order-table.ts';
import { venueError } from './refusal.ts';
import { BEYOND, beyondNote, Steps } from './steps.ts';

/** Messages of one product that wait for a snapshot, at most: some minutes of the busiest. */
const MAX_HELD = 1 << 16;
/** Messages kept to bring an older level-3 book up to ours, at most: half of them at least. */
const MAX_JOURNAL = 1 << 13;
/** The venue's machines agree on the time to this, and far better. */
const SLACK_NS = 1e9;

/** Tells an answer to compare with from one to begin anew with, also in a recording; a fragment stays out of what is sent. */
const VERIFY = '#verify';

/** How a conversation asks: what to say first, and the request for the level-3 book of a product. */
export interface OrderRequests {
  greeting(products: readonly string[], epochMs: number): readonly Outgoing[];
  book(product: string, epochMs: number): HttpRequest;
}

type Raw = Readonly<Record<string, unknown>>;

/** One product's orders on one connection. */
class OrderStream {
  readonly index: number;
  readonly symbol: string;
  readonly steps: Steps;
  readonly time: VenueTime;
  readonly ids: OrderIds;
  readonly #sink: LinkSink;
  /** The numbers of the stream alone; those of the book are in `#booked`. */
  readonly #chain = new NumberChain();
  #joinable = false;
  /** The book, while it is the venue's; null while messages are held back for a snapshot. */
  #table: OrderTable | null = null;
  /** The book that was lost last: its orders keep their numbers. */
  #before: OrderTable | null = null;
  /** The sequence that the book is as of. */
  #booked = Number.NaN;
  /** The venue's time of the snapshot; `NaN` where it had none. */
  #bookedNs = Number.NaN;
  /** All messages after `#heldAfter`, once it is known. */
  #held: OrderMessage[] = [];
  #heldAfter = Number.NaN;
  /** The latest messages that the book took, without a hole. */
  #journal: OrderMessage[] = [];
  /** A level-3 book ahead of ours, to be compared once we are there. */
  #ahead: Level3 | null = null;
  /** What the last heartbeat named as the newest sequence. */
  #promised = Number.NaN;

  constructor(instrument: FeedInstrument, index: number, sink: LinkSink, ids: OrderIds) {
    this.index = index;
    this.symbol = instrument.symbol;
    this.steps = new Steps(instrument.instrument);
    this.time = new VenueTime(sink.builder(index).day);
    this.ids = ids;
    this.#sink = sink;
  }

  /** The venue sends this product's messages: a snapshot asked for from now on has all that came before. */
  subscribed(): void {
    if (this.#joinable) return;
    this.#joinable = true;
    this.#sink.joinable(this.index);
  }

  /** `message` is a `RangeError`'s text where its number could be read and the rest could not. */
  take(sequence: number, timeNs: number, message: OrderMessage | string, recvNs: number): void {
    const { last } = this.#chain;
    const step = this.#chain.judge(sequence, timeNs);
    this.subscribed();
    if (step === Step.OLD) return;
    if (step !== Step.NEXT) {
      const what = step === Step.GAP ? 'messages were lost' : 'the numbers began anew';
      this.#lose(Fault.GAP, `sequence ${sequence} after ${last}: ${what}`, sequence - 1);
    }
    if (typeof message === 'string') {
      this.#sink.unreadable(this.index, message, 0, recvNs);
      this.#lose(Fault.GAP, `a message that could not be read: ${message}`, sequence);
    } else if (this.#table === null) this.#hold(message);
    else if (sequence > this.#booked) this.#book(this.#table, message, recvNs);
    else if (timeNs > this.#bookedNs + SLACK_NS) {
      this.#lose(Fault.GAP, `sequence ${sequence} is younger than the snapshot of ${this.#booked}`, sequence);
    }
  }

  /** `sequence`: the newest that the venue has. */
  heartbeat(sequence: number): void {
    const last = Number.isNaN(this.#chain.last) ? this.#booked : Math.max(this.#chain.last, this.#booked || 0);
    if (this.#promised > last) {
      const why = `sequence ${this.#promised} was named a heartbeat ago and has not come: messages were lost`;
      this.#chain.last = this.#promised;
      this.#lose(Fault.GAP, why, this.#promised);
    } else if (this.#promised < this.#booked && sequence < this.#booked) {
      const why = `the snapshot is of sequence ${this.#booked}, and heartbeats are still at ${sequence}: it is of other numbers`;
      this.#lose(Fault.GAP, why, sequence);
    }
    this.#promised = sequence;
  }

  /** The venue's whole book. `verify`: to compare ours with, where we have one; else to begin anew with. */
  snapshot(book: Level3, verify: boolean, recvNs: number): void {
    if (this.#table !== null) {
      if (verify) {
        this.#compare(this.#table, book);
        return;
      }
      this.#reopen(this.#table);
    }
    if (book.sequence < this.#heldAfter) {
      // From a cache, or asked for before something was lost: another one is needed.
      const why = `the snapshot is of sequence ${book.sequence}, what we hold begins after ${this.#heldAfter}`;
      this.#sink.fault(this.index, Fault.GAP, why);
    } else if (this.#youngerThan(book)) {
      const why = `the snapshot of sequence ${book.sequence} is older than messages of lower ones: it is of other numbers`;
      this.#sink.fault(this.index, Fault.GAP, why);
    } else this.#join(book, recvNs);
  }

  /** Others lost the book that we thought sound: what it took last is held for the snapshot, as if it had waited. */
  #reopen(table: OrderTable): void {
    this.#before = table;
    this.#table = null;
    this.#held = this.#journal;
    this.#heldAfter = this.#booked - this.#journal.length;
    this.#journal = [];
    this.#ahead = null;
    this.#booked = Number.NaN;
  }

  /** What we hold ends before the book and yet is younger: the venue began its numbers anew in between. */
  #youngerThan(book: Level3): boolean {
    const newest = this.#held.at(-1);
    return newest !== undefined && newest.sequence <= book.sequence && newest.timeNs > book.timeNs + SLACK_NS;
  }

  #hold(message: OrderMessage): void {
    if (Number.isNaN(this.#heldAfter)) this.#heldAfter = message.sequence - 1;
    if (this.#held.length === MAX_HELD) {
      this.#held = [];
      this.#heldAfter = message.sequence - 1;
      const why = `more than ${MAX_HELD} messages came before the snapshot`;
      this.#sink.fault(this.index, Fault.OVERFLOW, why);
    }
    this.#held.push(message);
  }

  #join(book: Level3, recvNs: number): void {
    const builder = this.#sink.builder(this.index);
    const table = OrderTable.fromSnapshot(book, this.ids, this.#before);
    const eventNs = Number.isFinite(book.timeNs) ? book.timeNs : recvNs;
    builder.push(EventKind.SNAPSHOT, Side.NONE, NO_PRICE, 0, eventNs, recvNs, book.sequence, 0);
    // On this connection the book was lost, or never known: it is not to be taken for an old one, whatever its number.
    builder.flag(EventFlag.RESTART);
    table.tell({ builder, recvNs }, book.sequence, eventNs);
    builder.endMessage();
    const beyond = book.orders.filter(({ ticks }) => ticks === BEYOND).length;
    if (beyond > 0) this.#sink.note?.(this.index, beyondNote(beyond));
    const held = this.#held;
    this.#held = [];
    this.#heldAfter = Number.NaN;
    this.#before = null;
    this.#table = table;
    this.#booked = book.sequence;
    this.#bookedNs = book.timeNs;
    this.#journal = [];
    for (const message of held) {
      if (this.#table === null) this.#hold(message);
      else if (message.sequence > this.#booked) this.#book(table, message, recvNs);
    }
  }

  #book(table: OrderTable, message: OrderMessage, recvNs: number): void {
    const { sequence } = message;
    if (sequence > this.#booked + 1) {
      // The stream has no hole; the snapshot ends before the stream begins.
      this.#lose(Fault.GAP, `sequence ${sequence} after a snapshot of ${this.#booked}`, sequence - 1);
      this.#hold(message);
      return;
    }
    const problem = table.apply(message, this.ids, { builder: this.#sink.builder(this.index), recvNs });
    if (problem !== null) {
      this.#lose(Fault.GAP, `the book cannot be the venue's: ${problem}`, sequence);
      return;
    }
    this.#booked = sequence;
    if (this.#journal.length === MAX_JOURNAL) this.#journal = this.#journal.slice(MAX_JOURNAL / 2);
    this.#journal.push(message);
    const ahead = this.#ahead;
    if (ahead === null || ahead.sequence > sequence) return;
    this.#ahead = null;
    this.#compare(table, ahead);
  }

  /** Compares our book with the venue's as of our number: its book, brought forward by what we took after it. */
  #compare(table: OrderTable, book: Level3): void {
    if (book.sequence > this.#booked) {
      this.#ahead = book;
      return;
    }
    const later = this.#journal.filter((message) => message.sequence > book.sequence);
    // Older than all we kept: nothing can be said of it.
    if (later.length !== this.#booked - book.sequence) return;
    const theirs = OrderTable.fromSnapshot(book, null, null);
    let difference: string | null = null;
    for (const message of later) difference ??= theirs.apply(message, null, null);
    difference ??= table.difference(theirs);
    if (difference === null) return;
    this.#lose(Fault.CHECKSUM, `not the venue's book as of ${book.sequence}: ${difference}`, this.#booked);
  }

  /** The book is lost; messages after `after` are kept for the next snapshot. */
  #lose(fault: Fault, why: string, after: number): void {
    this.#before = this.#table ?? this.#before;
    this.#table = null;
    this.#booked = Number.NaN;
    this.#held = [];
    this.#heldAfter = after;
    this.#journal = [];
    this.#ahead = null;
    this.#sink.fault(this.index, fault, why);
  }
}

/**
 * One connection of Coinbase Exchange's `full` channel: books by order. The venue's recipe (docs.cdp.coinbase.com, Exchange
 * WebSocket channels, "Full channel"):
 *
 *   1. Subscribe to `full` and hold its messages back.
 *   2. Get the level-3 book over REST; it names the sequence that it is as of.
 *   3. Discard held messages up to that sequence, apply the others and all that follow. Each message of a product has the
 *      next number: a skipped one was dropped, a lower one is ignored.
 *
 *   - `received` (an order was accepted), `activate` (a stop was triggered): no effect on the book.
 *   - `open`: `remaining_size` of the order rests now, last in its queue.
 *   - `match`: the order `maker_order_id` traded `size`; `side` is its side.
 *   - `change`: the order rests with `new_size` (and `new_price`). Of an order that does not rest it has no effect.
 *   - `done`: the order is gone. Orders that never rested end with it too, and are unknown here.
 *
 * Any message that the book contradicts (a match of an order that does not rest, a change from another size than ours) means
 * that the book is not the venue's, and loses it. `verification` asks for the level-3 book again now and then and compares
 * every order with its size and place; each difference does the same.
 */
export class OrderConversation implements Conversation {
  /** Polling level 3 is frowned upon; four times an hour a product is little. */
  readonly verification = {
    everyMs: 15 * 60_000,
    request: (i: number, epochMs: number): HttpRequest => {
      const request = this.#requests.book(this.#streams[i].symbol, epochMs);
      return { ...request, url: request.url + VERIFY };
    },
  };
  readonly #sink: LinkSink;
  readonly #requests: OrderRequests;
  readonly #streams: readonly OrderStream[];

  constructor(
    instruments: readonly FeedInstrument[],
    sink: LinkSink,
    requests: OrderRequests,
    idsOf: (instrument: FeedInstrument) => OrderIds,
  ) {
    this.#sink = sink;
    this.#requests = requests;
    this.#streams = instruments.map((instrument, i) => new OrderStream(instrument, i, sink, idsOf(instrument)));
  }

  greeting(epochMs: number): readonly Outgoing[] {
    return this.#requests.greeting(
      this.#streams.map((stream) => stream.symbol),
      epochMs,
    );
  }

  resync(i: number, epochMs: number): Resync {
    return { by: 'request', request: this.#requests.book(this.#streams[i].symbol, epochMs) };
  }

  answer(i: number, body: Buffer, recvNs: number, url = ''): void {
    const stream = this.#streams[i];
    let book: Level3;
    try {
      book = parseLevel3(body, stream.steps, stream.time);
    } catch (error) {
      const why = `the level-3 book of ${stream.symbol} cannot be read: ${(error as Error).message}`;
      this.#sink.unreadable(i, why, 0, recvNs);
      return;
    }
    stream.snapshot(book, url.endsWith(VERIFY), recvNs);
  }

  receive(bytes: Buffer, from: number, to: number, recvNs: number): void {
    let raw: Raw;
    try {
      raw = JSON.parse(bytes.toString('utf8', from, to)) as Raw;
    } catch (error) {
      // Its number is missing from now on, which the next message shows, or the next heartbeat but one.
      this.#sink.unreadable(null, `not JSON: ${(error as Error).message}`, 0, recvNs);
      return;
    }
    if (typeof raw !== 'object' || raw === null || typeof raw.type !== 'string') {
      this.#sink.unreadable(null, 'a message without "type"', 0, recvNs);
    } else if (raw.type === 'error') this.#refused(raw);
    else if (raw.type === 'subscriptions') this.#subscriptions(raw);
    else this.#message(raw, recvNs);
  }

  #message(raw: Raw, recvNs: number): void {
    if (raw.type === 'heartbeat') this.#sink.heartbeat();
    const stream = this.#streams.find(({ symbol }) => symbol === raw.product_id);
    // An `activate` has no number; it changes no book.
    if (stream === undefined || raw.sequence === undefined) return;
    const sequence = wholeNumber(raw.sequence);
    if (Number.isNaN(sequence)) {
      this.#sink.unreadable(stream.index, `the sequence is ${shown(raw.sequence)}`, 0, recvNs);
    } else if (raw.type === 'heartbeat') stream.heartbeat(sequence);
    else {
      const timeNs = typeof raw.time === 'string' ? stream.time.readText(raw.time) : Number.NaN;
      let message: OrderMessage | string;
      try {
        message = orderMessage(raw, sequence, stream.steps, timeNs);
      } catch (error) {
        message = (error as RangeError).message;
      }
      stream.take(sequence, timeNs, message, recvNs);
    }
  }

  /** `{"type":"subscriptions","channels":[{"name":"full","product_ids":["BTC-USD"]}]}` */
  #subscriptions(raw: Raw): void {
    const channels = Array.isArray(raw.channels) ? (raw.channels as unknown[]) : [];
    for (const channel of channels) {
      const { name, product_ids } = (channel ?? {}) as Raw;
      if (name !== 'full' || !Array.isArray(product_ids)) continue;
      for (const stream of this.#streams) if (product_ids.includes(stream.symbol)) stream.subscribed();
    }
  }

  #refused(raw: Raw): void {
    const said = [raw.message, raw.reason].filter((part) => typeof part === 'string').join(': ');
    const named = this.#streams.filter(({ symbol }) => said.includes(symbol));
    this.#sink.refused(named.length === 1 ? named[0].index : null, venueError('coinbase-exchange', said));
  }
}
