export type {
  Block,
  Column,
  ColumnData,
  ColumnType,
  Store,
  TableReader,
  TableSchema,
  TableWriter,
} from './contract.ts';
export { openDuckDb } from './duckdb-store.ts';
export { NewFile } from './new-file.ts';
export { openTable, parseTablePlace, type TablePlace } from './open-table.ts';
export { createParquet, openParquet } from './parquet-file.ts';
export { fileSha256, folderSha256 } from './runs/content-hash.ts';
export { BACKTEST, countBacktests, countLooks, EVALUATION, type Looks } from './runs/looks.ts';
export { EXAMPLE_QUERY, type QueryRow, queryRuns } from './runs/run-query.ts';
export type {
  Figure,
  Figures,
  MetricsLine,
  RunOutcome,
  RunRecord,
  RunResult,
  RunStart,
  RunState,
} from './runs/run-record.ts';
export {
  DEFAULT_REGISTRY,
  findRun,
  listRuns,
  noRuns,
  type Run,
  type RunCurve,
  readCurve,
  readRun,
} from './runs/run-registry.ts';
export { RunWriter } from './runs/run-writer.ts';
export { countTrials, type Study, StudyLog, studyOf, type TrialCount, type TrialLine } from './runs/study.ts';
