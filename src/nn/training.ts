import type { NetFunction } from './net.ts';

/** What a net is trained to make small. `outputs` are the net's, (B, outputs). */
export type LossSpec =
  /** Softmax cross-entropy; `weights` by class; `adjust` adds τ ln π to the logits in training (Menon 2021, logit adjustment). */
  | { readonly kind: 'cross-entropy'; readonly weights?: readonly number[]; readonly adjust?: readonly number[] }
  /** Lin et al. 2017: (1 − p)^gamma of the cross-entropy. */
  | { readonly kind: 'focal'; readonly gamma: number; readonly weights?: readonly number[] }
  /** Σ (p − onehot)², all classes. */
  | { readonly kind: 'brier' }
  /** Pinball loss of one output a quantile, each in (0, 1); the target is one number. */
  | { readonly kind: 'quantile'; readonly quantiles: readonly number[] };

export type OptimiserSpec =
  | { readonly kind: 'sgd'; readonly momentum?: number }
  | { readonly kind: 'adam'; readonly beta1?: number; readonly beta2?: number; readonly epsilon?: number }
  /** Loshchilov and Hutter 2019: decay apart from the gradient, of parameters that decay. */
  | {
      readonly kind: 'adamw';
      readonly decay: number;
      readonly beta1?: number;
      readonly beta2?: number;
      readonly epsilon?: number;
    };

export type Device = 'cpu' | 'cuda' | 'webgpu' | 'auto';

/** What is computed on; `auto` has become one of these. */
export type ActualDevice = Exclude<Device, 'auto'>;

export interface RuntimeOptions {
  /** Default `cpu`. `auto` takes what there is, `cuda` before `webgpu` before `cpu`. */
  readonly device?: Device;
  /** Threads of one operator; default 2 in training, 1 in serving. */
  readonly threads?: number;
  /** Threads that wait by spinning: faster on idle cores, far slower on busy ones. Default false. */
  readonly spin?: boolean;
  /** How far the runtime rewrites the graph before it runs it. Default `all`. */
  readonly optimisation?: 'disabled' | 'basic' | 'extended' | 'all';
  /** From what severity on the runtime writes to standard error: 2 warnings, 3 errors, 4 fatal errors. Default 3. */
  readonly logSeverity?: 0 | 1 | 2 | 3 | 4;
}

export interface TrainerSpec extends RuntimeOptions {
  readonly net: NetFunction;
  /** Rows in a window (T), columns of a row (F). */
  readonly steps: number;
  readonly features: number;
  /** What the net gives for a window: classes, or quantiles. */
  readonly outputs: number;
  /** Windows a step at most; a smaller last batch counts with its own size. */
  readonly batch: number;
  readonly loss: LossSpec;
  readonly optimiser: OptimiserSpec;
  /** Largest norm of the whole gradient; default none. */
  readonly clipNorm?: number;
  /** Decay of the exponential moving average of the weights, smaller in the first steps; default none. */
  readonly ema?: number;
  /** Of the first weights and of dropout's masks. */
  readonly seed: number;
}

/** All that a trainer knows: with it training goes on to the very same bits. */
export interface TrainerState {
  readonly step: number;
  readonly parameters: Float32Array;
  /** First and second moments, or momentum; empty where the optimiser has none. */
  readonly first: Float32Array;
  readonly second: Float32Array;
  /** Averaged weights; empty where there is no average. */
  readonly average: Float32Array;
}

export interface StepResult {
  /** Mean over the batch, before the step. Not finite where it or the gradient has failed: then no state was changed. */
  readonly loss: number;
  /** Of the whole gradient, before clipping. */
  readonly gradientNorm: number;
}

/** One training step after another, each a run of one graph: forward, backward, clip, optimiser, average. */
export interface Trainer {
  /** Trainable numbers. */
  readonly parameters: number;
  readonly device: ActualDevice;
  /** What `auto` would have liked better and why it is not there; null where nothing is missed. */
  readonly missed: string | null;
  /**
   * One step on `count` windows: `x` is (T, B, F) with B = `batch`, `y` has a class (or a number, for quantiles) a window, `weights` one
   * factor a window. What stands behind `count` is not looked at. The loss is the mean weighted by these factors and those of the classes.
   * Throws `bad-input` for a class that the net does not have.
   */
  step(
    x: Float32Array,
    y: Int32Array | Float32Array,
    count: number,
    rate: number,
    weights?: Float32Array,
  ): Promise<StepResult>;
  state(): TrainerState;
  /** Throws `bad-input` where the state is of another net or optimiser. */
  restore(state: TrainerState): void;
  /** The weights to predict with: the average where there is one. */
  weights(): Float32Array;
  close(): Promise<void>;
}
