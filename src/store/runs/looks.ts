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

/**
 * Every run of the registry that saw any of the files, by their SHA-256. Not by the hash of the rows: another set of signals, or another
 * column beside the mid, makes other rows of the same market.
 */
export function countLooks(registry: string, files: readonly string[], target: string): Looks {
  const records = listRuns(registry)
    .runs.map(({ record }) => record)
    .filter(({ data }) => data.files.some(({ sha256 }) => files.includes(sha256)));
  const evaluations = records.filter(({ model }) => model === EVALUATION).length;
  return {
    training: records.length - evaluations,
    evaluations,
    ofTarget: records.filter((record) => record.target === target).length,
  };
}
