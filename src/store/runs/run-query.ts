import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BookcastError } from '../../core/index.ts';
import { literal, loadDuckDb, OFFLINE } from '../duckdb.ts';
import { RUN_FILES } from './run-record.ts';
import { runIds } from './run-registry.ts';

/** Shown in the help of `bookcast runs query`: the best runs, and a setting of each. */
export const EXAMPLE_QUERY = `SELECT model, id, metrics['validation-log-loss'].value AS log_loss, config->>'$.training.rate' AS rate
FROM runs JOIN results USING (id)
WHERE status = 'finished' ORDER BY log_loss LIMIT 10`;

const FIGURES = 'MAP(VARCHAR, STRUCT(value DOUBLE, low DOUBLE, high DOUBLE))';

/** The columns of each view, as DuckDB names types. They are stated and not guessed, so that a registry of one run reads like any other. */
const VIEWS: Readonly<Record<string, { file: string; lines: boolean; columns: Readonly<Record<string, string>> }>> = {
  runs: {
    file: RUN_FILES.start,
    lines: false,
    columns: {
      id: 'VARCHAR',
      startedMs: 'DOUBLE',
      model: 'VARCHAR',
      config: 'JSON',
      target: 'VARCHAR',
      seed: 'BIGINT',
      data: 'STRUCT("hash" VARCHAR, schemaHash VARCHAR, files STRUCT(path VARCHAR, bytes DOUBLE, sha256 VARCHAR)[], "rows" BIGINT, simulated BOOLEAN)',
      code: 'STRUCT(version VARCHAR, sha256 VARCHAR, "commit" VARCHAR)',
      runtime: 'STRUCT(node VARCHAR, onnxruntime VARCHAR)',
      device: 'VARCHAR',
      threads: 'INTEGER',
      machine: 'VARCHAR',
      trialOf: 'VARCHAR',
    },
  },
  metrics: {
    file: RUN_FILES.metrics,
    lines: true,
    columns: { t: 'DOUBLE', epoch: 'INTEGER', step: 'BIGINT', metrics: 'MAP(VARCHAR, DOUBLE)' },
  },
  results: {
    file: RUN_FILES.result,
    lines: false,
    columns: {
      status: 'VARCHAR',
      message: 'VARCHAR',
      endedMs: 'DOUBLE',
      metrics: FIGURES,
      baselines: `MAP(VARCHAR, ${FIGURES})`,
      seconds: 'MAP(VARCHAR, DOUBLE)',
      parameters: 'DOUBLE',
      multiplyAdds: 'DOUBLE',
      artefacts: 'STRUCT(name VARCHAR, bytes DOUBLE, sha256 VARCHAR)[]',
    },
  },
};

/** A row as JSON has it: integers beyond 2^53 are text. */
export type QueryRow = Readonly<Record<string, unknown>>;

/**
 * Asks DuckDB about the registry: the views `runs` (run.json), `metrics` (metrics.jsonl) and `results` (result.json), each with the run's
 * `id`. The engine reads the files anew each time, in memory, and owns none of them. Throws `bad-argument` with what DuckDB says of
 * the SQL, and `missing-package`.
 */
export async function queryRuns(registry: string, sql: string): Promise<QueryRow[]> {
  const duckdb = await loadDuckDb();
  const ids = runIds(registry);
  const instance = await duckdb.DuckDBInstance.create(':memory:', { ...OFFLINE, memory_limit: '1GB' });
  const connection = await instance.connect();
  try {
    for (const name of Object.keys(VIEWS)) await connection.run(viewSql(registry, name, ids));
    const result = await connection.runAndReadAll(sql);
    return result.getRowObjectsJson();
  } catch (cause) {
    const [found] = (cause as Error).message.split('\n');
    throw new BookcastError(
      'bad-argument',
      `${registry}: ${found}; there are the views ${Object.keys(VIEWS).join(', ')}`,
      {
        registry,
        cause,
      },
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Torn and foreign lines come as rows of NULLs, which are left out. */
function viewSql(registry: string, name: string, ids: readonly string[]): string {
  const { file, lines, columns } = VIEWS[name];
  const typed = Object.entries(columns);
  const own = 'id' in columns;
  const files = ids.map((id) => join(resolve(registry), id, file)).filter((path) => existsSync(path));
  if (files.length === 0) {
    const empty = [...(own ? [] : ['id VARCHAR']), ...typed.map(([column, type]) => `${column} ${type}`)];
    return `CREATE TABLE ${name} (${empty.join(', ')})`;
  }
  const places = files.map((path) => literal(path.replace(/[[*?]/g, (special) => `[${special}]`))).join(', ');
  const types = typed.map(([column, type]) => `${column}: ${literal(type)}`).join(', ');
  const options = `format = '${lines ? 'newline_delimited' : 'unstructured'}', ignore_errors = ${lines}, filename = true, columns = {${types}}`;
  const id = own ? '' : `regexp_extract(filename, '([^/\\\\]+)[/\\\\][^/\\\\]+$', 1) AS id, `;
  const first = own ? 'id' : typed[0][0];
  return `CREATE VIEW ${name} AS SELECT ${id}* EXCLUDE (filename) FROM read_json([${places}], ${options}) WHERE ${first} IS NOT NULL`;
}
