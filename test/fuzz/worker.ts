import { parentPort, workerData } from 'node:worker_threads';
import { fuzz } from './run.ts';
import { TARGETS } from './targets.ts';
import type { Job, Outcome } from './watch.ts';

/** One decoder's run in a thread of its own; what it found goes to the parent. */
const { target, first, sessions, place } = workerData as Job;
const found = TARGETS.find(({ name }) => name === target);
const say = (outcome: Outcome): void => parentPort?.postMessage(outcome);
if (found === undefined) {
  say({ failure: `no decoder is called "${target}"; there are ${TARGETS.map(({ name }) => name).join(', ')}` });
} else {
  try {
    say({ report: await fuzz(found, first, sessions, place) });
  } catch (error) {
    say({ failure: String((error as Error).stack) });
  }
}
