import { type Levels, last, type Oracle, sum, twoSided } from './history.ts';

/** Liquidity signals from their definitions. */
export const liquidityOracle: Oracle = (history) => {
  const now = last(history);
  const row = new Map<string, number>();
  const lots = (levels: Levels, n: number): number => sum(levels.slice(0, n).map(([, q]) => q));
  for (const n of [1, 3, 5, 10]) {
    const b = lots(now.bids, n);
    const a = lots(now.asks, n);
    row.set(`imbalance_${n}`, now.bids.length >= n && now.asks.length >= n ? (b - a) / (b + a) : Number.NaN);
  }
  row.set('spread', twoSided(now) ? now.asks[0][0] - now.bids[0][0] : Number.NaN);
  return row;
};
