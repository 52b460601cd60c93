import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Benchmark, BenchResult } from '../harness.ts';
import { findHft } from './hft-rival.ts';
import { raceTape, tapeNames } from './tape-race.ts';

/** In a worker, with an engine of its own: as in a user's run, code is compiled for what this tape needs, and not for all of them. */
async function inWorker(name: string): Promise<BenchResult[]> {
  const worker = new Worker(new URL('./tape-worker.ts', import.meta.url), { workerData: name });
  const [results] = (await once(worker, 'message')) as [BenchResult[]];
  await worker.terminate();
  return results;
}

async function run({ smoke }: { smoke: boolean }): Promise<BenchResult[]> {
  if (!smoke && findHft() === null) {
    process.stderr.write(
      'hftbacktest is not installed (scripts/python-env.sh backtest): only our own books run beside\n',
    );
  }
  const results: BenchResult[] = [];
  for (const name of tapeNames(smoke)) results.push(...(smoke ? await raceTape(name, true) : await inWorker(name)));
  return results;
}

/**
 * A whole run, orders, books, latencies and accounts, with one order resting on each side as near to the market as it never trades, without forecasts, against
 * hftbacktest on the same events in memory. Events are those of the tape: changes of the book and trades.
 */
export const bench: Benchmark = { name: 'backtest', run };
