import type { BacktestCard } from '../evaluate/index.ts';
import { countText, fixedText, numberText, percentText } from '../figure/index.ts';
import {
  amountText,
  durationText,
  type Ends,
  isFound,
  known,
  moneyText,
  probabilityText,
  rangeOr,
  rangeText,
  sentence,
  signedNumber,
} from './backtest-text.ts';
import { dataTable, factTable, type TableCell } from './data-table.ts';
import { bulletList, paragraph, type Section } from './page.ts';

/** The run beside the strategies that it is measured against. */
export function baselinesSection(card: BacktestCard): Section | null {
  const { baselines, currency, strategy, totals, fills, trades, judged } = card;
  if (baselines.length === 0) return null;
  const heads = [
    'strategy',
    `net, ${currency}`,
    `gross, ${currency}`,
    'orders',
    'fills',
    `turnover, ${currency}`,
    `drawdown, ${currency}`,
    `net an hour, ${currency}`,
    'this run gains more by, an hour',
  ];
  const own: TableCell[] = [
    { text: `${strategy} (this run)` },
    money(totals.net),
    money(totals.gross),
    count(known(fills.placed)),
    count(known(fills.makerFills) + known(fills.takerFills)),
    money(trades.turnover),
    money(judged?.performance.drawdown.depth),
    hourly(judged?.performance.netPerSecond),
    { text: '–', value: Number.NaN },
  ];
  const rows = baselines.map((other): TableCell[] => [
    { text: other.strategy },
    money(other.totals.net),
    money(other.totals.gross),
    count(other.orders),
    count(other.fills),
    money(other.turnover),
    money(other.drawdown),
    hourly(other.netPerSecond),
    hourly(other.difference),
  ]);
  const table = dataTable({
    id: 'baselines-table',
    caption: 'Baselines',
    head: heads.map((text) => ({ text })),
    rows: [own, ...rows],
  });
  const intro = paragraph(
    'On the same tape under the same assumptions; differences are paired step by step. Brackets are 95 % intervals; bold where they do not hold zero.',
  );
  return {
    id: 'baselines',
    title: 'Against its baselines',
    body: intro + bulletList(baselines.map((other) => sentence(other.sentence))) + table,
  };
}

/** What rests on equal steps of time, in numbers. */
export function statisticsSection(card: BacktestCard): Section | null {
  const { judged, currency, trials } = card;
  if (judged === null) return null;
  const { performance, verdict, annualisation, minimumTrackNs } = judged;
  const { sharpe, sharpeInterval, drawdown, annual } = performance;
  const step = durationText(performance.stepNs);
  const independent = trials.effective == null ? '' : `, worth ${numberText(trials.effective)} independent ones`;
  const rows: [string, string][] = [
    ['time in steps', `${countText(known(performance.steps))} of ${step}`],
    [`Sharpe ratio of ${step}`, `${fixedText(known(sharpe?.perStep), 4)} (${rangeOr(sharpeInterval)})`],
    [
      `Sortino ratio of ${step}`,
      performance.sortino === null ? 'no step lost, or none was made' : fixedText(performance.sortino, 4),
    ],
    ['figures of a year', sentence(annualisation)],
    ...(annual === null
      ? []
      : ([
          ['net a year', moneyText(annual.net, currency)],
          [
            'Sharpe ratio of a year',
            `${fixedText(known(annual.sharpe), 2)} ± ${fixedText(known(annual.sharpeError), 2)}`,
          ],
          ['Sortino ratio of a year', numberText(known(annual.sortino))],
          ['Calmar ratio', numberText(known(annual.calmar))],
        ] as [string, string][])),
    ['Sharpe ratio above 1.5', sentence(verdict.sharpeClaim)],
    [
      'skewness, kurtosis (raw) of a step',
      `${fixedText(known(sharpe?.skewness), 2)}, ${fixedText(known(sharpe?.kurtosis), 2)}`,
    ],
    ['independent steps', `about ${countText(known(sharpe?.effectiveSteps))}`],
    [
      'probabilistic Sharpe ratio',
      `${probabilityText(verdict.probabilisticSharpe, 3)}: that the true ratio is above zero`,
    ],
    [
      'deflated Sharpe ratio',
      `${probabilityText(verdict.deflatedSharpe, 3)}: that it is above what luck brings among ${countText(known(trials.counted))} trials${independent}`,
    ],
    [
      'least track record',
      minimumTrackNs === null
        ? 'none: the ratio is not above zero'
        : `${durationText(minimumTrackNs)} to show a ratio above zero at 95 %`,
    ],
    ['deepest drawdown', amountText(drawdown.depth, currency)],
    [
      'longest below a high',
      `${durationText(drawdown.longestUnderWaterNs)}${drawdown.underWaterAtEnd ? ', still going on at the end' : ''}`,
    ],
    ['share of time below a high', percentText(known(drawdown.shareUnderWater), 1)],
  ];
  return { id: 'statistics', title: 'Statistics', body: factTable(rows) };
}

interface Hourly {
  readonly value: number | null;
  readonly interval: Ends | null;
}

function hourly(estimate: Hourly | null | undefined): TableCell {
  if (estimate == null) return { text: '–', value: Number.NaN };
  const { interval } = estimate;
  const value = 3600 * known(estimate.value);
  const ends =
    interval === null
      ? 'no interval'
      : `[${rangeText({ low: 3600 * known(interval.low), high: 3600 * known(interval.high) })}]`;
  const text = `${signedNumber(value)}<small>${ends}</small>`;
  return { text, markup: true, value, class: isFound(interval) ? 'found' : '' };
}

function money(value: number | null | undefined): TableCell {
  return { text: numberText(known(value), 4), value: known(value) };
}

function count(value: number): TableCell {
  return { text: countText(value), value };
}
