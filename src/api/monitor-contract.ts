import { type Static, Type } from 'typebox';
import { nullable } from './nullable.ts';

const ShareSchema = nullable(Type.Number());
const MonitorScoreSchema = Type.Object({
  window: nullable(Type.Integer({ description: 'outcomes asked for; null for all there were' })),
  outcomes: Type.Integer(),
  logLoss: nullable(Type.Number({ description: 'nats a forecast, as the gains' })),
  gain: nullable(
    Type.Number({ description: 'log-loss of the training prior, or of equal chances, minus that of the forecasts' }),
  ),
  directionGain: nullable(Type.Number({ description: 'the part of the gain that is direction' })),
  brier: nullable(Type.Number()),
  accuracy: nullable(Type.Number()),
  coverage: nullable(Type.Number({ description: 'share of the sets that held what came true' })),
  setSize: nullable(Type.Number({ description: 'mean number of classes in a set' })),
  singletons: nullable(Type.Number({ description: 'share of the sets with one class' })),
});
const LatencySchema = Type.Object({
  count: Type.Integer(),
  meanNs: nullable(Type.Number()),
  p50Ns: nullable(Type.Number()),
  p99Ns: nullable(Type.Number()),
  p999Ns: nullable(Type.Number()),
  maxNs: nullable(Type.Number()),
});

/** How the served forecasts fare: the body of `GET /v1/instruments/{key}/monitor`. */
export const MonitorSchema = Type.Object({
  instrument: Type.String(),
  model: Type.String({ description: 'the served model' }),
  classes: Type.Array(Type.String()),
  forecasts: Type.Integer(),
  abstentions: Type.Object(
    { stale: Type.Integer(), far: Type.Integer(), ambiguous: Type.Integer() },
    { description: 'forecasts withheld, by cause' },
  ),
  coverage: nullable(
    Type.Number({ description: 'share of the sets that shall hold what comes true; null without sets' }),
  ),
  scores: Type.Array(MonitorScoreSchema, { description: 'by window, and last over all' }),
  calibration: Type.Object({
    window: Type.Integer(),
    outcomes: Type.Integer(),
    ece: nullable(Type.Number({ description: 'expected calibration error of the likeliest class' })),
    referenceEce: ShareSchema,
    gaps: nullable(Type.Array(Type.Number(), { description: 'mean probability minus share, by class' })),
    referenceGaps: nullable(Type.Array(Type.Number())),
  }),
  stability: Type.Array(
    Type.Object({ name: Type.String(), psi: ShareSchema, missing: ShareSchema, missingInTraining: Type.Number() }),
    { description: 'population stability index of each signal against the training rows' },
  ),
  changes: Type.Object({
    alarms: Type.Integer(),
    last: Type.Array(
      Type.Object({
        tsNs: Type.Number({ description: "ns since the stream's day" }),
        time: nullable(Type.String({ description: 'of the decision whose outcome sounded the alarm' })),
        probability: Type.Number(),
      }),
      { description: 'the last 32 alarms, oldest first' },
    ),
    probability: nullable(
      Type.Number({
        description:
          'that the forecasts began to fit worse or better lately; null until the detector was told something',
      }),
    ),
  }),
  latency: Type.Record(Type.String(), LatencySchema, { description: 'of a decision, by stage' }),
  weights: nullable(
    Type.Object(
      {
        names: Type.Array(Type.String(), { description: 'members of the ensemble, then the equal pool' }),
        indices: Type.Array(Type.Integer(), { description: 'numbers of forecasts so far, 120 at most, evenly spaced' }),
        values: Type.Array(Type.Array(Type.Number()), { description: 'by name: its weight at each of these' }),
      },
      { description: 'weights over time; null where there is no ensemble' },
    ),
  ),
});
export type MonitorReport = Static<typeof MonitorSchema>;
