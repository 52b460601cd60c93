import { notionalOf, profitOf } from '../contract-terms.ts';
import type { ContractTerms } from '../costs.ts';
import type { BacktestRun, FillRecord } from '../run.ts';
import { medianOf } from './fill-statistics.ts';
import { signedLots } from './profit-split.ts';

/** Lots that were opened by one fill and closed by a later one. */
export interface RoundTrip {
  /** Above 0: bought, then sold. */
  readonly lots: number;
  readonly entryNs: number;
  readonly exitNs: number;
  readonly entryTicks: number;
  readonly exitTicks: number;
  /** In the currency of profit. */
  readonly gross: number;
  /** Fees and impact of both fills, each by the share of its lots. */
  readonly costs: number;
  readonly net: number;
}

/** What trading came to, by round trips and by what was turned over. */
export interface TradeStatistics {
  readonly trips: number;
  /** Trips with a net gain, of all; `NaN` without trips. */
  readonly hitRate: number;
  /** Net gains divided by net losses of trips; infinite without losses, `NaN` without trips. */
  readonly profitFactor: number;
  readonly medianHoldingNs: number;
  /** Weighted by lots. */
  readonly meanHoldingNs: number;
  /** Lots still open at the end, below 0 where short. */
  readonly openLots: number;
  /** Notional of all fills, in the currency of profit. */
  readonly turnover: number;
  /** Fees and impact together, in bps of turnover. */
  readonly paidBps: number;
  /** The cost of trading, in bps of turnover, at which net profit is 0: profit before fees and impact, but after funding and borrow. */
  readonly breakEvenBps: number;
}

interface OpenLots {
  lots: number;
  readonly fill: FillRecord;
  /** Fee and impact of one lot. */
  readonly costOfLot: number;
}

/** Round trips, first in first out, in order of closing. A fill's costs are shared out over its lots, so that each is counted once; those of lots that stay open are in no trip. */
export function roundTrips(run: BacktestRun, terms: ContractTerms): { trips: RoundTrip[]; openLots: number } {
  const trips: RoundTrip[] = [];
  const open: OpenLots[] = [];
  let oldest = 0;
  for (const fill of run.fills) {
    const costOfLot = (fill.fee + fill.impact) / fill.quantityLots;
    let left = signedLots(fill);
    while (left !== 0 && oldest < open.length && Math.sign(open[oldest].lots) !== Math.sign(left)) {
      const entry = open[oldest];
      const lots = Math.sign(entry.lots) * Math.min(Math.abs(entry.lots), Math.abs(left));
      trips.push(tripOf(entry, fill, lots, costOfLot, terms));
      entry.lots -= lots;
      left += lots;
      if (entry.lots === 0) oldest++;
    }
    if (left !== 0) open.push({ lots: left, fill, costOfLot });
  }
  return { trips, openLots: open.slice(oldest).reduce((sum, { lots }) => sum + lots, 0) };
}

function tripOf(entry: OpenLots, exit: FillRecord, lots: number, exitCost: number, terms: ContractTerms): RoundTrip {
  const gross = profitOf(terms, entry.fill.priceTicks, exit.priceTicks, lots);
  const costs = Math.abs(lots) * (entry.costOfLot + exitCost);
  return {
    lots,
    entryNs: entry.fill.exchangeNs,
    exitNs: exit.exchangeNs,
    entryTicks: entry.fill.priceTicks,
    exitTicks: exit.priceTicks,
    gross,
    costs,
    net: gross - costs,
  };
}

export function tradeStatistics(run: BacktestRun, terms: ContractTerms): TradeStatistics {
  const { trips, openLots } = roundTrips(run, terms);
  let [gains, losses, wins, lots, held, turnover, paid] = [0, 0, 0, 0, 0, 0, 0];
  for (const trip of trips) {
    if (trip.net > 0) {
      gains += trip.net;
      wins++;
    } else losses -= trip.net;
    lots += Math.abs(trip.lots);
    held += Math.abs(trip.lots) * (trip.exitNs - trip.entryNs);
  }
  for (const { priceTicks, quantityLots, fee, impact } of run.fills) {
    turnover += notionalOf(terms, priceTicks, quantityLots);
    paid += fee + impact;
  }
  const { gross, funding, borrow } = run.totals;
  return {
    trips: trips.length,
    hitRate: wins / trips.length,
    profitFactor: gains / losses,
    medianHoldingNs: medianOf(trips.map(({ entryNs, exitNs }) => exitNs - entryNs)),
    meanHoldingNs: held / lots,
    openLots,
    turnover,
    paidBps: (1e4 * paid) / turnover,
    breakEvenBps: (1e4 * (gross - funding - borrow)) / turnover,
  };
}
