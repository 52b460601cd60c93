/**
 * The long tests: `npm run soak -- NAME [--seconds N] [--seeds N] [--seed N] [--inputs N] [--only WHAT] [--write]`. Progress goes
 * to standard error, the result as JSON to standard output; `--write` also puts it into `docs/soak/NAME.md`, with the command,
 * the commit and the machine. Ends with 1 where anything was found that must not be.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { backtestMemorySoak } from './soak/backtest-memory.ts';
import { doublesSoak } from './soak/doubles.ts';
import { feedsSoak } from './soak/feeds.ts';
import { fuzzSoak } from './soak/fuzz.ts';
import { ingestSoak } from './soak/ingest.ts';
import { nullForecastsSoak } from './soak/null-forecasts.ts';
import { nullModelsSoak } from './soak/null-models.ts';
import { reportText, type SoakReport } from './soak/report.ts';
import type { Soak, SoakOptions } from './soak/soak.ts';
import { trainingMemorySoak } from './soak/training-memory.ts';

const ROOT = resolve(import.meta.dirname, '..');
const SOAKS: Readonly<Record<string, Soak>> = {
  feeds: feedsSoak,
  doubles: doublesSoak,
  ingest: ingestSoak,
  fuzz: fuzzSoak,
  'null-forecasts': nullForecastsSoak,
  'null-models': nullModelsSoak,
  'training-memory': trainingMemorySoak,
  'backtest-memory': backtestMemorySoak,
};

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function usage(what: string): never {
  say(what);
  for (const [name, { about }] of Object.entries(SOAKS)) say(`  npm run soak -- ${name.padEnd(15)} ${about}`);
  say('options: --seconds N, --seeds N, --seed FIRST, --inputs N, --only WHAT, --write (into docs/soak)');
  process.exit(2);
}

interface Arguments {
  readonly name: string;
  readonly options: SoakOptions;
  readonly write: boolean;
}

function readArguments(): Arguments {
  const text = { type: 'string' } as const;
  const known = {
    seconds: text,
    seeds: text,
    seed: text,
    inputs: text,
    only: text,
    write: { type: 'boolean' },
  } as const;
  let parsed: ReturnType<typeof parseArgs<{ options: typeof known; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ options: known, allowPositionals: true });
  } catch (error) {
    return usage((error as Error).message);
  }
  const { values, positionals } = parsed;
  const [name = '', ...more] = positionals;
  if (!Object.hasOwn(SOAKS, name))
    return usage(name === '' ? 'no soak was named; there are' : `no soak is called "${name}"; there are`);
  if (more.length > 0) return usage(`one soak at a time, not ${positionals.join(' and ')}; there are`);
  const number = (key: 'seconds' | 'seeds' | 'seed' | 'inputs'): number | null => {
    const given = values[key];
    if (given === undefined) return null;
    if (!/^\d{1,12}$/.test(given) || (key !== 'seed' && Number(given) === 0))
      return usage(`--${key} is a whole number, not "${given}"`);
    return Number(given);
  };
  const options = {
    seconds: number('seconds'),
    seeds: number('seeds'),
    firstSeed: number('seed'),
    inputs: number('inputs'),
    only: values.only ?? null,
  };
  return { name, options, write: values.write ?? false };
}

/** Where the code stands; `+` where the checkout differs from its commit. */
function commit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', 'src', 'test') === '' ? '' : '+'}`;
  } catch {
    return 'unknown';
  }
}

function memory(): SoakReport['memoryAtStart'] {
  globalThis.gc?.();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  const mb = (bytes: number): number => Math.round(bytes / 1e5) / 10;
  return { rssMb: mb(rss), heapMb: mb(heapUsed), arrayBuffersMb: mb(arrayBuffers) };
}

async function main(): Promise<void> {
  const { name, options, write } = readArguments();
  const started = new Date();
  // Of the code that runs, which may change on disk meanwhile.
  const runs = commit();
  const startMs = performance.now();
  const delay = monitorEventLoopDelay({ resolution: 10 });
  const memoryAtStart = memory();
  delay.enable();
  const { problems, figures } = await SOAKS[name].run(options, say).catch((error: Error) => {
    say(error.message);
    process.exit(2);
  });
  delay.disable();
  const ms = (ns: number): number => Math.round(ns / 1e4) / 100;
  const report: SoakReport = {
    name,
    command: `npm run soak -- ${process.argv.slice(2).join(' ')}`,
    commit: runs,
    started: started.toISOString(),
    seconds: Math.round((performance.now() - startMs) / 100) / 10,
    machine: {
      cpu: cpus()[0].model.trim(),
      cores: availableParallelism(),
      memoryGb: Math.round(totalmem() / 1e9),
      node: process.version,
    },
    problems,
    memoryAtStart,
    memoryAtEnd: memory(),
    eventLoopDelay: { p50Ms: ms(delay.percentile(50)), p99Ms: ms(delay.percentile(99)), maxMs: ms(delay.max) },
    figures,
  };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  if (write) {
    mkdirSync(join(ROOT, 'docs/soak'), { recursive: true });
    writeFileSync(join(ROOT, 'docs/soak', `${name}.md`), reportText(report));
    say(`written to docs/soak/${name}.md`);
  }
  for (const problem of problems.slice(0, 10)) say(problem);
  process.exit(problems.length > 0 ? 1 : 0);
}

await main();
