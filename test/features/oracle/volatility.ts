import { last, mid, movesOf, type Oracle, sum, tauText, twoSided } from './history.ts';

/** Volatility and return signals from their definitions. */
export const volatilityOracle: Oracle = (history) => {
  const now = last(history);
  const row = new Map<string, number>();
  const ends = history.flatMap((m, i) => (m.burstEnded ? [mid(history[i - 1])] : []));
  for (const lag of [1, 10, 50]) row.set(`return_${lag}`, mid(now) - (ends.at(-lag) ?? Number.NaN));
  const moves = movesOf(history);
  for (const tau of [1, 10]) {
    const rate =
      sum(moves.map((m) => m.move ** 2 * Math.exp(-(now.t - m.t) / tau))) / (tau * (1 - Math.exp(-now.t / tau)));
    row.set(`volatility_${tauText(tau)}`, now.t >= tau && twoSided(now) ? Math.sqrt(rate) : Number.NaN);
  }
  return row;
};
