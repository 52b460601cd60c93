import { BookcastError } from '../core/index.ts';
import { FeatureEngine, type FeatureSchema, selectSignals } from '../features/index.ts';
import { instrumentKey } from '../market/index.ts';
import type { MarketColumn } from '../models/index.ts';
import { type Parts, type Range, type RowMatrix, RowMatrixBuilder, type Shares } from '../models/training.ts';
import { openRecording } from './inputs.ts';
import type { Context } from './options.ts';
import { openRecordedRows } from './recorded-rows.ts';

/** Rows of several recordings in one matrix, in the order given. */
export interface BundleRows {
  readonly matrix: RowMatrix;
  /** The rows of each recording. */
  readonly recordings: readonly Range[];
  /** `venue:NAME`, each once. */
  readonly instruments: readonly string[];
  readonly schema: FeatureSchema;
  readonly notes: readonly string[];
}

/**
 * Reads recordings, each of which may be several files that follow on each other. No window and no label reaches from one into the next.
 * Throws `schema-mismatch` where their instruments do not have the same signals, and what reading them throws.
 */
export async function openBundleRows(
  context: Context,
  recordings: readonly (readonly string[])[],
  options: { readonly set: string; readonly market: readonly MarketColumn[] },
): Promise<BundleRows> {
  let builder: RowMatrixBuilder | null = null;
  let schema: FeatureSchema | null = null;
  const ranges: Range[] = [];
  const instruments = new Set<string>();
  const notes: string[] = [];
  for (const paths of recordings) {
    const source = await openRecordedRows(context, paths, { ...options, cache: null });
    const { instrument } = await openRecording(paths);
    const own = new FeatureEngine(instrument, { signals: selectSignals(options.set, { instrument }).signals }).schema;
    schema ??= own;
    if (own.hash !== schema.hash) {
      throw new BookcastError(
        'schema-mismatch',
        `${source.name} has rows of schema ${own.hash}, and the recordings before it of ${schema.hash}: one bundle reads one schema`,
        { expected: schema.hash, found: own.hash },
      );
    }
    const { names, schemaHash } = source;
    builder ??= new RowMatrixBuilder({ names, schemaHash, market: options.market });
    builder.cut('source');
    if (source.simulated) builder.markSimulated();
    const from = builder.rows;
    notes.push(...(await source.fill(builder)));
    ranges.push({ from, to: builder.rows });
    instruments.add(instrumentKey(instrument));
  }
  if (builder === null || schema === null) throw new BookcastError('bad-argument', 'a bundle is fitted on recordings');
  return { matrix: builder.build(), recordings: ranges, instruments: [...instruments].sort(), schema, notes };
}

/**
 * The parts of a bundle's rows: of each recording the first share teaches and the rest validates, so that neither is of one day alone. The end
 * of the last recording is the test part.
 */
export function bundleParts({ matrix, recordings }: Pick<BundleRows, 'matrix' | 'recordings'>, shares: Shares): Parts {
  const parts = { train: [] as Range[], validation: [] as Range[], test: [] as Range[] };
  recordings.forEach(({ from, to }, at) => {
    const last = at === recordings.length - 1;
    const share = last ? shares.train : shares.train / (shares.train + shares.validation);
    const middle = from + Math.floor((to - from) * share);
    const end = last ? from + Math.floor((to - from) * (shares.train + shares.validation)) : to;
    parts.train.push(...withinSegments(matrix, { from, to: middle }));
    parts.validation.push(...withinSegments(matrix, { from: middle, to: end }));
    parts.test.push(...withinSegments(matrix, { from: end, to }));
  });
  return parts;
}

/** A range of rows, cut where a segment ends. */
function withinSegments({ segment }: RowMatrix, { from, to }: Range): Range[] {
  const out: Range[] = [];
  for (let start = from; start < to; ) {
    let end = start + 1;
    while (end < to && segment[end] === segment[start]) end++;
    out.push({ from: start, to: end });
    start = end;
  }
  return out;
}
