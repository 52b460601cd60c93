import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../core/index.ts';
import { NS_PER_MS } from '../core/index.ts';
import { type EventBatch, messageEnd } from '../market/index.ts';

export interface PaceOptions {
  /** Market seconds a second; `Infinity` plays as fast as the machine can. */
  speed: number;
  clock: Clock;
  stop: AbortSignal;
  /** Waited for between steps at full speed, so that listeners keep up and nothing has to be dropped. */
  drained?: () => Promise<void>;
}

/** Two batches' worth of waiting at most between looks at the clock: keeps a page lively without busy waiting. */
const STEP_MS = 15;

/**
 * Hands rows of the batches to `apply`, whole messages at a time, when the market clock (`tsRecvNs`) says that they are
 * due. The pace changes when rows are applied, never which or in what order: results are the same at any speed.
 */
export async function play(
  batches: AsyncIterable<EventBatch>,
  apply: (batch: EventBatch, from: number, to: number) => void,
  options: PaceOptions,
): Promise<void> {
  const { speed, clock, stop, drained } = options;
  let startNs = Number.NaN;
  let marketStartNs = 0;
  for await (const batch of batches) {
    if (stop.aborted) return;
    if (speed === Number.POSITIVE_INFINITY) {
      apply(batch, 0, batch.length);
      await nextTurn();
      await drained?.();
      continue;
    }
    if (Number.isNaN(startNs)) {
      startNs = clock.monotonicNs();
      marketStartNs = batch.tsRecvNs[0];
    }
    let from = 0;
    while (from < batch.length) {
      const dueNs = marketStartNs + (clock.monotonicNs() - startNs) * speed;
      let to = from;
      while (to < batch.length && batch.tsRecvNs[to] <= dueNs) to = messageEnd(batch, to);
      if (to > from) apply(batch, from, to);
      from = to;
      await drained?.();
      if (from < batch.length) {
        const waitMs = (batch.tsRecvNs[from] - dueNs) / speed / NS_PER_MS;
        await sleep(Math.min(STEP_MS, Math.max(1, waitMs)));
      }
      if (stop.aborted) return;
    }
  }
}
