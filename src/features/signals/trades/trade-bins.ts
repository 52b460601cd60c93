import { NS_PER_SECOND } from '../../../core/index.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';
import type { DecayedRegression } from './decayed-regression.ts';

const BIN_NS = NS_PER_SECOND;

/** Bins over which regressions forget; a silence of more than so many ends what they knew. */
export const BINS_MEMORY = 60;

/** Bins from which on a regression speaks. */
export const BINS_WARMUP = 30;

/**
 * What traded and how far the mid moved in bins of one second since the reset, [k, k + 1) s. A bin closes when the first message
 * at or past its end arrives, before that message counts: nothing is read of a bin that is still open. The bins that a silence
 * skipped close with it, empty.
 *
 * Signals read it in `onTime`.
 */
export class TradeBins implements Part {
  /** Bins that closed with this step of time; the first of them is described below, the others are empty. */
  closed = 0;
  /** From the mid at the end of the bin before to the mid at this one's end; `NaN` where one of them is none. */
  moveTicks = Number.NaN;
  /** Lots bought less lots sold. */
  signedLots = 0;
  /** Σ sign × √lots. */
  signedRoots = 0;
  #endNs = BIN_NS;
  #endTicks = Number.NaN;
  #openLots = 0;
  #openRoots = 0;
  /** Something traded or changed in the open bin. */
  #heard = false;
  /** Closed bins in a row in which nothing did. */
  #silent = 0;

  onTime(view: MarketView): void {
    this.closed = 0;
    if (view.nowNs < this.#endNs) return;
    this.closed = Math.floor((view.nowNs - this.#endNs) / BIN_NS) + 1;
    this.#endNs += this.closed * BIN_NS;
    this.moveTicks = view.midTicks - this.#endTicks;
    this.signedLots = this.#openLots;
    this.signedRoots = this.#openRoots;
    this.#endTicks = view.midTicks;
    this.#openLots = 0;
    this.#openRoots = 0;
    this.#silent = (this.#heard ? 0 : this.#silent + 1) + this.closed - 1;
    this.#heard = false;
  }

  onTrade(_view: MarketView, sign: number, sizeLots: number): void {
    this.#openLots += sign * sizeLots;
    this.#openRoots += sign * Math.sqrt(sizeLots);
    this.#heard = true;
  }

  onBook(): void {
    this.#heard = true;
  }

  /**
   * Adds the bins that closed to a regression of their moves on `flow`, the first one's. Bins without a mid at both ends are
   * passed over. A silence longer than the memory starts the regression anew, which also bounds the work of one message; it
   * is counted in bins, so that rows taken in between change nothing.
   */
  teach(regression: DecayedRegression, flow: number): void {
    if (this.#silent > BINS_MEMORY) {
      regression.reset();
      return;
    }
    if (!Number.isNaN(this.moveTicks)) regression.add(flow, this.moveTicks);
    if (Number.isNaN(this.#endTicks)) return;
    for (let k = 1; k < this.closed; k++) regression.add(0, 0);
  }

  reset(): void {
    this.closed = 0;
    this.moveTicks = Number.NaN;
    this.signedLots = 0;
    this.signedRoots = 0;
    this.#endNs = BIN_NS;
    this.#endTicks = Number.NaN;
    this.#openLots = 0;
    this.#openRoots = 0;
    this.#heard = false;
    this.#silent = 0;
  }
}
