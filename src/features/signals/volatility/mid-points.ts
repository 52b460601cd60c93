import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part, Versioned } from '../../signal.ts';
import { STEP_NS, StepClock, type Stepping } from '../../step-clock.ts';

/** Returns of one step in the window: a minute. */
export const RETURNS = 600;
/** Steps that returns are measured over, a factor of four apart. */
const SPAN1 = 1;
const SPAN2 = 4;
const SPAN3 = 16;
const SPAN4 = 64;
export const SPANS: readonly number[] = [SPAN1, SPAN2, SPAN3, SPAN4];
/** What signals of points say of their warm-up. */
export const POINT_WARMUP = '601 points of 100 ms with a mid';

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
export class MidPoints implements Part, Versioned, Stepping {
  version = 0;
  /** Σ D over the window's overlapping returns D in ticks, by span, without the longest. */
  readonly sums = new Float64Array(SPANS.length - 1);
  /** Σ D² in ticks², by span. */
  readonly squares = new Float64Array(SPANS.length);
  /** Returns of one step that are 0. */
  zeros = 0;
  /** False until the window has its points. */
  full = false;
  readonly #mids = new Float64Array(RING);
  /** Points since the reset. */
  #taken = 0;
  #nextNs = Number.NaN;

  constructor(context: SignalContext) {
    context.share(StepClock).hear(this);
    this.reset();
  }

  onStep(view: MarketView): void {
    const due = Math.floor((view.nowNs - this.#nextNs) / STEP_NS) + 1;
    this.#nextNs += due * STEP_NS;
    const mid = view.midTicks;
    if (Number.isNaN(mid)) return;
    if (due > RETURNS) this.#standStill(mid);
    else this.#take(mid, due);
  }

  /** After a long silence every point of the window is the same. */
  #standStill(mid: number): void {
    this.#mids.fill(mid);
    this.#clear();
    this.zeros = RETURNS;
    this.#taken += RETURNS + 1;
    this.full = true;
    this.version++;
  }

  #take(mid: number, due: number): void {
    let left = due;
    for (; left > 0 && !this.full; left--) this.#addFirst(mid);
    const before = (RENEWAL - (this.#taken % RENEWAL)) % RENEWAL;
    if (left > before) {
      this.#slide(mid, before);
      this.#renew(mid);
      left -= before + 1;
    }
    this.#slide(mid, left);
  }

  /** A point while the window is not full. */
  #addFirst(mid: number): void {
    const end = this.#taken;
    this.#mids[end & MASK] = mid;
    this.#taken = end + 1;
    for (let s = 0; s < SPANS.length; s++) if (end >= SPANS[s]) this.#add(s, end);
    this.full = end >= RETURNS;
    this.version++;
  }

  /** For each of `due` points, adds the returns that end with it and takes away those that began with the one that leaves. */
  #slide(mid: number, due: number): void {
    if (due === 0) return;
    const mids = this.#mids;
    const { sums, squares } = this;
    let zeros = this.zeros;
    let sum2 = sums[1];
    let sum3 = sums[2];
    let square1 = squares[0];
    let square2 = squares[1];
    let square3 = squares[2];
    let square4 = squares[3];
    const last = this.#taken + due;
    for (let end = this.#taken; end < last; end++) {
      const gone = end - RETURNS - 1;
      const goneMid = mids[gone & MASK];
      const added1 = mid - mids[(end - SPAN1) & MASK];
      const added2 = mid - mids[(end - SPAN2) & MASK];
      const added3 = mid - mids[(end - SPAN3) & MASK];
      const added4 = mid - mids[(end - SPAN4) & MASK];
      const lost1 = mids[(gone + SPAN1) & MASK] - goneMid;
      const lost2 = mids[(gone + SPAN2) & MASK] - goneMid;
      const lost3 = mids[(gone + SPAN3) & MASK] - goneMid;
      const lost4 = mids[(gone + SPAN4) & MASK] - goneMid;
      sum2 += added2 - lost2;
      sum3 += added3 - lost3;
      square1 += added1 * added1 - lost1 * lost1;
      square2 += added2 * added2 - lost2 * lost2;
      square3 += added3 * added3 - lost3 * lost3;
      square4 += added4 * added4 - lost4 * lost4;
      if (added1 === 0) zeros++;
      if (lost1 === 0) zeros--;
      mids[end & MASK] = mid;
    }
    this.#taken = last;
    const sum1 = mid - mids[(last - 1 - RETURNS) & MASK];
    const same = sum1 === sums[0] && sum2 === sums[1] && sum3 === sums[2] && zeros === this.zeros;
    if (same && square1 === squares[0] && square2 === squares[1] && square3 === squares[2] && square4 === squares[3]) {
      return;
    }
    this.zeros = zeros;
    sums[0] = sum1;
    sums[1] = sum2;
    sums[2] = sum3;
    squares[0] = square1;
    squares[1] = square2;
    squares[2] = square3;
    squares[3] = square4;
    this.version++;
  }

  /** Adds the return over span `s` that ends with point `end`. */
  #add(s: number, end: number): void {
    const move = this.#mids[end & MASK] - this.#mids[(end - SPANS[s]) & MASK];
    if (s < this.sums.length) this.sums[s] += move;
    this.squares[s] += move * move;
    if (s === 0 && move === 0) this.zeros++;
  }

  #renew(mid: number): void {
    const end = this.#taken;
    this.#mids[end & MASK] = mid;
    this.#taken = end + 1;
    this.#clear();
    for (let s = 0; s < SPANS.length; s++) {
      for (let i = end - RETURNS + SPANS[s]; i <= end; i++) this.#add(s, i);
    }
    this.version++;
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
    this.#taken = 0;
    this.#nextNs = STEP_NS;
  }
}
