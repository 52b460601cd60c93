import { assert, MAX_PRICE_TICKS, NO_PRICE, NS_PER_SECOND } from '../core/index.ts';
import { type LadderBook, Side } from '../market/index.ts';
import { TAUS_SECONDS } from './decays.ts';

/** The average depth forgets with this many book messages; the slowest memory that every signal shares. */
const DEPTH_MEMORY = 500;

/**
 * What the signals see: the best levels before and after the last message that changed the book, read once and shared, and
 * what several signals need of them. Only the engine writes to it.
 *
 * Level arrays are best first and `depth` long. A level that does not exist has size 0 and lies infinitely far away:
 * `NO_PRICE` on the bid side, `MAX_PRICE_TICKS` on the ask side, so that price comparisons need no case for it.
 */
export class MarketView {
  readonly depth: number;
  /** Nanoseconds of the burst clock since the reset; a time that goes back counts as standing still. */
  nowNs = 0;
  /** From the message before to this one; 0 where time stood still. */
  elapsedNs = 0;
  /** The venue's time of the message, ns since `day`. */
  eventNs = Number.NaN;
  /** Days since 1970-01-01 UTC of the message's batch. */
  day = 0;
  /** exp(−elapsed / τ) for the time since the message before, by decay time. */
  readonly fades = new Float64Array(TAUS_SECONDS.length);
  /** 1 − exp(−nowNs / τ): the part of an endless decaying memory that has been watched since the reset. */
  readonly watched = new Float64Array(TAUS_SECONDS.length);
  bidTicks: Int32Array;
  bidLots: Float64Array;
  askTicks: Int32Array;
  askLots: Float64Array;
  /** Levels that exist, at most `depth`. */
  bidLevels = 0;
  askLevels = 0;
  /** Lots on the best m + 1 levels of a side. */
  readonly bidSumLots: Float64Array;
  readonly askSumLots: Float64Array;
  /** Σ lots × distance in ticks from the side's own best price, over the best m + 1 levels. */
  readonly bidSumReach: Float64Array;
  readonly askSumReach: Float64Array;
  /** Messages that changed the book since the first book after the reset. */
  bookMessages = 0;
  /** Events of the last message that changed the book: level changes, order messages, executions. */
  events = 0;
  /** In ticks; `NaN` where a side is empty. */
  midTicks = Number.NaN;
  /** By how far the last book message moved the mid, from the last mid that there was; 0 where there is none. */
  moveTicks = 0;
  /** Decayed mean of the size of a level over all levels of both sides; the yardstick of every flow. `NaN` when empty. */
  meanLots = Number.NaN;
  /** Per level, the order flow of the last book message: lots that joined the bid less lots that joined the ask. */
  readonly flowLots: Float64Array;

  /** The levels before the last book message, in the same form. */
  oldBidTicks: Int32Array;
  oldBidLots: Float64Array;
  oldAskTicks: Int32Array;
  oldAskLots: Float64Array;
  oldBidLevels = 0;
  oldAskLevels = 0;
  #lastMidTicks = Number.NaN;
  #depthSum = 0;
  #depthWeight = 0;

  constructor(depth: number) {
    assert(Number.isInteger(depth) && depth > 0, 'a view has at least one level');
    this.depth = depth;
    this.bidTicks = new Int32Array(depth);
    this.bidLots = new Float64Array(depth);
    this.askTicks = new Int32Array(depth);
    this.askLots = new Float64Array(depth);
    this.bidSumLots = new Float64Array(depth);
    this.askSumLots = new Float64Array(depth);
    this.bidSumReach = new Float64Array(depth);
    this.askSumReach = new Float64Array(depth);
    this.flowLots = new Float64Array(depth);
    this.oldBidTicks = new Int32Array(depth);
    this.oldBidLots = new Float64Array(depth);
    this.oldAskTicks = new Int32Array(depth);
    this.oldAskLots = new Float64Array(depth);
    this.reset();
  }

  /** True where level `n` (from 1) exists on both sides. */
  has(n: number): boolean {
    return this.bidLevels >= n && this.askLevels >= n;
  }

  reset(): void {
    this.nowNs = 0;
    this.elapsedNs = 0;
    this.fades.fill(1);
    this.watched.fill(0);
    this.#clearLevels();
    this.flowLots.fill(0);
    this.bookMessages = 0;
    this.events = 0;
    this.midTicks = Number.NaN;
    this.moveTicks = 0;
    this.meanLots = Number.NaN;
    this.#lastMidTicks = Number.NaN;
    this.#depthSum = 0;
    this.#depthWeight = 0;
  }

  /** Time moves on, by more than nothing. */
  advance(elapsedNs: number): void {
    this.nowNs += elapsedNs;
    this.elapsedNs = elapsedNs;
    for (let k = 0; k < TAUS_SECONDS.length; k++) {
      const fade = Math.exp(-elapsedNs / (TAUS_SECONDS[k] * NS_PER_SECOND));
      this.fades[k] = fade;
      this.watched[k] = 1 - (1 - this.watched[k]) * fade;
    }
  }

  /** The first book after a reset: a state, with no flow that led to it. */
  start(book: LadderBook): void {
    this.#read(book);
    this.#measure();
    this.moveTicks = 0;
  }

  /** The book after a message that changed it. */
  apply(book: LadderBook): void {
    this.#swap();
    this.#read(book);
    this.bookMessages++;
    this.#measure();
    this.#measureFlow();
  }

  #swap(): void {
    this.oldBidLevels = this.bidLevels;
    this.oldAskLevels = this.askLevels;
    const { bidTicks, bidLots, askTicks, askLots } = this;
    this.bidTicks = this.oldBidTicks;
    this.bidLots = this.oldBidLots;
    this.askTicks = this.oldAskTicks;
    this.askLots = this.oldAskLots;
    this.oldBidTicks = bidTicks;
    this.oldBidLots = bidLots;
    this.oldAskTicks = askTicks;
    this.oldAskLots = askLots;
  }

  #read(book: LadderBook): void {
    const depth = this.depth;
    this.bidLevels = book.top(Side.BID, depth, this.bidTicks, this.bidLots);
    this.askLevels = book.top(Side.ASK, depth, this.askTicks, this.askLots);
    for (let m = this.bidLevels; m < depth; m++) {
      this.bidTicks[m] = NO_PRICE;
      this.bidLots[m] = 0;
    }
    for (let m = this.askLevels; m < depth; m++) {
      this.askTicks[m] = MAX_PRICE_TICKS;
      this.askLots[m] = 0;
    }
  }

  #measure(): void {
    const levels = this.bidLevels + this.askLevels;
    this.midTicks = this.has(1) ? (this.bidTicks[0] + this.askTicks[0]) / 2 : Number.NaN;
    this.moveTicks = 0;
    if (!Number.isNaN(this.midTicks)) {
      if (!Number.isNaN(this.#lastMidTicks)) this.moveTicks = this.midTicks - this.#lastMidTicks;
      this.#lastMidTicks = this.midTicks;
    }
    const lots =
      this.#sumSide(this.bidTicks, this.bidLots, this.bidSumLots, this.bidSumReach, 1) +
      this.#sumSide(this.askTicks, this.askLots, this.askSumLots, this.askSumReach, -1);
    if (levels === 0) return;
    const keep = 1 - 1 / DEPTH_MEMORY;
    this.#depthSum = this.#depthSum * keep + lots / levels;
    this.#depthWeight = this.#depthWeight * keep + 1;
    this.meanLots = this.#depthSum / this.#depthWeight;
  }

  /**
   * Cont, Kukanov and Stoikov (2014), "The price impact of order book events", at every level (Xu, Gould and
   * Howison 2018): e = 1{Pb ≥ Pb′} qb − 1{Pb ≤ Pb′} qb′ − 1{Pa ≤ Pa′} qa + 1{Pa ≥ Pa′} qa′, a prime for before.
   */
  #measureFlow(): void {
    const { bidTicks, bidLots, askTicks, askLots, flowLots } = this;
    const oldBidTicks = this.oldBidTicks;
    const oldBidLots = this.oldBidLots;
    const oldAskTicks = this.oldAskTicks;
    const oldAskLots = this.oldAskLots;
    for (let m = 0; m < this.depth; m++) {
      const bid =
        (bidTicks[m] >= oldBidTicks[m] ? bidLots[m] : 0) - (bidTicks[m] <= oldBidTicks[m] ? oldBidLots[m] : 0);
      const ask =
        (askTicks[m] <= oldAskTicks[m] ? askLots[m] : 0) - (askTicks[m] >= oldAskTicks[m] ? oldAskLots[m] : 0);
      flowLots[m] = bid - ask;
    }
  }

  /** Running sums of a side's lots and of lots × distance; returns all its lots. */
  #sumSide(ticks: Int32Array, lots: Float64Array, sumLots: Float64Array, sumReach: Float64Array, away: number): number {
    const best = ticks[0];
    let sum = 0;
    let reach = 0;
    for (let m = 0; m < this.depth; m++) {
      sum += lots[m];
      // The product of an absent level is 0: it is far away, but its size is 0.
      reach += lots[m] * (away * (best - ticks[m]));
      sumLots[m] = sum;
      sumReach[m] = reach;
    }
    return sum;
  }

  #clearLevels(): void {
    this.bidLevels = 0;
    this.askLevels = 0;
    this.oldBidLevels = 0;
    this.oldAskLevels = 0;
    for (const sums of [this.bidSumLots, this.askSumLots, this.bidSumReach, this.askSumReach]) sums.fill(0);
    this.bidTicks.fill(NO_PRICE);
    this.bidLots.fill(0);
    this.askTicks.fill(MAX_PRICE_TICKS);
    this.askLots.fill(0);
  }
}
