import type { BacktestCard } from '../evaluate/index.ts';
import { countText, fillsChart, type LinePoint, type LineSeries, lineChart, numberText } from '../figure/index.ts';
import { durationText, isFound, known, moneyText } from './backtest-text.ts';
import { dataTable, type TableCell } from './data-table.ts';
import { figureBlock, paragraph, type Section } from './page.ts';

const WIDE = 1280;
const NARROW = 380;

/** The same picture twice, for wide and for narrow screens: text keeps its size. */
function both(draw: (width: number) => string): string {
  return `<div class="wide-only">${draw(WIDE)}</div><div class="narrow-only">${draw(NARROW)}</div>`;
}

/** Profit and drawdown of the strategy and of its baselines. */
export function equitySection(card: BacktestCard): Section {
  const { curve, baselines, strategy, currency } = card;
  const lines = [{ strategy, curve }, ...baselines];
  const series = lines.flatMap((one, colour): LineSeries[] => [
    {
      name: `${one.strategy}, net`,
      points: pointsOf(one.curve.timesMs, one.curve.net),
      style: { colour, dash: 0, width: colour === 0 ? 2.2 : 1.4 },
    },
    {
      name: `${one.strategy}, gross`,
      points: pointsOf(one.curve.timesMs, one.curve.gross),
      style: { colour, dash: 2, width: 1 },
    },
  ]);
  const ends = lines.map(({ strategy: name, curve: { net, gross } }) => {
    return `${name}: ${moneyText(net.at(-1), currency)} net, ${moneyText(gross.at(-1), currency)} gross`;
  });
  const equity = both((width) =>
    lineChart({
      title: 'Profit over time',
      description: ends.join('; '),
      width,
      height: 340,
      series,
      x: { kind: 'time', label: 'UTC' },
      y: { label: currency },
      zero: true,
    }),
  );
  const falls = lines.map(({ strategy: name, curve: { timesMs, drawdown } }, colour): LineSeries => {
    const style = { colour, dash: 0, width: colour === 0 ? 1.8 : 1.1 };
    return { name, points: pointsOf(timesMs, drawdown), area: colour === 0, style };
  });
  const deepest = lines.map(
    ({ strategy: name, curve: { drawdown } }) =>
      `${name}: ${moneyText(Math.min(0, ...drawdown), currency)} at the deepest`,
  );
  const drawdown = both((width) =>
    lineChart({
      title: 'Drawdown',
      description: deepest.join('; '),
      width,
      height: 200,
      series: falls,
      x: { kind: 'time', label: 'UTC' },
      y: { label: currency },
    }),
  );
  const caption = 'Marked at the mid. Solid: all costs paid. Dotted: before fees, funding, borrow and impact.';
  const body =
    figureBlock('Profit, net and gross', equity, caption) +
    figureBlock('Drawdown of net profit', drawdown, 'How far each is below its own highest point so far.');
  return { id: 'equity', title: 'Equity and drawdown', body };
}

/** Where it bought and sold, and what it held. */
export function fillsSection(card: BacktestCard): Section {
  const { curve, fillMarks, fills, instrument } = card;
  const marks = fillMarks.timesMs.map((x, i) => ({
    x,
    y: fillMarks.prices[i],
    buy: fillMarks.buys[i],
    maker: fillMarks.makers[i],
  }));
  const price = both((width) =>
    fillsChart({
      title: `Fills on the price of ${instrument}`,
      description: `${fills.makerFills} fills as maker, ${fills.takerFills} as taker.`,
      width,
      height: 360,
      line: { name: 'mid', points: pointsOf(curve.timesMs, curve.mid) },
      marks,
      x: { kind: 'time', label: 'UTC' },
      y: { label: 'price' },
    }),
  );
  const positions = steps(curve.timesMs, curve.positionLots);
  const position = both((width) =>
    lineChart({
      title: 'Position',
      description: `Between ${numberText(Math.min(0, ...curve.positionLots))} and ${numberText(Math.max(0, ...curve.positionLots))} lots.`,
      width,
      height: 150,
      series: [{ name: 'position', points: positions, area: true, style: { colour: 2, dash: 0, width: 1.1 } }],
      x: { kind: 'time', label: 'UTC' },
      y: { label: 'lots' },
    }),
  );
  const shown = fillMarks.timesMs.length;
  const left = shown < fillMarks.of ? ` ${shown} of ${fillMarks.of} fills are drawn, taken evenly.` : '';
  const caption = `The tip of a triangle is the fill’s price; up is a buy, down a sale; hollow where it rested in the book (maker).${left}`;
  const body = figureBlock('Fills on the price', price, caption) + figureBlock('Position held', position);
  return { id: 'fills', title: 'Fills', body };
}

/** Held until the next point. */
function steps(xs: readonly number[], ys: readonly number[]): LinePoint[] {
  return xs.flatMap((x, i) =>
    i === 0
      ? [{ x, y: ys[0] }]
      : [
          { x, y: ys[i - 1] },
          { x, y: ys[i] },
        ],
  );
}

function pointsOf(xs: readonly number[], ys: readonly (number | null)[]): LinePoint[] {
  return xs.map((x, i) => ({ x, y: known(ys[i]) }));
}

/** Bands of fewer blocks of time are so wide that the curve would be flat beside them: they are cut at the edge. */
const BLOCKS_IN_SCALE = 5;

type Band = BacktestCard['markouts']['all'][number];

/** What the price did after fills. */
export function markoutSection({ markouts }: BacktestCard): Section {
  const kinds = [
    { name: 'maker', points: markouts.maker },
    { name: 'taker', points: markouts.taker },
  ].filter(({ points }) => known(points[0].fills) > 0);
  if (kinds.length === 0) return { id: 'markouts', title: 'Markouts', body: paragraph('Nothing traded.') };
  const rows = kinds.flatMap(({ name, points }) =>
    points.map(({ afterNs, bps, ticks, fills, blocks }): TableCell[] => [
      { text: `${name}, ${durationText(afterNs)}` },
      bandCell(bps),
      bandCell(ticks),
      { text: countText(known(fills)), value: known(fills) },
      { text: countText(known(blocks)), value: known(blocks) },
    ]),
  );
  const head = ['after the fill', 'bps', 'ticks', 'fills', 'blocks of time'].map((text) => ({ text }));
  const table = dataTable({ id: 'markouts-table', caption: 'Markouts', head, rows });
  const caption =
    'Mean over fills of how far the mid then stood in favour of the fill’s price; 0 s is the mid just before it. Bands are 95 %, from blocks of time, and cut at the edge where there are few. Fees are not in it.';
  const selection = kinds.some(({ name }) => name === 'maker')
    ? 'A maker’s curve that falls from left to right is adverse selection: the market moves against those who were hit. '
    : '';
  const intro = paragraph(`${selection}Bold figures lie on one side of 0 with their whole interval.`);
  const drawn = figureBlock('Markouts', markoutChart(kinds), caption);
  return { id: 'markouts', title: 'Markouts', body: `${intro}<div class="pair">${drawn}<div>${table}</div></div>` };
}

function markoutChart(kinds: readonly { readonly name: string; readonly points: readonly Band[] }[]): string {
  const series = kinds.map(({ name, points }): LineSeries => {
    const kind = name === 'maker' ? 0 : 1;
    const drawn = points.map(({ bps: { mean, interval } }, x): LinePoint => {
      return { x, y: known(mean), low: known(interval?.low), high: known(interval?.high) };
    });
    return { name, points: drawn, dots: true, style: { colour: kind, dash: kind, width: 1.8 } };
  });
  const inScale = kinds.flatMap(({ points }) =>
    points.flatMap(({ bps: { mean, interval }, blocks }) =>
      known(blocks) < BLOCKS_IN_SCALE ? [mean] : [mean, interval?.low, interval?.high],
    ),
  );
  const ends = [0, ...inScale.map(known)].filter(Number.isFinite);
  const margin = 0.05 * (Math.max(...ends) - Math.min(...ends));
  const places = kinds[0].points.map(({ afterNs }, value) => ({ value, text: durationText(afterNs) }));
  const describe = ({ afterNs, bps }: Band): string => `${durationText(afterNs)} ${numberText(known(bps.mean))}`;
  return lineChart({
    title: 'Markouts',
    description: kinds.map(({ name, points }) => `${name}: ${points.map(describe).join(', ')} bps`).join('; '),
    width: 500,
    height: 300,
    series,
    x: { label: 'after the fill', domain: [-0.25, places.length - 0.75], ticks: places },
    y: { label: 'bps, above 0 in favour', domain: [Math.min(...ends) - margin, Math.max(...ends) + margin] },
    references: [{ y: 0, text: '' }],
  });
}

function bandCell({ mean, interval }: Band['bps']): TableCell {
  const reach = interval === null ? 'no interval' : `± ${numberText(known(interval.high) - known(mean), 2)}`;
  const text = `${numberText(known(mean))}<small>${reach}</small>`;
  return { text, markup: true, value: known(mean), ...(isFound(interval) ? { class: 'found' } : {}) };
}
