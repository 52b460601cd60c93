import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { encodeModelMetadata, formatTarget, type LearntData, spansByDay } from '../models/index.ts';
import type { Dataset, FittedModel } from '../models/training.ts';
import { fileSha256, folderSha256, openTable, parseTablePlace, type RunStart } from '../store/index.ts';
import type { TrainSettings } from './train-settings.ts';

/** How the rows of the data were taken, as a served model must take them. */
export interface RowFacts {
  readonly clock: string;
  /** Hash of the fit that the columns were computed with, or null. */
  readonly fit: string | null;
  /** `venue:NAME` of each that the rows come from; empty where the data do not say. */
  readonly instruments: readonly string[];
}

/** From the metadata of a file of features; of recordings, from the configuration and the fit's own hash. */
export async function rowFacts(
  { data, file }: TrainSettings,
  fitHash: string | null,
  instruments: readonly string[],
): Promise<RowFacts> {
  const table = data.find((path) => parseTablePlace(path) !== null);
  if (table === undefined) return { clock: file.data.clock, fit: fitHash, instruments };
  const reader = await openTable(table);
  try {
    const { metadata } = reader.schema;
    return { clock: metadata['bookcast.clock'] ?? 'burst', fit: metadata['bookcast.fit'] || null, instruments };
  } finally {
    await reader.close();
  }
}

/** The whole configuration, defaults included, as it is kept and can be read again. */
function wholeConfig({ file }: TrainSettings): Record<string, unknown> {
  return { model: file.kind.name, ...(file.config as object), data: { ...file.data } };
}

/** What the registry is told when a run starts. */
export function runStart(settings: TrainSettings, dataset: Dataset, version: string): RunStart {
  const { matrix, target } = dataset;
  return {
    model: settings.file.kind.name,
    config: wholeConfig(settings),
    target: formatTarget(target),
    seed: settings.seed,
    data: {
      hash: matrix.hash,
      schemaHash: matrix.schemaHash,
      files: settings.data.map(fileFacts),
      rows: matrix.rows,
      simulated: matrix.simulated,
    },
    ...surroundings(version),
    device: settings.device,
    threads: settings.threads,
    trialOf: settings.trialOf,
  };
}

/** What the registry is told of the code, its runtime and the machine. */
export function surroundings(version: string): Pick<RunStart, 'code' | 'runtime' | 'machine'> {
  return {
    code: { version, sha256: codeHash(), commit: null },
    runtime: { node: process.versions.node, onnxruntime: runtimeVersion() },
    machine: machineText(),
  };
}

export function fileFacts(path: string): RunStart['data']['files'][number] {
  const place = parseTablePlace(path)?.path ?? path;
  const facts = statSync(place);
  // Of a folder the hash of all its files: a recording is many.
  if (facts.isDirectory()) return { path, bytes: 0, sha256: folderSha256(place, ['']) };
  return { path, bytes: facts.size, sha256: fileSha256(place) };
}

let codeHashKnown: string | undefined;

/** Of the sources that run, or of what was built of them: as they were when it is first asked for, since they may change on disk. */
function codeHash(): string {
  codeHashKnown ??= folderSha256(fileURLToPath(new URL('..', import.meta.url)), ['.ts', '.js']);
  return codeHashKnown;
}

function runtimeVersion(): string | null {
  try {
    return (createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }).version;
  } catch {
    return null;
  }
}

function machineText(): string {
  const cores = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cores[0]?.model.trim() ?? 'unknown processor'}, ${cores.length} cores, ${memory} GiB, ${process.platform} ${process.arch}`;
}

export interface MetadataOptions {
  readonly settings: TrainSettings;
  readonly dataset: Dataset;
  readonly model: FittedModel;
  readonly rows: RowFacts;
  readonly version: string;
  /** By name, as in the registry. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly streams: boolean;
}

/**
 * The rows of all windows that taught it or stopped its training. Of published matrices no times are known, and simulated ones come again
 * with another seed.
 */
function learntData({ matrix, train, validation }: Dataset, { instruments }: RowFacts): LearntData | null {
  if (instruments.length === 0 || matrix.simulated) return null;
  const times = [train, validation].flatMap(({ rows }) => Array.from(rows, (row) => matrix.timeNs[row]));
  return { instruments: [...instruments], spans: spansByDay(matrix.startDay, times) };
}

/** What a model's file says of itself. Nothing in it depends on when or where the model was trained. */
export function modelMetadata(options: MetadataOptions): Record<string, string> {
  const { settings, dataset, model, rows, version, metrics, streams } = options;
  const { matrix, target, prior, scaler } = dataset;
  const own = encodeModelMetadata({
    kind: model.kind,
    target: formatTarget(target),
    classes: [...target.classes],
    length: model.length,
    streams,
    schemaHash: matrix.schemaHash,
    signals: [...matrix.names],
    prior: [...prior],
    fit: rows.fit,
    clock: rows.clock,
    learnt: learntData(dataset, rows),
  });
  return {
    ...own,
    'bookcast.version': version,
    'bookcast.code_sha256': codeHash(),
    'bookcast.data_hash': matrix.hash,
    'bookcast.simulated': String(matrix.simulated),
    'bookcast.seed': String(settings.seed),
    'bookcast.config': JSON.stringify(wholeConfig(settings)),
    'bookcast.scaler': JSON.stringify({ mean: [...scaler.mean], deviation: [...scaler.deviation], clip: scaler.clip }),
    'bookcast.metrics': JSON.stringify(metrics),
  };
}
