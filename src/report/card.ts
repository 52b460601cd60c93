import type { Coverage, CoverageBand, Figure, ForecastScores, MemberExplanation } from '../evaluate/index.ts';

/** A model card: plain data, from which the page is drawn and which is written as JSON as it stands. */
export interface ModelCard {
  readonly format: 1;
  /** Version of the package that made it. */
  readonly bookcast: string;
  readonly recipe: string;
  readonly seed: number;
  readonly data: CardData;
  /** One for each target, in the order in which they were asked for. */
  readonly sections: readonly CardSection[];
}

export interface CardData {
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
  /** Of the rows, and of their columns. */
  readonly hash: string;
  readonly schemaHash: string;
  readonly rows: number;
  readonly signals: readonly string[];
  readonly instruments: readonly string[];
  /** ISO 8601 of the first and the last row. */
  readonly from: string;
  readonly to: string;
  readonly seconds: number;
  /** UTC days with rows. */
  readonly days: number;
  readonly simulated: boolean;
  readonly notes: readonly string[];
}

/** All about one target. */
export interface CardSection {
  /** As it was asked for, and with numbers for its thresholds. */
  readonly target: string;
  readonly resolved: string;
  readonly classes: readonly string[];
  readonly simulated: boolean;
  readonly verdict: string;
  /** Whole sentences: what was done, and what speaks against the figures. */
  readonly protocol: readonly string[];
  readonly limits: readonly string[];
  /** Of each fold; one where there is no walk forward. */
  readonly folds: readonly CardFold[];
  /** Baselines, members, then the ensemble and, where it is calibrated, what is served; of all folds' test rows. */
  readonly scores: ForecastScores;
  /** The name of what is served in `scores`. */
  readonly served: string;
  /** The member that the validation part chose; words where folds chose different ones. */
  readonly chosen: string;
  readonly comparisons: readonly CardComparison[];
  readonly conformal: CardConformal;
  readonly trials: CardTrials;
  readonly curves: readonly CardCurve[];
  readonly losses: CardLosses;
  /** What members rest their forecasts on, those of the last fold; absent in a card of an earlier version. */
  readonly explanations?: readonly MemberExplanation[];
  /** The whole configuration, as the registry has it. */
  readonly config: Readonly<Record<string, unknown>>;
}

export interface CardFold {
  readonly parts: readonly CardPart[];
  readonly chosen: string;
  /** By forecast, of the test part: log-loss in nats, and the gain over the fold's own prior. */
  readonly scores: readonly { readonly name: string; readonly logLoss: number; readonly gain: number }[];
  readonly weights: CardWeights;
}

export interface CardPart {
  readonly name: string;
  readonly rows: number;
  readonly windows: number;
  /** Windows of each class. */
  readonly classes: readonly number[];
  readonly from: string;
  readonly to: string;
}

/** The ensemble against another forecast of the same rows. */
export interface CardComparison {
  readonly against: string;
  readonly why: string;
  /** Whether the other is a forecast without skill. */
  readonly baseline: boolean;
  /** The other's log-loss − the ensemble's, nats. */
  readonly gain: Figure;
}

/** Sets of classes that shall hold what comes true. */
export interface CardConformal {
  readonly coverage: number;
  /** Coverage as served: no set is empty. */
  readonly found: number;
  /** Coverage of the theory's sets, of which the promise is; an empty one misses. */
  readonly exact: Coverage;
  /** What sets of exactly this coverage show on as many rows whose labels overlap as these do. */
  readonly band: CoverageBand;
  readonly meanSize: number;
  /** Coverage as served in each tenth of the test rows. */
  readonly tenths: readonly number[];
  /** Share of the sets with one class, and of these the share that was right. */
  readonly single: number;
  readonly singleRight: number;
}

export interface CardTrials {
  /** Runs of the registry that saw any of these files, this one included. */
  readonly training: number;
  readonly evaluations: number;
  readonly ofTarget: number;
  /** Configurations that were compared within this evaluation. */
  readonly members: number;
}

/** Weights of the ensemble's experts while it learnt. */
export interface CardWeights {
  /** Members, then the equal pool. */
  readonly names: readonly string[];
  readonly timesMs: readonly number[];
  /** [expert][time]. */
  readonly values: readonly (readonly number[])[];
}

/** How a member learnt, epoch by epoch. */
export interface CardCurve {
  readonly member: string;
  readonly fold: number;
  readonly epochs: readonly number[];
  /** By metric; null where an epoch has none. */
  readonly metrics: Readonly<Record<string, readonly (number | null)[]>>;
}

/** Mean log-loss of consecutive runs of test rows. */
export interface CardLosses {
  readonly timesMs: readonly number[];
  readonly rowsEach: number;
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
}
