import { last, mid, movesOf, type Oracle, sum, tauText, twoSided } from './history.ts';
import { barColumns, pointColumns } from './volatility-bars.ts';

/** Volatility and return signals from their definitions. */
export const volatilityOracle: Oracle = (history) => {
  const now = last(history);
  const row = new Map<string, number>([...barColumns(history), ...pointColumns(history)]);
  const ends = history.flatMap((m, i) => (m.burstEnded ? [mid(history[i - 1])] : []));
  for (const lag of [1, 10, 50]) row.set(`return_${lag}`, mid(now) - (ends.at(-lag) ?? Number.NaN));
  const moves = movesOf(history);
  const rate = (tau: number): number =>
    sum(moves.map((m) => m.move ** 2 * Math.exp(-(now.t - m.t) / tau))) / (tau * (1 - Math.exp(-now.t / tau)));
  const volatility = (tau: number): number => (now.t >= tau && twoSided(now) ? Math.sqrt(rate(tau)) : Number.NaN);
  for (const tau of [1, 10]) row.set(`volatility_${tauText(tau)}`, volatility(tau));
  const x = moves.slice(-64).map(({ move }) => move);
  const pairs = sum(x.slice(1).map((move, i) => move * x[i]));
  row.set('return_autocorrelation', x.length === 64 ? pairs / sum(x.map((move) => move ** 2)) : Number.NaN);
  const seconds = 10 * Math.floor(now.tsNs / 1e10);
  for (const [name, period] of [
    ['', 86_400],
    ['hour_', 3600],
  ] as const) {
    row.set(`time_of_day_${name}sin`, Math.sin((2 * Math.PI * seconds) / period));
    row.set(`time_of_day_${name}cos`, Math.cos((2 * Math.PI * seconds) / period));
  }
  return row;
};
