import type { BacktestCard } from '../evaluate/index.ts';
import { sweepIndex } from '../evaluate/index.ts';
import { countText, heatMap, intervalChart, lineChart, numberText } from '../figure/index.ts';
import { isFound, known, moneyText, rangeText, roundedUp, sentence, signedNumber } from './backtest-text.ts';
import { dataTable, type TableCell } from './data-table.ts';
import { bulletList, figureBlock, paragraph, type Section } from './page.ts';

type Sweep = NonNullable<BacktestCard['sweep']>;
type Axis = Sweep['axes'][number];
type Cell = Sweep['cells'][number];

/** More panels than this are left to the table. */
const MOST_PANELS = 12;

/** Net profit under other assumptions: maps where two or more were varied, else a line or a list; all numbers in a table. */
export function sweepSection(card: BacktestCard): Section | null {
  const { sweep, currency } = card;
  if (sweep === null || sweep.cells.length === 0) return null;
  const varied = sweep.axes.filter(({ values }) => values.length > 1);
  const fixed = sweep.axes
    .filter(({ values }) => values.length === 1)
    .map((axis) => `${axis.name} ${valueText(axis, 0)}`);
  const pictures =
    varied.length >= 2 ? maps(sweep, currency) : varied.map((axis) => slice(sweep, axis, currency)).join('');
  const capacity =
    varied.length >= 2 ? varied.filter(({ name }) => name === 'size').map((axis) => slice(sweep, axis, currency)) : [];
  const told = [hangs(sweep), ...sweep.notes];
  if (fixed.length > 0) told.push(`Not varied: ${fixed.join(', ')}`);
  const body = bulletList(told.map(sentence)) + pictures + capacity.join('') + table(sweep, currency);
  return { id: 'sweep', title: 'On which assumption it hangs', body };
}

/** What the cells say together, by their intervals alone. */
function hangs({ cells, axes }: Sweep): string {
  const gains = cells.filter(({ netInterval }) => isFound(netInterval) && known(netInterval?.low) > 0).length;
  const losses = cells.filter(({ netInterval }) => isFound(netInterval) && known(netInterval?.high) < 0).length;
  const head = `${countText(cells.length)} settings of ${axes.map(({ name }) => name).join(', ')}: net profit is above zero with its whole interval in ${gains}, below zero in ${losses}, and not distinguishable from zero in ${cells.length - gains - losses}`;
  const cost = axes.findIndex(({ name }) => name === 'cost');
  if (cost < 0 || typeof axes[cost].values[0] !== 'number') return head;
  const gainingAt = axes[cost].values.map((_, place) =>
    cells.some((cell, i) => placesOf(axes, i)[cost] === place && known(cell.netInterval?.low) > 0),
  );
  const last = gainingAt.lastIndexOf(true);
  return last < 0
    ? `${head}; at no cost is there a setting with an interval above zero`
    : `${head}; the highest cost with an interval above zero is ${valueText(axes[cost], last)}`;
}

function placesOf(axes: readonly Axis[], index: number): number[] {
  const places: number[] = [];
  let rest = index;
  for (const { values } of axes.toReversed()) {
    places.unshift(rest % values.length);
    rest = Math.floor(rest / values.length);
  }
  return places;
}

function valueText({ values, unit }: Axis, place: number): string {
  const value = values[place];
  const text = typeof value === 'number' ? numberText(value, 6) : String(value ?? '–');
  return unit === '' ? text : `${text} ${unit}`;
}

/** Places of the axes that run down and across a map: latency by cost where there are such, else the last two that vary. */
function planeOf(axes: readonly Axis[]): { down: number; across: number } {
  const varied = axes.flatMap(({ values }, i) => (values.length > 1 ? [i] : []));
  const named = (name: string): number | undefined => varied.find((i) => axes[i].name === name);
  const across = named('cost') ?? named('fees') ?? varied[varied.length - 1];
  const others = varied.filter((i) => i !== across);
  const latency = named('latency');
  return { across, down: latency !== undefined && latency !== across ? latency : others[others.length - 1] };
}

function maps(sweep: Sweep, currency: string): string {
  const { axes, cells } = sweep;
  const { down, across } = planeOf(axes);
  const most = reachOf(cells.map(({ net }) => known(net)));
  const rest = axes.map((axis, i) => (i === down || i === across ? 1 : axis.values.length));
  const panels = rest.reduce((product, length) => product * length, 1);
  const restAxes = axes.map((axis, i) => ({ ...axis, values: axis.values.slice(0, rest[i]) }));
  const drawn = Array.from({ length: Math.min(MOST_PANELS, panels) }, (_, panel) => {
    const fixed = placesOf(restAxes, panel);
    const at = (row: number, column: number): Cell => {
      const places = fixed.map((place, i) => (i === down ? row : i === across ? column : place));
      return cells[sweepIndex(axes, places)];
    };
    const name = axes
      .flatMap((axis, i) => (rest[i] > 1 ? [`${axis.name} ${valueText(axis, fixed[i])}`] : []))
      .join(', ');
    return panelOf({ name, down: axes[down], across: axes[across], at, most, currency });
  });
  const left = panels > drawn.length ? `${panels - drawn.length} more maps are in the table alone. ` : '';
  const caption = `${left}Down: ${axes[down].name}. Across: ${axes[across].name}. One scale for all maps. Framed: the whole interval lies on one side of zero. What is beyond the ends of the scale has the colour of the end.`;
  return `<div class="pair gap">${drawn.join('')}</div><p class="dim small">${caption}</p>`;
}

/** Where the colours end: at the largest gain or the middle size, so that large losses do not make all else pale. */
function reachOf(nets: readonly number[]): number {
  const finite = nets.filter(Number.isFinite);
  const sizes = finite.map(Math.abs).sort((a, b) => a - b);
  const reach = Math.max(...finite, sizes[sizes.length >> 1] ?? 0);
  return reach > 0 ? roundedUp(reach) : 1;
}

function panelOf(of: {
  readonly name: string;
  readonly down: Axis;
  readonly across: Axis;
  readonly at: (row: number, column: number) => Cell;
  readonly most: number;
  readonly currency: string;
}): string {
  const { name, down, across, at, most, currency } = of;
  const grid = <T>(read: (cell: Cell) => T): T[][] =>
    down.values.map((_, row) => across.values.map((__, column) => read(at(row, column))));
  const values = grid(({ net }) => known(net));
  const title = `Net profit, ${currency}${name === '' ? '' : `: ${name}`}`;
  const map = heatMap({
    title,
    description: `${down.name} ${valueText(down, 0)} to ${valueText(down, down.values.length - 1)} by ${across.name} ${valueText(across, 0)} to ${valueText(across, across.values.length - 1)}: from ${numberText(Math.min(...values.flat()))} to ${numberText(Math.max(...values.flat()))} ${currency}`,
    rows: down.values.map((_, place) => valueText(down, place)),
    columns: across.values.map((_, place) => valueText(across, place)),
    values,
    palette: 'diverging',
    domain: [-most, most],
    cell: { width: 62, height: 30 },
    legend: currency,
    texts: grid(({ net }) => numberText(known(net))),
    framed: grid(({ netInterval }) => isFound(netInterval)),
  });
  return figureBlock(title, `<div class="scroll">${map}</div>`);
}

/** Net along one axis, the others where the run itself stands. */
function slice(sweep: Sweep, axis: Axis, currency: string): string {
  const { axes, cells } = sweep;
  const along = axes.indexOf(axis);
  const shown = axis.values.map((_, place) => {
    const places = axes.map(({ own }, i) => (i === along ? place : (own ?? 0)));
    return cells[sweepIndex(axes, places)];
  });
  const title = axis.name === 'size' ? 'Capacity: net profit by size' : `Net profit by ${axis.name}`;
  const description = shown
    .map(({ net }, place) => `${valueText(axis, place)}: ${moneyText(net, currency)}`)
    .join('; ');
  const others = axes.flatMap((other, i) => (i === along ? [] : [`${other.name} ${valueText(other, other.own ?? 0)}`]));
  const caption = `The band or whisker is the 95 % interval.${others.length === 0 ? '' : ` At ${others.join(', ')}.`}`;
  const numbers = axis.values.every((value) => typeof value === 'number');
  const chart = numbers
    ? lineChart({
        title,
        description,
        width: 500,
        height: 280,
        series: [
          {
            name: 'net',
            dots: true,
            points: shown.map(({ net, netInterval }, place) => ({
              x: axis.values[place] as number,
              y: known(net),
              low: known(netInterval?.low),
              high: known(netInterval?.high),
            })),
          },
        ],
        x: { label: axis.unit === '' ? axis.name : `${axis.name}, ${axis.unit}` },
        y: { label: currency },
        zero: true,
        references: [{ y: 0, text: '' }],
      })
    : intervalChart({
        title,
        description,
        width: 500,
        rows: shown.map(({ net, netInterval }, place) => ({
          name: valueText(axis, place),
          value: known(net),
          low: netInterval?.low ?? undefined,
          high: netInterval?.high ?? undefined,
          hollow: !isFound(netInterval),
        })),
        x: { label: currency },
      });
  return `<div class="pair gap">${figureBlock(title, chart, caption)}</div>`;
}

function table({ axes, cells }: Sweep, currency: string): string {
  const rows = cells.map((cell, i): TableCell[] => {
    const places = placesOf(axes, i);
    const own = axes.every((axis, k) => axis.own === places[k]);
    const [first, ...others] = axes.map((axis, k): TableCell => {
      const value = axis.values[places[k]];
      return { text: valueText(axis, places[k]), ...(typeof value === 'number' ? { value } : {}) };
    });
    return [
      { ...first, text: own ? `${first.text} (this run)` : first.text },
      ...others,
      { text: countText(known(cell.orders)), value: known(cell.orders) },
      { text: countText(known(cell.fills)), value: known(cell.fills) },
      { text: signedNumber(cell.gross, 4), value: known(cell.gross) },
      { text: signedNumber(cell.net, 4), value: known(cell.net), class: isFound(cell.netInterval) ? 'found' : '' },
      { text: rangeText(cell.netInterval), value: known(cell.netInterval?.low) },
    ];
  });
  const head = [
    ...axes.map(({ name }) => name),
    'orders',
    'fills',
    `gross, ${currency}`,
    `net, ${currency}`,
    '95 % interval',
  ];
  const body = dataTable({ id: 'sweep-table', caption: 'Every setting', head: head.map((text) => ({ text })), rows });
  return `<h3 class="sub">Every setting</h3>${paragraph('Bold: the whole interval lies on one side of zero.')}${body}`;
}
