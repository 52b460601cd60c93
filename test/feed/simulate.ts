import { parseArgs } from 'node:util';
import { DOUBLE_VENUES, type DoubleVenue } from '../doubles/products.ts';
import { runFeedSimulation } from './simulation.ts';

/** `node test/feed/simulate.ts --venue kraken --seed 123 [--count 100] [--quiet-lines]`: repeats runs of the simulation. */
const { values } = parseArgs({
  options: {
    venue: { type: 'string', default: 'all' },
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1' },
    peace: { type: 'boolean', default: false },
  },
});
const venues = values.venue === 'all' ? DOUBLE_VENUES : [values.venue as DoubleVenue];
if (venues.some((venue) => !DOUBLE_VENUES.includes(venue))) {
  throw new Error(`no double is called "${values.venue}"; there are ${DOUBLE_VENUES.join(', ')}`);
}
const first = Number(values.seed);
const count = Number(values.count);
let failed = 0;
for (const venue of venues) {
  const startMs = performance.now();
  let messages = 0;
  let compared = 0;
  let slowestMs = 0;
  for (let seed = first; seed < first + count; seed++) {
    const onLine = count === 1 ? { onLine: (line: string) => console.log(line) } : {};
    const report = runFeedSimulation({ venue, seed, quiet: values.peace, ...onLine });
    messages += report.messages;
    compared += report.compared;
    slowestMs = Math.max(slowestMs, report.recoveryMs);
    if (count === 1) console.log(report);
    if (report.problems.length === 0) continue;
    failed++;
    console.log(`${report.command}\n  ${report.problems.slice(0, 3).join('\n  ')}`);
  }
  const ms = performance.now() - startMs;
  console.log(
    `${venue}: ${count} runs, ${messages} messages, ${compared} comparisons, ${(ms / count).toFixed(1)} ms a run, slowest recovery ${(slowestMs / 1000).toFixed(0)} s`,
  );
}
process.exitCode = failed > 0 ? 1 : 0;
