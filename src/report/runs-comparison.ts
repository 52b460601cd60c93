import { countText, escapeText, fixedText } from '../figure/index.ts';
import { bulletList, page, type Section } from './page.ts';
import { curvesSection, skillSection } from './runs-curves.ts';
import { costSection, filesSection, metricsSection, parametersSection } from './runs-tables.ts';
import {
  bestBaseline,
  bestFirst,
  type ComparedRun,
  figureText,
  gain,
  intervalOf,
  metricOf,
  metricText,
  type RunsView,
  runsView,
} from './runs-views.ts';

/**
 * The page of `bookcast runs compare`: one HTML file that loads nothing and reads without scripts. The same runs give the same bytes.
 */
export function renderRunsComparison(runs: readonly ComparedRun[]): string {
  const view = runsView(runs);
  const skill = skillSection(view);
  const sections: Section[] = [
    { id: 'summary', title: 'Summary', body: bulletList(sentences(view)) },
    metricsSection(view),
    ...(skill === null ? [] : [skill]),
    curvesSection(view),
    parametersSection(view),
    costSection(view),
    filesSection(view),
  ];
  return page(titleOf(view), headOf(view), sections);
}

function titleOf({ runs }: RunsView): string {
  return runs.length === 1 ? `Run ${runs[0].run.id}` : `Comparison of ${runs.length} runs`;
}

function headOf(view: RunsView): string {
  const { runs, headline } = view;
  const targets = distinct(runs.map(({ run }) => run.record.target));
  const simulated = runs.some(({ run }) => run.record.data.simulated);
  const banner = simulated
    ? '<div class="simulated" role="note"><b>SIMULATED</b>Learnt from the seeded simulator. It tests the tools, and says nothing of any market.</div>'
    : '';
  const best = headline === null ? undefined : bestFirst(view, headline)[0];
  const base = best === undefined || headline === null ? null : bestBaseline(best.run, headline);
  const tiles: [string, string][] = [
    [countText(runs.length), runs.length === 1 ? 'run' : 'runs'],
    [
      best === undefined || headline === null ? '–' : figureText(metricOf(best.run, headline)),
      best === undefined || headline === null ? 'no score yet' : `best ${metricText(headline)}, ${best.label}`,
    ],
    [base === null ? '–' : fixedText(base.value, 4), base === null ? 'no baseline' : `no skill: ${base.name}`],
    [countText(Math.max(...runs.map(({ trials }) => trials.runs))), 'looks at this data and target'],
  ];
  const drawn = tiles.map(
    ([value, name]) => `<div class="tile"><b>${escapeText(value)}</b><span>${escapeText(name)}</span></div>`,
  );
  const badges = targets.map((target) => `<span class="badge">${escapeText(target)}</span>`).join('');
  return `<header><div class="top"><h1>${escapeText(titleOf(view))}</h1>${badges}</div>
<div class="dim">${escapeText(distinct(runs.flatMap(({ run }) => run.record.data.files.map(({ path }) => path))).join(', '))}</div>
${banner}
<div class="tiles">${drawn.join('')}</div></header>`;
}

/** What a reader should take away, and what speaks against taking it. */
function sentences(view: RunsView): string[] {
  const { runs, headline } = view;
  const said: string[] = headline === null ? ['No run here has ended with a score.'] : bestSentences(view, headline);
  const differs = (what: string, of: (one: ComparedRun) => string): void => {
    if (distinct(runs.map(of)).length > 1) said.push(`Not comparable as they stand: the runs differ in ${what}.`);
  };
  differs('their data', ({ run }) => run.record.data.hash);
  differs('their target', ({ run }) => run.record.target);
  for (const { run, label } of runs) {
    if (run.state === 'running') said.push(`${label} is still running; its figures are of the moment.`);
    if (run.state === 'interrupted') said.push(`${label} was interrupted and can be resumed; it has no final score.`);
    if (run.state === 'failed') said.push(`${label} failed: ${run.result?.message ?? 'it does not say why'}.`);
    if (run.state === 'stopped') said.push(`${label} was stopped before its end.`);
  }
  const looks = Math.max(...runs.map(({ trials }) => trials.runs));
  if (looks > 1) {
    said.push(
      `This registry has ${countText(looks)} runs on the same data and target. The best of many looks better than it is: a score of the split that chose it is no forecast of later ones.`,
    );
  }
  return said;
}

function bestSentences(view: RunsView, headline: string): string[] {
  const [best, second] = bestFirst(view, headline);
  if (best === undefined) return [`No run has a ${metricText(headline)} that is a number.`];
  const figure = metricOf(best.run, headline)!;
  const interval = intervalOf(figure);
  const said = [
    `${best.label} has the best ${metricText(headline)}: ${figureText(figure)}${interval === '' ? ', without an interval' : `, 95 % interval ${interval}`}.`,
  ];
  const base = bestBaseline(best.run, headline);
  if (base !== null && figure.value !== null) {
    const better = gain(headline, figure.value, base.value);
    const text = fixedText(Math.abs(better), 4);
    if (better <= 0) said.push(`It is no better than the forecast without skill (${base.name}): ${text} worse.`);
    else if (reaches(figure.low, figure.high, base.value)) {
      said.push(
        `It is ${text} better than no skill (${base.name}), but its interval reaches that score: no skill is shown.`,
      );
    } else said.push(`It is ${text} better than no skill (${base.name}), with its whole interval.`);
  } else said.push('No forecast without skill was scored beside it, so the figure alone says little.');
  const other = second === undefined ? null : metricOf(second.run, headline);
  if (second !== undefined && other !== null && overlap(figure, other)) {
    said.push(`Its interval and that of the next best, ${second.label}, overlap: their order may be chance.`);
  }
  return said;
}

/** Whether a value lies within an interval; where there is none, nothing can be said and it counts as within. */
function reaches(low: number | null, high: number | null, value: number): boolean {
  return low === null || high === null || (low <= value && value <= high);
}

type Ends = { readonly low: number | null; readonly high: number | null };
function overlap(a: Ends, b: Ends): boolean {
  if (a.low === null || a.high === null || b.low === null || b.high === null) return true;
  return a.low <= b.high && b.low <= a.high;
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
