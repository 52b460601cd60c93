import { DASHES, SERIES_COUNT } from './palette.ts';
import { element, label, px, textWidth } from './svg.ts';

/** Names of series in a row above the plot, each with a piece of its line. Goes on below where a row is full. */
export function lineLegend(
  series: readonly { readonly name: string; readonly style?: { readonly colour: number; readonly dash: number } }[],
  left: number,
  right: number,
): { markup: string; height: number } {
  if (series.length < 2) return { markup: '', height: 0 };
  const parts: string[] = [];
  let x = left;
  let y = 9;
  series.forEach((one, i) => {
    const { name, style = { colour: i, dash: i } } = one;
    const width = 26 + textWidth(name) + 10;
    if (x > left && x + width > right) {
      x = left;
      y += 16;
    }
    const line = { d: `M${px(x)} ${px(y)}h20`, class: `s${style.colour % SERIES_COUNT}`, 'stroke-width': '2' };
    parts.push(
      element('path', { ...line, 'stroke-dasharray': DASHES[style.dash % DASHES.length] }),
      label(x + 25, y + 4, name),
    );
    x += width;
  });
  return { markup: parts.join(''), height: y + 9 };
}

/** Of one box in a legend of colours. */
const BOX = 18;

/** From its left edge to the end of its name. */
export function colourLegendWidth(boxes: number, name: string): number {
  return boxes * BOX + 14 + textWidth(name);
}

/** Boxes from low to high with the values at their edges, in a row that begins at (x, y). */
export function colourLegend(
  classes: readonly string[],
  texts: readonly { readonly edge: number; readonly text: string }[],
  name: string,
  x: number,
  y: number,
): string {
  const boxes = classes.map((colour, i) =>
    element('rect', { x: x + i * BOX, y, width: BOX, height: 9, class: colour }),
  );
  const edges = texts.map(({ edge, text }) =>
    label(x + edge * BOX, y + 21, text, { anchor: 'middle', class: 'dim', size: 10 }),
  );
  return [...boxes, ...edges, label(x + classes.length * BOX + 10, y + 9, name, { class: 'dim' })].join('');
}
