import { BookcastError, Random } from '../../core/index.ts';
import type { ColumnSchema } from '../../features/index.ts';
import type { TableReader } from '../../store/index.ts';
import type { Analysis, ColumnAnalysis, ColumnInformation, ImpactAnalysis, NamedGroup } from './analysis.ts';
import { autocorrelation, LAGS } from './autocorrelation.ts';
import { cluster, correlationMatrix, redundancyGroups, sampleRows } from './correlation-matrix.ts';
import { distributionOf } from './distribution.ts';
import { epochText, featureColumns, featureFacts, readBase, readColumns } from './feature-file.ts';
import { type Future, futureOf, HORIZONS } from './horizon.ts';
import { BlockDraws, chanceMaximum, deviation, drawShifts, ShiftedNull } from './information.ts';
import { type CentredRanks, centredRanks, sortOrder } from './ranks.ts';
import { missingBySlice, type SessionSlices, sessionSlices } from './session-slices.ts';

/** Ten rows ahead: far enough for the mid to move, near enough for the book to tell. */
const HEADLINE = 1;
const RESAMPLES = 1000;
const SLICE_RESAMPLES = 500;
const SHIFTS = 60;
const SLICES = 12;
const SEED = 20120621;
const CORRELATION_ROWS = 40_000;
const REDUNDANT_AT = 0.9;
/** Values held at a time: columns are read in groups of so many, so that memory does not grow with their number. */
const GROUP_VALUES = 32e6;

export interface AnalyseOptions {
  /** For messages and the report. */
  file: string;
  /** Names of columns or of signals; all where absent. */
  columns?: readonly string[];
  seed?: number;
  impact?: ImpactAnalysis | null;
  onProgress?: (columnsDone: number, columnsTotal: number) => void;
  /** Between columns: throws to stop. */
  onColumn?: () => Promise<void> | void;
}

/**
 * Everything that `bookcast analyse` says of a table of features. Columns are read in groups and dropped again; what stays of
 * each is its numbers and a sample for the correlations. Throws `bad-input` for a file that is not what it says.
 */
export async function analyseFeatures(reader: TableReader, options: AnalyseOptions): Promise<Analysis> {
  const { file, seed = SEED } = options;
  const described = featureColumns(reader, file);
  const chosen = choose(described.columns, options.columns ?? []);
  const base = await readBase(reader, file);
  const facts = featureFacts(reader, file, described, base);
  const futures = HORIZONS.map((horizon) => futureOf(horizon, base.midTicks, base.timeNs));
  const midnight = Number(base.startNs % 86_400_000_000_000n);
  const slices = sessionSlices(base.timeNs, midnight, SLICES);
  const bench = new ColumnBench(futures, slices, seed);
  const size = Math.max(1, Math.floor(GROUP_VALUES / reader.rows));
  for (let from = 0; from < chosen.length; from += size) {
    const group = chosen.slice(from, from + size);
    const values = await readColumns(
      reader,
      group.map(({ name }) => name),
    );
    for (let k = 0; k < group.length; k++) {
      bench.add(group[k], values[k]);
      options.onProgress?.(from + k + 1, chosen.length);
      await options.onColumn?.();
    }
  }
  const { bar, ...found } = bench.finish();
  return {
    facts,
    method: {
      seed,
      resamples: RESAMPLES,
      shifts: SHIFTS,
      lags: LAGS,
      correlationRows: bench.sampled,
      redundantAt: REDUNDANT_AT,
      chanceMaximum: bar,
      headline: HEADLINE,
    },
    ...found,
    slices: { labels: sliceLabels(slices, base.startNs), byDay: slices.byDay },
    impact: options.impact ?? null,
  };
}

function choose(columns: readonly ColumnSchema[], names: readonly string[]): readonly ColumnSchema[] {
  if (names.length === 0) return columns;
  const unknown = names.find((name) => !columns.some((column) => column.name === name || column.signal === name));
  if (unknown !== undefined) {
    const near = columns.filter(({ name }) => name.includes(unknown) || unknown.includes(name)).slice(0, 3);
    const hint = (near.length > 0 ? near : columns.slice(0, 3)).map(({ name }) => name).join(', ');
    throw new BookcastError('bad-argument', `the file has no column or signal "${unknown}"; it has ${hint} and others`);
  }
  return columns.filter(({ name, signal }) => names.includes(name) || names.includes(signal));
}

function sliceLabels({ edgesNs, byDay }: SessionSlices, startNs: bigint): string[] {
  return edgesNs.map((ns) => epochText((byDay ? 0n : startNs) + BigInt(Math.round(ns)) + HALF_SECOND).slice(11, 19));
}

/** Labels are rounded to the nearest second, not cut. */
const HALF_SECOND = 500_000_000n;

type Found = Pick<Analysis, 'horizons' | 'columns' | 'correlation' | 'groups'> & { readonly bar: number };

interface Kept {
  readonly column: ColumnSchema;
  readonly analysis: Omit<ColumnAnalysis, 'information'>;
  readonly information: readonly Omit<ColumnInformation, 'beyondChance'>[];
  /** Correlations with shifted futures, by horizon. */
  readonly nulls: readonly Float64Array[];
  readonly sample: CentredRanks;
}

/** Takes columns one by one, and keeps of each what is needed at the end. */
class ColumnBench {
  readonly #futures: readonly Future[];
  readonly #draws: readonly BlockDraws[];
  readonly #nulls: readonly ShiftedNull[];
  readonly #slices: SessionSlices;
  readonly #sliced: SlicedSession;
  readonly #sample: Uint32Array;
  readonly #kept: Kept[] = [];

  constructor(futures: readonly Future[], slices: SessionSlices, seed: number) {
    const rows = slices.ofRow.length;
    const random = new Random(seed);
    this.#futures = futures;
    this.#draws = futures.map(({ meanRows }) => new BlockDraws(rows, meanRows, RESAMPLES, random));
    const shifts = drawShifts(rows, SHIFTS, random);
    this.#nulls = futures.map(({ ranks }) => new ShiftedNull(ranks, shifts));
    this.#slices = slices;
    this.#sliced = new SlicedSession(futures[HEADLINE], slices, random);
    this.#sample = sampleRows(rows, CORRELATION_ROWS);
  }

  get sampled(): number {
    return this.#sample.length;
  }

  add(column: ColumnSchema, values: Float64Array): void {
    const { name, signal, family, unit } = column;
    const order = sortOrder(values);
    const ranks = centredRanks(values, order);
    const nulls = this.#nulls.map((one) => one.correlations(ranks));
    const information = this.#futures.map((future, h) => ({
      ...this.#draws[h].correlation(ranks, future.ranks),
      nullSd: deviation(nulls[h]),
    }));
    const stability = this.#sliced.correlations(ranks);
    this.#kept.push({
      column,
      analysis: {
        name,
        signal,
        family,
        unit,
        distribution: distributionOf(values, order),
        autocorrelation: autocorrelation(ranks),
        missing: missingBySlice(ranks.present, this.#slices),
        stability,
        signAgreement: signAgreement(
          information[HEADLINE].ic,
          stability.map(({ ic }) => ic),
        ),
      },
      information,
      nulls,
      sample: centredRanks(Float64Array.from(this.#sample, (row) => values[row])),
    });
  }

  finish(): Found {
    const kept = this.#kept;
    const bar = chanceMaximum(kept.flatMap(({ nulls }) => nulls));
    const columns = kept.map(({ analysis, information }) => ({
      ...analysis,
      information: information.map((one) => ({ ...one, beyondChance: Math.abs(one.ic) / one.nullSd > bar })),
    }));
    const samples = kept.map(({ sample }) => sample);
    const matrix = correlationMatrix(samples);
    // Where a column has no value it tells nothing.
    const worth = columns.map(({ information, distribution }) => {
      return Math.abs(information[HEADLINE].ic) * (1 - distribution.missing);
    });
    const groups = redundancyGroups(matrix, samples, worth, REDUNDANT_AT).map(
      ({ keep, drop }): NamedGroup => ({
        keep: columns[keep].name,
        drop: drop.map(({ column, rho }) => ({ name: columns[column].name, rho })),
      }),
    );
    const { size, rho } = matrix;
    return {
      bar,
      horizons: this.#futures.map(({ horizon, meanRows, moved, ranks }, h) => ({
        label: horizon.label,
        n: ranks.count,
        meanRows,
        moved,
        blocks: this.#draws[h].blocks,
        blockRows: this.#draws[h].blockRows,
      })),
      columns,
      correlation: {
        rho: Array.from({ length: size }, (_, i) => [...rho.subarray(i * size, (i + 1) * size)]),
        ...cluster(matrix),
      },
      groups,
    };
  }
}

/** The rows in order of their slices, so that each slice is one run, however many days it comes from. */
class SlicedSession {
  readonly #rows: Uint32Array;
  readonly #starts: readonly number[];
  readonly #draws: readonly BlockDraws[];
  readonly #future: CentredRanks;

  constructor(future: Future, { ofRow, count }: SessionSlices, random: Random) {
    const counts = new Array<number>(count).fill(0);
    for (const slice of ofRow) counts[slice]++;
    let start = 0;
    this.#starts = counts.map((n) => {
      start += n;
      return start - n;
    });
    const next = [...this.#starts];
    this.#rows = new Uint32Array(ofRow.length);
    for (let i = 0; i < ofRow.length; i++) this.#rows[next[ofRow[i]]++] = i;
    this.#draws = counts.map((n) => new BlockDraws(n, future.meanRows, SLICE_RESAMPLES, random));
    this.#future = this.#gather(future.ranks);
  }

  correlations(column: CentredRanks): ColumnAnalysis['stability'] {
    const x = this.#gather(column);
    return this.#draws.map((draws, s) => {
      const { ic, interval } = draws.correlation(x, this.#future, this.#starts[s]);
      return { ic, interval };
    });
  }

  #gather({ ranks, present, count, squares }: CentredRanks): CentredRanks {
    const rows = this.#rows;
    const gathered = { ranks: new Float64Array(rows.length), present: new Uint8Array(rows.length), count, squares };
    for (let k = 0; k < rows.length; k++) {
      gathered.ranks[k] = ranks[rows[k]];
      gathered.present[k] = present[rows[k]];
    }
    return gathered;
  }
}

function signAgreement(whole: number, parts: readonly number[]): number {
  const known = parts.filter((ic) => !Number.isNaN(ic));
  return known.filter((ic) => Math.sign(ic) === Math.sign(whole)).length / known.length;
}
