import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { assert, BookcastError, type Clock } from '../../core/index.ts';
import { isAlive, thisAttempt } from './attempt.ts';
import { fileSha256 } from './content-hash.ts';
import { readLastingJson, syncFolder, writeLastingJson } from './lasting.ts';
import { LineLog, readLines } from './line-log.ts';
import {
  AttemptSchema,
  RUN_FILES,
  RUN_FORMAT,
  type RunOutcome,
  RunOutcomeSchema,
  type RunRecord,
  RunResultSchema,
  type RunStart,
  RunStartSchema,
} from './run-record.ts';

/**
 * One run in the registry while it goes on: a folder of files that are written once or only ever grow, all synced to the disk before a
 * call returns. Nothing is ever overwritten. Artefacts (the model, predictions, a checkpoint) are files that the caller puts into
 * `folder`; `finish` lists them with their hashes.
 */
export class RunWriter {
  readonly id: string;
  readonly folder: string;
  readonly #clock: Clock;
  readonly #metrics: LineLog;
  #open = true;

  private constructor(folder: string, id: string, clock: Clock) {
    this.id = id;
    this.folder = folder;
    this.#clock = clock;
    this.#metrics = new LineLog(join(folder, RUN_FILES.metrics));
  }

  /** Begins a run under the registry's folder, which is made where there is none. Throws `bad-argument` where that cannot be written to. */
  static start(registry: string, start: RunStart, clock: Clock): RunWriter {
    assert(Value.Check(RunStartSchema, start), 'a run starts with all that RunStart names');
    const startedMs = clock.nowMs();
    const id = newId(start, startedMs);
    const record: RunRecord = { format: RUN_FORMAT, id, startedMs, ...start };
    const making = join(registry, `.${id}`);
    const folder = join(registry, id);
    try {
      mkdirSync(registry, { recursive: true });
      mkdirSync(making);
      writeLastingJson(join(making, RUN_FILES.start), record);
      recordAttempt(making, startedMs);
      // The folder appears whole: a reader never meets a run without its record.
      renameSync(making, folder);
      syncFolder(registry);
    } catch (cause) {
      rmSync(making, { recursive: true, force: true });
      throw new BookcastError(
        'bad-argument',
        `cannot write the run registry ${registry}: ${(cause as Error).message}`,
        {
          registry,
          cause,
        },
      );
    }
    return new RunWriter(folder, id, clock);
  }

  /**
   * Goes on with a run that was interrupted, stopped or failed; what `result.json` said then is kept as `result-1.json` and so on. Metrics
   * are appended: of a step that is there twice, readers take the later. Throws `not-ready` while another process runs it, and
   * `bad-argument` where it has finished.
   */
  static resume(registry: string, id: string, clock: Clock): RunWriter {
    const folder = join(registry, id);
    if (!existsSync(join(folder, RUN_FILES.start))) {
      throw new BookcastError('not-found', `${registry} has no run ${id}`, { registry, id });
    }
    const last = readLines(join(folder, RUN_FILES.attempts), AttemptSchema).lines.at(-1);
    const result = join(folder, RUN_FILES.result);
    if (existsSync(result)) {
      if (readLastingJson(result, RunResultSchema).status === 'finished') {
        throw new BookcastError(
          'bad-argument',
          `run ${id} has finished, so there is nothing to resume; start a new one`,
          { id },
        );
      }
      let n = 1;
      while (existsSync(join(folder, `result-${n}.json`))) n++;
      renameSync(result, join(folder, `result-${n}.json`));
    } else if (last !== undefined && last.pid !== process.pid && isAlive(last)) {
      throw new BookcastError('not-ready', `run ${id} is going on in process ${last.pid}; stop it there first`, { id });
    }
    recordAttempt(folder, clock.nowMs());
    return new RunWriter(folder, id, clock);
  }

  /** One line; numbers that are not finite are kept as null. `step` counts from the start of the run. */
  metrics(epoch: number, step: number, metrics: Readonly<Record<string, number>>): void {
    assert(this.#open, 'a run is written to before it is finished');
    this.#metrics.append({ t: this.#clock.nowMs(), epoch, step, metrics });
  }

  /** The last word: the outcome, and every artefact in the folder with its size and hash. */
  finish(outcome: RunOutcome): void {
    assert(this.#open, 'a run is finished once');
    const finite = JSON.parse(JSON.stringify(outcome)) as RunOutcome;
    assert(Value.Check(RunOutcomeSchema, finite), 'a run ends with all that RunOutcome names');
    this.close();
    const artefacts = artefactNames(this.folder).map((name) => {
      const path = join(this.folder, name);
      return { name, bytes: statSync(path).size, sha256: fileSha256(path) };
    });
    const result = { format: RUN_FORMAT, endedMs: this.#clock.nowMs(), ...finite, artefacts };
    writeLastingJson(join(this.folder, RUN_FILES.result), result);
    syncFolder(this.folder);
  }

  /** Without a last word: the run then counts as interrupted once this process is gone. */
  close(): void {
    if (this.#open) this.#metrics.close();
    this.#open = false;
  }
}

/** Time to a millisecond, so that ids sort as runs began, and a hash that tells apart what began in the same one. */
function newId(start: RunStart, startedMs: number): string {
  const [day, time] = new Date(startedMs)
    .toISOString()
    .replace(/[-:.Z]/g, '')
    .split('T');
  const salt = [process.pid, counter++];
  const hash = createHash('sha256')
    .update(JSON.stringify([start, startedMs, salt]))
    .digest('hex');
  return `${day}-${time}-${hash.slice(0, 6)}`;
}
let counter = 0;

function recordAttempt(folder: string, t: number): void {
  const log = new LineLog(join(folder, RUN_FILES.attempts));
  log.append(thisAttempt(t));
  log.close();
}

function artefactNames(folder: string): string[] {
  const own = new Set(Object.values(RUN_FILES));
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !own.has(entry.name) && !/^(\.|result-\d+\.json$)/.test(entry.name))
    .map(({ name }) => name)
    .sort();
}
