import { NS_PER_SECOND } from '../../../core/index.ts';
import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import { type Part, Version, type Versioned } from '../../signal.ts';
import { StepClock, type Stepping } from '../../step-clock.ts';

/** Bars in the window; one more stands before them, for the close that the first one starts from. */
export const BARS = 60;
/** What signals of bars say of their warm-up. */
export const BAR_WARMUP = '61 bars of 1 s with a mid';

const BAR_NS = NS_PER_SECOND;
/** The window, and what left it since somebody looked last. */
const RING = 128;
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
 *
 * Its version is another one after every change of the mid, of an extreme, or of the bars.
 */
export class MidBars implements Part, Versioned, Stepping {
  version = 0;
  /** Raised whenever the window holds other moves than before; bars that stand still may come and go without. */
  readonly moves = new Version();
  readonly opens = new Float64Array(RING);
  readonly highs = new Float64Array(RING);
  readonly lows = new Float64Array(RING);
  readonly closes = new Float64Array(RING);
  /** False until the window has its bars and the close before. */
  full = false;
  /** Closed bars since the reset; bar `i` of them, from 0 on, stands at `i & BAR_MASK` while it is one of the last. */
  count = 0;
  /** The extremes of the window's bars; `NaN` until full. */
  highestTicks = Number.NaN;
  lowestTicks = Number.NaN;
  /** The extremes so far of the bar that is still open; infinite while it has no mid. */
  highTicks = Number.NEGATIVE_INFINITY;
  lowTicks = Number.POSITIVE_INFINITY;
  #openTicks = Number.NaN;
  #closeTicks = Number.NaN;
  #endNs = Number.NaN;
  /** The mid that the last book message of the open bar left; `NaN` where there is none. */
  #midTicks = Number.NaN;

  constructor(context: SignalContext) {
    context.share(StepClock).hear(this);
    this.reset();
  }

  onStep(view: MarketView): void {
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
    if (mid === this.#midTicks) return;
    this.#midTicks = mid;
    this.version++;
    if (Number.isNaN(mid)) return;
    if (Number.isNaN(this.#openTicks)) this.#openTicks = mid;
    if (mid > this.highTicks) this.highTicks = mid;
    if (mid < this.lowTicks) this.lowTicks = mid;
    this.#closeTicks = mid;
  }

  #push(open: number, high: number, low: number, close: number): void {
    const { opens, highs, lows, closes } = this;
    const at = this.count & BAR_MASK;
    const gone = (this.count - BARS) & BAR_MASK;
    const wasFull = this.full;
    const moved = high !== low || open !== closes[(at - 1) & BAR_MASK];
    const lost = wasFull && (highs[gone] !== lows[gone] || opens[gone] !== closes[(gone - 1) & BAR_MASK]);
    opens[at] = open;
    highs[at] = high;
    lows[at] = low;
    closes[at] = close;
    this.count++;
    this.full = this.count > BARS;
    if (!this.full) return;
    if (moved || lost || !wasFull) this.moves.raise();
    // An extreme leaves with its last bar; the next one mostly has it too.
    const first = (gone + 1) & BAR_MASK;
    const highLeft = highs[gone] === this.highestTicks && highs[first] !== this.highestTicks;
    const lowLeft = lows[gone] === this.lowestTicks && lows[first] !== this.lowestTicks;
    if (highLeft || lowLeft || !wasFull) this.#rescan();
    if (high > this.highestTicks) this.highestTicks = high;
    if (low < this.lowestTicks) this.lowestTicks = low;
  }

  #rescan(): void {
    const { highs, lows } = this;
    const first = this.count - BARS;
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
    this.#midTicks = Number.NaN;
    this.version++;
  }

  reset(): void {
    this.full = false;
    this.moves.raise();
    this.highestTicks = Number.NaN;
    this.lowestTicks = Number.NaN;
    this.#endNs = BAR_NS;
    this.count = 0;
    this.#startBar();
  }
}
