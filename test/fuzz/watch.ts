import { Worker } from 'node:worker_threads';
import { type FuzzReport, type Place, repeatCommand } from './run.ts';

/** One step may take so long before it counts as a hang. A step takes ms, a session's beginning a second or two. */
const HANG_MS = 30_000;
const HEAP_MB = 1024;

export interface Job {
  readonly target: string;
  readonly first: number;
  readonly sessions: number;
  readonly place: Place;
}

export type Outcome = { readonly report: FuzzReport } | { readonly failure: string };

/**
 * Fuzzes sessions `first` … of one decoder in a thread, with a bound on its memory and a watch on its progress: an endless
 * loop ends in an error too. Throws at the first finding, with the command that repeats it.
 */
export function fuzzWatched(target: string, first: number, sessions: number): Promise<FuzzReport> {
  const place: Place = new Int32Array(new SharedArrayBuffer(8));
  const workerData: Job = { target, first, sessions, place };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  return new Promise<FuzzReport>((resolve, reject) => {
    let seen = '';
    const watch = setInterval(() => {
      const now = `${place[0]} ${Atomics.load(place, 1)}`;
      if (now === seen) fail(`${target}, session ${place[0]}, step ${place[1]}: no end after ${HANG_MS} ms`);
      seen = now;
    }, HANG_MS);
    const end = (): void => {
      clearInterval(watch);
      void worker.terminate();
    };
    const fail = (what: string): void => {
      end();
      const repeat = what.includes('repeat with:') ? '' : `\nrepeat with: ${repeatCommand(target, place[0])}`;
      reject(new Error(`${what}${repeat}`));
    };
    worker.on('message', (outcome: Outcome) => {
      if ('failure' in outcome) return fail(outcome.failure);
      end();
      resolve(outcome.report);
    });
    worker.on('error', (error) => fail(`${target}, session ${place[0]}, step ${place[1]}: ${error.message}`));
    worker.on('exit', (code) => fail(`${target}: the thread ended with ${code}`));
  });
}
