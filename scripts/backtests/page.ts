import { FEE_PRESETS, MARKOUT_NS } from '../../src/backtest/index.ts';
import { monotoneSweep } from '../../src/evaluate/index.ts';
import type { Figure } from './figures.ts';
import type { Session } from './sessions.ts';
import type { MakerRow, MakerSettings, SessionResult, TakerRow } from './trials.ts';

const number = (value: number, digits: number): string =>
  `${value < 0 ? '−' : ''}${Math.abs(value).toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
const whole = (value: number): string => number(value, 0);
const bps = (value: number): string => (Number.isFinite(value) ? number(value, 2) : '–');

/** Three digits that count, whatever the currency. */
function money(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return number(value, Math.min(8, digits));
}

function ranged({ value, interval }: Figure, text: (value: number) => string, scale = 1): string {
  if (!Number.isFinite(value)) return '–';
  const own = text(scale * value);
  return interval === null
    ? `${own} (too little data for an interval)`
    : `${own} [${text(scale * interval.low)}, ${text(scale * interval.high)}]`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [
    `| ${head.join(' | ')} |`,
    `|${head.map((_, i) => (i === 0 ? '---' : '---:')).join('|')}|`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
  ];
}

function takerTable({ takers, currency }: SessionResult): string[] {
  const head = [
    'threshold',
    'orders',
    'filled',
    'round trips',
    'the mid moved, bps a round trip',
    'gross, bps a round trip',
    `gross, ${currency} a round trip`,
    `fees, ${currency}`,
    `net, ${currency}`,
  ];
  const rows = takers.map(({ signal, threshold, figures }) => {
    const { orders, filled, trips, midBps, grossBps, gross, fees, net } = figures;
    const name = signal === 'forecast' ? `${threshold}` : `${threshold}, a coin’s sign`;
    const each = trips === 0 ? '–' : money(gross / trips);
    return [
      name,
      whole(orders),
      whole(filled),
      whole(trips),
      ranged(midBps, bps, 2),
      ranged(grossBps, bps, 2),
      each,
      money(fees),
      ranged(net, money),
    ];
  });
  return [...table(head, rows), ...takerText(takers), ''];
}

/** Fewer round trips than this are no point of a sweep. */
const LEAST_TRIPS = 20;

function takerText(takers: readonly TakerRow[]): string[] {
  const own = takers.filter(({ signal, figures }) => signal === 'forecast' && figures.trips >= LEAST_TRIPS);
  const told = (name: string, value: (row: TakerRow) => number): string => {
    const points = own.map((row) => ({ at: row.threshold, value: 2 * value(row) }));
    const { holds, breaks, kendall } = monotoneSweep(points, 'rises');
    if (points.length < 2)
      return `${name}: too few thresholds with ${LEAST_TRIPS} round trips to say whether it rises.`;
    const range = `${bps(points[0].value)} bps at ${points[0].at} to ${bps(points[points.length - 1].value)} bps at ${points[points.length - 1].at}`;
    if (holds) return `${name} rises with the threshold throughout: ${range}.`;
    const where = breaks.map(({ from, to }) => `from ${from.at} to ${to.at}`).join(', ');
    return `${name} does **not** rise with the threshold throughout: ${range}; it falls ${where} (Kendall’s τ ${number(kendall, 2)}).`;
  };
  const losing = takers.filter(({ signal, figures }) => signal === 'forecast' && figures.trips > 0);
  const lost = losing.filter(({ figures }) => figures.net.value < 0).length;
  const sure = losing.filter(({ figures }) => figures.net.interval !== null && figures.net.interval.high < 0).length;
  return [
    `${told('Gross a round trip', ({ figures }) => figures.grossBps.value)} ${told('The move of the mid', ({ figures }) => figures.midBps.value)} ` +
      `Thresholds with at least ${LEAST_TRIPS} round trips are compared. After fees the taker loses at ${lost} of ${losing.length} thresholds, at ${sure} with an interval below zero.`,
  ];
}

const NAMES: Readonly<Record<MakerRow['signal'], string>> = { none: 'plain', forecast: 'forecast', coin: 'coin' };

function makerTable({ makers, currency }: SessionResult): string[] {
  const head = [
    'queue, delay',
    'skew by',
    'orders',
    'filled',
    `traded, ${currency}`,
    'spread earned, bps',
    'lost within 1 s, bps',
    'gross, bps (the fee that it bears)',
    `net, ${currency}`,
    `net less the plain maker’s, ${currency}`,
  ];
  const rows = makers.map(({ queue, delayMs, signal, figures, lead }) => {
    const { orders, filled, turnover, spread, adverse, grossBps, net } = figures;
    return [
      `${queue}, ${delayMs} ms`,
      NAMES[signal],
      whole(orders),
      whole(filled),
      money(turnover),
      bps((1e4 * spread) / turnover),
      bps((1e4 * adverse) / turnover),
      ranged(grossBps, bps),
      ranged(net, money),
      lead === null ? '' : ranged(lead, money),
    ];
  });
  return table(head, rows);
}

const after = (ns: number): string => (ns === 0 ? 'just before' : ns < 1e9 ? `${ns / 1e6} ms` : `${ns / 1e9} s`);

/** Under the first assumptions. */
function markoutTable({ makers }: SessionResult): string[] {
  const [first] = makers;
  const rows = makers
    .filter(({ queue, delayMs }) => queue === first.queue && delayMs === first.delayMs)
    .map(({ signal, figures }) => [
      NAMES[signal],
      ...figures.markouts.map(({ bps: mean, error }) =>
        Number.isFinite(error) ? `${bps(mean)} ± ${bps(1.96 * error)}` : bps(mean),
      ),
    ]);
  return [
    `Markouts of its fills (${first.queue}, ${first.delayMs} ms), bps in its favour, ± 1.96 standard errors by blocks of time:`,
    '',
    ...table(['skew by', ...[0, ...MARKOUT_NS].map(after)], rows),
  ];
}

function makerText({ makers, trials }: SessionResult): string[] {
  const own = makers.filter(({ signal }) => signal === 'forecast');
  const needed = own.map(({ figures: { grossBps }, queue, delayMs }) => {
    const rebate = {
      value: -grossBps.value,
      interval: grossBps.interval === null ? null : { low: -grossBps.interval.high, high: -grossBps.interval.low },
    };
    return `${queue}, ${delayMs} ms: ${ranged(rebate, bps)}`;
  });
  return [
    `The rebate at which the forecast-skewed maker breaks even, bps (below zero: the fee that it can pay): ${needed.join('; ')}.`,
    '',
    `Verdicts of the forecast-skewed maker at the public fee (${trials} trials counted):`,
    '',
    ...own.map(
      ({ queue, delayMs, figures }) =>
        `- ${queue}, ${delayMs} ms: ${figures.verdict}. ${figures.claim[0].toUpperCase()}${figures.claim.slice(1)}.`,
    ),
    '',
  ];
}

const settingsText = ({ quotes, riskAversion, skewTicks, toleranceTicks }: MakerSettings): string =>
  `${quotes}, γ ${riskAversion} a tick, ${skewTicks} ticks of skew, ${toleranceTicks} ticks of tolerance`;

/** One line a session: the taker at the middle threshold, and the maker under the first assumptions. */
export function summary(sessions: readonly (readonly [Session, SessionResult | null])[]): string[] {
  const head = [
    'session',
    'maker’s settings',
    'taker at 0.3: gross, bps a round trip',
    'its net',
    'plain maker: gross, bps',
    'forecast-skewed maker: gross, bps',
    'its net',
    'its net less the plain maker’s',
    'verdict',
  ];
  const rows = sessions.flatMap(([session, result]) => {
    if (result === null) return [];
    const taker = result.takers.find(({ threshold, signal }) => threshold === 0.3 && signal === 'forecast')?.figures;
    const [plain, own] = result.makers;
    if (taker === undefined) return [];
    const verdict = own.figures.verdict.split(':')[0];
    return [
      [
        session.title,
        session.tuned ? 'chosen on it' : 'chosen elsewhere',
        ranged(taker.grossBps, bps, 2),
        `${ranged(taker.net, money)} ${result.currency}`,
        ranged(plain.figures.grossBps, bps),
        ranged(own.figures.grossBps, bps),
        `${ranged(own.figures.net, money)} ${result.currency}`,
        own.lead === null ? '' : ranged(own.lead, money),
        verdict,
      ],
    ];
  });
  return ['## In short', '', ...table(head, rows)];
}

export function sessionText(session: Session, result: SessionResult | null, absent: boolean): string[] {
  const head = [`## ${session.title}`, ''];
  if (result === null) return [...head, absent ? 'The recording is not on this machine.' : 'Not run yet.', ''];
  const { seconds, messages, decisions, settings } = result;
  const { market, tuned } = session;
  const chosen = tuned ? 'chosen on this session, so that its figures flatter it' : 'chosen on other sessions';
  const { tiers } = FEE_PRESETS[market.fees];
  return [
    ...head,
    `${result.instrument}, ${number(seconds / 60, 1)} minutes, ${whole(messages)} messages, ${whole(decisions)} forecasts of \`${market.target}\`; ${whole(market.quantityLots)} lots an order. ` +
      `Fees: \`${market.fees}\`, maker ${rate(tiers[0].maker)}, taker ${rate(tiers[0].taker)}. Maker: ${settingsText(settings)} (${chosen}).`,
    '',
    '**Taker**',
    '',
    ...takerTable(result),
    '**Maker**',
    '',
    ...makerTable(result),
    ...markoutTable(result),
    ...makerText(result),
  ];
}

function rate({ bps: share, perShare }: { readonly bps?: number; readonly perShare?: number }): string {
  return share === undefined ? `${number(perShare ?? 0, 4)} USD a share` : `${share} bps`;
}
