import { intervalChart, type LineSeries, lineChart, numberText } from '../figure/index.ts';
import { figureBlock, paragraph, type Section } from './page.ts';
import { bestBaseline, bestFirst, gain, metricOf, metricText, type RunsView } from './runs-views.ts';

/** Lines in one chart that an eye can follow. */
const MOST_LINES = 12;
const SIZE = { width: 500, height: 300 };

/** One chart a metric: how it went while the runs learnt. */
export function curvesSection(view: RunsView): Section {
  const names = [
    ...new Set(view.runs.flatMap(({ curve }) => curve.lines.flatMap((line) => Object.keys(line.metrics)))),
  ];
  const drawn = drawnRuns(view);
  const charts = names.sort(byInterest).map((metric) => {
    const byEpoch = isByEpoch(drawn, metric);
    // A run without the metric keeps its place, so that its colour is the same in every chart.
    const series = drawn.map(({ label, curve }): LineSeries => {
      const points = curve.lines
        .filter((line) => metric in line.metrics)
        .map((line) => ({ x: byEpoch ? line.epoch : line.step, y: line.metrics[metric] ?? Number.NaN }));
      return { name: points.length === 0 ? `${label} (none)` : label, points, dots: points.length <= 30 };
    });
    const title = metricText(metric);
    const axis = byEpoch ? 'epoch' : 'step';
    const best = drawn.flatMap(({ run }) => bestBaseline(run, metric) ?? []).at(0);
    const references = best === undefined ? [] : [{ y: best.value, text: '' }];
    const description = series.map(({ name, points }) => `${name}: ${endsText(points)}`).join('; ');
    const chart = lineChart({ title, description, ...SIZE, series, x: { label: axis }, y: {}, references });
    const caption =
      best === undefined ? '' : `Dashed across: ${best.name}, without skill, ${numberText(best.value, 4)}.`;
    return figureBlock(title, chart, caption);
  });
  const left = view.runs.length - drawn.length;
  const intro =
    names.length === 0
      ? 'None of these runs has written a metric yet.'
      : `Of each run while it learnt${left > 0 ? `; the ${drawn.length} best of ${view.runs.length} are drawn` : ''}.`;
  const body = charts.length === 0 ? '' : `<div class="pair">${charts.join('')}</div>`;
  return { id: 'curves', title: 'Learning curves', body: paragraph(intro) + body };
}

function drawnRuns(view: RunsView): RunsView['runs'] {
  if (view.runs.length <= MOST_LINES || view.headline === null) return view.runs.slice(0, MOST_LINES);
  return bestFirst(view, view.headline).slice(0, MOST_LINES);
}

/** Where no run has two values of an epoch, epochs tell more than steps: batches may differ in size. */
function isByEpoch(runs: RunsView['runs'], metric: string): boolean {
  return runs.every(({ curve }) => {
    const epochs = curve.lines.filter((line) => metric in line.metrics).map(({ epoch }) => epoch);
    return new Set(epochs).size === epochs.length;
  });
}

/** Validation before training, log-loss before the rest. */
function byInterest(a: string, b: string): number {
  const rank = (name: string): number => (name.startsWith('validation') ? 0 : 2) + (name.includes('loss') ? 0 : 1);
  return rank(a) - rank(b) || a.localeCompare(b);
}

function endsText(points: readonly { readonly y: number }[]): string {
  if (points.length === 0) return 'not recorded';
  return `from ${numberText(points[0].y)} to ${numberText(points[points.length - 1].y)}`;
}

/** How far each run is above the best forecast without skill of its own data. */
export function skillSection(view: RunsView): Section | null {
  const { headline } = view;
  if (headline === null) return null;
  const rows = bestFirst(view, headline).flatMap(({ run, label }) => {
    const figure = metricOf(run, headline);
    const base = bestBaseline(run, headline);
    if (figure?.value == null || base === null) return [];
    const ends = [figure.low, figure.high].map((end) => (end === null ? Number.NaN : gain(headline, end, base.value)));
    const [low, high] = [Math.min(...ends), Math.max(...ends)];
    const value = gain(headline, figure.value, base.value);
    return [{ name: label, value, low, high, hollow: !(low > 0), base: base.name }];
  });
  if (rows.length === 0) return null;
  const title = `Gain in ${metricText(headline)} over no skill`;
  const found = rows.filter(({ hollow }) => !hollow).length;
  const chart = intervalChart({
    title,
    description: `${found} of ${rows.length} runs lie above 0 with their whole interval.`,
    width: 500,
    rows,
    x: { label: `${metricText(headline)}, to the right is better` },
  });
  const over = [...new Set(rows.map(({ base }) => base))].join(', ');
  const caption = `Against the best forecast without skill on the same rows (${over}). Hollow where the interval of the run reaches 0: no skill is shown. The baseline’s own interval is not part of it.`;
  return { id: 'skill', title: 'Skill', body: figureBlock(title, chart, caption) };
}
