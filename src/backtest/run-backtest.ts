import { BookcastError } from '../core/index.ts';
import type { EventSource } from '../market/index.ts';
import { Backtest, type BacktestOptions } from './backtest.ts';
import type { BacktestRun } from './run.ts';

export interface RunHooks {
  /** Aborting ends the run with its reason. */
  readonly signal?: AbortSignal;
  /** Called between batches, of which there may be thousands a second: `share` of the tape that is done, `NaN` where its length is unknown. */
  onProgress?(share: number, messages: number): void;
}

/**
 * Plays a source from its beginning to its end. Throws what the source throws, the signal's reason, and `bad-input` where its clock goes back by over five seconds, it has no message, or
 * the queue model needs trades and it has none.
 */
export async function runBacktest(
  source: EventSource,
  options: Omit<BacktestOptions, 'instrument' | 'origin'>,
  hooks: RunHooks = {},
): Promise<BacktestRun> {
  const { instrument, origin, counts } = source;
  const backtest = new Backtest({ ...options, instrument, origin });
  hooks.signal?.throwIfAborted();
  for await (const batch of source.batches({ lend: true })) {
    hooks.signal?.throwIfAborted();
    backtest.apply(batch);
    hooks.onProgress?.(counts.bytesTotal > 0 ? counts.bytesRead / counts.bytesTotal : Number.NaN, counts.messages);
  }
  const run = backtest.finish(source.notes);
  if (run.messages > 0) {
    const { fault } = backtest;
    if (fault !== null) throw fault;
    return run;
  }
  const found = `${run.instrument}: the tape has no message`;
  throw new BookcastError('bad-input', `${found}; check the path and the instrument`, { instrument: run.instrument });
}
