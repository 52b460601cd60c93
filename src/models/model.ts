/**
 * One decision point: what is known when a forecast is made. The end of a burst, never inside one. Mutable and reused by
 * its owner; whoever keeps one beyond the call copies it, as `TargetStream` does.
 */
export interface Decision {
  /** Counts the decisions of a stream, from 0. */
  index: number;
  /** Venue or receive time, whichever the burst clock runs on, ns since the stream's day. */
  tsNs: number;
  /** In ticks, half ticks possible. A one-sided book is no decision point: never NaN. */
  midTicks: number;
  /** The price that the target is measured by, where that is not the mid (`Target.anchorLevels`); NaN where nobody asks for it. */
  fairTicks: number;
  spreadTicks: number;
  /** Level-1 queue imbalance (bid − ask) / (bid + ask) in [−1, 1]. */
  imbalance: number;
  /** Lots traded before this decision, counted from anywhere; NaN where nobody counts. Only a target in lots reads it. */
  tradedLots: number;
  /** The class of the last decision whose label was known by now, −1 where none is. `TargetStream` fills it in. */
  lastLabel: number;
  /** Decisions from this one to the one that decided its label, 0 until then. `TargetStream` fills it in. */
  span: number;
  /** The signals, in the order of the feature schema; NaN while one warms up. */
  row: Float64Array;
}

/** A decision with all fields present, for its owner to fill. */
export function emptyDecision(row: Float64Array): Decision {
  return {
    index: 0,
    tsNs: 0,
    midTicks: 0,
    fairTicks: Number.NaN,
    spreadTicks: 0,
    imbalance: 0,
    tradedLots: Number.NaN,
    lastLabel: -1,
    span: 0,
    row,
  };
}

declare const resolved: unique symbol;

/**
 * The class of a decision whose outcome has been seen, an index into `Target.classes`. Only a `TargetStream` makes one,
 * and only from the decision at hand and earlier ones, so a model cannot be taught a label before it exists.
 */
export type Label = number & { readonly [resolved]: true };

/**
 * What forecasts. A model that learns online knows what `update` told it, and nothing else; one that looks back on earlier rows takes them
 * in where it predicts, which is done once a decision, in order. Neither method allocates.
 */
export interface Model {
  readonly name: string;
  /** SHA-256 of the file of a trained model; absent where it learns online. */
  readonly version?: string;
  /** True for a model without skill by construction, against which the others are measured. */
  readonly baseline: boolean;
  /** Hash of the schema of the rows it reads (`FeatureSchema.hash`); null where it reads none. It refuses rows of another. */
  readonly schemaHash: string | null;
  /** Writes one probability a class, each above 0 and together 1. */
  predict(decision: Decision, out: Float64Array): void;
  /**
   * Learns from an earlier decision whose label now exists; called in order of resolution. `probabilities` is what this
   * model predicted at the decision.
   */
  update(decision: Decision, label: Label, probabilities: Float64Array): void;
  /**
   * True where the model was trained on the decision of `instrument` (`venue:NAME`) at `tsNs` since the midnight of `day`: what it says
   * there is no forecast. Only models that come trained have it.
   */
  learntAt?(instrument: string, day: number, tsNs: number): boolean;
  /** The book was lost: the rows to come do not follow on those before. Only models that look back have it. */
  reset?(): void;
  /** What it learnt so far, as bytes; equal states give equal bytes. Models that learn online have it. */
  save?(): Uint8Array;
  /**
   * Puts back what a model with the same options saved: from there on both do the same, bit for bit. Throws `bad-input` for other bytes, and
   * then is as it was.
   */
  restore?(bytes: Uint8Array): void;
  /** What it makes of the last decision that it predicted, beside the probabilities: numbers to learn from, always as many. Reused. */
  readonly embedding?: Float64Array;
}
