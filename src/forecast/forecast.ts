import type { EventBatch, LadderBook } from '../market/index.ts';
import type { Decision, Label } from '../models/index.ts';
import type { PredictionSet } from './conformal/prediction-set.ts';

/** What was forecast at a decision point, or why nothing was. Reused: valid during the call that hands it out. */
export interface Forecast {
  /**
   * Counts the forecasts of a stream from 0; an abstention carries the number of the next one, or its own where there was a row and the served
   * model was asleep.
   */
  index: number;
  /** Of the last event seen: the venue's time, ns since `day`. */
  tsEventNs: number;
  day: number;
  /** Of the last book message applied; NaN before the first snapshot. */
  sequence: number;
  /** Half ticks possible; NaN while a side is empty or the book is not trusted. */
  midTicks: number;
  bidTicks: number;
  askTicks: number;
  /** Null where there is a forecast, else the reason for abstaining, in words. */
  abstained: string | null;
  /** Version of the bundle, or else of the served model, at this moment; null where all of it learns online. */
  version: string | null;
  /** The signals at the decision point; meaningless in an abstention. */
  row: Float64Array;
  /** One row of probabilities a model, in the order of `models`; uniform for one that is asleep; meaningless in an abstention. */
  probabilities: readonly Float64Array[];
  /** One a model: 0 where it threw, or wrote what are no probabilities. While the served one is asleep there is an abstention. */
  awake: Uint8Array;
  /** One a model: why it is asleep, in words; null for one that is awake. */
  reasons: readonly (string | null)[];
  /** Of the combiner at this forecast: the pooled models' in order, then the equal pool's; null without a combiner. */
  weights: Float64Array | null;
  /** The classes that the served forecast does not rule out; null where no sets are made; meaningless in an abstention. */
  set: PredictionSet | null;
}

export interface ForecasterHooks {
  /** Every decision point, before its forecast; the decision is reused, and valid during the call. */
  onDecision?(decision: Decision): void;
  /** The decisions to come do not follow on those before: what these waited for will never be known. */
  onBreak?(): void;
  /** A forecast, or the first abstention after one: the market is followed by its reader in order. */
  onForecast?(forecast: Forecast): void;
  /**
   * An earlier forecast met its outcome: `label` is the index of the class that came true, `probabilities` what each model
   * had said then. The arrays are valid during the call.
   */
  onOutcome?(decision: Decision, label: Label, probabilities: readonly Float64Array[]): void;
  /** After rows [from, to), one message that is not old, were taken. For verification: the book must not be written to. */
  onMessage?(batch: EventBatch, from: number, to: number, book: LadderBook, synced: boolean): void;
}
