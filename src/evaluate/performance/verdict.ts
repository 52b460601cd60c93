import { NS_PER_SECOND } from '../../core/index.ts';
import type { Performance } from './performance.ts';
import { deflatedSharpe, type MeasuredSharpe, probabilisticSharpe } from './sharpe-doubt.ts';
import { spanText, yearNs } from './trading-calendar.ts';
import type { TrialCount } from './trial-count.ts';

export interface VerdictOptions {
  readonly currency: string;
  /** Everything tried, the strategy itself included; one trial by default. */
  readonly trials?: TrialCount;
}

/**
 * - `idle`: the equity never moved;
 * - `undecided`: zero lies in the interval, or there is too little data for one;
 * - `loses`, `gains`: the interval lies below, above zero; of gains, the deflated Sharpe ratio is at least 0.95 too;
 * - `unproven`: the interval lies above zero, but so many were tried that luck alone may have brought it.
 */
export type VerdictKind = 'idle' | 'undecided' | 'loses' | 'gains' | 'unproven';

export interface Verdict {
  readonly kind: VerdictKind;
  /** One sentence, without a full stop. */
  readonly sentence: string;
  /** Whether a Sharpe ratio of a year above 1.5 is supported at 95 %, with the reason where it is not; one sentence. */
  readonly sharpeClaim: string;
  readonly sharpeSupported: boolean;
  /** The probability that the true Sharpe ratio is above zero, and above what luck brings among the trials; null where the equity never moved. */
  readonly probabilisticSharpe: number | null;
  readonly deflatedSharpe: number | null;
}

const CONFIDENCE = 0.95;
const CLAIM = 1.5;

/** What a reader may believe of an equity curve. */
export function verdict(performance: Performance, { currency, trials = { counted: 1 } }: VerdictOptions): Verdict {
  const { sharpe, netPerSecond, calendar } = performance;
  const data = spanText(performance.spanNs, calendar);
  if (sharpe === null) {
    const nothing = { probabilisticSharpe: null, deflatedSharpe: null, sharpeSupported: false };
    const sentence = `nothing to judge: the equity never moved in ${data} of data`;
    return { kind: 'idle', sentence, sharpeClaim: unsupported('the equity never moved'), ...nothing };
  }
  const measured: MeasuredSharpe = { ...sharpe, n: Math.max(2, sharpe.effectiveSteps) };
  const chances = {
    probabilisticSharpe: probabilisticSharpe(measured, 0),
    deflatedSharpe: deflated(performance, measured, trials),
    ...claimOf(performance, measured),
  };
  const { interval } = netPerSecond;
  if (interval === null || (interval.low <= 0 && interval.high >= 0)) {
    return { kind: 'undecided', sentence: undecided(performance, data), ...chances };
  }
  const amount = (perSecond: number): string => `${Number((3600 * perSecond).toPrecision(3))}`;
  const range = `95 % interval ${amount(interval.low)} to ${amount(interval.high)}, ${data} of data`;
  if (interval.high < 0) {
    const sentence = `loses: ${amount(netPerSecond.value)} ${currency} an hour, ${range}`;
    return { kind: 'loses', sentence, ...chances };
  }
  const gain = `${amount(netPerSecond.value)} ${currency} an hour, ${range}`;
  const counted = `with ${trials.counted} trial${trials.counted === 1 ? '' : 's'} counted the deflated Sharpe ratio is ${chanceText(chances.deflatedSharpe)}`;
  if (chances.deflatedSharpe < CONFIDENCE) {
    const sentence = `gains, but unproven: ${gain}; ${counted}, below ${CONFIDENCE}`;
    return { kind: 'unproven', sentence, ...chances };
  }
  return { kind: 'gains', sentence: `gains: ${gain}; ${counted}`, ...chances };
}

function undecided({ netPerSecond, neededNs, spanNs, calendar }: Performance, data: string): string {
  const head = `not distinguishable from zero: ${data} of data`;
  if (!Number.isFinite(neededNs)) return `${head}; the mean is zero, and no recording would be long enough`;
  // Without an interval the length rests on a standard error of little data, and may seem to be reached already.
  if (neededNs <= spanNs) return `${head}, too few for an interval (${netPerSecond.reason})`;
  return `${head}; would need ${spanText(neededNs, calendar)}`;
}

function deflated({ stepNs }: Performance, measured: MeasuredSharpe, trials: TrialCount): number {
  const effective = Math.max(1, trials.effective ?? trials.counted);
  const variance =
    trials.sharpeVariance === undefined ? 1 / (measured.n - 1) : trials.sharpeVariance * (stepNs / NS_PER_SECOND);
  return deflatedSharpe(measured, effective, variance);
}

function claimOf(
  { annual, annualReason, calendar, stepNs }: Performance,
  measured: MeasuredSharpe,
): Pick<Verdict, 'sharpeClaim' | 'sharpeSupported'> {
  if (annual === null) return { sharpeClaim: unsupported(annualReason ?? ''), sharpeSupported: false };
  const chance = probabilisticSharpe(measured, CLAIM / Math.sqrt(yearNs(calendar) / stepNs));
  const found = `${annual.sharpe.toFixed(2)} ± ${annual.sharpeError.toFixed(2)} a year (${calendar.name})`;
  if (chance < CONFIDENCE) {
    const reason = `${found}, and the probability that it is above is ${chanceText(chance)}`;
    return { sharpeClaim: unsupported(reason), sharpeSupported: false };
  }
  return { sharpeClaim: `a Sharpe ratio above ${CLAIM} is supported: ${found}`, sharpeSupported: true };
}

/** A probability, which no data make certain. */
function chanceText(chance: number): string {
  if (chance > 0.995) return 'above 0.99';
  return chance < 0.005 ? 'below 0.01' : chance.toFixed(2);
}

function unsupported(reason: string): string {
  return `a Sharpe ratio above ${CLAIM} is not supported: ${reason}`;
}
