import type { BacktestCard } from '../evaluate/index.ts';
import { numberText } from '../figure/index.ts';
import { table } from './output.ts';

/** The folds of a walk forward, for a terminal; empty for a card without. */
export function walkText({ walk, simulated }: BacktestCard): string {
  if (walk === null) return '';
  const money = (value: number | null): string => (value === null ? '—' : numberText(value, 3));
  const span = (interval: { low: number | null; high: number | null } | null): string =>
    interval === null ? 'too little data' : `${money(interval.low)} to ${money(interval.high)}`;
  const time = (ms: number | null): string => new Date(ms ?? Number.NaN).toISOString().replace(/\.\d+Z$/, 'Z');
  const rows = walk.folds.map(({ trade, chosen, inSample, outOfSample }, fold) => [
    String(fold + 1),
    time(trade.fromMs),
    time(trade.toMs),
    walk.combinations[chosen ?? 0],
    money(inSample.net),
    money(outOfSample.net),
    span(outOfSample.netInterval),
    String(outOfSample.orders),
    String(outOfSample.fills),
  ]);
  const head = [
    'fold',
    'from',
    'to',
    'chosen on the stretch before',
    'net there',
    'net here',
    '95 %',
    'orders',
    'fills',
  ];
  const { overfitting, superiorAbility } = walk;
  const doubts = [
    overfitting === null
      ? 'probability of backtest overfitting: too little data'
      : `probability of backtest overfitting: ${numberText(overfitting.probability ?? Number.NaN, 2)} (${overfitting.splits} splits)`,
    superiorAbility === null
      ? 'superior ability of the best over not trading: too little data'
      : `superior ability of the best over not trading: p = ${numberText(superiorAbility.pValue ?? Number.NaN, 2)}`,
  ];
  return [
    `${simulated ? 'SIMULATED: ' : ''}walk forward, net in ${walk.currency}`,
    table(head, rows).trimEnd(),
    `all folds: net ${money(walk.outOfSample.net)}, 95 % ${span(walk.outOfSample.netInterval)}`,
    ...doubts,
    ...walk.notes,
    '',
  ].join('\n');
}
