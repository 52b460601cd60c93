import { assert, NS_PER_SECOND } from '../core/index.ts';
import { type LadderBook, Side } from '../market/index.ts';
import { TAUS_SECONDS } from './decays.ts';
import { createViewKernel } from './view-kernel.ts';
import { Task, type ViewMemory } from './view-memory.ts';
import { ViewSide } from './view-side.ts';

/** The average depth forgets with this many book messages; the slowest memory that every signal shares. */
const DEPTH_MEMORY = 500;

const LONGEST_TAU_NS = TAUS_SECONDS[TAUS_SECONDS.length - 1] * NS_PER_SECOND;
const TENFOLD = TAUS_SECONDS.every((tau, k) => k === 0 || Math.abs(tau / TAUS_SECONDS[k - 1] - 10) < 1e-12);
assert(TENFOLD, 'each decay time is ten times as long as the one before');

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
  /** 1 / ∫₀ᵗ exp(−(t − s) / τ) ds: what makes a decaying sum a mean per second. */
  readonly perSecond = new Float64Array(TAUS_SECONDS.length);
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
  /** 1 where the last book message changed the best bid, its price or its size, plus 2 where it changed the best ask. */
  touchChanges = 0;
  /** In ticks; `NaN` where a side is empty. */
  midTicks = Number.NaN;
  /** By how far the last book message moved the mid, from the last mid that there was; 0 where there is none. */
  moveTicks = 0;
  /** Decayed mean of the size of a level over all levels of both sides; the yardstick of every flow. `NaN` when empty. */
  meanLots = Number.NaN;
  /**
   * Per level, the order flow of the last book message: lots that joined the bid less lots that joined the ask. Cont, Kukanov
   * and Stoikov (2014), "The price impact of order book events", at every level (Xu, Gould and Howison 2018):
   * e = 1{Pb ≥ Pb′} qb − 1{Pb ≤ Pb′} qb′ − 1{Pa ≤ Pa′} qa + 1{Pa ≥ Pa′} qa′, a prime for before.
   */
  readonly flowLots: Float64Array;
  /** Its sum by level, fading over `FLOW_MEMORY` book messages. */
  readonly fadedFlowLots: Float64Array;

  /** The levels now. */
  readonly bidTicks: Int32Array;
  readonly bidLots: Float64Array;
  readonly askTicks: Int32Array;
  readonly askLots: Float64Array;
  /** The levels before the last book message. */
  readonly oldBidTicks: Int32Array;
  readonly oldBidLots: Float64Array;
  readonly oldAskTicks: Int32Array;
  readonly oldAskLots: Float64Array;
  readonly #memory: ViewMemory;
  readonly #step: (bid: Task, ask: Task) => number;
  readonly #bid: ViewSide;
  readonly #ask: ViewSide;
  #lastMidTicks = Number.NaN;
  #depthSum = Number.NaN;
  #depthWeight = Number.NaN;

  /** `plain`: without WebAssembly; the numbers are the same. */
  constructor(depth: number, plain = false) {
    assert(Number.isInteger(depth) && depth > 0, 'a view has at least one level');
    this.depth = depth;
    const { memory, step } = createViewKernel(depth, plain);
    this.#memory = memory;
    this.#step = step;
    const { bid, ask } = memory;
    this.#bid = new ViewSide(Side.BID, bid);
    this.#ask = new ViewSide(Side.ASK, ask);
    this.bidTicks = bid.ticks;
    this.bidLots = bid.lots;
    this.askTicks = ask.ticks;
    this.askLots = ask.lots;
    this.oldBidTicks = bid.oldTicks;
    this.oldBidLots = bid.oldLots;
    this.oldAskTicks = ask.oldTicks;
    this.oldAskLots = ask.oldLots;
    this.bidSumLots = bid.sumLots;
    this.askSumLots = ask.sumLots;
    this.bidSumReach = bid.sumReach;
    this.askSumReach = ask.sumReach;
    this.flowLots = memory.flowLots;
    this.fadedFlowLots = memory.fadedLots;
    this.reset();
  }

  /** Levels that exist, at most `depth`. */
  get bidLevels(): number {
    return this.#bid.levels;
  }

  get askLevels(): number {
    return this.#ask.levels;
  }

  /** The last book message changed one of the side's levels. */
  get bidChanged(): boolean {
    return this.#bid.changed;
  }

  get askChanged(): boolean {
    return this.#ask.changed;
  }

  get oldBidLevels(): number {
    return this.#bid.oldLevels;
  }

  get oldAskLevels(): number {
    return this.#ask.oldLevels;
  }

  /** Flow of the last book message over all levels. */
  get flowTotal(): number {
    return this.#memory.totalLots[0];
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
    this.perSecond.fill(Number.NaN);
    this.#bid.reset();
    this.#ask.reset();
    this.#memory.clearFlows();
    this.bookMessages = 0;
    this.touchChanges = 0;
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
    const { fades, watched, perSecond } = this;
    // One exponential for all: each decay time is ten times as long as the one before.
    let fade = Math.exp(-elapsedNs / LONGEST_TAU_NS);
    for (let k = TAUS_SECONDS.length - 1; k >= 0; k--) {
      fades[k] = fade;
      // After forty decay times all has been watched, to the last bit, and stays so.
      if (watched[k] !== 1) {
        const seen = 1 - (1 - watched[k]) * fade;
        watched[k] = seen;
        perSecond[k] = 1 / (TAUS_SECONDS[k] * seen);
      }
      const fourth = fade * fade * (fade * fade);
      fade = fourth * fourth * (fade * fade);
    }
  }

  /** The first book after a reset: a state, with no flow that led to it. */
  start(book: LadderBook): void {
    this.#bid.start(book);
    this.#ask.start(book);
    this.#step(Task.RENEW, Task.RENEW);
    this.#step(Task.AGE, Task.AGE);
    this.#memory.clearFlows();
    this.#measure();
    this.moveTicks = 0;
  }

  /** The book after a message that changed it. */
  apply(book: LadderBook): void {
    this.touchChanges = this.#step(this.#bid.read(book), this.#ask.read(book));
    this.bookMessages++;
    this.#measure();
  }

  #measure(): void {
    const levels = this.bidLevels + this.askLevels;
    this.midTicks = this.has(1) ? (this.bidTicks[0] + this.askTicks[0]) / 2 : Number.NaN;
    this.moveTicks = 0;
    if (!Number.isNaN(this.midTicks)) {
      if (!Number.isNaN(this.#lastMidTicks)) this.moveTicks = this.midTicks - this.#lastMidTicks;
      this.#lastMidTicks = this.midTicks;
    }
    if (levels === 0) return;
    const keep = 1 - 1 / DEPTH_MEMORY;
    this.#depthSum = this.#depthSum * keep + (this.#bid.total + this.#ask.total) / levels;
    this.#depthWeight = this.#depthWeight * keep + 1;
    this.meanLots = this.#depthSum / this.#depthWeight;
  }
}
