import { DASHES, SERIES_COUNT } from './palette.ts';
import { element, label, px, textWidth } from './svg.ts';

/** Names of series in a row above the plot, each with a piece of its line. Goes on below where a row is full. */
export function lineLegend(names: readonly string[], left: number, right: number): { markup: string; height: number } {
  if (names.length < 2) return { markup: '', height: 0 };
  const parts: string[] = [];
  let x = left;
  let y = 9;
  names.forEach((name, i) => {
    const width = 26 + textWidth(name) + 10;
    if (x > left && x + width > right) {
      x = left;
      y += 16;
    }
    const line = { d: `M${px(x)} ${px(y)}h20`, class: `s${i % SERIES_COUNT}`, 'stroke-width': '2' };
    parts.push(element('path', { ...line, 'stroke-dasharray': DASHES[i % DASHES.length] }), label(x + 25, y + 4, name));
    x += width;
  });
  return { markup: parts.join(''), height: y + 9 };
}

/** Boxes from low to high with the values at their edges, in a row that begins at (x, y). */
export function colourLegend(
  classes: readonly string[],
  texts: readonly { readonly edge: number; readonly text: string }[],
  name: string,
  x: number,
  y: number,
): string {
  const box = 18;
  const boxes = classes.map((colour, i) =>
    element('rect', { x: x + i * box, y, width: box, height: 9, class: colour }),
  );
  const edges = texts.map(({ edge, text }) =>
    label(x + edge * box, y + 21, text, { anchor: 'middle', class: 'dim', size: 10 }),
  );
  return [...boxes, ...edges, label(x + classes.length * box + 10, y + 9, name, { class: 'dim' })].join('');
}
