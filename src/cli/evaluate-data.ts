import { basename } from 'node:path';
import { isoTime, NS_PER_DAY, NS_PER_MS } from '../core/index.ts';
import { walkColumns } from '../evaluate/index.ts';
import { FeatureEngine, type FeatureSchema, type RowMirror, rowMirror, selectSignals } from '../features/index.ts';
import { type Instrument, instrumentKey } from '../market/index.ts';
import { parseTarget } from '../models/index.ts';
import type { RowMatrix } from '../models/training.ts';
import type { CardData } from '../report/index.ts';
import { readFit } from './fit-file.ts';
import { openRecording } from './inputs.ts';
import type { Context } from './options.ts';
import type { Recipe } from './recipe.ts';
import { openRowMatrix, recordingsOf } from './row-matrix-source.ts';
import { fileFacts } from './train-facts.ts';

const MS_PER_DAY = 86_400_000;

export interface EvaluationRows {
  readonly matrix: RowMatrix;
  readonly schema: FeatureSchema;
  readonly mirror: RowMirror;
  readonly facts: CardData;
}

/** Recordings or tapes → rows, with what every target of the recipe needs of the book. Throws what `openRowMatrix` does. */
export async function openEvaluationRows(
  context: Context,
  paths: readonly string[],
  recipe: Recipe,
  cache: string,
): Promise<EvaluationRows> {
  const { signals, clock, fit, tick, lot, symbol } = recipe.data;
  const { matrix, notes } = await openRowMatrix(context, paths, {
    set: signals,
    clock,
    tick,
    lot,
    symbol,
    market: [...new Set(recipe.targets.flatMap((target) => walkColumns(parseTarget(target))))],
    ...(fit === undefined ? {} : { fit }),
    cache,
  });
  const instruments: Instrument[] = [];
  for (const recording of recordingsOf(paths)) {
    instruments.push((await openRecording(recording, { tick, lot, symbol })).instrument);
  }
  const [instrument] = instruments;
  const fitted = fit === undefined ? {} : { fit: readFit(fit, instrument) };
  const selected = selectSignals(signals, { instrument, ...fitted });
  const { schema } = new FeatureEngine(instrument, { signals: selected.signals, ...fitted });
  const names = [...new Set(instruments.map(instrumentKey))];
  return { matrix, schema, mirror: rowMirror(schema.columns), facts: dataFacts(matrix, paths, names, notes) };
}

function dataFacts(
  matrix: RowMatrix,
  paths: readonly string[],
  instruments: readonly string[],
  notes: readonly string[],
): CardData {
  const { rows, timeNs, hash, schemaHash, names, simulated } = matrix;
  const days = new Set(timeNs.map((ns) => Math.floor(ns / NS_PER_DAY)));
  return {
    // Where they lay is nobody else's business.
    files: paths.map((path) => ({ ...fileFacts(path), path: basename(path) })),
    hash,
    schemaHash,
    rows,
    signals: names,
    instruments,
    from: timeOf(matrix, 0),
    to: timeOf(matrix, rows - 1),
    seconds: (timeNs[rows - 1] - timeNs[0]) / 1e9,
    days: days.size,
    simulated,
    notes,
  };
}

/** ISO 8601 of a row. */
export function timeOf({ timeNs, startDay }: RowMatrix, row: number): string {
  return isoTime(timeNs[row], startDay);
}

export function timeMs({ timeNs, startDay }: RowMatrix, row: number): number {
  return startDay * MS_PER_DAY + timeNs[row] / NS_PER_MS;
}
