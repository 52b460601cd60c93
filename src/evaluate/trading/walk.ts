import { assert, NS_PER_MS } from '../../core/index.ts';
import { backtestOverfitting } from '../performance/backtest-overfitting.ts';
import type { CurveResampling } from '../performance/curve-intervals.ts';
import type { EquitySeries } from '../performance/equity-series.ts';
import { superiorAbility } from '../performance/superior-ability.ts';
import { type TrialCount, trialCount } from '../performance/trial-count.ts';
import { type CostedCurve, netInterval } from './recost.ts';
import type { WalkStretch } from './walk-plan.ts';
import type { WalkFold, WalkResult, WalkScore, WalkSpan } from './walk-result.ts';

/** One stretch as it was traded by every combination. */
export interface TradedStretch {
  readonly stretch: WalkStretch;
  /** One a combination. */
  readonly curves: readonly CostedCurve[];
}

export interface WalkInput {
  readonly currency: string;
  readonly startDay: number;
  /** In words. */
  readonly combinations: readonly string[];
  /** In order of time; the first only serves to choose for the second. */
  readonly stretches: readonly TradedStretch[];
  readonly resampling: CurveResampling;
  readonly notes: readonly string[];
  /** Everything that was ever tried on this market, this walk included; at least combinations × stretches, which is the default. */
  readonly counted?: number;
}

export interface Walk {
  readonly result: WalkResult;
  readonly trials: TrialCount;
  /** The stitched curve, in steps. */
  readonly series: EquitySeries;
}

const MS_PER_DAY = 86_400_000;
/** Parts of the choice's cross-validation, the most first, as far as there are steps for them. */
const CSCV_PARTS = [16, 8, 4] as const;
/** Steps a part: with fewer a Sharpe ratio is a coin. */
const LEAST_PART = 10;

/** Chooses on each stretch for the next, by net profit (of equal ones the first), and puts what was then traded together. Nothing in a fold depends on what comes behind it. */
export function walkOf(input: WalkInput): Walk {
  const { currency, startDay, combinations, stretches, resampling, notes } = input;
  assert(stretches.length >= 2, 'a walk has a stretch to choose on and one to trade');
  assert(
    stretches.every(({ curves }) => curves.length === combinations.length),
    'every combination traded on every stretch',
  );
  const folds: WalkFold[] = [];
  const chosen: CostedCurve[] = [];
  for (let k = 1; k < stretches.length; k++) {
    const [past, own] = [stretches[k - 1].curves, stretches[k].curves];
    const best = past.reduce((top, { net }, at) => (net > past[top].net ? at : top), 0);
    chosen.push(own[best]);
    folds.push({
      train: spanOf(startDay, stretches[k].stretch.train),
      trade: spanOf(startDay, stretches[k].stretch.trade),
      chosen: best,
      inSample: scoreOf([past[best]], resampling),
      outOfSample: scoreOf([own[best]], resampling),
    });
  }
  const netsOf = ({ curves }: TradedStretch): number[] => curves.map(({ net }) => net);
  const series = joined(chosen);
  const result: WalkResult = {
    currency,
    combinations,
    folds,
    inSampleNets: stretches.slice(0, -1).map(netsOf),
    outOfSampleNets: stretches.slice(1).map(netsOf),
    equity: equityOf(startDay, stretches.slice(1), chosen),
    outOfSample: scoreOf(chosen, resampling),
    ...doubts(combinations.length, stretches.slice(1), resampling),
    notes,
  };
  return { result, series, trials: trialsOf(input, series) };
}

function spanOf(startDay: number, { fromNs, toNs }: WalkStretch['trade']): WalkSpan {
  const ms = (ns: number): number => startDay * MS_PER_DAY + ns / NS_PER_MS;
  return { fromMs: ms(fromNs), toMs: ms(toNs) };
}

function scoreOf(curves: readonly CostedCurve[], resampling: CurveResampling): WalkScore {
  const total = (of: (curve: CostedCurve) => number): number => curves.reduce((sum, curve) => sum + of(curve), 0);
  const steps = curves.flatMap(({ netSteps }) => netSteps);
  return {
    orders: total(({ orders }) => orders),
    fills: total(({ fills }) => fills),
    gross: total(({ gross }) => gross),
    net: total(({ net }) => net),
    netInterval: netInterval(steps, curves[0].stepNs, resampling),
  };
}

function joined(curves: readonly CostedCurve[]): EquitySeries {
  return {
    stepNs: curves[0].stepNs,
    net: Float64Array.from(curves.flatMap(({ netSteps }) => netSteps)),
    gross: Float64Array.from(curves.flatMap(({ grossSteps }) => grossSteps)),
    start: 0,
  };
}

function equityOf(
  startDay: number,
  stretches: readonly TradedStretch[],
  chosen: readonly CostedCurve[],
): { ms: number; gross: number; net: number }[] {
  const points: { ms: number; gross: number; net: number }[] = [];
  let [gross, net] = [0, 0];
  chosen.forEach(({ stepNs, netSteps, grossSteps }, k) => {
    const { fromMs } = spanOf(startDay, stretches[k].stretch.trade);
    if (k === 0) points.push({ ms: fromMs, gross, net });
    netSteps.forEach((step, i) => {
      net += step;
      gross += grossSteps[i];
      points.push({ ms: fromMs + ((i + 1) * stepNs) / NS_PER_MS, gross, net });
    });
  });
  return points;
}

/** Of the choice among the combinations, each traded through all folds. */
function doubts(
  combinations: number,
  stretches: readonly TradedStretch[],
  resampling: CurveResampling,
): Pick<WalkResult, 'overfitting' | 'superiorAbility'> {
  const curves = Array.from({ length: combinations }, (_, c) => joined(stretches.map((one) => one.curves[c])).net);
  const moved = curves.some((curve) => curve.some((step) => step !== 0));
  const { length } = curves[0];
  const parts = CSCV_PARTS.find((count) => length >= LEAST_PART * count);
  const halved = combinations < 2 || parts === undefined || !moved ? null : backtestOverfitting(curves, { parts });
  const superior = length < 9 || !moved ? null : superiorAbility(curves, null, resampling);
  return {
    overfitting: halved === null ? null : { probability: halved.probability, splits: halved.splits },
    superiorAbility: superior === null ? null : { pValue: superior.pConsistent },
  };
}

/** Curves of all combinations through all folds and of the stitched one; every run counts. */
function trialsOf({ combinations, stretches, counted = 0 }: WalkInput, stitched: EquitySeries): TrialCount {
  const traded = stretches.slice(1);
  const curves = combinations.map((_, c) => joined(traded.map((one) => one.curves[c])));
  return trialCount([...curves, stitched], Math.max(counted, combinations.length * stretches.length));
}
