import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Proposal } from '../models/training.ts';
import { listRuns, type Run, readCurve, type Study } from '../store/index.ts';

/** What starts "bookcast train": a program, and its arguments before those of the command. */
export interface TrainCommand {
  readonly program: string;
  readonly before: readonly string[];
}

/** The entry of this very package, run by the Node that runs this. */
export function ownTrainCommand(): TrainCommand {
  const entry = fileURLToPath(new URL('../../bin/bookcast.js', import.meta.url));
  return { program: process.execPath, before: [entry, 'train'] };
}

export interface TrialEnd {
  /** Null where the process ended before it had a run. */
  readonly run: string | null;
  readonly objective: number | null;
  /** Why there is no objective. */
  readonly message: string | null;
  /** It ended because it was asked to, and says nothing of its configuration. */
  readonly stopped: boolean;
}

/** How long a trial that was asked to stop may write its checkpoint before it is killed. */
const GRACE_MS = 15_000;
const KEPT_TEXT = 4000;

/** Runs one trial in a process of its own, to its end, and looks up in the registry what became of it. Never throws for a failing trial. */
export async function runTrial(
  command: TrainCommand,
  registry: string,
  study: Study,
  trial: number,
  proposal: Proposal,
  stop: AbortSignal,
): Promise<TrialEnd> {
  const args = [...command.before, ...trialArguments(registry, study, trial, proposal)];
  const { status, said } = await runProcess(command.program, args, study.folder, stop);
  const run = latestRun(registry, `${study.id}:${trial}`);
  const objective = run === null ? null : objectiveOf(run, study.objective);
  const finished = run?.state === 'finished';
  const stopped = stop.aborted && !finished;
  if (finished && objective !== null) return { run: run.id, objective, message: null, stopped };
  const why = run?.result?.message ?? lastLine(said);
  const missing = finished ? `it finished without a ${study.objective} that is a number` : `it ended with ${status}`;
  return { run: run?.id ?? null, objective: null, message: why === '' || finished ? missing : why, stopped };
}

/** After "train": what all trials share, then what is this one's own, which has the last word. */
function trialArguments(registry: string, study: Study, trial: number, { values, epochs }: Proposal): string[] {
  return [
    '--model',
    study.model,
    ...study.train,
    ...Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${JSON.stringify(value)}`]),
    ...(epochs === null ? [] : ['--epochs', String(epochs)]),
    ...['--seed', String(study.seed), '--runs', resolve(registry), '--trial-of', `${study.id}:${trial}`],
    ...['--quiet', '--json'],
  ];
}

/** `said` is the end of what it wrote on standard error. */
function runProcess(
  program: string,
  args: readonly string[],
  cwd: string,
  stop: AbortSignal,
): Promise<{ status: string; said: string }> {
  return new Promise((done) => {
    let said = '';
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
    let killer: NodeJS.Timeout | undefined;
    const onStop = (): void => {
      child.kill('SIGTERM');
      killer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    };
    const finish = (status: string): void => {
      clearTimeout(killer);
      stop.removeEventListener('abort', onStop);
      done({ status, said });
    };
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-KEPT_TEXT);
    });
    child.on('error', (error) => {
      said = error.message;
      finish('an error');
    });
    child.on('close', (code, signal) => finish(signal === null ? `status ${code}` : `the signal ${signal}`));
    if (stop.aborted) onStop();
    else stop.addEventListener('abort', onStop);
  });
}

/** The last that was started: a trial that was stopped was started again. */
function latestRun(registry: string, trialOf: string): Run | null {
  return listRuns(registry).runs.findLast(({ record }) => record.trialOf === trialOf) ?? null;
}

/** The run's final figure; where it has none of that name, the best of its curve, which early stopping would keep. */
function objectiveOf(run: Run, objective: string): number | null {
  const final = run.result?.metrics[objective];
  if (final !== undefined) return final.value;
  const values = readCurve(run).lines.flatMap(({ metrics }) => metrics[objective] ?? []);
  return values.length === 0 ? null : Math.min(...values);
}

function lastLine(text: string): string {
  return (text.trimEnd().split('\n').at(-1) ?? '').replace(/^bookcast: /, '');
}
