import { assert } from '../../core/index.ts';
import { Side } from '../../market/index.ts';
import { profitOf } from '../contract-terms.ts';
import type { ContractTerms } from '../costs.ts';
import { type BacktestRun, type FillRecord, MARKOUT_NS } from '../run.ts';

/** Where the net profit came from, in the currency of profit; the parts add up to it. Costs are above 0 where they were paid. */
export interface ProfitSplit {
  /** What the fills were better than the mid by, at the moment of each. Below 0 for one who takes. */
  readonly spread: number;
  /** What the mid did after each fill, within the horizon, for the lots of that fill. Below 0 where it went against them. */
  readonly adverseSelection: number;
  /** What the mid did after that: the gain and loss of holding. */
  readonly inventory: number;
  readonly fees: number;
  readonly funding: number;
  readonly borrow: number;
  readonly impact: number;
  readonly net: number;
  readonly horizonNs: number;
  /** Fills whose mid at the horizon is not known (the run ended or the book was lost): all that came after them is inventory. */
  readonly unmeasured: number;
}

/** Lots bought, or less than 0 sold. */
export function signedLots({ side, quantityLots }: Pick<FillRecord, 'side' | 'quantityLots'>): number {
  return side === Side.BID ? quantityLots : -quantityLots;
}

/**
 * The split of a run's net profit: `spread + adverseSelection + inventory = gross`, and `gross − fees − funding − borrow − impact = net`. `horizonNs` is one of
 * `MARKOUT_NS`, default a second. A fill without a mid has neither spread nor adverse selection.
 */
export function splitProfit(run: BacktestRun, terms: ContractTerms, horizonNs = 1e9): ProfitSplit {
  const at = MARKOUT_NS.indexOf(horizonNs);
  assert(at >= 0, `the horizon is one of ${MARKOUT_NS.join(', ')} ns`);
  let spread = 0;
  let adverseSelection = 0;
  let unmeasured = 0;
  for (const fill of run.fills) {
    const lots = signedLots(fill);
    if (!Number.isNaN(fill.midTicks)) spread += profitOf(terms, fill.priceTicks, fill.midTicks, lots);
    const move = profitOf(terms, fill.midTicks, fill.laterMidTicks[at], lots);
    if (Number.isNaN(move)) unmeasured++;
    else adverseSelection += move;
  }
  const { gross, fees, funding, borrow, impact, net } = run.totals;
  const inventory = gross - spread - adverseSelection;
  return { spread, adverseSelection, inventory, fees, funding, borrow, impact, net, horizonNs, unmeasured };
}
