import { NS_PER_MS } from '../../../core/index.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part, Versioned } from '../../signal.ts';

/** Returns of one step in the window: a minute. */
export const RETURNS = 600;
/** Steps that returns are measured over, a factor of four apart. */
export const SPANS: readonly number[] = [1, 4, 16, 64];
/** What signals of points say of their warm-up. */
export const POINT_WARMUP = '601 points of 100 ms with a mid';

const STEP_NS = 100 * NS_PER_MS;
const RING = 1024;
const MASK = RING - 1;
/** Points after which the sums are added up anew: about a quarter of an hour. */
const RENEWAL = 8 * RING;

/**
 * The mid sampled every 100 ms after the reset, a point taken once its time has passed: the mid in force just before. Points at
 * which a side is empty are passed over. Of the last 601 points, and so 600 returns, it keeps for each of `SPANS` what the
 * overlapping returns over that many steps add up to.
 *
 * The sums run along: a point adds the returns that end with it and takes away those that began with the one that leaves. Mids are
 * whole half ticks, so this is exact while sums stay below 2⁵³ quarter ticks²; beyond, rounding is gone after a quarter of
 * an hour, when everything is added up anew.
 */
export class MidPoints implements Part, Versioned {
  version = 0;
  /** Σ D and Σ D² over the window's overlapping returns D, by span; ticks and ticks². */
  readonly sums = new Float64Array(SPANS.length);
  readonly squares = new Float64Array(SPANS.length);
  /** Returns of one step that are 0. */
  zeros = 0;
  /** False until the window has its points. */
  full = false;
  /** Points since the reset; tells whether anything changed. */
  taken = 0;
  readonly #mids = new Float64Array(RING);
  #nextNs = Number.NaN;

  constructor() {
    this.reset();
  }

  onTime(view: MarketView): void {
    if (view.nowNs < this.#nextNs) return;
    const due = Math.floor((view.nowNs - this.#nextNs) / STEP_NS) + 1;
    this.#nextNs += due * STEP_NS;
    const mid = view.midTicks;
    if (Number.isNaN(mid)) return;
    this.version++;
    if (due > RETURNS) this.#standStill(mid);
    else for (let n = due; n > 0; n--) this.#take(mid);
  }

  /** After a long silence every point of the window is the same. */
  #standStill(mid: number): void {
    this.#mids.fill(mid);
    this.#clear();
    this.zeros = RETURNS;
    this.taken += RETURNS + 1;
    this.full = true;
  }

  #take(mid: number): void {
    const end = this.taken;
    this.#mids[end & MASK] = mid;
    this.taken = end + 1;
    if (!this.full) {
      for (let s = 0; s < SPANS.length; s++) if (end >= SPANS[s]) this.#add(s, end);
      this.full = end >= RETURNS;
    } else if (end % RENEWAL === 0) this.#addAnew();
    else this.#slide(end, mid);
  }

  /** Adds the returns that end with point `end` and takes away those that began with the one that leaves. */
  #slide(end: number, mid: number): void {
    const mids = this.#mids;
    const { sums, squares } = this;
    const gone = end - RETURNS - 1;
    const goneMid = mids[gone & MASK];
    for (let s = 0; s < SPANS.length; s++) {
      const added = mid - mids[(end - SPANS[s]) & MASK];
      const lost = mids[(gone + SPANS[s]) & MASK] - goneMid;
      sums[s] += added - lost;
      squares[s] += added * added - lost * lost;
    }
    if (mid === mids[(end - 1) & MASK]) this.zeros++;
    if (goneMid === mids[(gone + 1) & MASK]) this.zeros--;
  }

  /** Adds the return over span `s` that ends with point `end`. */
  #add(s: number, end: number): void {
    const move = this.#mids[end & MASK] - this.#mids[(end - SPANS[s]) & MASK];
    this.sums[s] += move;
    this.squares[s] += move * move;
    if (s === 0 && move === 0) this.zeros++;
  }

  #addAnew(): void {
    this.#clear();
    const end = this.taken - 1;
    for (let s = 0; s < SPANS.length; s++) {
      for (let i = end - RETURNS + SPANS[s]; i <= end; i++) this.#add(s, i);
    }
  }

  #clear(): void {
    this.sums.fill(0);
    this.squares.fill(0);
    this.zeros = 0;
  }

  reset(): void {
    this.#clear();
    this.full = false;
    this.version++;
    this.taken = 0;
    this.#nextNs = STEP_NS;
  }
}
