import { assert, NO_PRICE } from '../core/index.ts';
import { type EventBatch, EventKind, Side } from './event-batch.ts';
import { keyOf, NO_KEY } from './ladder-key.ts';
import { LadderSide } from './ladder-side.ts';

export interface LadderOptions {
  /** Ticks a side that are held in a dense array (8 bytes each); deeper levels are exact but slower to change. */
  windowTicks?: number;
}

/**
 * An L2 book of one instrument: sizes by price, two sides. Takes absolute levels (`setLevel`) and order increments
 * (`addLots`) alike, reports its best quotes as plain numbers and its best levels from a cache.
 *
 * Prices are integer ticks and sizes integer lots, so every size is exact. The book does what it is told: whether a
 * message may be applied is for `BookSync` to say, and a crossed book is shown as it is.
 */
export class LadderBook {
  readonly #bids: LadderSide;
  readonly #asks: LadderSide;
  /** The two by `Side`. */
  readonly #sides: readonly LadderSide[];
  #underflows = 0;

  constructor(options: LadderOptions = {}) {
    const width = options.windowTicks ?? 16384;
    this.#bids = new LadderSide(Side.BID, width);
    this.#asks = new LadderSide(Side.ASK, width);
    this.#sides = [this.#bids, this.#asks];
  }

  /** In ticks; `NO_PRICE` where there is no bid. */
  get bestBidTicks(): number {
    return this.#bids.best;
  }

  /** In ticks; `NO_PRICE` where there is no ask. */
  get bestAskTicks(): number {
    const key = this.#asks.best;
    return key === NO_KEY ? NO_PRICE : 0 - key;
  }

  /** 0 where there is no bid. */
  get bestBidLots(): number {
    return this.#bids.bestLots;
  }

  /** 0 where there is no ask. */
  get bestAskLots(): number {
    return this.#asks.bestLots;
  }

  /** Reductions of a level below zero, and negative sizes: each was taken as 0. In a complete stream there are none. */
  get underflows(): number {
    return this.#underflows;
  }

  /** Both sides are there and the best bid is at or above the best ask. */
  get crossed(): boolean {
    const ask = this.#asks.best;
    return ask !== NO_KEY && this.#bids.best !== NO_KEY && this.#bids.best + ask >= 0;
  }

  /** In ticks, with halves; `NaN` where a side is empty. */
  get mid(): number {
    const bid = this.#bids.best;
    const ask = this.#asks.best;
    return bid === NO_KEY || ask === NO_KEY ? Number.NaN : (bid - ask) / 2;
  }

  /** The size resting at a price is now `sizeLots`; 0 removes the level. */
  setLevel(side: Side, priceTicks: number, sizeLots: number): void {
    if (sizeLots < 0) {
      this.#underflows++;
      sizeLots = 0;
    }
    this.#sides[side].set(keyOf(side, priceTicks), sizeLots);
  }

  /** The size resting at a price changes by `deltaLots`. A level never falls below zero: the excess is counted. */
  addLots(side: Side, priceTicks: number, deltaLots: number): void {
    if (!this.#sides[side].add(keyOf(side, priceTicks), deltaLots)) this.#underflows++;
  }

  lotsAt(side: Side, priceTicks: number): number {
    return this.#sides[side].get(keyOf(side, priceTicks));
  }

  levelCount(side: Side): number {
    return this.#sides[side].levels;
  }

  /**
   * Writes up to `n` best levels into `ticksOut` and `lotsOut`, best first, and returns how many there were; slots past
   * them are left as they are. Cheap where none of these levels changed since the last call.
   */
  top(side: Side, n: number, ticksOut: Int32Array, lotsOut: Float64Array): number {
    return this.#sides[side].top(n, ticksOut, lotsOut);
  }

  /**
   * Another number whenever what `top` gives for this side may have changed since the last `top` of as many levels (32 at most).
   * So a reader that has read them need not read them again, whoever else reads in between.
   */
  topVersion(side: Side): number {
    return this.#sides[side].topVersion;
  }

  /** Applies one event: LEVEL, ADD, CANCEL, DELETE or EXECUTE; any other kind leaves the book as it is. */
  applyRow(batch: EventBatch, i: number): void {
    const kind = batch.kind[i];
    if (kind > EventKind.EXECUTE) return;
    const side = batch.side[i] as Side;
    const ticks = batch.priceTicks[i];
    const lots = batch.sizeLots[i];
    if (kind === EventKind.LEVEL) this.setLevel(side, ticks, lots);
    // Without a branch: orders come and go in no order that a processor could predict.
    else this.addLots(side, ticks, lots * (2 * Number(kind === EventKind.ADD) - 1));
  }

  /** Applies the events in rows [from, to). */
  applyRows(batch: EventBatch, from: number, to: number): void {
    const { kind, side } = batch;
    for (let i = from; i < to; ) {
      const begun = i;
      // A run of one is not worth its beginning.
      if (kind[i] === EventKind.LEVEL && side[i] !== Side.NONE && i + 1 < to) {
        i = this.#sides[side[i]].setRun(batch, i, to);
      }
      if (i === begun) this.applyRow(batch, i++);
    }
  }

  /** Forgets all but the best `levels` (at least 1) of each side. */
  truncate(levels: number): void {
    this.#bids.keepBest(levels);
    this.#asks.keepBest(levels);
  }

  clear(): void {
    this.#bids.clear();
    this.#asks.clear();
  }

  /**
   * A number below 2^53 made of every level, the same for the same levels however the book came by them. For tests and
   * reports: it reads the whole book.
   */
  hash(): number {
    let low = 0;
    let high = 0;
    const mix = (side: Side, key: number, lots: number): void => {
      const part = scramble(scramble(scramble(key ^ side) ^ (lots >>> 0)) ^ ((lots / 4294967296) >>> 0));
      low = (low + part) >>> 0;
      high = (high + scramble(part ^ 0x5bd1e995)) & 0x1fffff;
    };
    this.#bids.visit((key, lots) => mix(Side.BID, key, lots));
    this.#asks.visit((key, lots) => mix(Side.ASK, key, lots));
    return high * 4294967296 + low;
  }
}

/** A bijection of 32-bit words whose output bits all depend on all input bits (the finaliser of MurmurHash3). */
function scramble(word: number): number {
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return (word ^ (word >>> 16)) >>> 0;
}

assert(NO_KEY === NO_PRICE, 'an empty bid side reports NO_PRICE');
