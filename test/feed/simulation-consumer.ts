import type { FeedInstrument } from '../../src/feed/index.ts';
import {
  BookSync,
  Effect,
  EventBatch,
  EventKind,
  LadderBook,
  messageEnd,
  OrderBook,
  Side,
  SyncState,
} from '../../src/market/index.ts';
import type { Market } from '../doubles/market.ts';
import type { DoubleVenue } from '../doubles/products.ts';
import type { Moment } from '../doubles/truth.ts';
import { BookCheck } from './simulation-check.ts';

const US_PER_DAY = 86_400_000_000;
/** How many of the latest moments a book may be compared with where its message had no time. */
const LOOK_BACK = 400;
/** Numbers and trades that are kept when old ones are forgotten. */
const KEPT = 20_000;

/**
 * One instrument, downstream: knows nothing but batches, through their bytes. After each message it compares its book with the
 * double's at the very version that the message made.
 */
export class SimulationConsumer {
  readonly sync: BookSync;
  readonly check: BookCheck;
  readonly problems: string[] = [];
  /** Comparisons of synced books with the truth. */
  compared = 0;
  readonly trades = new Set<number>();
  readonly #feed: FeedInstrument;
  readonly #market: Market;
  readonly #key: 'updateId' | 'sequence' | null;
  /** The venue's time of the book message with that number, ns since the day; `NaN` where it had none. */
  readonly #times = new Map<number, number>();
  /** By side: the worst price that the last snapshot told, where it did not tell all. */
  #known: readonly (number | null)[] = [null, null];
  readonly #snapshotLevels: number | null;

  constructor(
    venue: DoubleVenue,
    feed: FeedInstrument,
    market: Market,
    depth: number | null,
    snapshotLevels: number | null,
  ) {
    this.#feed = feed;
    this.#market = market;
    this.#snapshotLevels = snapshotLevels;
    this.#key = venue.startsWith('binance') ? 'updateId' : venue === 'coinbase-full' ? 'sequence' : null;
    this.sync = new BookSync(feed.instrument, feed.book === 'orders' ? new OrderBook() : new LadderBook());
    this.check = new BookCheck(feed.instrument, market.product, depth);
  }

  take(batch: EventBatch): void {
    const copy = EventBatch.from(batch.buffer.slice(0));
    for (let from = 0; from < copy.length; ) {
      const to = messageEnd(copy, from);
      this.#message(copy, from, to);
      from = to;
    }
  }

  get synced(): boolean {
    return this.sync.state === SyncState.SYNCED;
  }

  /** Forgets what was long ago, in runs that are too long to keep all. */
  prune(): void {
    for (const old of [this.#times, this.trades]) {
      for (const key of old.keys()) {
        if (old.size <= KEPT) break;
        old.delete(key);
      }
    }
  }

  /** What differs from the venue's book at this moment, or null. */
  differsFrom(truth: Moment): string | null {
    return this.check.differs(this.sync.book, truth, this.#known);
  }

  /** As `differsFrom`, of a book that begins with a checkpoint of this one's. */
  restored(batch: EventBatch, truth: Moment): string | null {
    const sync = new BookSync(this.#feed.instrument, this.#feed.book === 'orders' ? new OrderBook() : new LadderBook());
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      sync.applyMessage(batch, from, to);
      from = to;
    }
    if (sync.state !== SyncState.SYNCED) return 'not synced';
    if (sync.lastSequence !== this.sync.lastSequence) return `at ${sync.lastSequence}, not ${this.sync.lastSequence}`;
    return this.check.differs(sync.book, truth, this.#known);
  }

  #message(batch: EventBatch, from: number, to: number): void {
    const head = batch.kind[from];
    const ofBook = head === EventKind.SNAPSHOT || head === EventKind.DELTA;
    const timed = batch.tsEventNs[from] !== batch.tsRecvNs[from];
    if (ofBook) this.#times.set(batch.sequence[from], timed ? batch.tsEventNs[from] : Number.NaN);
    for (let i = from; i < to; i++) if (batch.kind[i] === EventKind.TRADE) this.#trade(batch, i);
    const effect = this.sync.applyMessage(batch, from, to);
    if (effect === Effect.RESYNCED && head === EventKind.SNAPSHOT) this.#learn(batch, from, to);
    if (effect === Effect.CHANGED || effect === Effect.RESYNCED) this.#compare(batch.day);
  }

  #trade(batch: EventBatch, i: number): void {
    const id = batch.orderId[i];
    const trade = this.#market.trades.get(id);
    if (this.trades.has(id)) this.#wrong(`trade ${id} came twice`);
    this.trades.add(id);
    if (trade === undefined) {
      this.#wrong(`trade ${id} never happened`);
      return;
    }
    const aggressor = trade.makerSide === 0 ? Side.ASK : Side.BID;
    const same = this.check.same(batch.priceTicks[i], batch.sizeLots[i], trade.price, trade.size);
    if (!same || batch.side[i] !== aggressor) this.#wrong(`trade ${id} is not the venue's`);
  }

  /** How far a cut snapshot told. */
  #learn(batch: EventBatch, from: number, to: number): void {
    const worst: (number | null)[] = [null, null];
    for (const side of [0, 1] as const) {
      let count = 0;
      for (let i = from; i < to; i++) {
        if (batch.kind[i] !== EventKind.LEVEL || batch.side[i] !== side) continue;
        count++;
        const price = this.check.unitsOfTicks(batch.priceTicks[i]);
        const last = worst[side];
        worst[side] = last === null ? price : side === 0 ? Math.min(last, price) : Math.max(last, price);
      }
      if (this.#snapshotLevels === null || count < this.#snapshotLevels) worst[side] = null;
    }
    this.#known = worst;
  }

  #compare(day: number): void {
    if (!this.synced) return;
    this.compared++;
    const { lastSequence, levels } = this.sync;
    if (levels.crossed) this.#wrong(`crossed while synced, at ${lastSequence}`);
    const wrong = this.#key === null ? this.#differsByTime(day) : this.#differsByNumber(this.#key);
    if (wrong !== null) this.#wrong(`synced at ${lastSequence}, but not the venue's book: ${wrong}`);
  }

  #differsByNumber(key: 'updateId' | 'sequence'): string | null {
    const truth = this.#market.truth.at(key, this.sync.lastSequence);
    return truth === null ? 'the venue never had that number' : this.differsFrom(truth);
  }

  #differsByTime(day: number): string | null {
    const ns = this.#times.get(this.sync.lastSequence);
    if (ns === undefined) return 'no message had that number';
    const { truth } = this.#market;
    if (!Number.isNaN(ns)) return this.differsFrom(truth.atTime(day * US_PER_DAY + Math.floor(ns / 1000)));
    // A snapshot without a time is right where it is the book of some moment just now.
    let wrong: string | null = 'no truth';
    for (let count = truth.length; count > Math.max(0, truth.length - LOOK_BACK) && wrong !== null; count--) {
      wrong = this.differsFrom(truth.atCount(count));
    }
    return wrong;
  }

  #wrong(what: string): void {
    // The first ones tell; the rest follow from them.
    if (this.problems.length < 5) this.problems.push(`${this.#feed.instrument.name}: ${what}`);
  }
}
