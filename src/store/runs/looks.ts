import { listRuns } from './run-registry.ts';

/** How often a registry's runs have looked at some files, whatever became of them. */
export interface Looks {
  /** Runs of "bookcast train". */
  readonly training: number;
  /** Runs of "bookcast evaluate", each of which scored the test part. */
  readonly evaluations: number;
  /** Of all these, those with the very target. */
  readonly ofTarget: number;
}

/** What a run of "bookcast evaluate" is filed under. */
export const EVALUATION = 'ensemble';

/** What a run of "bookcast backtest" or "bookcast paper" is filed under. */
export const BACKTEST = 'backtest';

/**
 * How many different strategies, settings included, were run on any of the files, by their SHA-256, whatever became of them: at least 1. The same
 * once more tells nothing new and counts once. A run of many, such as a sweep or a walk forward, says so in its settings (`trials`) and counts as so many.
 */
export function countBacktests(registry: string, files: readonly string[]): number {
  const tried = listRuns(registry)
    .runs.map(({ record }) => record)
    .filter(({ model, data }) => model === BACKTEST && data.files.some(({ sha256 }) => files.includes(sha256)))
    .map(({ config }) => [JSON.stringify(config), Number((config as { trials?: unknown }).trials ?? 1)] as const);
  return Math.max(
    1,
    [...new Map(tried).values()].reduce((sum, trials) => sum + trials, 0),
  );
}

/**
 * Every run of the registry that saw any of the files, by their SHA-256. Not by the hash of the rows: another set of signals, or another
 * column beside the mid, makes other rows of the same market.
 */
export function countLooks(registry: string, files: readonly string[], target: string): Looks {
  const records = listRuns(registry)
    .runs.map(({ record }) => record)
    .filter(({ data }) => data.files.some(({ sha256 }) => files.includes(sha256)))
    // A backtest trades on forecasts and tunes none.
    .filter(({ model }) => model !== BACKTEST);
  const evaluations = records.filter(({ model }) => model === EVALUATION).length;
  return {
    training: records.length - evaluations,
    evaluations,
    ofTarget: records.filter((record) => record.target === target).length,
  };
}
