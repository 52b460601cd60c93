import { assert } from '../core/index.ts';
import { drawTree, type TreeMerge } from './dendrogram.ts';
import { type ChartOptions, emptyChart, frame } from './frame.ts';
import { colourLegend, colourLegendWidth } from './legend.ts';
import { tickTexts } from './number-text.ts';
import { DIVERGING_BINS, SEQUENTIAL_BINS } from './palette.ts';
import { element, label, px, textWidth } from './svg.ts';

export interface HeatMapOptions extends Omit<ChartOptions, 'width' | 'height'> {
  /** Names of the rows, top to bottom. */
  readonly rows: readonly string[];
  /** Names of the columns, left to right; drawn below where they fit. */
  readonly columns: readonly string[];
  /** [row][column]; `NaN` is left blank. */
  readonly values: readonly (readonly number[])[];
  /** `diverging` for what has two sides around 0, `sequential` for amounts. */
  readonly palette: 'diverging' | 'sequential';
  /** Values beyond the ends have the colour of the end. */
  readonly domain: readonly [number, number];
  readonly cell: { readonly width: number; readonly height: number };
  /** What the colours mean. */
  readonly legend: string;
  /** Values at or below this are hatched, so that their sign shows without colour. */
  readonly hatchBelow?: number;
  /** Written in the cells, [row][column], where cells are large enough to hold them. */
  readonly texts?: readonly (readonly string[])[];
  /** Cells with a frame, [row][column], such as those whose interval does not hold zero. */
  readonly framed?: readonly (readonly boolean[])[];
  /** Runs of neighbouring rows [from, to) that belong together: framed on the diagonal. */
  readonly blocks?: readonly { readonly from: number; readonly to: number }[];
  /** Joined at the right side, where rows are the leaves in order. */
  readonly tree?: { readonly merges: readonly TreeMerge[]; readonly order: readonly number[]; readonly name: string };
}

const TREE_WIDTH = 80;

/**
 * A table of numbers as colours. Cells of one colour are one path, so ten thousand cells cost some tens of elements, and
 * `crispEdges` leaves no seams. The drawing is as large as its cells; a transparent `rect.cells` lies over them, for pages that
 * tell values under the pointer.
 */
export function heatMap(options: HeatMapOptions): string {
  const { rows, columns, values, cell, palette } = options;
  assert(values.length === rows.length, 'a heat map has a name for every row');
  const size = Math.max(7, Math.min(11, cell.height - 0.5));
  const left = Math.ceil(Math.max(0, ...rows.map((name) => textWidth(name, size)))) + 10;
  const below = columnLabels(columns, cell.width, size);
  const plot = { left, top: 2, right: left + columns.length * cell.width, bottom: 2 + rows.length * cell.height };
  const treeWidth = options.tree === undefined ? 0 : TREE_WIDTH;
  const bins = palette === 'diverging' ? DIVERGING_BINS : SEQUENTIAL_BINS;
  // The legend needs room whatever the cells take.
  const width = Math.max(plot.right + 12 + treeWidth, left + colourLegendWidth(bins, legendText(options)));
  const height = plot.bottom + below.height + 42;
  const sized = { ...options, width, height };
  if (!values.some((row) => row.some((value) => Number.isFinite(value)))) return emptyChart(sized);
  const legendY = plot.bottom + below.height + 12;
  return frame(sized, [
    element('rect', { x: left, y: plot.top, width: plot.right - left, height: plot.bottom - plot.top, class: 'grid' }),
    cellPaths(options, bins, left, plot.top),
    hatching(options, left, plot.top),
    cellTexts(options, bins, left, plot.top),
    ...rows.map((name, i) =>
      label(left - 6, plot.top + (i + 0.5) * cell.height + size * 0.34, name, { anchor: 'end', size }),
    ),
    below.draw(left, plot.bottom),
    ...(options.blocks ?? []).map((block) => drawBlock(block, cell, left, plot.top)),
    options.tree === undefined
      ? ''
      : drawTree(options.tree, { left: plot.right + 6, top: plot.top, width: TREE_WIDTH - 8, leaf: cell.height }),
    legendOf(options, bins, left, legendY),
    element('rect', {
      x: left,
      y: plot.top,
      width: plot.right - left,
      height: plot.bottom - plot.top,
      class: 'cells',
      'fill-opacity': '0',
    }),
  ]);
}

/** Which of so many equal parts of [low, high] a value is in. */
export function binOf(value: number, low: number, high: number, bins: number): number {
  return Math.max(0, Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins)));
}

/** In units of cells, scaled by the group: coordinates stay short. Runs of one colour in a row are one stroke. */
function cellPaths(options: HeatMapOptions, bins: number, left: number, top: number): string {
  const { values, cell, domain, palette } = options;
  const paths = new Array<string>(bins).fill('');
  values.forEach((row, r) => {
    for (let c = 0; c < row.length; ) {
      if (!Number.isFinite(row[c])) {
        c++;
        continue;
      }
      const bin = binOf(row[c], domain[0], domain[1], bins);
      let end = c + 1;
      while (end < row.length && Number.isFinite(row[end]) && binOf(row[end], domain[0], domain[1], bins) === bin)
        end++;
      paths[bin] += `M${c} ${r}h${end - c}v1h${c - end}z`;
      c = end;
    }
  });
  const prefix = palette === 'diverging' ? 'd' : 'q';
  return element(
    'g',
    {
      transform: `translate(${px(left)} ${px(top)}) scale(${px(cell.width)} ${px(cell.height)})`,
      'shape-rendering': 'crispEdges',
    },
    ...paths.map((d, bin) => (d === '' ? '' : element('path', { d, class: `${prefix}${bin}` }))),
  );
}

/** A frame with a rim in the paper's colour, so that it shows on any cell. */
function drawBlock(
  { from, to }: { from: number; to: number },
  cell: HeatMapOptions['cell'],
  left: number,
  top: number,
): string {
  const place = {
    x: left + from * cell.width,
    y: top + from * cell.height,
    width: (to - from) * cell.width,
    height: (to - from) * cell.height,
  };
  return element('rect', { ...place, class: 'halo' }) + element('rect', { ...place, class: 'frame' });
}

function hatching({ values, cell, hatchBelow }: HeatMapOptions, left: number, top: number): string {
  if (hatchBelow === undefined) return '';
  let d = '';
  values.forEach((row, r) => {
    row.forEach((value, c) => {
      if (!(value <= hatchBelow)) return;
      d += `M${px(left + (c + 0.2) * cell.width)} ${px(top + (r + 0.5) * cell.height)}h${px(0.6 * cell.width)}`;
    });
  });
  return d === '' ? '' : element('path', { d, class: 'hatch' });
}

/** Texts of cells, in the paper's colour where the cell is strong, and the frames around some. */
function cellTexts(options: HeatMapOptions, bins: number, left: number, top: number): string {
  const { values, cell, domain, palette, texts, framed } = options;
  const place = (r: number, c: number): readonly [number, number] => [left + c * cell.width, top + r * cell.height];
  const frames = (framed ?? []).flatMap((row, r) =>
    row.map((is, c) => {
      if (!is) return '';
      const [x, y] = place(r, c);
      return element('rect', {
        x: x + 2,
        y: y + 2,
        width: cell.width - 4,
        height: cell.height - 4,
        class: isStrong(values[r][c], domain, palette, bins) ? 'frame light' : 'frame',
      });
    }),
  );
  const labels = (texts ?? []).flatMap((row, r) =>
    row.map((text, c) => {
      const [x, y] = place(r, c);
      const ink = isStrong(values[r][c], domain, palette, bins) ? { class: 'paper' } : {};
      return label(x + cell.width / 2, y + cell.height / 2 + 4, text, { anchor: 'middle', ...ink });
    }),
  );
  return [...frames, ...labels].join('');
}

/** Whether a cell's colour is so far from the paper's that only the paper's colour is read on it. */
function isStrong(
  value: number,
  domain: HeatMapOptions['domain'],
  palette: HeatMapOptions['palette'],
  bins: number,
): boolean {
  if (!Number.isFinite(value)) return false;
  const bin = binOf(value, domain[0], domain[1], bins);
  return palette === 'diverging' ? Math.abs(bin - (bins - 1) / 2) >= 3 : bin >= bins / 2;
}

/** Names below the columns: level where they fit, upright where only that fits, none where a column is narrower than a line. */
function columnLabels(
  columns: readonly string[],
  cellWidth: number,
  rowSize: number,
): { height: number; draw: (left: number, bottom: number) => string } {
  const widest = Math.max(0, ...columns.map((name) => textWidth(name, 10)));
  if (widest + 4 <= cellWidth) {
    const draw = (left: number, bottom: number): string =>
      columns
        .map((name, i) => label(left + (i + 0.5) * cellWidth, bottom + 13, name, { anchor: 'middle', size: 10 }))
        .join('');
    return { height: 18, draw };
  }
  if (cellWidth < 7) return { height: 0, draw: () => '' };
  const size = Math.min(rowSize, cellWidth);
  const height = Math.max(0, ...columns.map((name) => textWidth(name, size))) + 6;
  const draw = (left: number, bottom: number): string =>
    columns
      .map((name, i) =>
        label(left + (i + 0.5) * cellWidth + size * 0.34, bottom + 5, name, { anchor: 'end', size, rotate: -90 }),
      )
      .join('');
  return { height, draw };
}

/** How a legend's colours are named, in full. */
function legendText({ legend, hatchBelow }: HeatMapOptions): string {
  const dash = hatchBelow === undefined ? '' : `; a dash: ${tickTexts([hatchBelow, 0])[0]} or less`;
  return `${legend}${dash}; blank: none`;
}

function legendOf(options: HeatMapOptions, bins: number, left: number, y: number): string {
  const { palette, domain } = options;
  const prefix = palette === 'diverging' ? 'd' : 'q';
  const classes = Array.from({ length: bins }, (_, i) => `${prefix}${i}`);
  const marks = palette === 'diverging' ? [0, 0.5, 1] : [0, 1];
  const values = marks.map((part) => domain[0] + part * (domain[1] - domain[0]));
  const texts = tickTexts(values).map((text, i) => ({ edge: marks[i] * bins, text }));
  return colourLegend(classes, texts, legendText(options), left, y);
}
