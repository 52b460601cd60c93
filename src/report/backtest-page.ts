import type { BacktestCard, JudgedCard } from '../evaluate/index.ts';
import { countText, escapeText, fixedText, numberText, percentText } from '../figure/index.ts';
import { equitySection, fillsSection, markoutSection } from './backtest-curves.ts';
import { costsSection, ordersSection, profitSection } from './backtest-profit.ts';
import { baselinesSection, statisticsSection } from './backtest-statistics.ts';
import { sweepSection } from './backtest-sweep.ts';
import {
  amountText,
  durationText,
  known,
  momentText,
  moneyText,
  probabilityText,
  rangeOr,
  rangeText,
  sentence,
  signedNumber,
} from './backtest-text.ts';
import { walkSection } from './backtest-walk.ts';
import { factTable } from './data-table.ts';
import { bulletList, page, paragraph, type Section } from './page.ts';
import { flatten } from './runs-views.ts';

/** The report of a backtest: one HTML file that loads nothing and reads without scripts. The same card gives the same bytes. */
export function renderBacktest(card: BacktestCard): string {
  const sections = [
    doubtsSection(card),
    equitySection(card),
    fillsSection(card),
    markoutSection(card),
    profitSection(card),
    costsSection(card),
    ordersSection(card),
    sweepSection(card),
    walkSection(card),
    baselinesSection(card),
    statisticsSection(card),
    assumptionsSection(card),
    settingsSection(card),
  ];
  return page(
    `Backtest: ${card.strategy} on ${card.instrument}`,
    headOf(card),
    sections.filter((section) => section !== null),
  );
}

function headOf(card: BacktestCard): string {
  const { strategy, instrument, simulated, judged, bookcast } = card;
  const banner = simulated
    ? '<div class="simulated" role="note"><b>SIMULATED</b>Traded on the seeded simulator. It tests the tools, and says nothing of any market.</div>'
    : '';
  const judgement = judged?.verdict.sentence ?? card.unjudged ?? 'not judged';
  const said = sentence(simulated ? `simulated: ${judgement}` : judgement);
  const drawn = tilesOf(card).map(
    ([value, name, range]) =>
      `<div class="tile"><b>${escapeText(value)}</b><span>${escapeText(name)}${range === '' ? '' : `<br>${escapeText(range)}`}</span></div>`,
  );
  const span = durationText((card.toMs - card.fromMs) * 1e6);
  const origin = { simulated: 'Simulated', recorded: 'Recorded', live: 'Live' }[card.origin];
  const little = `${origin}: ${instrument}, ${momentText(card.fromMs)} to ${momentText(card.toMs)} UTC (${span}), ${countText(card.events)} events. ${bookcast === null ? '' : `bookcast ${bookcast}.`}`;
  return `<header><div class="top"><h1>Backtest: ${escapeText(strategy)}</h1><span class="badge">${escapeText(instrument)}</span></div>
<div class="dim">${escapeText(little.trim())}</div>
${banner}
<div class="verdicts"><p><b>${escapeText(said)}</b></p></div>
<div class="tiles five">${drawn.join('')}</div></header>`;
}

/** Value, name, and its interval or what stands beside it. */
function tilesOf(card: BacktestCard): [string, string, string][] {
  const { totals, currency, fills, trades, judged, trials } = card;
  const seconds = known(judged?.performance.spanNs) / 1e9;
  const net = judged?.performance.netPerSecond.interval ?? null;
  const netRange =
    net === null
      ? 'no interval'
      : `95 %: ${rangeText({ low: known(net.low) * seconds, high: known(net.high) * seconds })}`;
  const paid = known(totals.gross) - known(totals.net);
  const after = card.markouts.all.find(({ afterNs }) => afterNs === 1e9);
  const traded = known(fills.filled) + known(fills.partlyFilled);
  return [
    [moneyText(totals.net, currency), 'net profit', netRange],
    [moneyText(totals.gross, currency), 'gross, before costs', `${amountText(trades.turnover, currency)} traded`],
    [
      amountText(paid, currency),
      'costs paid',
      `${numberText(known(trades.paidBps))} bps of turnover in fees and impact`,
    ],
    ...judgedTiles(judged, known(trials.counted), currency),
    [
      countText(known(fills.placed)),
      'orders',
      `${countText(traded)} traded (${percentText(traded / known(fills.placed), 1)})`,
    ],
    [
      countText(known(fills.makerFills) + known(fills.takerFills)),
      'fills',
      `${countText(known(fills.makerFills))} maker, ${countText(known(fills.takerFills))} taker`,
    ],
    [
      `${signedNumber(after?.bps.mean)} bps`,
      'mid against the fill’s price, 1 s after',
      rangeOr({ interval: after?.bps.interval ?? null }),
    ],
  ];
}

function judgedTiles(judged: JudgedCard | null, trials: number, currency: string): [string, string, string][] {
  if (judged === null) return [];
  const { performance, verdict, breakEven } = judged;
  const { annual, sharpe, sharpeInterval, drawdown, stepNs } = performance;
  const ratio: [string, string, string] =
    annual === null
      ? [
          fixedText(known(sharpe?.perStep), 3),
          `Sharpe of ${durationText(stepNs)}, not annualised`,
          rangeOr(sharpeInterval),
        ]
      : [
          fixedText(known(annual.sharpe), 2),
          'Sharpe of a year',
          `± ${fixedText(known(annual.sharpeError), 2)} (one standard error)`,
        ];
  return [
    [`${numberText(known(breakEven.value))} bps`, 'break-even cost', rangeOr(breakEven)],
    ratio,
    [
      probabilityText(verdict.deflatedSharpe, 2),
      'deflated Sharpe, probability',
      `${countText(trials)} trial${trials === 1 ? '' : 's'} counted`,
    ],
    [
      amountText(drawdown.depth, currency),
      'deepest drawdown',
      `${durationText(drawdown.longestUnderWaterNs)} below a high${drawdown.underWaterAtEnd ? ', still at the end' : ''}`,
    ],
  ];
}

function doubtsSection({ doubts }: BacktestCard): Section {
  return { id: 'doubts', title: 'How far to trust it', body: bulletList(doubts.map(sentence)) };
}

function assumptionsSection({ assumptions, notes, ended, split }: BacktestCard): Section {
  const all = [
    ...assumptions,
    'market: the tape goes on as recorded whatever we do; our orders move nobody, which flatters large ones',
    `marking: equity is marked at the venue’s mid; adverse selection is measured ${durationText(split.horizonNs)} after each fill`,
    'intervals: 95 %, stationary bootstrap of steps of equal time; each assumes that the rest of the market looks like what was recorded',
  ];
  const noted = notes.length === 0 ? '' : `<h3 class="sub">Notes on the run</h3>${bulletList(notes.map(sentence))}`;
  const end = ended === null ? '' : paragraph(sentence(`the strategy was ended early: ${ended}`));
  return { id: 'assumptions', title: 'Assumptions and notes', body: end + bulletList(all.map(sentence)) + noted };
}

function settingsSection({ settings, hash, baselines, messages, events }: BacktestCard): Section {
  const rows: [string, string][] = [
    ...flatten(settings),
    ['messages, events', `${countText(messages)}, ${countText(events)}`],
    ['hash of orders and fills', hash],
    ...baselines.map((other): [string, string] => [`hash of ${other.strategy}`, other.hash]),
  ];
  return { id: 'settings', title: 'Settings and identity', body: factTable(rows) };
}
