import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { assert, BookcastError } from '../../core/index.ts';
import { readLastingJson, syncFolder, writeLastingJson } from './lasting.ts';
import { LineLog, readLines } from './line-log.ts';
import { RUN_FORMAT } from './run-record.ts';
import { listRuns } from './run-registry.ts';

const Closed = { additionalProperties: false } as const;

/** `study.json`: written once. With it and `trials.jsonl` a study goes on as if it had never stopped. */
const StudySchema = Type.Object(
  {
    format: Type.Literal(RUN_FORMAT),
    id: Type.String(),
    startedMs: Type.Number(),
    model: Type.String(),
    search: Type.String(),
    seed: Type.Integer(),
    workers: Type.Integer({ minimum: 1 }),
    budget: Type.String(),
    objective: Type.String({ description: 'metric that is made small' }),
    space: Type.Record(Type.String(), Type.Unknown()),
    train: Type.Array(Type.String(), { description: 'arguments of "bookcast train" that all trials share' }),
    folder: Type.String({ description: 'working folder, from which paths are told' }),
    options: Type.Record(Type.String(), Type.Number(), { description: 'of the search' }),
  },
  Closed,
);
export type Study = Static<typeof StudySchema>;

/** A line of `trials.jsonl`: a trial that is done. */
const TrialLineSchema = Type.Object(
  {
    t: Type.Number(),
    trial: Type.Integer({ minimum: 0 }),
    run: Type.Union([Type.String(), Type.Null()], { description: 'null where it failed before it had one' }),
    values: Type.Record(Type.String(), Type.Unknown()),
    epochs: Type.Union([Type.Number(), Type.Null()]),
    objective: Type.Union([Type.Number(), Type.Null()], { description: 'null where it failed' }),
    message: Type.Union([Type.String(), Type.Null()]),
    seconds: Type.Number(),
  },
  Closed,
);
export type TrialLine = Static<typeof TrialLineSchema>;

const FOLDER = 'studies';

/** A study's files, under the registry of its runs. */
export class StudyLog {
  readonly study: Study;
  /** Trials that are done, in the order in which they ended. */
  readonly trials: TrialLine[];
  readonly #log: LineLog;

  private constructor(folder: string, study: Study) {
    this.study = study;
    this.#log = new LineLog(join(folder, 'trials.jsonl'));
    this.trials = [...readLines(join(folder, 'trials.jsonl'), TrialLineSchema).lines];
  }

  /** Throws `already-exists` where the registry has a study of that id. */
  static start(registry: string, study: Study): StudyLog {
    const folder = studyFolder(registry, study.id);
    if (existsSync(folder)) throw new BookcastError('already-exists', `${registry} has a study ${study.id} already`);
    mkdirSync(folder, { recursive: true });
    writeLastingJson(join(folder, 'study.json'), study);
    syncFolder(folder);
    return new StudyLog(folder, study);
  }

  /** Throws `not-found` naming the studies that there are. */
  static resume(registry: string, id: string): StudyLog {
    const folder = studyFolder(registry, id);
    if (!existsSync(join(folder, 'study.json'))) {
      const all = studyIds(registry);
      const there = all.length === 0 ? 'it has none' : `there are ${all.slice(-5).join(', ')}`;
      throw new BookcastError('not-found', `${registry} has no study "${id}"; ${there}`, { registry, id });
    }
    return new StudyLog(folder, readLastingJson(join(folder, 'study.json'), StudySchema));
  }

  record(line: TrialLine): void {
    assert(!this.trials.some(({ trial }) => trial === line.trial), 'a trial is recorded once');
    this.#log.append(line);
    this.trials.push(line);
  }

  close(): void {
    this.#log.close();
  }
}

export interface TrialCount {
  /** Runs that were started, whatever became of them: each was a look at the data. */
  readonly runs: number;
  /** Different pairs of configuration and seed among them. */
  readonly distinct: number;
  /** Runs that a study asked for; the others were started by hand. */
  readonly ofStudies: number;
}

/**
 * How often the registry's runs have looked at some data with some target, or in one study. Runs by hand count as trials too: whoever
 * picks the best of them has searched as well (Bailey and López de Prado 2014, "The deflated Sharpe ratio", need this number).
 */
export function countTrials(
  registry: string,
  of: { readonly study: string } | { readonly dataHash: string; readonly target: string },
): TrialCount {
  const records = listRuns(registry).runs.map(({ record }) => record);
  const counted = records.filter((record) =>
    'study' in of
      ? studyOf(record.trialOf) === of.study
      : record.data.hash === of.dataHash && record.target === of.target,
  );
  const keys = counted.map(({ model, config, seed }) => JSON.stringify([model, config, seed]));
  return {
    runs: counted.length,
    distinct: new Set(keys).size,
    ofStudies: counted.filter(({ trialOf }) => trialOf !== null).length,
  };
}

/** The study in `STUDY:NUMBER`. */
export function studyOf(trialOf: string | null): string | null {
  return trialOf === null ? null : trialOf.split(':')[0];
}

function studyIds(registry: string): string[] {
  const folder = join(registry, FOLDER);
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function studyFolder(registry: string, id: string): string {
  if (!/^[\w.-]+$/.test(id) || id.startsWith('.')) {
    throw new BookcastError('bad-argument', `a study's id is letters, digits and dashes, not "${id}"`, { id });
  }
  return join(registry, FOLDER, id);
}
