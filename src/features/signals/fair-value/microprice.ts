import type { MarketView } from '../../market-view.ts';
import { MirroredChain } from '../../mirrored-chain.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

/** Buckets of |imbalance| in (0, 1], of equal width; with their mirror images twice as many. */
const IMBALANCE_BUCKETS = 5;
/** Upper ends of the spread's buckets, in ticks; the last is open. */
const SPREAD_ENDS = Int32Array.of(1, 2, 3, 5, 8, 13, 21, 34, 2147483647);
const STATES = IMBALANCE_BUCKETS * SPREAD_ENDS.length;

/** Transitions before the first estimate. */
const FIRST_FIT = 50;
/** The estimate is renewed when the transitions have grown by this part, so that renewals get rarer for ever. */
const REFIT_GROWTH = 0.05;
/** Weight of the prior, in transitions of each state: that nothing more happens to the mid. */
const PRIOR = 1;

export const microprice: SignalDefinition = {
  name: 'microprice',
  family: 'fair-value',
  title: 'Stoikov’s microprice',
  meaning:
    'How far the price that the book announces lies from the mid: the mid to be expected once every move that imbalance and spread foretell has happened. Learnt from the stream’s own past. NaN where a side is empty.',
  tex: String.raw`g = \sum_{i \ge 0} B^i G_1,\quad G_1 = (I - Q)^{-1} R\,k,\quad B = (I - Q)^{-1} T`,
  formula:
    'g = (n + 1 - C)^-1 R over states (|imbalance| in 5 buckets, spread in 9), odd in imbalance; C, R = mirrored counts ' +
    'and mid moves of the steps between burst ends so far; equals sum B^i G1 of the paper up to the prior',
  warmup: `${FIRST_FIT} changes of imbalance bucket, spread bucket or mid between burst ends`,
  cost: 'constant a burst; a fit of 45³ / 3 multiply-adds about 20 times per e-fold of transitions',
  source: 'Stoikov (2018), The micro-price: a high-frequency estimator of future prices, Quantitative Finance 18(12)',
  needs: [],
  dependencies: [],
  version: 1,
  // Spreads enter in buckets of ticks: the law of scale in prices ends there.
  columns: () => [{ name: 'microprice', unit: 'ticks from the mid', mirror: 'odd', ticks: null, lots: 0 }],
  create: () => new Microprice(),
};

/**
 * Stoikov's microprice: the mid that is to be expected once every move that the present book announces has happened, as a
 * function g of imbalance and spread added to the mid. Learnt from the past only, while the stream runs.
 *
 * The paper: from counts of steps between states, Q = P(mid stays, next state), T = P(mid moves, next state), r = E[move],
 * G1 = (I − Q)⁻¹ r, B = (I − Q)⁻¹ T and g = Σ Bⁱ G1; each step is counted with its mirror image (bid ↔ ask), without which
 * the sum need not converge. Two things make it small here:
 * - Σ Bⁱ G1 = (I − B)⁻¹ (I − Q)⁻¹ r = (I − Q − T)⁻¹ r: one system in P = Q + T, whatever order the moves come in.
 * - With mirrored steps g(mirror of i) = −g(i). So a state is (bucket of |imbalance|, bucket of spread) with a sign s, a step
 *   i → j counts s s′ towards C(i, j) and s × move towards R(i), and the system is half as large. Imbalance 0 is its own
 *   mirror image, where g = 0 exactly.
 * Left is (n + prior − C) g = R, diagonally dominant, so elimination needs no pivots. Steps in which neither state nor mid
 * changes cancel from it and are not counted. The prior draws states that were seldom left towards g = 0, the mid.
 *
 * Steps go from burst end to burst end, as decisions do. The counts hold all of the past since the reset.
 * Cost: constant a burst; a fit takes 45³ / 3 multiply-adds, and there are about 20 per e-fold of transitions.
 */
class Microprice implements Signal {
  readonly #chain = new MirroredChain(STATES);
  readonly #fair = new Float64Array(STATES);
  #nextFit = FIRST_FIT;
  /** Signed state of the last burst end: ±(index + 1), 0 where the queues are equal; `NaN` before the first. */
  #state = Number.NaN;
  #midTicks = Number.NaN;

  onBurst(view: MarketView): void {
    if (!view.has(1)) {
      this.#state = Number.NaN;
      return;
    }
    const state = signedState(view);
    if (!Number.isNaN(this.#state)) {
      const move = view.midTicks - this.#midTicks;
      if (move !== 0 || state !== this.#state) this.#chain.count(this.#state, state, move);
      if (this.#chain.steps >= this.#nextFit) {
        this.#chain.solve(PRIOR, this.#fair);
        this.#nextFit = Math.ceil(this.#chain.steps * (1 + REFIT_GROWTH));
      }
    }
    this.#state = state;
    this.#midTicks = view.midTicks;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    if (this.#chain.steps < FIRST_FIT || !view.has(1)) {
      out[at] = Number.NaN;
      return;
    }
    const state = signedState(view);
    out[at] = state > 0 ? this.#fair[state - 1] : state < 0 ? 0 - this.#fair[-state - 1] : 0;
  }

  reset(): void {
    this.#chain.reset();
    this.#nextFit = FIRST_FIT;
    this.#state = Number.NaN;
    this.#midTicks = Number.NaN;
  }
}

function signedState(view: MarketView): number {
  const bid = view.bidLots[0];
  const ask = view.askLots[0];
  const imbalance = (bid - ask) / (bid + ask);
  if (imbalance === 0) return 0;
  const bucket = Math.min(IMBALANCE_BUCKETS - 1, Math.floor(Math.abs(imbalance) * IMBALANCE_BUCKETS));
  const spread = view.askTicks[0] - view.bidTicks[0];
  let s = 0;
  while (spread > SPREAD_ENDS[s]) s++;
  const state = s * IMBALANCE_BUCKETS + bucket + 1;
  return imbalance > 0 ? state : -state;
}
