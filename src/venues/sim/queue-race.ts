import { assert } from '../../core/index.ts';

/** The longest queue that the table holds. */
const LONGEST_RACE_LOTS = 32;
/** Intervals of Simpson's rule: 64 for each half wave of sin(nt) at n = 32; the error is below 1e-9. */
const INTERVALS = 2048;

const table = new Float64Array((LONGEST_RACE_LOTS + 1) ** 2).fill(Number.NaN);

/**
 * Probability that a queue of `askLots` empties before one of `bidLots`, when each step is one of bid + 1, bid − 1,
 * ask + 1, ask − 1 with equal probability; that is, that the next price move is upward. Cont and de Larrard, "Price
 * dynamics in a Markovian limit order market", SIAM J. Financial Math. 4 (2013), the balanced case λ = μ + θ:
 *
 *     φ(n, p) = 1/π ∫₀^π (2 − cos t − √((2 − cos t)² − 1))^p · sin(nt) cos(t/2) / sin(t/2) dt
 *
 * for n lots bid and p lots asked, whole numbers from 1 to 32. A value is computed once and kept.
 */
export function raceUp(bidLots: number, askLots: number): number {
  assert(bidLots >= 1 && bidLots <= LONGEST_RACE_LOTS, 'the bid queue holds 1 to 32 lots');
  assert(askLots >= 1 && askLots <= LONGEST_RACE_LOTS, 'the ask queue holds 1 to 32 lots');
  const at = bidLots * (LONGEST_RACE_LOTS + 1) + askLots;
  if (Number.isNaN(table[at])) table[at] = raceUpIntegral(bidLots, askLots);
  return table[at];
}

/** The integral itself, by Simpson's rule. */
function raceUpIntegral(bidLots: number, askLots: number): number {
  const step = Math.PI / INTERVALS;
  // At t = 0 the integrand tends to 2n; at π it is 0, because cos(π/2) is.
  let sum = 2 * bidLots;
  for (let i = 1; i < INTERVALS; i++) {
    const t = i * step;
    const half = Math.sin(t / 2);
    // √((2 − c)² − 1) = √((1 − c)(3 − c)) = √2 · sin(t/2) · √(3 − c), which loses no digits at small t and is smooth.
    const root = 2 - Math.cos(t) - Math.SQRT2 * half * Math.sqrt(3 - Math.cos(t));
    sum += (i % 2 === 1 ? 4 : 2) * root ** askLots * Math.sin(bidLots * t) * (Math.cos(t / 2) / half);
  }
  return (sum * step) / 3 / Math.PI;
}
