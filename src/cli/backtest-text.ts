import type { BacktestCard, Plain } from '../evaluate/index.ts';
import { numberText } from '../figure/index.ts';
import { grouped, table } from './output.ts';

/** A run's card for a terminal. `places`: where the rest lies. */
export function backtestText(card: BacktestCard, places: readonly string[]): string {
  const { judged, unjudged, simulated, strategy, instrument, currency } = card;
  const verdict = judged?.verdict.sentence ?? unjudged ?? '';
  const lines = [
    `${simulated ? 'SIMULATED: ' : ''}${strategy}: ${verdict}`,
    '',
    `${instrument}, ${card.origin}, ${spanWords(card)}: ${grouped(card.messages)} messages, ${grouped(card.events)} events`,
    ordersLine(card),
    ...rejectionLines(card),
    ...(card.ended === null ? [] : [`ended early: ${card.ended}; its orders were cancelled`]),
    '',
    strategiesTable(card).trimEnd(),
    `gross, costs and net in ${currency}; costs above 0 were paid; net an hour with its 95 % interval; orders: placed, and of these traded`,
    '',
    ...judgementLines(card),
    ...markoutLines(card),
    '',
    'assumed',
    ...card.assumptions.map((sentence) => `  ${sentence}`),
    ...(card.notes.length === 0 ? [] : ['noted', ...card.notes.map((note) => `  ${note}`)]),
    ...(card.doubts.length === 0 ? [] : ['in doubt', ...card.doubts.map((doubt) => `  ${doubt}`)]),
    '',
    ...places,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function spanWords({ fromMs, toMs }: BacktestCard): string {
  const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
  return `${iso(fromMs)} to ${iso(toMs)}`;
}

function ordersLine({ fills, hash }: BacktestCard): string {
  const { placed, filled, partlyFilled, cancelled, rejected, makerFills, takerFills, fillRatio } = fills;
  const share = fillRatio === null ? '' : ` (${numberText(100 * fillRatio, 3)} % of the lots)`;
  const parts = [
    `${grouped(placed ?? 0)} orders placed`,
    `${grouped(filled ?? 0)} filled`,
    `${grouped(partlyFilled ?? 0)} in part${share}`,
    `${grouped(cancelled ?? 0)} cancelled`,
    `${grouped(rejected ?? 0)} rejected`,
  ];
  const fillWords = `${grouped(makerFills ?? 0)} fills as maker, ${grouped(takerFills ?? 0)} as taker`;
  return `${parts.join(', ')}; ${fillWords}; hash ${hash.slice(0, 16)}`;
}

/** What was refused and why, the most frequent first. */
function rejectionLines({ fills }: BacktestCard): string[] {
  return fills.rejections
    .slice(0, 5)
    .map(({ reason, orders }) => `  rejected ${grouped(orders ?? 0)} times: ${reason}`);
}

type Interval = Plain<{ low: number; high: number }> | null | undefined;

function intervalText(interval: Interval, scale = 1): string {
  if (interval?.low == null || interval.high == null) return '—';
  return `${signedText(interval.low * scale)} … ${signedText(interval.high * scale)}`;
}

function signedText(value: number | null, digits = 3): string {
  if (value === null) return '—';
  if (value === 0) return '0';
  return value < 0 ? `−${numberText(-value, digits)}` : `+${numberText(value, digits)}`;
}

/** The strategy, and below it those that it is measured against. */
function strategiesTable(card: BacktestCard): string {
  const head = [
    'strategy',
    'orders',
    'traded',
    'gross',
    'fees',
    'funding',
    'borrow',
    'impact',
    'net',
    'net/h',
    '95 % interval',
  ];
  const { judged, fills } = card;
  const rows = [
    rowOf(
      card.strategy,
      fills.placed,
      (fills.filled ?? 0) + (fills.partlyFilled ?? 0),
      card.totals,
      judged?.performance.netPerSecond,
    ),
    ...card.baselines.map((one) =>
      rowOf(`${one.strategy} (baseline)`, one.orders, one.traded, one.totals, one.netPerSecond),
    ),
  ];
  // Costs that nobody paid say nothing.
  const kept = head.flatMap((title, i) =>
    ['funding', 'borrow', 'impact'].includes(title) && rows.every((row) => row[i] === '0') ? [] : [i],
  );
  const pick = (row: readonly string[]): string[] => kept.map((i) => row[i]);
  return table(pick(head), rows.map(pick));
}

function rowOf(
  name: string,
  placed: number | null,
  traded: number,
  totals: BacktestCard['totals'],
  perSecond: { readonly value: number | null; readonly interval: Interval } | null | undefined,
): string[] {
  const cost = (value: number | null): string => (value === null ? '—' : numberText(value, 4));
  const rate = perSecond?.value ?? null;
  return [
    name,
    grouped(placed ?? 0),
    grouped(traded),
    signedText(totals.gross, 4),
    ...[totals.fees, totals.funding, totals.borrow, totals.impact].map(cost),
    signedText(totals.net, 4),
    rate === null ? '—' : signedText(3600 * rate),
    intervalText(perSecond?.interval, 3600),
  ];
}

function judgementLines({ judged, trials, trades }: BacktestCard): string[] {
  if (judged === null) return [];
  const { performance, verdict, breakEven, annualisation } = judged;
  const { sharpe, sharpeInterval, annual, drawdown, stepNs } = performance;
  const lines: string[] = [];
  if (sharpe !== null) {
    const step = `${numberText((stepNs ?? 0) / 1e9, 3)} s`;
    const known =
      sharpeInterval.interval == null
        ? `no interval: ${sharpeInterval.reason}`
        : `95 % interval ${intervalText(sharpeInterval.interval)}`;
    lines.push(`Sharpe of a step of ${step}: ${signedText(sharpe.perStep)}, ${known}; ${annualisation}`);
    if (annual !== null)
      lines.push(`Sharpe a year: ${signedText(annual.sharpe)} ± ${numberText(annual.sharpeError ?? Number.NaN, 3)}`);
    const chance = (value: number | null): string => (value === null ? '—' : value.toFixed(3));
    const counted = `${trials.counted} trial${trials.counted === 1 ? '' : 's'} of these data in the registry`;
    lines.push(
      `probability that the true Sharpe is above 0: ${chance(verdict.probabilisticSharpe)}; deflated by ${counted}: ${chance(verdict.deflatedSharpe)}`,
    );
  }
  lines.push(`deepest drawdown ${drawdown.depth === null ? '—' : numberText(drawdown.depth, 4)}`);
  if (breakEven.value !== null) {
    lines.push(
      `would break even at costs of ${signedText(breakEven.value)} bps of turnover, 95 % interval ${intervalText(breakEven.interval)}; paid ${trades.paidBps === null ? '—' : signedText(trades.paidBps)} bps`,
    );
  }
  return lines;
}

const SECOND_NS = 1e9;

/** How the mid stood to the prices a second after the fills: what a maker lost to those who knew better. */
function markoutLines({ markouts, split }: BacktestCard): string[] {
  const lines = (['maker', 'taker'] as const).flatMap((kind) => {
    const points = markouts[kind];
    const [now, later] = [0, SECOND_NS].map((afterNs) => points.find((point) => point.afterNs === afterNs));
    if (now === undefined || later === undefined || (later.fills ?? 0) === 0) return [];
    const error = later.bps.standardError === null ? '' : ` ± ${numberText(later.bps.standardError, 2)}`;
    return [
      `markout of ${kind} fills: ${signedText(now.bps.mean)} bps at once, ${signedText(later.bps.mean)}${error} bps after 1 s (${grouped(later.fills ?? 0)} fills)`,
    ];
  });
  const { spread, adverseSelection, inventory } = split;
  return [
    ...lines,
    `gross = spread ${signedText(spread)}, adverse selection within 1 s ${signedText(adverseSelection)}, inventory ${signedText(inventory)}`,
  ];
}
