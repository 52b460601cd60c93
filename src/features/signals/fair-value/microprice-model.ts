import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part, Versioned } from '../../signal.ts';
import { MICROPRICE_STATES, MicropriceSteps, signedState } from './microprice-states.ts';
import { Touch } from './touch.ts';

/** Transitions before the first estimate. */
export const FIRST_ESTIMATE = 50;
/** The estimate is renewed when the transitions have grown by this part, so that renewals get rarer for ever. */
const GROWTH = 0.05;

/**
 * Stoikov's microprice as several signals use it: g by state from a fit, frozen, where there is one; without, learnt from the
 * stream's own past since the reset.
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
 * Steps go from burst end to burst end, as decisions do. Cost: constant a burst; an estimate takes 45³ / 3 multiply-adds, and
 * there are about 20 per e-fold of transitions. With a fit nothing is counted.
 */
export class MicropriceModel implements Part, Versioned {
  /** Rises with every change of the best quotes and every new estimate. */
  version = 0;
  /** Microprice less mid, in ticks, once `settle` was called; `NaN` where a side is empty and before the first estimate. */
  adjustment = Number.NaN;
  readonly #touch: Touch;
  readonly #steps = new MicropriceSteps();
  readonly #fair = new Float64Array(MICROPRICE_STATES);
  readonly #fitted: boolean;
  #nextEstimate = FIRST_ESTIMATE;
  /** Versions of the best quotes at the last burst end and book message, and the own one of the adjustment. */
  #burstTouch = -1;
  #bookTouch = -1;
  #settled = -1;

  constructor(context: SignalContext) {
    const { fit } = context;
    this.#touch = context.share(Touch);
    this.#fitted = fit !== null;
    if (fit !== null) this.#fair.set(fit.microprice.fair);
  }

  onBurst(view: MarketView): void {
    // Without new best quotes neither state nor mid has changed, and such a step does not count.
    if (this.#fitted || this.#burstTouch === this.#touch.version) return;
    this.#burstTouch = this.#touch.version;
    const steps = this.#steps;
    steps.add(view, signedState(view));
    if (steps.steps < this.#nextEstimate) return;
    steps.solve(this.#fair);
    this.#nextEstimate = Math.ceil(steps.steps * (1 + GROWTH));
    this.version++;
  }

  onBook(): void {
    if (this.#bookTouch === this.#touch.version) return;
    this.#bookTouch = this.#touch.version;
    this.version++;
  }

  /** For `write`: works the adjustment out where it is not that of now. */
  settle(view: MarketView): void {
    if (this.#settled === this.version) return;
    this.#settled = this.version;
    if (!view.has(1) || (!this.#fitted && this.#steps.steps < FIRST_ESTIMATE)) {
      this.adjustment = Number.NaN;
      return;
    }
    const state = signedState(view);
    this.adjustment = state > 0 ? this.#fair[state - 1] : state < 0 ? 0 - this.#fair[-state - 1] : 0;
  }

  reset(): void {
    this.#steps.reset();
    this.#nextEstimate = FIRST_ESTIMATE;
    this.#burstTouch = -1;
    this.version++;
  }
}
