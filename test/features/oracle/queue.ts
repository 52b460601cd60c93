import { last, movesOf, type Oracle, perSecond, tauText, twoSided } from './history.ts';

/** Queue signals from their definitions. */
export const queueOracle: Oracle = (history) => {
  const now = last(history);
  const row = new Map<string, number>();
  const moved = movesOf(history).at(-1);
  row.set('mid_age', twoSided(now) && moved !== undefined ? Math.log(1 + (now.t - moved.t) * 1000) : Number.NaN);
  for (const tau of [0.1, 1]) {
    row.set(`event_rate_${tauText(tau)}`, Math.log(1 + perSecond(history, tau, (m) => (m.bookChanged ? m.events : 0))));
  }
  return row;
};
