import { type Static, Type } from 'typebox';
import type { MonitorReport } from './monitor-contract.ts';
import { nullable } from './nullable.ts';

export { type MonitorReport, MonitorSchema } from './monitor-contract.ts';

/**
 * The wire: every message that the API sends, once as a schema (validation, OpenAPI) and once as a type. Prices and sizes
 * travel as decimal text exactly as the venue would print them, and as integer ticks and lots; times as ISO 8601 text with
 * nanoseconds. Absent is `null`. The browser and the Node client import this file, and with it the one of the monitor, and nothing else of the server.
 */

const OriginSchema = Type.Union([Type.Literal('simulated'), Type.Literal('recorded'), Type.Literal('live')]);
export type Origin = Static<typeof OriginSchema>;

const SyncStateSchema = Type.Union([
  Type.Literal('empty'),
  Type.Literal('buffering'),
  Type.Literal('synced'),
  Type.Literal('gapped'),
]);
export type SyncState = Static<typeof SyncStateSchema>;

const FaultCountsSchema = Type.Object({
  gaps: Type.Integer(),
  crossed: Type.Integer(),
  stale: Type.Integer(),
  unparsable: Type.Integer(),
});
export type FaultCounts = Static<typeof FaultCountsSchema>;

/** How a live venue's feed is doing, beside the state and the faults of its book. Times in ms. */
const FeedHealthSchema = Type.Object({
  proof: Type.Union([Type.Literal('sequence'), Type.Literal('checksum'), Type.Literal('delivery')], {
    description:
      "how a message lost inside an open connection would show: by its number, by the venue's checksum, or not at all, since the venue vouches for delivery",
  }),
  lastSequence: nullable(Type.Number()),
  ageMs: nullable(Type.Number({ description: 'since the last message of this instrument' })),
  checksums: Type.Integer({ description: "books that differed from the venue's checksum" }),
  overflow: Type.Integer({ description: 'messages thrown away because a queue was full' }),
  disconnects: Type.Integer(),
  resyncs: Type.Integer({ description: 'snapshots asked for after the first' }),
  missingTrades: Type.Integer({ description: 'trades whose ids were skipped' }),
  skewMs: nullable(
    Type.Number({
      description:
        "shortest delay from the venue's time stamp to our receipt in the last minute: clock skew and the fastest way here together; negative where our clock runs behind",
    }),
  ),
  messagesPerSecond: Type.Number(),
  eventsPerSecond: Type.Number(),
  bytesPerSecond: Type.Number(),
});
export type FeedHealth = Static<typeof FeedHealthSchema>;

const TargetSchema = Type.Object({
  kind: Type.Union(
    [Type.Literal('events'), Type.Literal('time'), Type.Literal('volume'), Type.Literal('next-change')],
    {
      description:
        'events: the mid after `horizon` decision points; time: after `horizon` milliseconds; volume: after `horizon` lots traded; next-change: the direction of the next mid change',
    },
  ),
  horizon: Type.Number({ description: 'decision points, milliseconds or lots; 1 for next-change' }),
  classes: Type.Array(Type.String(), {
    description: 'class names in the order of the probabilities, such as down, flat, up',
  }),
  text: Type.String({ description: 'the whole target as --target takes it' }),
  anchor: Type.String({ description: 'the price that must move, in words' }),
  threshold: Type.String({ description: 'how far it must move to count, in words' }),
  latency: Type.String({ description: 'from the decision to the beginning of the horizon, in words' }),
  undecided: Type.Object(
    {
      waiting: Type.Integer({ description: 'forecasts whose outcome does not exist yet' }),
      lost: Type.Integer({
        description: 'forecasts whose outcome will never be known: a gap, or too many that waited',
      }),
    },
    { description: 'forecasts without an outcome so far' },
  ),
});
export type TargetInfo = Static<typeof TargetSchema>;

export const HealthSchema = Type.Object({
  status: Type.Union([Type.Literal('ok'), Type.Literal('degraded')]),
  untrusted: Type.Array(Type.String(), { description: 'instruments whose book is not synced now; empty where ok' }),
  version: Type.String(),
  uptimeSeconds: Type.Number(),
  instruments: Type.Integer(),
  connections: Type.Integer({ description: 'open WebSocket streams' }),
});
export type Health = Static<typeof HealthSchema>;

const BundleSchema = Type.Object(
  {
    name: Type.String(),
    version: Type.String({ description: 'SHA-256 over all that the bundle is made of' }),
  },
  { description: 'the bundle that the models were opened from; null where they come from none' },
);
export type BundleInfo = Static<typeof BundleSchema>;

/** A model from a file, in its place among the models. */
const TrainedModelSchema = Type.Object({
  model: Type.String({ description: 'name of the place, which stays when the model in it is replaced' }),
  version: Type.String({ description: "SHA-256 of the model's file" }),
  kind: Type.String(),
  device: Type.String({ description: 'cpu, cuda or webgpu' }),
  since: Type.Integer({ description: 'number of the first forecast of this version' }),
  swaps: Type.Integer({ description: 'replacements so far' }),
});
export type TrainedModel = Static<typeof TrainedModelSchema>;

export const InstrumentStatusSchema = Type.Object({
  key: Type.String({ description: 'venue:NAME' }),
  venue: Type.String(),
  name: Type.String(),
  tickSize: Type.String(),
  lotSize: Type.String(),
  origin: OriginSchema,
  state: SyncStateSchema,
  finished: Type.Boolean({ description: 'the recording has been played to its end' }),
  messages: Type.Integer(),
  events: Type.Integer(),
  decisions: Type.Integer({ description: 'rows forecast so far' }),
  faults: FaultCountsSchema,
  feed: nullable(FeedHealthSchema),
  target: TargetSchema,
  models: Type.Array(Type.String(), { description: 'the served model first, then the others by name' }),
  bundle: nullable(BundleSchema),
  trained: Type.Array(TrainedModelSchema, { description: 'those models that come from a file' }),
  features: Type.Object({ names: Type.Array(Type.String()), hash: Type.String() }),
});
export type InstrumentStatus = Static<typeof InstrumentStatusSchema>;

/** The body of `GET /v1/instruments`. */
export const InstrumentListSchema = Type.Object({ instruments: Type.Array(InstrumentStatusSchema) });
export type InstrumentList = Static<typeof InstrumentListSchema>;

const LevelSchema = Type.Object({
  price: Type.String(),
  size: Type.String(),
  ticks: Type.Integer(),
  lots: Type.Number(),
});
export type Level = Static<typeof LevelSchema>;

export const BookMessageSchema = Type.Object({
  type: Type.Literal('book'),
  instrument: Type.String(),
  time: nullable(Type.String({ description: 'venue time of the last event; null before the first' })),
  sequence: nullable(Type.Number({ description: 'of the last book message applied; null before the first snapshot' })),
  state: SyncStateSchema,
  mid: nullable(Type.Number({ description: 'in quote currency, for display' })),
  bids: Type.Array(LevelSchema, { description: 'best first' }),
  asks: Type.Array(LevelSchema, { description: 'best first' }),
});
export type BookMessage = Static<typeof BookMessageSchema>;

export const ForecastMessageSchema = Type.Object({
  type: Type.Literal('forecast'),
  instrument: Type.String(),
  origin: OriginSchema,
  index: Type.Integer({ description: 'decision number, from 0, of this stream' }),
  time: nullable(Type.String({ description: 'venue time of the last event; null before the first' })),
  sequence: nullable(Type.Number({ description: 'of the last book message applied; null before the first snapshot' })),
  status: Type.Union([Type.Literal('ready'), Type.Literal('abstained')]),
  reason: nullable(Type.String({ description: 'why there is no forecast' })),
  bid: nullable(Type.String()),
  ask: nullable(Type.String()),
  mid: nullable(Type.Number()),
  model: Type.String({ description: 'the served model' }),
  version: nullable(
    Type.String({
      description:
        "SHA-256 of the served model's file, or version of the bundle that it comes from; null where all of it learns online",
    }),
  ),
  bundle: nullable(BundleSchema),
  schema: Type.String({ description: 'hash of the feature schema of the rows that were forecast from' }),
  probabilities: nullable(
    Type.Array(Type.Number(), { description: 'of the served model, in the order of target.classes' }),
  ),
  models: Type.Record(Type.String(), Type.Array(Type.Number()), { description: 'probabilities of every model' }),
  calibrated: Type.Boolean({ description: 'the probabilities served are mapped by a calibrator' }),
  weights: nullable(
    Type.Record(Type.String(), Type.Number(), {
      description:
        'by member of the ensemble, and of their plain mean, the equal pool; together 1; null where there is no ensemble, or no forecast',
    }),
  ),
  set: nullable(
    Type.Object(
      {
        classes: Type.Array(Type.String(), { description: 'at least one, in the order of target.classes' }),
        coverage: Type.Number({ description: 'share of the sets that shall hold what comes true' }),
      },
      { description: 'the classes that the forecast does not rule out; null where no sets are made, or no forecast' },
    ),
  ),
  asleep: Type.Record(Type.String(), Type.String(), {
    description: 'why a model gives no forecast now, by model; the ensemble goes on without it',
  }),
});
export type ForecastMessage = Static<typeof ForecastMessageSchema>;

const ScoreSchema = Type.Object({
  model: Type.String(),
  baseline: Type.Boolean({ description: 'true for the models that have no skill by construction' }),
  n: Type.Integer(),
  seen: Type.Integer({
    description: 'decisions among the n that the model was trained on: its score on them is no evidence of skill',
  }),
  logLoss: nullable(Type.Number()),
  brier: nullable(Type.Number()),
  accuracy: nullable(Type.Number()),
  macroF1: nullable(Type.Number()),
  mcc: nullable(Type.Number()),
});
export type Score = Static<typeof ScoreSchema>;

export const ScoresMessageSchema = Type.Object({
  type: Type.Literal('scores'),
  instrument: Type.String(),
  time: nullable(Type.String({ description: 'venue time of the last event; null before the first' })),
  target: TargetSchema,
  scores: Type.Array(ScoreSchema),
});
export type ScoresMessage = Static<typeof ScoresMessageSchema>;

const ContributionSchema = Type.Object({
  name: Type.String(),
  family: Type.String(),
  values: Type.Array(Type.Number(), { description: 'what it adds, by class, in the order of target.classes' }),
});

/** Why the last forecast is what it is: the body of `GET /v1/instruments/{key}/explanation`. */
export const ExplanationSchema = Type.Object({
  instrument: Type.String(),
  index: Type.Integer({ description: 'number of the forecast explained' }),
  time: nullable(Type.String({ description: 'venue time of the last event; null before the first' })),
  classes: Type.Array(Type.String()),
  unit: Type.Literal('nats', { description: 'of the logit of a class against the mean of all' }),
  members: Type.Array(
    Type.Object({
      model: Type.String(),
      weight: nullable(Type.Number({ description: 'in the ensemble; null where it is no part of it' })),
      method: Type.Union(
        [
          Type.Literal('linear'),
          Type.Literal('posterior'),
          Type.Literal('tree-shap'),
          Type.Literal('integrated-gradients'),
        ],
        { description: 'how it was attributed' },
      ),
      baseline: Type.Array(Type.Number(), { description: 'by class, before any signal' }),
      value: Type.Array(Type.Number(), { description: 'by class: baseline and all signals together' }),
      families: Type.Array(ContributionSchema, { description: 'sums of the signals, by family' }),
      signals: Type.Array(ContributionSchema),
    }),
    { description: 'the models that can tell, the weightiest first; none where there is no forecast' },
  ),
});
export type Explanation = Static<typeof ExplanationSchema>;

/** How a live feed is doing, about once a second, whether or not the venue says anything. Never of other origins. */
export const HealthMessageSchema = Type.Object({
  type: Type.Literal('health'),
  instrument: Type.String(),
  state: SyncStateSchema,
  faults: FaultCountsSchema,
  feed: FeedHealthSchema,
});
export type HealthMessage = Static<typeof HealthMessageSchema>;

/** Sent once, first, on every stream. */
const HelloMessageSchema = Type.Object({
  type: Type.Literal('hello'),
  version: Type.String(),
  instrument: InstrumentStatusSchema,
});
export type HelloMessage = Static<typeof HelloMessageSchema>;

/** The source ended: a recording has been played, or the simulator was told to stop. */
const EndMessageSchema = Type.Object({
  type: Type.Literal('end'),
  instrument: Type.String(),
  decisions: Type.Integer(),
  hash: Type.Object(
    { rows: Type.String(), forecasts: Type.String() },
    {
      description: 'SHA-256 of every feature row and of every forecast, in order: equal for equal input at any speed',
    },
  ),
});
export type EndMessage = Static<typeof EndMessageSchema>;

/** One text frame of the stream. */
export const StreamMessageSchema = Type.Union([
  HelloMessageSchema,
  BookMessageSchema,
  ForecastMessageSchema,
  ScoresMessageSchema,
  HealthMessageSchema,
  EndMessageSchema,
]);
export type StreamMessage = HelloMessage | BookMessage | ForecastMessage | ScoresMessage | HealthMessage | EndMessage;

export const ErrorSchema = Type.Object({
  error: Type.Object({ code: Type.String(), message: Type.String(), retry: Type.String() }),
});
export type ErrorBody = Static<typeof ErrorSchema>;

/**
 * What the server needs of the running engine; `cli` injects it. Listeners are called in order, synchronously.
 */
export interface MarketPort {
  instruments(): InstrumentStatus[];
  forecast(key: string): ForecastMessage | null;
  book(key: string, depth: number): BookMessage | null;
  scores(key: string): ScoresMessage | null;
  /** Null where nothing watches the forecasts. */
  monitor(key: string): MonitorReport | null;
  /** Computed when asked for. */
  explanation(key: string): Explanation | null;
  /** Null unless live. The server asks about once a second while a stream listens, and streams the answer. */
  health(key: string): HealthMessage | null;
  /**
   * Forecasts one by one; books and scores at display rate; only what happens after the call. A message is not changed
   * after it was published. Returns the unsubscribe.
   */
  subscribe(key: string, listener: (message: StreamMessage) => void): () => void;
}
