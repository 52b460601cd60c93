import { averageLots, decayed, last, type Oracle, perSecond, sum, tauText, twoSided } from './history.ts';

/** Trade signals from their definitions. */
export const tradesOracle: Oracle = (history) => {
  const now = last(history);
  const row = new Map<string, number>();
  const weighted = (tau: number, value: (trade: { sign: number; lots: number }) => number): number =>
    decayed(history, tau, (m) => sum(m.trades.map(value)));
  for (const tau of [0.1, 1]) {
    const flow = weighted(tau, (trade) => trade.sign * trade.lots) / averageLots(history);
    row.set(`trade_flow_${tauText(tau)}`, now.t >= tau && twoSided(now) ? flow : Number.NaN);
  }
  for (const tau of [0.1, 1, 10]) {
    const buys = weighted(tau, (trade) => (trade.sign > 0 ? 1 : 0));
    const sells = weighted(tau, (trade) => (trade.sign < 0 ? 1 : 0));
    row.set(`trade_count_imbalance_${tauText(tau)}`, now.t >= tau ? (buys - sells) / (buys + sells + 1) : Number.NaN);
  }
  row.set('trade_rate_1s', Math.log(1 + perSecond(history, 1, (m) => m.trades.length)));
  return row;
};
