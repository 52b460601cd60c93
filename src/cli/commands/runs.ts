import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { BookcastError } from '../../core/index.ts';
import { type ComparedRun, lowerIsBetter, renderRunsComparison } from '../../report/index.ts';
import {
  countTrials,
  DEFAULT_REGISTRY,
  EXAMPLE_QUERY,
  findRun,
  listRuns,
  noRuns,
  queryRuns,
  type Run,
  readCurve,
  studyOf,
} from '../../store/index.ts';
import type { Io } from '../io.ts';
import type { Context } from '../options.ts';
import { comparisonText, listText, runText } from '../runs-text.ts';

interface RegistryFlags {
  runs: string;
}

interface ListFlags extends RegistryFlags {
  json: boolean;
  sort?: string;
  study?: string;
}

export function runsCommand({ io }: Context): Command {
  const runs = new Command('runs')
    .description('The registry of training runs: list them, look at one, compare several, ask about all in SQL.')
    // What follows inherits this, and main sets it for the outermost commands alone.
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err });
  const sub = (name: string): Command =>
    runs
      .command(name)
      .showHelpAfterError(`(see "bookcast runs ${name.split(' ')[0]} --help")`)
      .option('--runs <dir>', 'folder of the registry', DEFAULT_REGISTRY);

  sub('list')
    .description('All runs, oldest first')
    .option('--json', 'print JSON', false)
    .option('--sort <metric>', 'best first by a metric such as validation-log-loss')
    .option('--study <id>', 'runs of one tuning study alone')
    .action((flags: ListFlags) => list(io, flags));
  sub('show')
    .description('One run: what it was told, how it went, what it came to')
    .argument('<id>', 'beginning of its id')
    .option('--json', 'print JSON, with the whole curve', false)
    .action((id: string, flags: RegistryFlags & { json: boolean }) => show(io, id, flags));
  sub('compare')
    .description('Several runs on one HTML page: scores beside forecasts without skill, learning curves, what differs')
    .argument('<ids...>', 'beginnings of their ids')
    .requiredOption('--out <file>', 'page to write, such as comparison.html')
    .action((ids: string[], flags: RegistryFlags & { out: string }) => compare(io, ids, flags));
  sub('query')
    .description('Ask DuckDB about the registry: views runs, metrics and results, each with the column id; prints JSON')
    .argument('<sql>', 'a SELECT')
    .addHelpText('after', `\nFor example:\n${EXAMPLE_QUERY}`)
    .action(async (sql: string, flags: RegistryFlags) => {
      io.out(`${JSON.stringify(await queryRuns(flags.runs, sql), null, 2)}\n`);
    });
  return runs;
}

async function list(io: Io, flags: ListFlags): Promise<void> {
  const { runs, damaged } = listRuns(flags.runs);
  for (const { why } of damaged) io.err(`note: ${why}\n`);
  if (runs.length === 0) throw noRuns(flags.runs);
  const chosen = flags.study === undefined ? runs : ofStudy(runs, flags.study);
  const sorted = flags.sort === undefined ? chosen : sortedBy(chosen, flags.sort);
  if (flags.json) io.out(`${JSON.stringify(sorted.map(withoutFolder), null, 2)}\n`);
  else io.out(listText(sorted, flags.sort));
}

function ofStudy(runs: readonly Run[], study: string): Run[] {
  const found = runs.filter(({ record }) => studyOf(record.trialOf) === study);
  if (found.length > 0) return found;
  const studies = [...new Set(runs.map(({ record }) => studyOf(record.trialOf)).filter((id) => id !== null))];
  const there = studies.length === 0 ? 'no run is of a study' : `there are ${studies.join(', ')}`;
  throw new BookcastError('not-found', `no run is of a study "${study}"; ${there}`, { study });
}

/** Best first; runs without the metric last, oldest first. */
function sortedBy(runs: readonly Run[], metric: string): Run[] {
  const value = (run: Run): number | null => run.result?.metrics[metric]?.value ?? null;
  if (runs.every((run) => value(run) === null)) {
    const names = [...new Set(runs.flatMap(({ result }) => Object.keys(result?.metrics ?? {})))].sort();
    const there = names.length === 0 ? 'none has ended with metrics yet' : `there are ${names.join(', ')}`;
    throw new BookcastError('not-found', `no run has the metric "${metric}"; ${there}`, { metric });
  }
  const sign = lowerIsBetter(metric) ? 1 : -1;
  const key = (run: Run): number => {
    const found = value(run);
    return found === null ? Number.MAX_VALUE : sign * found;
  };
  return [...runs].sort((a, b) => key(a) - key(b));
}

function withoutFolder({ record, result, state, attempts }: Run): unknown {
  return { ...record, state, attempts, result };
}

async function show(io: Io, id: string, flags: RegistryFlags & { json: boolean }): Promise<void> {
  const run = findRun(flags.runs, id);
  const curve = readCurve(run);
  if (flags.json) {
    io.out(`${JSON.stringify({ ...(withoutFolder(run) as object), curve: curve.lines }, null, 2)}\n`);
    return;
  }
  for (const note of curve.notes) io.err(`note: ${note}\n`);
  io.out(runText(run, curve, looksAt(flags.runs, run)));
}

async function compare(io: Io, ids: readonly string[], flags: RegistryFlags & { out: string }): Promise<void> {
  const byId = new Map(ids.map((id) => findRun(flags.runs, id)).map((run) => [run.id, run]));
  const compared = [...byId.values()].map(
    (run): ComparedRun => ({ run, curve: readCurve(run), trials: looksAt(flags.runs, run) }),
  );
  try {
    await writeFile(flags.out, renderRunsComparison(compared), { flag: 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new BookcastError('bad-argument', `cannot write ${flags.out}: ${(cause as Error).message}`, { cause });
    }
    throw new BookcastError('already-exists', `${flags.out} exists; choose another name with --out, or remove it`);
  }
  io.out(comparisonText(compared.map(({ run }) => run)));
  io.err(`comparison: ${flags.out}\n`);
}

function looksAt(registry: string, { record }: Run): ComparedRun['trials'] {
  return countTrials(registry, { dataHash: record.data.hash, target: record.target });
}
