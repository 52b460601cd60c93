import { NS_PER_SECOND } from '../../../core/index.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';

/** Bars in the window; one more stands before them, for the close that the first one starts from. */
export const BARS = 60;
/** What signals of bars say of their warm-up. */
export const BAR_WARMUP = '61 bars of 1 s with a mid';

const BAR_NS = NS_PER_SECOND;
const RING = 64;
/** Brings an index of the arrays into their ring. */
export const BAR_MASK = RING - 1;

/**
 * The last closed bars of the mid, one second each: [k, k + 1) seconds after the reset, so that a reset starts a new grid. A
 * bar is closed by the first message at or after its end, and is not seen before.
 *
 * A bar is made of the mids that book messages left in it, as a bar of trades is of its prints; its open is the first of
 * them, not the close before, and the step between the two is what an overnight return is to daily bars. A bar without any
 * stands still at the mid in force. Where that is one-sided there is no bar, and the next one follows on the last that there
 * was, as a day follows on the day before a holiday.
 *
 * Prices are in ticks and not logarithms: over a minute both differ by the constant factor of the price, but for a part in as
 * many as the move is of the price, and ticks are exact.
 */
export class MidBars implements Part {
  readonly opens = new Float64Array(RING);
  readonly highs = new Float64Array(RING);
  readonly lows = new Float64Array(RING);
  readonly closes = new Float64Array(RING);
  /** False until the window has its bars and the close before. */
  full = false;
  /** Changes whenever the window holds other moves than before; bars that stand still may come and go without. */
  changes = 0;
  /** The extremes of the window's bars; `NaN` until full. */
  highestTicks = Number.NaN;
  lowestTicks = Number.NaN;
  /** The extremes so far of the bar that is still open; infinite while it has no mid. */
  highTicks = Number.NEGATIVE_INFINITY;
  lowTicks = Number.POSITIVE_INFINITY;
  #openTicks = Number.NaN;
  #closeTicks = Number.NaN;
  #endNs = Number.NaN;
  #count = 0;

  constructor() {
    this.reset();
  }

  /** Where bar `i` of the window stands in the arrays, 1 being the oldest and 0 the one before it. */
  at(i: number): number {
    return (this.#count - BARS - 1 + i) & BAR_MASK;
  }

  onTime(view: MarketView): void {
    if (view.nowNs < this.#endNs) return;
    const mid = view.midTicks;
    if (!Number.isNaN(this.#openTicks)) {
      this.#push(this.#openTicks, this.highTicks, this.lowTicks, this.#closeTicks);
    } else if (!Number.isNaN(mid)) this.#push(mid, mid, mid, mid);
    const still = Math.floor((view.nowNs - this.#endNs) / BAR_NS);
    this.#endNs += (still + 1) * BAR_NS;
    // After a long silence no more bars matter than the arrays are read for.
    if (!Number.isNaN(mid)) for (let n = Math.min(still, BARS + 1); n > 0; n--) this.#push(mid, mid, mid, mid);
    this.#startBar();
  }

  onBook(view: MarketView): void {
    const mid = view.midTicks;
    if (Number.isNaN(mid)) return;
    if (Number.isNaN(this.#openTicks)) this.#openTicks = mid;
    if (mid > this.highTicks) this.highTicks = mid;
    if (mid < this.lowTicks) this.lowTicks = mid;
    this.#closeTicks = mid;
  }

  #push(open: number, high: number, low: number, close: number): void {
    const { opens, highs, lows, closes } = this;
    const last = (this.#count - 1) & BAR_MASK;
    const at = this.#count & BAR_MASK;
    const gone = this.at(1);
    const wasFull = this.full;
    const moved = high !== low || open !== closes[last];
    const lost = wasFull && (highs[gone] !== lows[gone] || opens[gone] !== closes[this.at(0)]);
    opens[at] = open;
    highs[at] = high;
    lows[at] = low;
    closes[at] = close;
    this.#count++;
    this.full = this.#count > BARS;
    if (!this.full) return;
    if (moved || lost || !wasFull) this.changes++;
    // An extreme leaves with its last bar; the next one mostly has it too.
    const first = this.at(1);
    const highLeft = highs[gone] === this.highestTicks && highs[first] !== this.highestTicks;
    const lowLeft = lows[gone] === this.lowestTicks && lows[first] !== this.lowestTicks;
    if (highLeft || lowLeft || !wasFull) this.#rescan();
    if (high > this.highestTicks) this.highestTicks = high;
    if (low < this.lowestTicks) this.lowestTicks = low;
  }

  #rescan(): void {
    const { highs, lows } = this;
    const first = this.at(1);
    let highest = Number.NEGATIVE_INFINITY;
    let lowest = Number.POSITIVE_INFINITY;
    for (let i = first; i < first + BARS; i++) {
      if (highs[i & BAR_MASK] > highest) highest = highs[i & BAR_MASK];
      if (lows[i & BAR_MASK] < lowest) lowest = lows[i & BAR_MASK];
    }
    this.highestTicks = highest;
    this.lowestTicks = lowest;
  }

  #startBar(): void {
    this.#openTicks = Number.NaN;
    this.#closeTicks = Number.NaN;
    this.highTicks = Number.NEGATIVE_INFINITY;
    this.lowTicks = Number.POSITIVE_INFINITY;
  }

  reset(): void {
    this.full = false;
    this.changes = 0;
    this.highestTicks = Number.NaN;
    this.lowestTicks = Number.NaN;
    this.#endNs = BAR_NS;
    this.#count = 0;
    this.#startBar();
  }
}
