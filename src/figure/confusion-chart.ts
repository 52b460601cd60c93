import { assert } from '../core/index.ts';
import { type ChartOptions, frame } from './frame.ts';
import { binOf } from './heat-map.ts';
import { countText, percentText } from './number-text.ts';
import { SEQUENTIAL_BINS } from './palette.ts';
import { element, label, textWidth } from './svg.ts';

export interface ConfusionOptions extends Omit<ChartOptions, 'width' | 'height'> {
  readonly classes: readonly string[];
  /** [actual][forecast], whole numbers. */
  readonly counts: readonly (readonly number[])[];
}

const CELL = { width: 104, height: 62 };
const LEAST_WIDTH = 500;
/** From here on a cell is so dark (or by night so light) that text stands out in the paper's colour alone. */
const STRONG = SEQUENTIAL_BINS / 2;

/** Which class was forecast where which came true: counts, and each as a share of its row, which is also its colour. */
export function confusionChart(options: ConfusionOptions): string {
  const { classes, counts } = options;
  assert(
    counts.length === classes.length && counts.every((row) => row.length === classes.length),
    'a confusion matrix has a row and a column for each class',
  );
  const left = Math.ceil(Math.max(...classes.map((name) => textWidth(name)))) + 32;
  const top = 38;
  // Pages give drawings of one width one scale: few classes are not to be written larger.
  const width = Math.max(LEAST_WIDTH, left + classes.length * CELL.width + 8);
  const height = top + classes.length * CELL.height + 8;
  const cells = counts.flatMap((row, actual) => {
    const all = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, forecast) =>
      drawCell(count, all, left + forecast * CELL.width, top + actual * CELL.height, actual === forecast),
    );
  });
  const middle = (at: number, size: number): number => at + size / 2;
  return frame({ ...options, width, height }, [
    label(left + (classes.length * CELL.width) / 2, 11, 'forecast', { anchor: 'middle', class: 'dim' }),
    label(11, top + (classes.length * CELL.height) / 2, 'came true', { anchor: 'middle', class: 'dim', rotate: -90 }),
    ...classes.map((name, k) =>
      label(middle(left + k * CELL.width, CELL.width), 29, name, { anchor: 'middle', class: 'name' }),
    ),
    ...classes.map((name, k) =>
      label(left - 8, middle(top + k * CELL.height, CELL.height) + 4, name, { anchor: 'end', class: 'name' }),
    ),
    ...cells,
  ]);
}

function drawCell(count: number, all: number, x: number, y: number, right: boolean): string {
  const share = all === 0 ? 0 : count / all;
  const bin = binOf(share, 0, 1, SEQUENTIAL_BINS);
  const ink = bin >= STRONG ? 'paper' : undefined;
  const centre = x + CELL.width / 2;
  return [
    element('rect', { x, y, width: CELL.width, height: CELL.height, class: `q${bin}` }),
    // What was forecast right is framed, so that it shows without colour.
    right
      ? element('rect', { x: x + 2, y: y + 2, width: CELL.width - 4, height: CELL.height - 4, class: 'frame' })
      : '',
    label(centre, y + CELL.height / 2 - 1, all === 0 ? '–' : percentText(share, 1), {
      anchor: 'middle',
      size: 15,
      ...(ink === undefined ? {} : { class: ink }),
    }),
    label(centre, y + CELL.height / 2 + 17, countText(count), {
      anchor: 'middle',
      size: 10.5,
      ...(ink === undefined ? {} : { class: ink }),
    }),
  ].join('');
}
