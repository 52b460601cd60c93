import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { assert, systemClock } from '../src/core/index.ts';

/** One file `bench/<room>/<name>.bench.ts` exports one of these as `bench`. */
export interface Benchmark {
  readonly name: string;
  /** A smoke run takes less than two seconds and shows that everything still works; its figures mean little. */
  run(options: { smoke: boolean }): Promise<BenchResult[]>;
}

export interface BenchResult {
  case: string;
  /** Ours, median. */
  value: number;
  unit: string;
  /** `package@version`, or a built-in such as `JSON.parse`. */
  rival: string;
  rivalValue: number;
  /** Above 1 where bookcast is better. */
  ratio: number;
  /** Of what was computed; both sides must arrive at it. */
  hash: string;
  /** Ours, 99th percentile of the timed chunks. */
  p99: number;
  rivalP99: number;
}

/** One side of a race over the same `length` items. */
export interface Racer {
  /** Back to the starting state; not timed. */
  start(): void;
  /** Works on items [from, to); timed. */
  run(from: number, to: number): void;
  /** Of the state after the last item. */
  hash(): string;
}

export interface Race {
  case: string;
  rival: string;
  ours: Racer;
  theirs: Racer;
  /** Items in all. A case may count fewer for a slow rival: both sides still do the same. */
  length: number;
  /**
   * Items of ours, and of the rival's, timed together: enough to be well above the clock's resolution, few enough that
   * the machine's other work falls between chunks rather than into every one. So a slow rival has smaller chunks.
   */
  chunk: number;
  rivalChunk: number;
  rounds: number;
  /** Timed passes of ours in each round, 1 where not given: more where a pass is so short that it only finds cold caches. */
  passes?: number;
  /** Untimed passes of ours first: a short pass is not compiled after one. */
  warmups: number;
}

/**
 * Runs both sides in turn, round by round, in one process, so that whatever else the machine does falls on both. Values
 * are nanoseconds an item; throws where the two sides end with different results.
 */
export function race(options: Race): BenchResult {
  const { ours, theirs, length, rounds } = options;
  const oursNs: number[] = [];
  const theirsNs: number[] = [];
  for (let i = 0; i < options.warmups; i++) pass(ours, length, options.chunk, []);
  for (let i = 0; i < rounds; i++) {
    for (let k = 0; k < (options.passes ?? 1); k++) pass(ours, length, options.chunk, oursNs);
    pass(theirs, length, options.rivalChunk, theirsNs);
  }
  const hash = ours.hash();
  const rivalHash = theirs.hash();
  assert(hash === rivalHash, `both sides of "${options.case}" end alike: ours ${hash}, ${options.rival} ${rivalHash}`);
  const value = quantile(oursNs, 0.5);
  const rivalValue = quantile(theirsNs, 0.5);
  return {
    case: options.case,
    value,
    unit: 'ns/event',
    rival: options.rival,
    rivalValue,
    ratio: rivalValue / value,
    hash,
    p99: quantile(oursNs, 0.99),
    rivalP99: quantile(theirsNs, 0.99),
  };
}

function pass(racer: Racer, length: number, chunk: number, into: number[]): void {
  racer.start();
  for (let from = 0; from < length; from += chunk) {
    const to = Math.min(from + chunk, length);
    const begun = systemClock.monotonicNs();
    racer.run(from, to);
    const ns = (systemClock.monotonicNs() - begun) / (to - from);
    // A short last chunk would weigh as much as a whole one.
    if (to - from === chunk || length < chunk) into.push(ns);
  }
}

/** The value below which a share `q` of the values lies (the nearest one, no interpolation). */
export function quantile(values: readonly number[], q: number): number {
  assert(values.length > 0, 'there is a value');
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

/** A short hash of numbers, for `Racer.hash`. */
export function hashNumbers(numbers: Iterable<number>): string {
  return createHash('sha256')
    .update(new Uint8Array(Float64Array.from(numbers).buffer))
    .digest('hex')
    .slice(0, 16);
}

/** The folder of an installed package. */
export function packageFolder(name: string): string {
  // Not every package exports its package.json, so walk up from its entry point.
  for (let at = fileURLToPath(import.meta.resolve(name)); at !== dirname(at); at = dirname(at)) {
    if (at.endsWith(join('node_modules', ...name.split('/')))) return at;
  }
  throw new Error(`no folder found of the package ${name}`);
}

/** `name@version` of an installed package. */
export function packageVersion(name: string): string {
  const manifest = JSON.parse(readFileSync(join(packageFolder(name), 'package.json'), 'utf8')) as { version: string };
  return `${name}@${manifest.version}`;
}

/** Every benchmark there is: its name, which is its file's, and its file. */
export function findBenchmarks(): Map<string, string> {
  const files = globSync('*/*.bench.ts', { cwd: import.meta.dirname }).sort();
  return new Map(files.map((file) => [basename(file, '.bench.ts'), join(import.meta.dirname, file)]));
}

export async function loadBenchmark(file: string): Promise<Benchmark> {
  const { bench } = (await import(pathToFileURL(file).href)) as { bench: Benchmark };
  assert(
    bench.name === basename(file, '.bench.ts'),
    `a benchmark is named as its file, and ${file} says "${bench.name}"`,
  );
  return bench;
}

export interface Machine {
  cpu: string;
  cores: number;
  node: string;
  platform: string;
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
}
