import type { Analysis, ColumnAnalysis } from '../evaluate/index.ts';
import { fixedText, heatMap, percentText, smallMultiples } from '../figure/index.ts';
import { familyBest, headlineLabel, headlineOf, ranked } from './column-views.ts';
import { figureBlock, paragraph, type Section } from './page.ts';

const MAPPED = 40;
const PANELS = 6;

/** Whether what a column tells is told all day. */
export function stabilitySection(analysis: Analysis): Section {
  const { labels, byDay } = analysis.slices;
  const columns = ranked(analysis);
  const starts = labels.slice(0, -1).map((text) => sliceText(text, labels));
  const intro = `IC ${headlineLabel(analysis)} ahead in ${starts.length} equal slices of ${byDay ? 'the time of day, over all days' : 'the session'} (times are UTC). A column that carries a desk keeps its sign; one that earns its coefficient in a single hour may have met that hour by luck.`;
  const map = heatMap({
    title: 'IC by slice of the session',
    description: `The ${Math.min(MAPPED, columns.length)} strongest columns from top to bottom, the session from left to right.`,
    rows: columns.slice(0, MAPPED).map(({ name }) => name),
    columns: starts,
    values: columns.slice(0, MAPPED).map(({ stability }) => stability.map(({ ic }) => ic)),
    palette: 'diverging',
    domain: sliceDomain(columns),
    cell: { width: 35, height: 14 },
    legend: 'IC',
    hatchBelow: -0.05,
  });
  return {
    id: 'stability',
    title: 'Stability by time of day',
    body: `${paragraph(intro)}<div class="pair">${figureBlock(`The ${Math.min(MAPPED, columns.length)} strongest columns by slice`, `<div class="scroll">${map}</div>`)}<div class="panels">${panels(analysis)}</div></div>`,
  };
}

/** Minutes are enough where slices are minutes long. */
function sliceText(text: string, labels: readonly string[]): string {
  const short = new Set(labels.map((label) => label.slice(0, 5))).size === labels.length;
  return short ? text.slice(0, 5) : text.slice(3);
}

/** Symmetric, and no wider than the largest coefficient of a slice but for a round number. */
export function sliceDomain(columns: readonly ColumnAnalysis[]): [number, number] {
  let largest = 0.05;
  for (const { stability } of columns.slice(0, MAPPED)) {
    for (const { ic } of stability) if (Math.abs(ic) > largest) largest = Math.abs(ic);
  }
  const end = Math.ceil(largest * 10) / 10;
  return [-end, end];
}

/** `13:30:00` → milliseconds of the day, going on where a session passes midnight. */
function startsMs(labels: readonly string[]): number[] {
  let day = 0;
  let last = 0;
  return labels.map((text) => {
    const [hours, minutes, seconds] = text.split(':').map(Number);
    let ms = ((hours * 60 + minutes) * 60 + seconds) * 1000 + day;
    if (ms < last) {
      day += 86_400_000;
      ms += 86_400_000;
    }
    last = ms;
    return ms;
  });
}

function panels(analysis: Analysis): string {
  const shown = familyBest(analysis, PANELS);
  const times = startsMs(analysis.slices.labels);
  const drawings = smallMultiples({
    width: 310,
    height: 150,
    zero: true,
    x: { kind: 'time' },
    y: {},
    panels: shown.map((column) => ({
      title: `${column.name} by slice`,
      description: `IC with 95 % intervals; the whole session has ${fixedText(headlineOf(analysis, column).ic, 3)}, its sign in ${percentText(column.signAgreement)} of the slices.`,
      series: [
        {
          name: column.name,
          dots: true,
          points: column.stability.map(({ ic, interval }, s) => {
            const point = { x: times[s], y: ic };
            return interval === null ? point : { ...point, low: interval.low, high: interval.high };
          }),
        },
      ],
    })),
  });
  return shown.map((column, i) => figureBlock(column.name, drawings[i])).join('');
}
