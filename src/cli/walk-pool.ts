import { Worker } from 'node:worker_threads';
import { BookcastError } from '../core/index.ts';

/** What a job says while it runs, and how it ends. */
export type FromJob =
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'progress'; readonly share: number }
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly code: string | null; readonly message: string };

export interface PoolOptions<Job> {
  readonly jobs: readonly Job[];
  /** At most so many at once. */
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly onLine: (line: string, job: number) => void;
  readonly onProgress: (share: number, job: number) => void;
  /** In the order in which they end. */
  readonly onDone: (result: unknown, job: number) => void;
}

/**
 * Runs jobs (plain data) in threads of their own, `workers` at a time; what a thread cannot share, a native runtime above all, goes with it. The first that
 * fails ends the others; a job that was not done is not told of. Throws what the job threw, and `not-ready` when stopped.
 */
export async function runJobs<Job>(options: PoolOptions<Job>): Promise<void> {
  const { jobs, workers, signal } = options;
  const running = new Set<Worker>();
  let next = 0;
  let failure: unknown = null;
  const stop = (): void => {
    failure ??= new BookcastError('not-ready', 'stopped; what was finished is kept, and --resume goes on from there');
    for (const worker of running) void worker.terminate();
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  const lane = async (): Promise<void> => {
    while (next < jobs.length && failure === null) {
      const at = next++;
      try {
        const result = await runJob(jobs[at], at, options, running);
        if (failure === null) options.onDone(result, at);
      } catch (error) {
        failure ??= error;
        for (const worker of running) void worker.terminate();
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, lane));
  } finally {
    signal.removeEventListener('abort', stop);
  }
  if (failure !== null) throw failure;
}

function runJob<Job>(
  job: Job,
  at: number,
  { onLine, onProgress }: PoolOptions<Job>,
  running: Set<Worker>,
): Promise<unknown> {
  // Node runs the sources as they are; a published package has only what `tsc` emitted.
  const file = import.meta.url.endsWith('.ts') ? './walk-worker.ts' : './walk-worker.js';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: job });
  running.add(worker);
  return new Promise<unknown>((done, failed) => {
    worker.on('message', (said: FromJob) => {
      if (said.kind === 'line') onLine(said.line, at);
      else if (said.kind === 'progress') onProgress(said.share, at);
      else if (said.kind === 'done') done(said.result);
      else failed(said.code === null ? new Error(said.message) : new BookcastError(said.code as never, said.message));
    });
    worker.once('error', failed);
    worker.once('exit', (code) => failed(new Error(`a worker ended with ${code} before its job was done`)));
  }).finally(async () => {
    running.delete(worker);
    await worker.terminate();
  });
}
