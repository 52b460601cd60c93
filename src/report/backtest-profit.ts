import type { BacktestCard } from '../evaluate/index.ts';
import { countText, intervalChart, numberText, percentText, type WaterfallRow, waterfall } from '../figure/index.ts';
import { amountText, durationText, known, signedNumber } from './backtest-text.ts';
import { dataTable, factTable, type TableCell } from './data-table.ts';
import { figureBlock, paragraph, type Section } from './page.ts';

/** Where net profit came from. */
export function profitSection(card: BacktestCard): Section {
  const { split, totals, currency } = card;
  const horizon = durationText(split.horizonNs);
  const parts: [string, number, boolean, string][] = [
    ['spread', known(split.spread), false, 'what fills were better than the mid by, at the moment of each'],
    ['adverse selection', known(split.adverseSelection), false, `what the mid did within ${horizon} of each fill`],
    ['inventory', known(split.inventory), false, 'what the mid did after that'],
    ['gross', known(totals.gross), true, 'before costs'],
    ['fees', -known(split.fees), false, 'above 0: rebates'],
    ['funding', -known(split.funding), false, 'above 0: received'],
    ['borrow', -known(split.borrow), false, 'for what was short'],
    ['impact', -known(split.impact), false, 'charged beyond the tape'],
    ['net', known(totals.net), true, 'what is left'],
  ];
  const rows = parts.map(
    // A cost of nothing is 0, not −0.
    ([name, value, total]): WaterfallRow => ({ name, value: value + 0, total, note: signedNumber(value + 0, 4) }),
  );
  const chart = waterfall({
    title: 'From spread to net profit',
    description: rows.map(({ name, note }) => `${name} ${note} ${currency}`).join('; '),
    width: 500,
    rows,
    label: currency,
  });
  const turnover = known(card.trades.turnover);
  const table = dataTable({
    id: 'profit-table',
    caption: 'Parts of net profit',
    head: ['part', currency, 'bps of turnover', 'what it is'].map((text, i) => ({
      text,
      class: i === 3 ? 'text' : '',
    })),
    rows: parts.map(([name, value, total, what]): TableCell[] => [
      { text: name },
      { text: signedNumber(value + 0, 4), value, class: total ? 'found' : '' },
      { text: signedNumber((1e4 * (value + 0)) / turnover), value: (1e4 * value) / turnover },
      { text: what, class: 'text wrap dim' },
    ]),
  });
  const caption = 'Each bar begins where the one above ended. Orange adds, blue takes away.';
  const body = `<div class="pair">${figureBlock('From spread to net profit', chart, caption)}<div>${table}</div></div>`;
  return { id: 'profit', title: 'Where the profit comes from', body };
}

/** Orders, how many filled, and how long makers waited. */
export function ordersSection(card: BacktestCard): Section {
  const { fills, waits, trades, currency } = card;
  const placed = known(fills.placed);
  const outcomes = [
    { name: 'filled', value: known(fills.filled) },
    { name: 'partly filled', value: known(fills.partlyFilled) },
    { name: 'cancelled unfilled', value: known(fills.cancelled) },
    { name: 'rejected', value: known(fills.rejected) },
  ].map((row) => ({ ...row, note: `${countText(row.value)} (${percentText(row.value / placed, 1)})` }));
  const orders = intervalChart({
    title: 'What became of the orders',
    description: outcomes.map(({ name, note }) => `${name}: ${note}`).join('; '),
    width: 500,
    mark: 'bar',
    rows: outcomes,
    x: { label: `of ${countText(placed)} orders` },
  });
  const { edgesNs, counts } = waits;
  const waited = counts.map((value, i) => {
    const name =
      i + 1 < edgesNs.length
        ? `${durationText(edgesNs[i])} to ${durationText(edgesNs[i + 1])}`
        : `over ${durationText(edgesNs[i])}`;
    return { name, value, note: countText(value) };
  });
  const times = intervalChart({
    title: 'Time to fill',
    description: waited.map(({ name, note }) => `${name}: ${note}`).join('; '),
    width: 500,
    mark: 'bar',
    rows: waited,
    x: { label: 'orders' },
  });
  const facts: [string, string][] = [
    ['orders placed', countText(placed)],
    ['lots placed', countText(known(fills.placedLots))],
    ['lots filled', `${countText(known(fills.filledLots))} (${percentText(known(fills.fillRatio), 1)})`],
    ['fills as maker, as taker', `${countText(known(fills.makerFills))}, ${countText(known(fills.takerFills))}`],
    ['median wait of makers', durationText(fills.medianMakerWaitNs)],
    ['turnover', amountText(trades.turnover, currency)],
    ['round trips', countText(known(trades.trips))],
    ['round trips with a net gain', percentText(known(trades.hitRate), 1)],
    [
      'profit factor',
      trades.profitFactor === null ? 'no trip lost, or none was made' : numberText(trades.profitFactor),
    ],
    ['holding time, median', durationText(trades.medianHoldingNs)],
    ['holding time, mean', durationText(trades.meanHoldingNs)],
    ['lots open at the end', countText(known(trades.openLots))],
    ...fills.rejections.map(({ reason, orders: count }): [string, string] => [
      `rejected, ${countText(known(count))}`,
      reason,
    ]),
  ];
  const charts = [
    figureBlock('What became of the orders', orders),
    ...(counts.some((count) => count > 0)
      ? [figureBlock('Time to fill', times, 'From a maker’s arrival at the venue to its first fill.')]
      : []),
  ];
  return {
    id: 'orders',
    title: 'Orders and fills',
    body: `<div class="pair">${charts.join('')}</div>${factTable(facts)}`,
  };
}

/** Implementation shortfall. */
export function costsSection({ costs, currency }: BacktestCard): Section {
  const { rows, parents, withoutMid } = costs;
  const title = 'Transaction costs';
  if (rows.length === 0) return { id: 'costs', title, body: paragraph('Nothing traded, so that nothing was paid.') };
  const heads = [
    'of',
    'orders',
    'lots filled',
    ...(parents > 0 ? ['decision', 'mean price'] : []),
    'delay',
    'trading',
    'opportunity',
    'fees',
    'impact',
    'total, bps',
    currency,
  ];
  const bps = (value: number | null): TableCell => ({ text: signedNumber(value), value: known(value) });
  const cells = rows.map((row): TableCell[] => {
    const { shortfallBps: part } = row;
    const prices = [row.decisionPrice, row.meanPrice].map(
      (price): TableCell => ({ text: numberText(known(price), 8), value: known(price) }),
    );
    return [
      { text: row.name },
      { text: countText(known(row.orders)), value: known(row.orders) },
      {
        text: `${countText(known(row.filledLots))} of ${countText(known(row.wantedLots))}`,
        value: known(row.filledLots),
      },
      ...(parents > 0 ? prices : []),
      ...[part.delay, part.trading, part.opportunity, part.fees, part.impact].map(bps),
      { ...bps(part.total), class: 'found' },
      { text: signedNumber(row.cost, 4), value: known(row.cost) },
    ];
  });
  const table = dataTable({ id: 'costs-table', caption: title, head: heads.map((text) => ({ text })), rows: cells });
  const left = parents > rows.length ? ` The first ${rows.length} of ${parents} parent orders are shown.` : '';
  const none =
    known(withoutMid) > 0 ? ` ${countText(known(withoutMid))} orders were sent without a mid and are not in it.` : '';
  const of = parents > 0 ? 'Of each parent order' : 'Of the orders that traded';
  const intro = `${of}, against the mid at the decision, in bps of what was wanted; above 0 is lost. Delay: from the decision to the arrival at the venue. Trading: from there to the price. Opportunity: what the mid did for lots that were not filled.${left}${none}`;
  return { id: 'costs', title, body: paragraph(intro) + table };
}
