import type { Interval } from '../paired-losses.ts';
import type { Merge } from './correlation-matrix.ts';
import type { Distribution } from './distribution.ts';
import type { FeatureFacts } from './feature-file.ts';
import type { OfiImpact } from './ofi-impact.ts';

/** What `bookcast analyse` finds: plain data, from which reports are made. Columns are referred to by their place. */
export interface Analysis {
  readonly facts: FeatureFacts;
  readonly method: AnalysisMethod;
  readonly horizons: readonly HorizonFacts[];
  readonly columns: readonly ColumnAnalysis[];
  readonly correlation: {
    /** [column][column]; `NaN` where there is none. */
    readonly rho: readonly (readonly number[])[];
    readonly merges: readonly Merge[];
    readonly order: readonly number[];
  };
  readonly groups: readonly NamedGroup[];
  /** Starts of the session's slices and the end of the last, as a reader would write them: `13:30`. */
  readonly slices: { readonly labels: readonly string[]; readonly byDay: boolean };
  readonly impact: ImpactAnalysis | null;
}

export interface AnalysisMethod {
  readonly seed: number;
  readonly resamples: number;
  readonly shifts: number;
  readonly lags: readonly number[];
  /** Rows that the correlation matrix was computed on. */
  readonly correlationRows: number;
  /** From this |ρ| on a column is redundant. */
  readonly redundantAt: number;
  /** By chance alone the largest |IC| / nullSd of all columns and horizons stays below this at 95 %; `NaN` without shifts. */
  readonly chanceMaximum: number;
  /** The horizon by which columns are ranked, by its place. */
  readonly headline: number;
}

export interface HorizonFacts {
  readonly label: string;
  /** Rows whose future is known. */
  readonly n: number;
  readonly meanRows: number;
  /** Part of those in which the mid is elsewhere by then. */
  readonly moved: number;
  readonly blocks: number;
  readonly blockRows: number;
}

/** A column's information coefficient at one horizon. */
export interface ColumnInformation {
  readonly n: number;
  readonly ic: number;
  readonly interval: Interval | null;
  /** Standard deviation of the coefficient with a shifted future: the chance band is 1.96 of it either way. */
  readonly nullSd: number;
  /** Larger than what the best of all columns and horizons reaches by chance. */
  readonly beyondChance: boolean;
}

export interface ColumnAnalysis {
  readonly name: string;
  readonly signal: string;
  readonly family: string;
  readonly unit: string;
  readonly distribution: Distribution;
  /** By lag. */
  readonly autocorrelation: readonly number[];
  /** Part that is missing, by slice of the session. */
  readonly missing: readonly number[];
  /** By horizon. */
  readonly information: readonly ColumnInformation[];
  /** At the headline horizon, by slice of the session. */
  readonly stability: readonly { readonly ic: number; readonly interval: Interval | null }[];
  /** Part of the slices (that have a coefficient) whose sign is the whole's; `NaN` without any. */
  readonly signAgreement: number;
}

export interface NamedGroup {
  readonly keep: string;
  readonly drop: readonly { readonly name: string; readonly rho: number }[];
}

/** Contemporaneous order flow, of the recordings that `--impact` named. */
export interface ImpactAnalysis {
  readonly recording: string;
  readonly instrument: string;
  readonly origin: string;
  /** By length of window. */
  readonly impacts: readonly OfiImpact[];
}
