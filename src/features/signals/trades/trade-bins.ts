import { NS_PER_SECOND } from '../../../core/index.ts';
import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';
import { StepClock, type Stepping } from '../../step-clock.ts';
import { DecayedRegression } from './decayed-regression.ts';

const BIN_NS = NS_PER_SECOND;

/** Bins over which the regressions forget; a silence of more than so many ends what they knew. */
const BINS_MEMORY = 60;

/** Bins from which on a regression speaks. */
export const BINS_WARMUP = 30;

/**
 * What traded and how far the mid moved in bins of one second since the reset, [k, k + 1) s, and regressions of the moves on it. A
 * bin closes when the first message at or past its end arrives, before that message counts: nothing is read of a bin that is
 * still open. The bins that a silence skipped close with it, empty.
 */
export class TradeBins implements Part, Stepping {
  /** Of the mid's move on the lots bought less the lots sold. */
  readonly byLots = new DecayedRegression(BINS_MEMORY, BINS_WARMUP);
  /** Of the mid's move on Σ sign × √lots. */
  readonly byRoots = new DecayedRegression(BINS_MEMORY, BINS_WARMUP);
  #endNs = BIN_NS;
  #endTicks = Number.NaN;
  #openLots = 0;
  #openRoots = 0;
  /** Something traded in the open bin. */
  #traded = false;
  /** Changes of the book before the open bin. */
  #bookMessages = 0;
  /** Closed bins in a row in which nothing traded or changed. */
  #silent = 0;

  constructor(context: SignalContext) {
    context.share(StepClock).hear(this);
  }

  onStep(view: MarketView): void {
    if (view.nowNs < this.#endNs) return;
    const closed = Math.floor((view.nowNs - this.#endNs) / BIN_NS) + 1;
    const heard = this.#traded || view.bookMessages !== this.#bookMessages;
    this.#silent = (heard ? 0 : this.#silent + 1) + closed - 1;
    this.#teach(view.midTicks - this.#endTicks, Number.isNaN(view.midTicks) ? 0 : closed - 1);
    this.#endNs += closed * BIN_NS;
    this.#endTicks = view.midTicks;
    this.#openLots = 0;
    this.#openRoots = 0;
    this.#traded = false;
    this.#bookMessages = view.bookMessages;
  }

  onTrade(_view: MarketView, sign: number, sizeLots: number): void {
    this.#openLots += sign * sizeLots;
    this.#openRoots += sign * Math.sqrt(sizeLots);
    this.#traded = true;
  }

  /**
   * Adds the bin that was open and `empty` bins after it to the regressions; bins without a mid at both ends are passed over. A
   * silence longer than the memory starts them anew, which also bounds the work of one message; it is counted in bins, so that
   * rows taken in between change nothing.
   */
  #teach(moveTicks: number, empty: number): void {
    const { byLots, byRoots } = this;
    if (this.#silent > BINS_MEMORY) {
      byLots.reset();
      byRoots.reset();
      return;
    }
    if (!Number.isNaN(moveTicks)) {
      byLots.add(this.#openLots, moveTicks);
      byRoots.add(this.#openRoots, moveTicks);
    }
    for (let k = 0; k < empty; k++) {
      byLots.add(0, 0);
      byRoots.add(0, 0);
    }
    byLots.solve();
    byRoots.solve();
  }

  reset(): void {
    this.byLots.reset();
    this.byRoots.reset();
    this.#endNs = BIN_NS;
    this.#endTicks = Number.NaN;
    this.#openLots = 0;
    this.#openRoots = 0;
    this.#traded = false;
    this.#bookMessages = 0;
    this.#silent = 0;
  }
}
