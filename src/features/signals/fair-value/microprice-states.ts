import type { MarketView } from '../../market-view.ts';
import { MirroredChain } from '../../mirrored-chain.ts';

/** Buckets of |imbalance| in (0, 1], of equal width; with their mirror images twice as many. */
export const IMBALANCE_BUCKETS = 5;
/** Upper ends of the spread's buckets, in ticks; the last is open. */
export const SPREAD_ENDS = Int32Array.of(1, 2, 3, 5, 8, 13, 21, 34, 2147483647);
/** The first spread of the open bucket, and the bucket of every spread up to it. */
const WIDE = SPREAD_ENDS[SPREAD_ENDS.length - 2] + 1;
const SPREAD_BUCKETS = Uint8Array.from({ length: WIDE + 1 }, (_, spread) =>
  SPREAD_ENDS.findIndex((end) => spread <= end),
);

/** States of the microprice, spread bucket by spread bucket; each has a mirror image, and all share the balanced book. */
export const MICROPRICE_STATES = IMBALANCE_BUCKETS * SPREAD_ENDS.length;

/** Weight of the prior, in transitions of each state: that nothing more happens to the mid. */
const PRIOR = 1;

/** ±(index of the state + 1), by the heavier side; 0 where the best queues are equal. For a book that has both sides. */
export function signedState(view: MarketView): number {
  const bid = view.bidLots[0];
  const ask = view.askLots[0];
  const imbalance = (bid - ask) / (bid + ask);
  if (imbalance === 0) return 0;
  const bucket = Math.min(IMBALANCE_BUCKETS - 1, Math.floor(Math.abs(imbalance) * IMBALANCE_BUCKETS));
  const spread = view.askTicks[0] - view.bidTicks[0];
  const state = SPREAD_BUCKETS[Math.min(spread, WIDE)] * IMBALANCE_BUCKETS + bucket + 1;
  return imbalance > 0 ? state : -state;
}

/** The counts that a microprice is estimated from, online and in a fit alike: steps of state and mid from burst end to burst end. */
export class MicropriceSteps {
  readonly #chain = new MirroredChain(MICROPRICE_STATES);
  /** Signed state of the last burst end; `NaN` before the first, and where a side was empty. */
  #state = Number.NaN;
  #midTicks = Number.NaN;

  /** Steps in which the state or the mid changed; the others cancel from the estimate. */
  get steps(): number {
    return this.#chain.steps;
  }

  /** A burst has ended with this book; `state` is its signed state, of no matter where a side is empty. */
  add(view: MarketView, state: number): void {
    if (!view.has(1)) {
      this.breakOff();
      return;
    }
    if (!Number.isNaN(this.#state)) {
      const move = view.midTicks - this.#midTicks;
      if (move !== 0 || state !== this.#state) this.#chain.count(this.#state, state, move);
    }
    this.#state = state;
    this.#midTicks = view.midTicks;
  }

  /** Estimates g by state from the steps so far: 45³ / 3 multiply-adds. */
  solve(fair: Float64Array): void {
    this.#chain.solve(PRIOR, fair);
  }

  /** The next burst end follows on nothing. */
  breakOff(): void {
    this.#state = Number.NaN;
    this.#midTicks = Number.NaN;
  }

  reset(): void {
    this.breakOff();
    this.#chain.reset();
  }
}
