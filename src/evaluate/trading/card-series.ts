import { type BacktestRun, type ContractTerms, MARKOUT_NS } from '../../backtest/index.ts';
import { NS_PER_MS } from '../../core/index.ts';
import { Side } from '../../market/index.ts';

/** Curves over time for a picture: columns of one length, at most about 2,000 points, in which no extreme of net profit or of the mid is lost. */
export interface CurveSeries {
  /** ms since 1970. */
  readonly timesMs: readonly number[];
  /** Profit since the start, in the currency of profit. */
  readonly net: readonly number[];
  readonly gross: readonly number[];
  /** How far net profit is below its highest so far, at most 0. */
  readonly drawdown: readonly number[];
  readonly positionLots: readonly number[];
  /** In the quote currency; null where the mid was not known. */
  readonly mid: readonly (number | null)[];
}

/** Fills for a picture: columns of one length. */
export interface FillSeries {
  readonly timesMs: readonly number[];
  /** In the quote currency. */
  readonly prices: readonly number[];
  readonly buys: readonly boolean[];
  readonly makers: readonly boolean[];
  readonly lots: readonly number[];
  /** Of how many fills these were taken, evenly. */
  readonly of: number;
}

const MOST_FILLS = 2000;
const MS_PER_DAY = 86_400_000;

/** ms since 1970 of a time within the run. */
export function runTimeMs(run: Pick<BacktestRun, 'startDay'>, ns: number): number {
  return run.startDay * MS_PER_DAY + ns / NS_PER_MS;
}

/** `buckets` stretches of equally many points, of each those with the least and the largest net profit and mid. */
export function curveSeries(run: BacktestRun, terms: ContractTerms, buckets = 500): CurveSeries {
  const { equity } = run;
  const net = equity.map((point) => point.net);
  const mid = equity.map((point) => point.midTicks * terms.tickValue);
  let high = Number.NEGATIVE_INFINITY;
  const drawdown = net.map((value) => {
    high = Math.max(high, value);
    return value - high;
  });
  const kept = extremes([net, mid], buckets);
  const at = (column: readonly number[]): number[] => kept.map((i) => column[i]);
  return {
    timesMs: kept.map((i) => runTimeMs(run, equity[i].ns)),
    net: at(net),
    gross: kept.map((i) => equity[i].gross),
    drawdown: at(drawdown),
    positionLots: kept.map((i) => equity[i].positionLots),
    mid: at(mid).map((value) => (Number.isFinite(value) ? value : null)),
  };
}

/** Indices in ascending order: the first, the last, and those of each column's extremes in each of so many equal stretches. */
function extremes(columns: readonly (readonly number[])[], buckets: number): number[] {
  const [{ length }] = columns;
  const most = 2 * columns.length * buckets;
  if (length <= most) return Array.from({ length }, (_, i) => i);
  const kept = new Set([0, length - 1]);
  for (let bucket = 0; bucket < buckets; bucket++) {
    const from = Math.floor((bucket * length) / buckets);
    const to = Math.floor(((bucket + 1) * length) / buckets);
    for (const column of columns) {
      let [least, largest] = [from, from];
      for (let i = from + 1; i < to; i++) {
        if (column[i] < column[least]) least = i;
        if (column[i] > column[largest]) largest = i;
      }
      kept.add(least).add(largest);
    }
  }
  return [...kept].sort((a, b) => a - b);
}

export function fillSeries(run: BacktestRun, terms: ContractTerms): FillSeries {
  const { fills } = run;
  const shown = Math.min(MOST_FILLS, fills.length);
  const kept = Array.from({ length: shown }, (_, i) => fills[Math.floor((i * fills.length) / shown)]);
  return {
    timesMs: kept.map(({ exchangeNs }) => runTimeMs(run, exchangeNs)),
    prices: kept.map(({ priceTicks }) => priceTicks * terms.tickValue),
    buys: kept.map(({ side }) => side === Side.BID),
    makers: kept.map(({ maker }) => maker),
    lots: kept.map(({ quantityLots }) => quantityLots),
    of: fills.length,
  };
}

/** How long makers' orders waited for their first fill: counts between `edgesNs`, the last without an end. */
export interface WaitCounts {
  readonly edgesNs: readonly number[];
  readonly counts: readonly number[];
}

const WAIT_EDGES_NS: readonly number[] = [0, ...MARKOUT_NS, 600e9];

export function waitCounts(run: BacktestRun): WaitCounts {
  const counts = WAIT_EDGES_NS.map(() => 0);
  const seen = new Set<number>();
  for (const fill of run.fills) {
    if (seen.has(fill.orderId)) continue;
    seen.add(fill.orderId);
    if (!fill.maker) continue;
    const waited = fill.exchangeNs - run.orders[fill.orderId - 1].arrivedNs;
    counts[WAIT_EDGES_NS.findLastIndex((edge) => waited >= edge)]++;
  }
  return { edgesNs: WAIT_EDGES_NS, counts };
}
