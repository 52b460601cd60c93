import type { Decision } from '../model.ts';

/** Inputs that every learner has: imbalance, spread, imbalance × spread. */
export const CORE = 3;

/** Writes them, unscaled, into `out[0, CORE)`. */
export function writeCore(decision: Decision, out: Float64Array): void {
  out[0] = decision.imbalance;
  out[1] = decision.spreadTicks;
  out[2] = decision.imbalance * decision.spreadTicks;
}
