import type { BacktestRun, RunAnalysis } from '../../backtest/index.ts';
import type { JudgedCard } from './backtest-card.ts';
import type { BaselineCard } from './baseline-card.ts';

/** Fewer orders than this tell little of any strategy. */
const FEW_ORDERS = 100;
const bps = (value: number): string => Number(value.toPrecision(3)).toString();

/** What speaks against the figures, in whole sentences, the weightiest first. */
export function doubtsOf(of: {
  readonly run: BacktestRun;
  readonly analysis: RunAnalysis;
  readonly judged: JudgedCard | null;
  readonly unjudged: string | null;
  readonly baselines: readonly BaselineCard[];
}): string[] {
  const { run, analysis, judged, unjudged, baselines } = of;
  const { fills, trades, split, costs } = analysis;
  const doubts: string[] = [];
  const add = (when: boolean, sentence: string): void => {
    if (when) doubts.push(`${sentence[0].toUpperCase()}${sentence.slice(1)}.`);
  };
  add(run.ended !== null, `the strategy was ended before the tape was: ${run.ended}`);
  add(
    run.origin === 'simulated',
    'the market is simulated: the result tests the tools, and says nothing of any market',
  );
  add(unjudged !== null, unjudged ?? '');
  if (judged !== null) {
    add(true, judged.verdict.sharpeClaim);
    add(true, breakEvenDoubt(judged, trades.paidBps));
  }
  for (const { sentence, difference } of baselines) {
    add(difference?.interval?.low == null || difference.interval.low <= 0, `against its baseline: ${sentence}`);
  }
  add(
    fills.placed < FEW_ORDERS,
    `only ${fills.placed} orders were placed; below ${FEW_ORDERS} a few of them decide the result`,
  );
  add(
    trades.openLots !== 0,
    `${Math.abs(trades.openLots)} ${Math.abs(trades.openLots) === 1 ? 'lot was' : 'lots were'} still ${trades.openLots > 0 ? 'long' : 'short'} at the end, counted at the mid; closing would cost the spread and fees as well`,
  );
  add(
    split.unmeasured > 0,
    `${split.unmeasured} of ${run.fills.length} fills have no mid at the horizon of adverse selection; what came after them counts as inventory`,
  );
  add(costs.withoutMid > 0, `${costs.withoutMid} orders were sent without a mid and are in no cost of a transaction`);
  return doubts;
}

function breakEvenDoubt({ breakEven }: JudgedCard, paidBps: number): string {
  const { value, interval } = breakEven;
  if (value === null) return 'nothing was traded, so that no cost can be told at which it would break even';
  const paid = `it ${paidBps < 0 ? 'was paid' : 'paid'} ${bps(Math.abs(paidBps))} bps of what it traded in fees and impact`;
  if (interval?.low == null || interval.high === null) {
    return `${paid}; there is too little data for an interval of the cost at which it would break even (${bps(value)} bps)`;
  }
  const range = `${bps(value)} bps, 95 % interval ${bps(interval.low)} to ${bps(interval.high)}`;
  const head = `${paid} and would break even at ${range}`;
  if (interval.low > paidBps) return `${head}: that is above what it paid`;
  if (interval.high < paidBps) return `${head}: that is below what it paid`;
  return `${head}: what it paid lies within, so that neither profit nor loss is shown`;
}
