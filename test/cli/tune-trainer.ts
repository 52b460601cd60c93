/**
 * Stands for "bookcast train" in tests of tuning: a process that takes the same arguments and leaves a run in the registry. Its score is a
 * bowl over the settings x and y, the lower the more epochs. `--mode` says what goes wrong.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/core/index.ts';
// Not through the door: the less a process loads, the sooner it starts.
import { RunWriter } from '../../src/store/runs/run-writer.ts';
import { runOutcome, runStart } from '../store/runs/fixture.ts';

const text = { type: 'string' } as const;
const { values: flags } = parseArgs({
  options: {
    ...{ model: text, data: text, epochs: text, seed: text, runs: text, 'trial-of': text, mode: text, config: text },
    set: { type: 'string', multiple: true },
    quiet: { type: 'boolean' },
    json: { type: 'boolean' },
  },
});
const config = Object.fromEntries(
  (flags.set ?? []).map((setting) => {
    const at = setting.indexOf('=');
    return [setting.slice(0, at), JSON.parse(setting.slice(at + 1))];
  }),
) as { x: number; y: string };
const trial = Number(flags['trial-of']!.split(':')[1]);
const epochs = Number(flags.epochs ?? 10);
const mode = flags.mode ?? 'well';

if (mode === 'early' && trial % 2 === 1) {
  process.stderr.write('note: about to fail\nbookcast: there is no setting "x"\n');
  process.exit(2);
}
const start = runStart({
  model: flags.model!,
  config: { ...config, training: { epochs } },
  seed: Number(flags.seed),
  trialOf: flags['trial-of']!,
});
const run = RunWriter.start(flags.runs!, start, systemClock);
let stopped = false;
process.once('SIGTERM', () => {
  stopped = true;
});
if (mode === 'killed' && trial === 1) process.kill(process.pid, 'SIGKILL');
if (mode === 'stuck' && trial >= 3) {
  writeFileSync(join(flags.runs!, `stuck-${trial}`), '');
  while (!stopped) await sleep(20);
}
const logLoss = 1 + (config.x - 0.3) ** 2 + (config.y === 'b' ? 0 : 0.1) + 0.5 / epochs;
run.metrics(epochs, epochs * 10, { 'validation-log-loss': logLoss });
if (stopped) run.finish(runOutcome(logLoss, { status: 'stopped', message: 'stopped', metrics: {} }));
else if (mode === 'failing' && config.x > 0.6) {
  run.finish(runOutcome(logLoss, { status: 'failed', message: 'the loss is not finite', metrics: {} }));
  process.exitCode = 1;
} else if (mode === 'scoreless') run.finish(runOutcome(Number.NaN));
else run.finish(runOutcome(logLoss));
process.stdout.write(`${JSON.stringify({ run: run.id })}\n`);
