import { getHeapStatistics } from 'node:v8';
import { Random } from '../../src/core/index.ts';
import type { FuzzSession, FuzzTarget, Tally } from './target.ts';

/** CPU time that one input may take, however it looks. */
const CPU_MS = 250;
const CPU_NS_PER_BYTE = 2000;
/** Memory that one input may allocate, garbage included, where no collection came between. */
const MEMORY_BYTES = 16 * 1024 * 1024;
const MEMORY_PER_BYTE = 1024;

export interface FuzzReport extends Tally {
  readonly target: string;
  readonly sessions: number;
  /** The longest that one input took, ms of CPU. */
  slowestMs: number;
  /** The most that one input allocated. */
  largestBytes: number;
}

/** Where a run is, for a watchdog in another thread: the session's seed and its step. */
export type Place = Int32Array;

export const repeatCommand = (target: string, seed: number): string =>
  `npm run soak -- fuzz --only ${target} --seed ${seed} --seeds 1`;

/** Runs sessions `first` … `first + sessions − 1`. Throws at the first finding, with the command that repeats it. */
export async function fuzz(
  target: FuzzTarget,
  first: number,
  sessions: number,
  place: Place = new Int32Array(2),
): Promise<FuzzReport> {
  const begin = await target.prepare();
  const report = {
    target: target.name,
    sessions,
    inputs: 0,
    bytes: 0,
    rows: 0,
    refused: 0,
    slowestMs: 0,
    largestBytes: 0,
  };
  for (let seed = first; seed < first + sessions; seed++) {
    const random = new Random(seed);
    const session = begin(seed);
    place[0] = seed;
    for (let step = 0; step < target.steps; step++) {
      Atomics.store(place, 1, step);
      try {
        await measured(session, random, report);
      } catch (cause) {
        const what = cause instanceof Error ? cause.message : String(cause);
        const where = `${target.name}, session ${seed}, step ${step}`;
        throw new Error(`${where}: ${what}\nrepeat with: ${repeatCommand(target.name, seed)}`, { cause });
      }
    }
  }
  return report;
}

async function measured(session: FuzzSession, random: Random, report: FuzzReport): Promise<void> {
  const bytesBefore = report.bytes;
  const memoryBefore = allocated();
  const cpuBefore = process.threadCpuUsage();
  const done = session.step(random, report);
  if (done !== undefined) await done;
  const cpu = process.threadCpuUsage(cpuBefore);
  const memory = allocated() - memoryBefore;
  const cpuMs = (cpu.user + cpu.system) / 1000;
  const length = report.bytes - bytesBefore;
  report.slowestMs = Math.max(report.slowestMs, cpuMs);
  report.largestBytes = Math.max(report.largestBytes, memory);
  if (cpuMs > CPU_MS + (length * CPU_NS_PER_BYTE) / 1e6) {
    throw new Error(`an input of ${length} bytes took ${cpuMs.toFixed(0)} ms of CPU`);
  }
  if (memory > MEMORY_BYTES + length * MEMORY_PER_BYTE + (session.allowance ?? 0)) {
    throw new Error(`an input of ${length} bytes allocated ${memory} bytes`);
  }
}

function allocated(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}
