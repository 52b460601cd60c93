import type { TSchema } from 'typebox';
import type { Device } from '../../nn/index.ts';
import type { AttentionReader } from '../explain/attention.ts';
import type { Explainer } from '../explain/attribution.ts';
import type { Target } from '../target.ts';

/**
 * Rows of signals in one block of memory that threads share, and what labels are made of. Rows of one segment follow on each other: no
 * window reaches over a change of day, of instrument or of recording, or over a lost book.
 */
export interface RowMatrix {
  readonly rows: number;
  readonly width: number;
  /** Row-major, rows × width; NaN where a signal warms up. On a SharedArrayBuffer. */
  readonly data: Float32Array;
  readonly names: readonly string[];
  readonly schemaHash: string;
  /** Days from 1970-01-01 to the UTC midnight that `timeNs` counts from. */
  readonly startDay: number;
  /**
   * When each row was decided, on the clock that decides its bursts, ns since the midnight of `startDay`: exact for 104 days, so that
   * labels of a time are those that a forecaster learns.
   */
  readonly timeNs: Float64Array;
  readonly midTicks: Float64Array;
  /** What the book said beside its mid, by name (`MarketColumn`): what the targets at hand need, and absent where they need no more. */
  readonly market?: Readonly<Record<string, Float64Array>>;
  /** Another number for another segment; rising. */
  readonly segment: Int32Array;
  /** SHA-256 of all of the above. */
  readonly hash: string;
  /** Some of the rows come from a simulator. */
  readonly simulated: boolean;
}

/** Rows [from, to) by number. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** What is learnt from the training rows alone and applied to all. */
export interface Scaler {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
  /** Scaled numbers are cut to ± this. */
  readonly clip: number;
}

/**
 * Windows of `length` rows that end at a row with a label, by number of that row; the numbers themselves stay in the matrix. A window
 * whose rows are not all of one segment is not among them.
 */
export interface Windows {
  readonly matrix: RowMatrix;
  readonly length: number;
  /** Windows in all. */
  readonly count: number;
  /** Last row of each window, in order of time. */
  readonly rows: Int32Array;
  /** Class of each window. */
  readonly labels: Int32Array;
  /**
   * Writes the windows `order[from … from + n)` (all of them in order of time where `order` is null) into `x`, (T, `stride`, F) scaled, NaN
   * as 0, and their classes into `y`.
   */
  fill(order: Int32Array | null, from: number, n: number, x: Float32Array, stride: number, y: Int32Array): void;
}

/** A target on a matrix, cut in three by time, with what must not touch left out between them. */
export interface Dataset {
  readonly matrix: RowMatrix;
  readonly target: Target;
  readonly scaler: Scaler;
  readonly train: Windows;
  readonly validation: Windows;
  readonly test: Windows;
  /** Share of each class in the training windows. */
  readonly prior: Float64Array;
  /** The same dataset with windows of another length. */
  withLength(length: number): Dataset;
}

/** What goes on during a fit, for a progress bar, the registry and tests. */
export type FitEvent =
  | {
      readonly kind: 'step';
      readonly epoch: number;
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
      readonly samples: number;
    }
  | {
      readonly kind: 'epoch';
      readonly epoch: number;
      readonly epochs: number;
      readonly metrics: Readonly<Record<string, number>>;
      readonly best: boolean;
    }
  | { readonly kind: 'note'; readonly text: string };

export interface FitOptions {
  readonly seed: number;
  readonly device: Device;
  readonly threads: number;
  readonly onEvent: (event: FitEvent) => void;
  readonly signal: AbortSignal;
  /** Where to keep checkpoints, and the last one to go on from; null where training is not to be resumed. */
  readonly checkpoints: CheckpointStore | null;
}

/** Keeps the last whole checkpoint; a torn or changed one is an error, never half of one. */
export interface CheckpointStore {
  save(bytes: Uint8Array): void;
  /** Null where there is none. Throws `bad-input` for one that is damaged. */
  load(): Uint8Array | null;
}

/** A model that has been fitted. */
export interface FittedModel {
  readonly kind: string;
  readonly length: number;
  /** Trainable numbers; multiply-adds a window. */
  readonly parameters: number;
  readonly multiplyAdds: number;
  /** Probabilities of every window, count × classes. */
  predict(windows: Windows): Promise<Float64Array>;
  /** The plain .onnx file, metadata included. Its input is one unscaled window (or batch of them), its output probabilities. */
  toOnnx(metadata: Readonly<Record<string, string>>): Uint8Array;
  /** The file that reads one row a run and carries its state; null or absent where the model cannot. */
  readonly toStream?: ((metadata: Readonly<Record<string, string>>) => Uint8Array) | null;
  /** What explains its forecasts signal by signal; whoever asks closes it. Absent where only Shapley values of families can. */
  readonly explainer?: () => Promise<Explainer>;
  /** Reads the attention maps of so many windows at once; null where the net has none, absent where the model is no net. */
  readonly attention?: (batch: number) => Promise<AttentionReader | null>;
  /** The file that explains forecasts of the served model; absent where the model's own file is enough. */
  readonly toExplain?: (metadata: Readonly<Record<string, string>>) => Uint8Array;
  close(): Promise<void>;
}

/** One way to fit: a net, trees, a linear model. */
export interface ModelKind<C = unknown> {
  readonly name: string;
  /** One line: what it is, and the paper. */
  readonly title: string;
  /** Of the whole configuration; unknown keys are refused. Every key has a default and a description. */
  readonly config: TSchema;
  /** Rows in a window that this configuration reads; 1 for models of single rows. */
  length(config: C): number;
  /** Throws a `BookcastError` for what cannot work before time is spent. */
  fit(data: Dataset, config: C, options: FitOptions): Promise<FittedModel>;
}
