import { fixedText, numberText } from '../figure/index.ts';
import type { Figure, Run, RunCurve, TrialCount } from '../store/index.ts';
import { listText } from './column-views.ts';

/** What the comparison is made of. */
export interface ComparedRun {
  readonly run: Run;
  readonly curve: RunCurve;
  /** Looks at the same data with the same target that the registry knows of. */
  readonly trials: TrialCount;
}

/** A comparison's runs with short names, and the metric that it is about. */
export interface RunsView {
  readonly runs: readonly (ComparedRun & { readonly label: string })[];
  /** All metrics that any run has, the headline first. */
  readonly metrics: readonly string[];
  readonly headline: string | null;
}

/** What a comparison is about, where there is a choice. */
const HEADLINES = ['test-log-loss', 'validation-log-loss'];

export function runsView(runs: readonly ComparedRun[]): RunsView {
  const names = [...new Set(runs.flatMap(({ run }) => Object.keys(run.result?.metrics ?? {})))].sort();
  const headline = HEADLINES.find((name) => names.includes(name)) ?? names[0] ?? null;
  const metrics = headline === null ? [] : [headline, ...names.filter((name) => name !== headline)];
  return { runs: runs.map((one) => ({ ...one, label: runLabel(one.run) })), metrics, headline };
}

/** `lstm 3fa9c1`: the kind, and the end of the id, which is all that tells runs of one study apart. */
function runLabel(run: Run): string {
  return `${run.record.model} ${run.id.slice(run.id.lastIndexOf('-') + 1)}`;
}

/** Losses and errors are better small, all other scores large. */
export function lowerIsBetter(metric: string): boolean {
  return /(^|-)(loss|brier|rps|error|rmse|mae|ece|perplexity|pinball)($|-)/.test(metric);
}

/** Positive where `a` is the better. */
export function gain(metric: string, a: number, b: number): number {
  return lowerIsBetter(metric) ? b - a : a - b;
}

export function metricOf(run: Run, metric: string): Figure | null {
  const figure = run.result?.metrics[metric];
  return figure === undefined || figure.value === null ? null : figure;
}

/** The runs that have the metric, the best first. */
export function bestFirst(view: RunsView, metric: string): RunsView['runs'] {
  const value = ({ run }: ComparedRun): number => metricOf(run, metric)?.value ?? Number.NaN;
  return view.runs.filter(({ run }) => metricOf(run, metric) !== null).sort((a, b) => gain(metric, value(b), value(a)));
}

export interface Baseline {
  readonly name: string;
  /** Of which runs, where those do not agree; else empty. */
  readonly of: string;
  readonly figures: Readonly<Record<string, Figure>>;
}

/** Forecasts without skill, each once where runs agree on it, which those on the same data do. */
export function baselinesOf(view: RunsView): Baseline[] {
  const found = new Map<string, Omit<Baseline, 'of'> & { runs: string[] }>();
  for (const { run, label } of view.runs) {
    for (const [name, figures] of Object.entries(run.result?.baselines ?? {})) {
      const key = JSON.stringify([name, figures]);
      const known = found.get(key);
      if (known === undefined) found.set(key, { name, figures, runs: [label] });
      else known.runs.push(label);
    }
  }
  const all = [...found.values()];
  return all.map(({ name, figures, runs }) => {
    const alone = all.filter((other) => other.name === name).length === 1;
    return { name, of: alone ? '' : listText(runs, 2), figures };
  });
}

/** The best of a run's own baselines in a metric; null where it has none. */
export function bestBaseline(run: Run, metric: string): { name: string; value: number } | null {
  const known = Object.entries(run.result?.baselines ?? {}).flatMap(([name, figures]) => {
    const value = figures[metric]?.value ?? null;
    return value === null ? [] : [{ name, value }];
  });
  return known.sort((a, b) => gain(metric, b.value, a.value))[0] ?? null;
}

/** `validation-log-loss` → `validation log-loss`: only the split is set apart. */
export function metricText(metric: string): string {
  return metric
    .replace(/^(train|validation|test)-/, '$1 ')
    .replace(/\bmcc\b/, 'MCC')
    .replace(/\bf1\b/, 'F1');
}

export function figureText(figure: Figure | null): string {
  return figure?.value == null ? '–' : fixedText(figure.value, 4);
}

export function intervalOf({ low, high }: Figure): string {
  return low === null || high === null ? '' : `[${fixedText(low, 4)}, ${fixedText(high, 4)}]`;
}

export function secondsText(seconds: number): string {
  if (seconds < 120) return `${numberText(seconds)} s`;
  return seconds < 7200 ? `${numberText(seconds / 60)} min` : `${numberText(seconds / 3600)} h`;
}

/** Nested settings by their paths; lists stay whole. */
export function flatten(value: unknown, path = ''): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [[path, typeof value === 'string' ? value : (JSON.stringify(value) ?? 'absent')]];
  }
  return Object.entries(value).flatMap(([key, inner]) => flatten(inner, path === '' ? key : `${path}.${key}`));
}
