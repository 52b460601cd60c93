import { NO_PRICE, NS_PER_SECOND } from '../../../core/index.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';

/** Instants with trades that the means remember. */
export const SPREAD_MEMORY = 50;
/** Instants with trades before there is a mean. */
export const SPREAD_WARMUP = 10;
const DELAY_NS = NS_PER_SECOND;
/** Instants that wait for their delay at a time, a power of two; what comes beyond stays out of the realised mean. */
const WAITING = 1024;
const KEEP = 1 - 1 / SPREAD_MEMORY;

/**
 * What trades paid against the mid, at once and a second later: size-weighted means over the latest trades.
 *
 * The mid that a trade is held against is the one that the burst before left, since a sweep prints several trades and moves the
 * mid between them. Trades of one instant (one message time) count together, so that a sweep has the weight of its lots but
 * ages the memory once; the weights of older instants fade by 1 − 1/50 each. Trades of unknown side, between ticks or from a
 * one-sided book are left out. The later mid is the last one at the end of the delay; where there is none then, the instant is
 * left out of the means that need it.
 */
export class TradeSpreads implements Part {
  /** Twice the mean distance paid from the mid, in ticks; `NaN` before enough trades. */
  effectiveTicks = Number.NaN;
  /** Twice what was left of it after the delay. */
  realisedTicks = Number.NaN;
  /** Twice how far the mid went the trade's way in the delay. */
  impactTicks = Number.NaN;
  #quoteTicks = Number.NaN;
  #instantNs = Number.NaN;
  #instants = 0;
  /** Σ w s v (P − M) and Σ w v. */
  #paid = Number.NaN;
  #lots = Number.NaN;
  #settled = 0;
  /** The same sums of settled instants, and Σ w s v (M′ − M). */
  #settledPaid = Number.NaN;
  #settledMoved = Number.NaN;
  #settledLots = Number.NaN;
  readonly #timeNs = new Float64Array(WAITING);
  readonly #quote = new Float64Array(WAITING);
  readonly #waitingPaid = new Float64Array(WAITING);
  readonly #waitingSigned = new Float64Array(WAITING);
  readonly #waitingLots = new Float64Array(WAITING);
  #head = 0;
  #tail = 0;

  constructor() {
    this.reset();
  }

  onBurst(view: MarketView): void {
    this.#quoteTicks = view.midTicks;
  }

  onTime(view: MarketView): void {
    const dueNs = view.nowNs - DELAY_NS;
    while (this.#head !== this.#tail) {
      const k = this.#head & (WAITING - 1);
      if (this.#timeNs[k] > dueNs) return;
      this.#head++;
      if (!Number.isNaN(view.midTicks)) this.#settle(k, view.midTicks);
    }
  }

  onTrade(view: MarketView, sign: number, sizeLots: number, priceTicks: number): void {
    if (sign === 0 || priceTicks === NO_PRICE || Number.isNaN(this.#quoteTicks)) return;
    const signed = sign * sizeLots;
    const paid = signed * (priceTicks - this.#quoteTicks);
    if (view.nowNs !== this.#instantNs) this.#open(view.nowNs);
    this.#paid += paid;
    this.#lots += sizeLots;
    if (this.#instants >= SPREAD_WARMUP) this.effectiveTicks = (2 * this.#paid) / this.#lots;
    const k = (this.#tail - 1) & (WAITING - 1);
    // The instant stands last in the queue, unless it found no room.
    if (this.#head === this.#tail || this.#timeNs[k] !== view.nowNs) return;
    this.#waitingPaid[k] += paid;
    this.#waitingSigned[k] += signed;
    this.#waitingLots[k] += sizeLots;
  }

  #open(nowNs: number): void {
    this.#instantNs = nowNs;
    this.#instants++;
    this.#paid *= KEEP;
    this.#lots *= KEEP;
    if (this.#tail - this.#head === WAITING) return;
    const k = this.#tail++ & (WAITING - 1);
    this.#timeNs[k] = nowNs;
    this.#quote[k] = this.#quoteTicks;
    this.#waitingPaid[k] = 0;
    this.#waitingSigned[k] = 0;
    this.#waitingLots[k] = 0;
  }

  #settle(k: number, midTicks: number): void {
    this.#settled++;
    this.#settledPaid = this.#settledPaid * KEEP + this.#waitingPaid[k];
    this.#settledMoved = this.#settledMoved * KEEP + this.#waitingSigned[k] * (midTicks - this.#quote[k]);
    this.#settledLots = this.#settledLots * KEEP + this.#waitingLots[k];
    if (this.#settled < SPREAD_WARMUP) return;
    this.realisedTicks = (2 * (this.#settledPaid - this.#settledMoved)) / this.#settledLots;
    this.impactTicks = (2 * this.#settledMoved) / this.#settledLots;
  }

  reset(): void {
    this.effectiveTicks = Number.NaN;
    this.realisedTicks = Number.NaN;
    this.impactTicks = Number.NaN;
    this.#quoteTicks = Number.NaN;
    this.#instantNs = Number.NaN;
    this.#instants = 0;
    this.#paid = 0;
    this.#lots = 0;
    this.#settled = 0;
    this.#settledPaid = 0;
    this.#settledMoved = 0;
    this.#settledLots = 0;
    this.#head = 0;
    this.#tail = 0;
  }
}
