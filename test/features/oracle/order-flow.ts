import { averageLots, booksOf, type Levels, last, type Moment, type Oracle, sum, twoSided } from './history.ts';

const at = (levels: Levels, m: number): readonly [number, number] | null => levels[m] ?? null;

/** Order flow signals from their definitions. */
export const orderFlowOracle: Oracle = (history, instrument) => {
  const depth = Math.min(10, instrument.depthLimit ?? 10);
  const now = last(history);
  const row = new Map<string, number>();
  const flows = orderFlows(history, depth);
  const books = flows.length;
  const meanLots = averageLots(history);
  const faded = (m: number, memory: number): number =>
    sum(flows.map((e, n) => Math.exp(-(books - 1 - n) / memory) * e[m]));
  for (let m = 0; m < depth; m++) {
    const known = books >= 10 && now.bids.length > m && now.asks.length > m;
    row.set(`ofi_${m + 1}`, known ? faded(m, 10) / meanLots : Number.NaN);
  }
  const slow = sum(Array.from({ length: depth }, (_, m) => faded(m, 100))) / depth / meanLots;
  row.set('ofi_mean_slow', twoSided(now) && books >= 100 ? slow : Number.NaN);
  return row;
};

/** e of every book message but the first, per level. */
function orderFlows(history: readonly Moment[], depth: number): number[][] {
  const books = booksOf(history);
  return books.slice(1).map((now, i) => {
    const old = books[i];
    return Array.from({ length: depth }, (_, m) => {
      const [pb, qb] = at(now.bids, m) ?? [-Infinity, 0];
      const [pb0, qb0] = at(old.bids, m) ?? [-Infinity, 0];
      const [pa, qa] = at(now.asks, m) ?? [Infinity, 0];
      const [pa0, qa0] = at(old.asks, m) ?? [Infinity, 0];
      let e = 0;
      if (pb >= pb0) e += qb;
      if (pb <= pb0) e -= qb0;
      if (pa <= pa0) e -= qa;
      if (pa >= pa0) e += qa0;
      return e;
    });
  });
}
