import { lowerIsBetter, metricText } from '../report/index.ts';
import type { Figure, Run, RunCurve, TrialCount } from '../store/index.ts';
import { fixed, grouped, table } from './output.ts';

/** What a table of runs shows where no metric was asked for: of training and of trading the first that a run has. */
const SHOWN: readonly (readonly string[])[] = [['test-log-loss', 'validation-log-loss'], ['net']];

/** One line a run. */
export function listText(runs: readonly Run[], metric: string | undefined): string {
  const has = (name: string): boolean => runs.some(({ result }) => result?.metrics[name] !== undefined);
  const shown = metric === undefined ? SHOWN.flatMap((names) => names.find(has) ?? []) : [metric];
  const rows = runs.map((run) => {
    const { record, result, state, id } = run;
    return [
      id,
      state,
      record.model,
      record.data.simulated ? `${record.target} (SIMULATED)` : record.target,
      record.trialOf ?? '',
      took(run),
      ...shown.flatMap((name) => [figureText(result?.metrics[name]), baseText(run, name)]),
    ];
  });
  const scores = shown.flatMap((name) => [metricText(name), 'no skill']);
  return table(['run', 'state', 'model', 'target', 'trial of', 'took', ...scores], rows);
}

/** All of one run that a person wants to know. */
export function runText(run: Run, curve: RunCurve, looks: TrialCount): string {
  const { record, result, state, id, attempts, folder } = run;
  const { data, code, runtime } = record;
  const simulated = data.simulated ? ', SIMULATED' : '';
  const facts: [string, string][] = [
    ['state', result?.message == null ? stateText(run) : `${state}: ${result.message}`],
    ['started', new Date(record.startedMs).toISOString()],
    ['took', `${took(run)}${attempts > 1 ? `, in ${attempts} attempts` : ''}`],
    ['target', record.target],
    ['data', `${grouped(data.rows)} rows${simulated}, SHA-256 ${data.hash}`],
    ...data.files.map(({ path, bytes }): [string, string] => ['', `${path}, ${grouped(bytes)} bytes`]),
    ['schema', data.schemaHash],
    ['seed', String(record.seed)],
    ['config', JSON.stringify(record.config)],
    ['trial of', record.trialOf ?? 'none: started by hand'],
    ['looks', `${grouped(looks.runs)} runs of this registry on the same data and target`],
    ['code', `bookcast ${code.version}${code.commit === null ? '' : `, commit ${code.commit}`}`],
    ['runtime', `Node ${runtime.node}, ONNX Runtime ${runtime.onnxruntime ?? 'none'}`],
    ['machine', `${record.machine}; ${record.device}, ${record.threads} threads`],
    ['size', `${count(result?.parameters)} parameters, ${count(result?.multiplyAdds)} multiply-adds a window`],
    ['folder', folder],
    ...(result?.artefacts ?? []).map(({ name, bytes, sha256 }): [string, string] => [
      'wrote',
      `${name}, ${grouped(bytes)} bytes, SHA-256 ${sha256}`,
    ]),
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  const lines = facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  return `${record.model} ${id}\n${lines.join('\n')}\n${scoresText(run)}${lastLineText(curve)}`;
}

function stateText({ state }: Run): string {
  return state === 'interrupted' ? 'interrupted: its process is gone; it can be resumed' : state;
}

function scoresText({ result }: Run): string {
  if (result === null) return '';
  const names = Object.keys(result.metrics);
  if (names.length === 0) return '';
  const baselines = Object.entries(result.baselines);
  const rows = names.map((name) => [
    metricText(name),
    figureText(result.metrics[name]),
    intervalText(result.metrics[name]),
    ...baselines.map(([, figures]) => figureText(figures[name])),
  ]);
  return `\n${table(['metric', 'value', '95 % interval', ...baselines.map(([name]) => `no skill: ${name}`)], rows)}`;
}

function lastLineText({ lines }: RunCurve): string {
  const last = lines.at(-1);
  if (last === undefined) return '\nno metrics yet\n';
  const metrics = Object.entries(last.metrics).map(([name, value]) => `${metricText(name)} ${fixed(value, 4)}`);
  return `\nlast of ${grouped(lines.length)} lines: epoch ${last.epoch}, step ${grouped(last.step)}: ${metrics.join(', ')}\n`;
}

/** The metrics of some runs side by side, no-skill forecasts of the first below. */
export function comparisonText(runs: readonly Run[]): string {
  const names = [...new Set(runs.flatMap(({ result }) => Object.keys(result?.metrics ?? {})))].sort();
  if (names.length === 0) return 'none of these runs has ended with metrics yet\n';
  const rows = runs.map(({ id, record, result }) => [
    `${record.model} ${id}`,
    ...names.map((name) => figureText(result?.metrics[name])),
  ]);
  const baselines = Object.entries(runs.find(({ result }) => result !== null)?.result?.baselines ?? {});
  const below = baselines.map(([name, figures]) => [
    `no skill: ${name}`,
    ...names.map((metric) => figureText(figures[metric])),
  ]);
  return table(['run', ...names.map(metricText)], [...rows, ...below]);
}

function baseText({ result }: Run, metric: string): string {
  const values = Object.values(result?.baselines ?? {}).flatMap((figures) => figures[metric]?.value ?? []);
  if (values.length === 0) return '—';
  return fixed(lowerIsBetter(metric) ? Math.min(...values) : Math.max(...values), 4);
}

function took({ result }: Run): string {
  return result?.seconds.total === undefined ? '—' : `${grouped(Math.ceil(result.seconds.total))} s`;
}

function count(value: number | null | undefined): string {
  return value == null ? 'unknown' : grouped(value);
}

function figureText(figure: Figure | undefined): string {
  return fixed(figure?.value ?? null, 4);
}

function intervalText({ low, high }: Figure): string {
  return low === null || high === null ? '—' : `[${fixed(low, 4)}, ${fixed(high, 4)}]`;
}
