import { assert, BookcastError, type Clock } from '../core/index.ts';
import {
  halvingRungs,
  type Outcome,
  type Proposal,
  parseSpace,
  randomSearch,
  type Search,
  successiveHalving,
  treeParzenSearch,
} from '../models/training.ts';
import type { Study, StudyLog, TrialLine } from '../store/index.ts';
import { runTrial, type TrainCommand } from './tune-trial.ts';

export const SEARCHES = ['random', 'tpe', 'halving'] as const;

/** So many trials, or seconds in which trials are started. */
export interface Budget {
  readonly trials: number;
  readonly seconds: number;
}

/** The search that a study's record describes: with the same record, the same proposals. */
function searchOf(study: Study, trials: number): Search {
  const space = parseSpace(study.space, `study ${study.id}`);
  if (study.search === 'halving') {
    const { epochs, configurations } = study.options;
    return successiveHalving(space, study.seed, { configurations, epochs });
  }
  if (study.search === 'tpe') return treeParzenSearch(space, study.seed, { trials, workers: study.workers });
  assert(study.search === 'random', 'a study names a search that there is');
  return randomSearch(space, study.seed, trials);
}

/** Trials in all, where that is known beforehand. */
export function plannedTrials(study: Study, budget: Budget): number {
  if (study.search !== 'halving') return budget.trials;
  const { epochs, configurations } = study.options;
  return halvingRungs({ epochs, configurations }).reduce((sum, { trials }) => sum + trials, 0);
}

export interface StudyRun {
  readonly registry: string;
  readonly log: StudyLog;
  readonly budget: Budget;
  /** Processes at a time. */
  readonly workers: number;
  readonly command: TrainCommand;
  readonly clock: Clock;
  readonly stop: AbortSignal;
  readonly onTrial: (line: TrialLine) => void;
}

/**
 * Runs trials until the search or the budget ends, or it is stopped: then trials that are under way are told to stop and forgotten, to be
 * run again after a resume. A failing trial is recorded like any other.
 */
export async function runStudy(options: StudyRun): Promise<'done' | 'stopped'> {
  const { log, budget, clock, stop } = options;
  const { study } = log;
  const search = searchOf(study, budget.trials);
  const outcomes = new Map<number, Outcome>(log.trials.map((line) => [line.trial, line]));
  const before = log.trials.reduce((sum, { seconds }) => sum + seconds, 0) / study.workers;
  const startNs = clock.monotonicNs();
  const isTime = (): boolean => before + (clock.monotonicNs() - startNs) / 1e9 < budget.seconds;
  const flying = new Map<number, Promise<TrialLine | null>>();
  let next = 0;
  for (;;) {
    while (flying.size < options.workers && !stop.aborted && isTime()) {
      while (outcomes.has(next)) next++;
      const proposal = search.propose(next, outcomes);
      if (proposal === 'done') break;
      if (proposal === 'wait') {
        assert(flying.size > 0, 'a search waits for trials that are under way');
        break;
      }
      flying.set(next, fly(options, next, proposal));
      next++;
    }
    if (flying.size === 0) return stop.aborted ? 'stopped' : 'done';
    const [trial, line] = await Promise.race([...flying].map(async ([number, end]) => [number, await end] as const));
    flying.delete(trial);
    if (line === null) continue;
    log.record(line);
    outcomes.set(trial, line);
    options.onTrial(line);
  }
}

/** One trial to its line, or null where it was stopped. */
async function fly(options: StudyRun, trial: number, proposal: Proposal): Promise<TrialLine | null> {
  const { registry, log, command, clock, stop } = options;
  const startNs = clock.monotonicNs();
  const { stopped, ...end } = await runTrial(command, registry, log.study, trial, proposal, stop);
  if (stopped) return null;
  const seconds = (clock.monotonicNs() - startNs) / 1e9;
  return { t: clock.nowMs(), trial, ...end, ...proposal, seconds };
}

/** The trial with the smallest objective, of those that trained longest: scores of short rungs do not compare with those of long ones. */
export function bestTrial(trials: readonly TrialLine[]): TrialLine | null {
  const scored = trials.filter(({ objective }) => objective !== null);
  const longest = Math.max(...scored.map(({ epochs }) => epochs ?? 0));
  const last = scored.filter(({ epochs }) => (epochs ?? 0) === longest);
  return last.sort((a, b) => a.objective! - b.objective! || a.trial - b.trial)[0] ?? null;
}

/** Throws `bad-input` where no trial at all came to a score. */
export function refuseAllFailed(study: Study, trials: readonly TrialLine[]): void {
  if (trials.length === 0 || trials.some(({ objective }) => objective !== null)) return;
  throw new BookcastError(
    'bad-input',
    `all ${trials.length} trials of study ${study.id} failed, the last because: ${trials[trials.length - 1].message}`,
    { study: study.id },
  );
}
