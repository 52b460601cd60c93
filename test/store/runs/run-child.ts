/** A process that starts a run in the registry it is given, writes three lines, and waits to be killed. */
import { systemClock } from '../../../src/core/index.ts';
import { RunWriter } from '../../../src/store/index.ts';
import { runStart } from './fixture.ts';

const run = RunWriter.start(process.argv[2], runStart(), systemClock);
for (let step = 1; step <= 3; step++) run.metrics(1, step, { 'train-loss': 1 / step });
process.stdout.write(`${run.id}\n`);
setInterval(() => {}, 1000);
