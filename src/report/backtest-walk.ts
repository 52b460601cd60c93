import type { BacktestCard } from '../evaluate/index.ts';
import { countText, fixedText, heatMap, intervalChart, lineChart, numberText, percentText } from '../figure/index.ts';
import {
  isFound,
  known,
  momentText,
  moneyText,
  rangeText,
  roundedUp,
  sentence,
  signedNumber,
} from './backtest-text.ts';
import { dataTable, type TableCell } from './data-table.ts';
import { bulletList, figureBlock, type Section } from './page.ts';

type Walk = NonNullable<BacktestCard['walk']>;
type Score = Walk['outOfSample'];

/** Retrained and chosen on the past, traded on what came next. */
export function walkSection({ walk }: BacktestCard): Section | null {
  if (walk === null || walk.folds.length === 0) return null;
  const charts = [equityChart(walk), foldChart(walk)];
  const maps = [
    stabilityMap(walk, 'where it was chosen', walk.inSampleNets),
    ...(walk.outOfSampleNets === null ? [] : [stabilityMap(walk, 'where it was traded', walk.outOfSampleNets)]),
  ];
  const body = [
    bulletList([...said(walk), ...walk.notes].map(sentence)),
    `<div class="pair">${charts.join('')}</div>`,
    foldTable(walk),
    '<h3 class="sub">Stability of the parameters</h3>',
    `<div class="pair">${maps.join('')}</div>`,
  ];
  return { id: 'walk', title: 'Walk-forward', body: body.join('') };
}

function said({ outOfSample, folds, currency, overfitting, superiorAbility, combinations }: Walk): string[] {
  const { netInterval, net } = outOfSample;
  const money = `${moneyText(net, currency)} over ${folds.length} folds`;
  const told = [
    netInterval === null
      ? `out of sample: ${money}, too few data for an interval`
      : `out of sample: ${money}, 95 % interval ${rangeText(netInterval)}: ${foundText(outOfSample)}`,
  ];
  if (overfitting !== null) {
    told.push(
      `probability of backtest overfitting (CSCV, ${countText(known(overfitting.splits))} splits): ${percentText(known(overfitting.probability), 1)}; about one half where no combination has skill`,
    );
  }
  if (superiorAbility !== null) {
    const p = known(superiorAbility.pValue);
    const found =
      p < 0.05
        ? 'at least one of them is better than not trading, at 5 %'
        : 'none is shown to be better than not trading';
    told.push(
      `Hansen’s test of superior predictive ability over ${combinations.length} combinations: p = ${fixedText(p, 3)}; ${found}`,
    );
  }
  return told;
}

function foundText({ netInterval }: Score): string {
  if (!isFound(netInterval)) return 'not distinguishable from zero';
  return known(netInterval?.low) > 0 ? 'above zero' : 'below zero';
}

function equityChart({ equity, currency, folds }: Walk): string {
  const series = (['net', 'gross'] as const).map((name, i) => ({
    name,
    points: equity.map((point) => ({ x: known(point.ms), y: known(point[name]) })),
    style: { colour: 0, dash: 2 * i, width: i === 0 ? 1.8 : 1 },
  }));
  const chart = lineChart({
    title: 'Out of sample, one fold after the other',
    description: `${folds.length} folds, ${moneyText(equity.at(-1)?.net, currency)} net at the end.`,
    width: 500,
    height: 300,
    series,
    x: { kind: 'time', label: 'UTC' },
    y: { label: currency },
    zero: true,
  });
  return figureBlock(
    'Out of sample, one fold after the other',
    chart,
    'Each stretch was traded with what was chosen before it.',
  );
}

function foldChart({ folds, currency }: Walk): string {
  const row = (name: string, { net, netInterval }: Score) => ({
    name,
    value: known(net),
    low: netInterval?.low ?? undefined,
    high: netInterval?.high ?? undefined,
    hollow: !isFound(netInterval),
  });
  const rows = folds.flatMap(({ inSample, outOfSample }, i) => [
    row(`${i + 1}: chosen on`, inSample),
    row(`${i + 1}: traded`, outOfSample),
  ]);
  const chart = intervalChart({
    title: 'Net profit of each fold',
    description: rows.map(({ name, value }) => `${name} ${numberText(value)}`).join('; '),
    width: 500,
    rows,
    x: { label: currency },
  });
  return figureBlock(
    'Net profit of each fold',
    chart,
    'Whiskers are 95 % intervals; hollow where the interval holds zero. The two stretches of a fold may differ in length.',
  );
}

function foldTable({ folds, combinations, currency }: Walk): string {
  const heads = [
    'fold',
    'chosen on, UTC',
    'traded, UTC',
    'chosen',
    `net there, ${currency}`,
    `net traded, ${currency}`,
    'orders',
    'fills',
  ];
  const span = ({ fromMs, toMs }: Walk['folds'][number]['trade']): string =>
    `${momentText(known(fromMs))} to ${momentText(known(toMs)).slice(11)}`;
  const score = ({ net, netInterval }: Score): TableCell => ({
    text: `${signedNumber(net, 4)}<small>${netInterval === null ? 'no interval' : `[${rangeText(netInterval)}]`}</small>`,
    markup: true,
    value: known(net),
    class: isFound(netInterval) ? 'found' : '',
  });
  const rows = folds.map((fold, i): TableCell[] => [
    { text: String(i + 1) },
    { text: span(fold.train) },
    { text: span(fold.trade) },
    { text: combinations[known(fold.chosen)] ?? '–', class: 'text wrap' },
    score(fold.inSample),
    score(fold.outOfSample),
    { text: countText(known(fold.outOfSample.orders)), value: known(fold.outOfSample.orders) },
    { text: countText(known(fold.outOfSample.fills)), value: known(fold.outOfSample.fills) },
  ]);
  return dataTable({
    id: 'walk-table',
    caption: 'Folds',
    head: heads.map((text) => ({ text, class: text === 'chosen' ? 'text' : '' })),
    rows,
  });
}

function stabilityMap({ combinations, folds, currency }: Walk, where: string, nets: Walk['inSampleNets']): string {
  const values = combinations.map((_, k) => folds.map((__, fold) => known(nets[fold]?.[k])));
  const sizes = values.flat().map(Math.abs).filter(Number.isFinite);
  const largest = Math.max(0, ...sizes);
  const most = largest > 0 ? roundedUp(largest) : 1;
  const title = `Net of each combination ${where}, ${currency}`;
  const large = combinations.length <= 40;
  const map = heatMap({
    title,
    description: folds
      .map(({ chosen }, i) => `Fold ${i + 1} chose ${combinations[known(chosen)] ?? 'none'}`)
      .join('; '),
    rows: combinations,
    columns: folds.map((_, i) => String(i + 1)),
    values,
    palette: 'diverging',
    domain: [-most, most],
    cell: large ? { width: 54, height: 24 } : { width: 26, height: 9 },
    legend: currency,
    ...(large ? { texts: values.map((row) => row.map((value) => numberText(value))) } : {}),
    framed: combinations.map((_, k) => folds.map(({ chosen }) => chosen === k)),
  });
  const caption =
    'Across: folds. Framed: the combination that was chosen. A row whose colour changes from fold to fold is not stable.';
  return figureBlock(title, `<div class="scroll">${map}</div>`, caption);
}
