import { countText, escapeText } from '../figure/index.ts';
import type { Figure, Run } from '../store/index.ts';
import { dataTable, factTable, type TableCell } from './data-table.ts';
import { bulletList, paragraph, type Section } from './page.ts';
import {
  baselinesOf,
  bestFirst,
  figureText,
  flatten,
  intervalOf,
  metricText,
  type RunsView,
  secondsText,
} from './runs-views.ts';

const SHORT = 12;

/** Every metric of every run, the forecasts without skill below. */
export function metricsSection(view: RunsView): Section {
  const best = new Map(view.metrics.map((metric) => [metric, bestValue(view, metric)]));
  const rows = [
    ...view.runs.map(({ run, label }): TableCell[] => [
      { text: `${escapeText(label)}<small>${escapeText(stateText(run))}</small>`, markup: true },
      ...view.metrics.map((metric) => figureCell(run.result?.metrics[metric], best.get(metric) ?? null, '')),
    ]),
    ...baselinesOf(view).map(({ name, of, figures }): TableCell[] => [
      { text: `${escapeText(name)}<small>no skill${of === '' ? '' : `, of ${escapeText(of)}`}</small>`, markup: true },
      ...view.metrics.map((metric) => figureCell(figures[metric], null, 'faint')),
    ]),
  ];
  const head = ['run', ...view.metrics.map(metricText)].map((text) => ({ text }));
  const intro =
    view.metrics.length === 0
      ? 'None of these runs has ended, so there are no scores yet.'
      : 'Brackets are 95 % intervals. The best value of a column stands out; where intervals overlap, it need not be the better model.';
  const table = view.metrics.length === 0 ? '' : dataTable({ id: 'metrics-table', caption: 'Metrics', head, rows });
  return { id: 'metrics', title: 'Metrics', body: paragraph(intro) + table };
}

/** A figure over its interval; it stands out where it is the best. */
function figureCell(figure: Figure | undefined, best: number | null, style: string): TableCell {
  if (figure?.value == null) return { text: '–', value: Number.NaN, class: style };
  const interval = intervalOf(figure);
  const text = `${figureText(figure)}${interval === '' ? '' : `<small>${interval}</small>`}`;
  return { text, markup: true, value: figure.value, class: figure.value === best ? 'found' : style };
}

/** The value that stands out in a column; null where all runs share it, or one alone has any. */
function bestValue(view: RunsView, metric: string): number | null {
  const values = bestFirst(view, metric).map(({ run }) => run.result?.metrics[metric].value ?? null);
  return values.length > 1 && values.some((value) => value !== values[0]) ? values[0] : null;
}

function stateText({ state, result }: Run): string {
  return result?.message == null ? state : `${state}: ${result.message}`;
}

/** Settings in which the runs differ, and below those that they share. */
export function parametersSection(view: RunsView): Section {
  const settings = view.runs.map(({ run }) => settingsOf(run));
  const names = [...new Set(settings.flatMap((map) => [...map.keys()]))];
  const valuesOf = (name: string): string[] => settings.map((map) => map.get(name) ?? '–');
  const differing = names.filter((name) => new Set(valuesOf(name)).size > 1);
  const shared = names.filter((name) => !differing.includes(name));
  const rows = differing.map((name): TableCell[] => [
    { text: name },
    ...valuesOf(name).map((text) => ({ text: short(text), class: 'text' })),
  ]);
  const head = [{ text: 'setting' }, ...view.runs.map(({ label }) => ({ text: label, class: 'text' }))];
  const table =
    differing.length === 0
      ? paragraph('Nothing: the runs were told the same, down to the seed.')
      : dataTable({ id: 'parameters-table', caption: 'Settings that differ', head, rows });
  const same = factTable(shared.map((name) => [name, valuesOf(name)[0]]));
  const fold = `<details><summary>${shared.length} settings are the same in all</summary>${same}</details>`;
  return { id: 'parameters', title: 'What differs', body: table + (shared.length === 0 ? '' : fold) };
}

function settingsOf({ record }: Run): Map<string, string> {
  const { model, target, seed, data, code, runtime, device, threads, machine, config } = record;
  return new Map([
    ['model', model],
    ['target', target],
    ['seed', String(seed)],
    ['data', data.hash],
    ['schema', data.schemaHash],
    ...flatten(config).map(([path, value]): [string, string] => [`config.${path}`, value]),
    ['device', device],
    ['threads', String(threads)],
    ['code', code.commit ?? code.sha256 ?? code.version],
    ['bookcast', code.version],
    ['Node', runtime.node],
    ['ONNX Runtime', runtime.onnxruntime ?? 'none'],
    ['machine', machine],
  ]);
}

/** Hashes are recognised by their beginnings. */
function short(text: string): string {
  return /^[0-9a-f]{32,}$/.test(text) ? text.slice(0, SHORT) : text;
}

/** What the runs cost, and how they came about. */
export function costSection(view: RunsView): Section {
  const number = (value: number | null | undefined): TableCell => ({
    text: countText(value ?? Number.NaN),
    value: value ?? Number.NaN,
  });
  const rows = view.runs.map(({ run, label, curve, trials }): TableCell[] => {
    const { record, result, attempts } = run;
    const seconds = result?.seconds.total ?? Number.NaN;
    return [
      { text: `${escapeText(label)}<small>${escapeText(run.id)}</small>`, markup: true },
      { text: new Date(record.startedMs).toISOString().slice(0, 19).replace('T', ' '), class: 'text' },
      { text: Number.isFinite(seconds) ? secondsText(seconds) : '–', value: seconds },
      number(new Set(curve.lines.map(({ epoch }) => epoch)).size),
      number(result?.parameters),
      number(result?.multiplyAdds),
      number(attempts),
      { text: record.trialOf ?? 'by hand', class: 'text' },
      number(trials.runs),
    ];
  });
  const head = [
    'run',
    'started (UTC)',
    'took',
    'epochs',
    'parameters',
    'multiply-adds',
    'attempts',
    'trial of',
    'looks',
  ];
  const classes = new Set(['started (UTC)', 'trial of']);
  return {
    id: 'cost',
    title: 'Runs and their cost',
    body:
      paragraph(
        'Multiply-adds are of one window. Looks are all runs of this registry on the same data and target, by hand or by a study.',
      ) +
      dataTable({
        id: 'cost-table',
        caption: 'Runs',
        head: head.map((text) => (classes.has(text) ? { text, class: 'text' } : { text })),
        rows,
      }),
  };
}

/** What was read and what was written, by hash: the same file once, with the runs that share it. */
export function filesSection(view: RunsView): Section {
  const files = new Map<string, { name: string; how: string; bytes: number; sha256: string; runs: string[] }>();
  for (const { run, label } of view.runs) {
    const read = run.record.data.files.map(({ path, ...rest }) => ({ name: path, how: 'read', ...rest }));
    const written = (run.result?.artefacts ?? []).map((file) => ({ how: 'written', ...file }));
    for (const file of [...read, ...written]) {
      const key = [file.how, file.name, file.sha256].join(' ');
      const known = files.get(key);
      if (known === undefined) files.set(key, { ...file, runs: [label] });
      else known.runs.push(label);
    }
  }
  const rows = [...files.values()].map(({ name, how, bytes, sha256, runs }): TableCell[] => [
    { text: `${escapeText(name)}<small>${how}</small>`, markup: true },
    { text: runs.length === view.runs.length && runs.length > 1 ? 'all' : runs.join(', '), class: 'text' },
    { text: countText(bytes), value: bytes },
    { text: `<code>${escapeText(sha256)}</code>`, markup: true, class: 'text' },
  ]);
  const head = [{ text: 'file' }, { text: 'by', class: 'text' }, { text: 'bytes' }, { text: 'SHA-256', class: 'text' }];
  const notes = view.runs.flatMap(({ curve, label }) => curve.notes.map((note) => `${label}: ${note}.`));
  const table = dataTable({ id: 'files-table', caption: 'Files', head, rows });
  const body = rows.length === 0 ? paragraph('No files are recorded.') : table;
  return { id: 'files', title: 'Files', body: body + (notes.length === 0 ? '' : bulletList(notes)) };
}
