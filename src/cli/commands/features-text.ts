import {
  CATALOGUE,
  CORE_SET,
  type ColumnInfo,
  findSignal,
  type Need,
  type SignalDefinition,
} from '../../features/index.ts';
import { table } from '../output.ts';

/** Levels that columns are listed for; venues that report fewer have fewer columns. */
const DEPTH = 10;
const WIDTH = 100;
const LABEL = 11;

/** What a signal needs besides the book by price, in words. */
const NEEDS: Readonly<Record<Need, string>> = {
  orders: 'a stream that names every order (L3)',
  fit: 'a fit ("bookcast fit")',
  peer: 'a second instrument (--peer)',
};

/** `features --list`: every signal, a line each, or all that is known of them as JSON. */
export function listSignals(json: boolean): string {
  if (json) return `${JSON.stringify(CATALOGUE.map(dataOf), null, 2)}\n`;
  const rows = CATALOGUE.map((signal) => [
    signal.name,
    signal.family,
    CORE_SET.includes(signal) ? 'core' : '',
    String(signal.columns(DEPTH).length),
    signal.needs.join(', '),
    signal.title,
  ]);
  const columns = CATALOGUE.reduce((sum, signal) => sum + signal.columns(DEPTH).length, 0);
  return (
    table(['signal', 'family', 'set', 'columns', 'needs', 'what it is'], rows) +
    `\n${CATALOGUE.length} signals, ${columns} columns at ${DEPTH} levels; the set "full" has all that the data allow. "--explain NAME" tells more.\n`
  );
}

/** `features --explain NAME`: of a signal or of one of its columns. Throws `bad-argument` with the nearest names. */
export function explainSignal(name: string, json: boolean): string {
  const signal = findSignal(name);
  if (json) return `${JSON.stringify(dataOf(signal), null, 2)}\n`;
  const columns = signal.columns(DEPTH);
  const asked = columns.find((column) => column.name === name && columns.length > 1);
  const lines = [
    `${signal.name}: ${signal.title} (${signal.family})`,
    '',
    ...wrap(signal.meaning, WIDTH),
    '',
    ...field('formula', signal.formula),
    ...(asked === undefined
      ? columns.flatMap((column, i) => field(i === 0 ? 'columns' : '', columnText(column)))
      : field('column', columnText(asked))),
    ...field('warm-up', signal.warmup),
    ...field(
      'needs',
      signal.needs.map((need) => NEEDS[need]).join('; ') || 'the book by price, and trades where it says so',
    ),
    ...field('made of', signal.dependencies.join(', ') || 'the best levels alone'),
    ...field('cost', signal.cost),
    ...field('source', signal.source),
    ...field('version', String(signal.version)),
  ];
  return `${lines.join('\n')}\n`;
}

/** Plain data of a definition. */
function dataOf(signal: SignalDefinition): object {
  const { create: _, columns, ...rest } = signal;
  return { ...rest, core: CORE_SET.includes(signal), columns: columns(DEPTH) };
}

function columnText({ name, unit, mirror, detail }: ColumnInfo): string {
  const image = mirror === 'odd' ? 'changes sign' : mirror === 'even' ? 'stays' : `becomes ${mirror}`;
  return `${name} [${unit}]${detail === undefined ? '' : `, ${detail}`}; with sides swapped it ${image}`;
}

function field(label: string, text: string): string[] {
  return wrap(text, WIDTH - LABEL).map((line, i) => (i === 0 ? label : '').padEnd(LABEL) + line);
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
