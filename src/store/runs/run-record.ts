import { type Static, Type } from 'typebox';

/** Of the files in a run's folder; one that is newer is refused, not misread. */
export const RUN_FORMAT = 1;

const Closed = { additionalProperties: false } as const;
const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()]);

/** What a run is told when it starts: enough to do it again, and to know what it may be compared with. */
export const RunStartSchema = Type.Object(
  {
    model: Type.String({ minLength: 1, description: 'kind of model, such as lstm' }),
    config: Type.Record(Type.String(), Type.Unknown(), { description: 'whole configuration, defaults included' }),
    target: Type.String({ description: 'as parseTarget reads it' }),
    seed: Type.Integer(),
    data: Type.Object(
      {
        hash: Type.String({ description: 'SHA-256 of the rows that the run saw' }),
        schemaHash: Type.String({ description: 'of the columns' }),
        files: Type.Array(Type.Object({ path: Type.String(), bytes: Type.Number(), sha256: Type.String() }, Closed)),
        rows: Type.Integer({ minimum: 0 }),
        simulated: Type.Boolean({ description: 'some rows come from a simulator' }),
      },
      Closed,
    ),
    code: Type.Object(
      {
        version: Type.String({ description: 'of the package' }),
        sha256: OrNull(Type.String()),
        commit: OrNull(Type.String()),
      },
      Closed,
    ),
    runtime: Type.Object({ node: Type.String(), onnxruntime: OrNull(Type.String()) }, Closed),
    device: Type.String(),
    threads: Type.Integer({ minimum: 1 }),
    machine: Type.String({ description: 'in words: processor, cores, memory, system' }),
    trialOf: OrNull(Type.String({ description: 'STUDY:NUMBER of the tuning study that asked for it, or null' })),
  },
  Closed,
);
export type RunStart = Static<typeof RunStartSchema>;

/** `run.json`: written once, when the run starts. */
export const RunRecordSchema = Type.Object(
  {
    format: Type.Literal(RUN_FORMAT),
    id: Type.String(),
    startedMs: Type.Number({ description: 'milliseconds since 1970, UTC' }),
    ...RunStartSchema.properties,
  },
  Closed,
);
export type RunRecord = Static<typeof RunRecordSchema>;

const FigureSchema = Type.Object(
  { value: OrNull(Type.Number()), low: OrNull(Type.Number()), high: OrNull(Type.Number()) },
  Closed,
);
/** A metric and the ends of its 95 % interval; null where there is none, or where it is no finite number. */
export type Figure = Static<typeof FigureSchema>;

const FiguresSchema = Type.Record(Type.String(), FigureSchema);
/** By name: lower case with dashes, the split first, such as `validation-log-loss` or `test-mcc`. */
export type Figures = Static<typeof FiguresSchema>;

/** What a run came to, as whoever ran it tells it. */
export const RunOutcomeSchema = Type.Object(
  {
    status: Type.Union([Type.Literal('finished'), Type.Literal('stopped'), Type.Literal('failed')]),
    message: OrNull(Type.String({ description: 'why it stopped or failed' })),
    metrics: FiguresSchema,
    baselines: Type.Record(Type.String(), FiguresSchema, {
      description: 'the same metrics of forecasts without skill',
    }),
    seconds: Type.Record(Type.String(), Type.Number(), {
      description: 'wall clock by what was done, and the seconds of all cores as "…-cpu"; "total" is all',
    }),
    parameters: OrNull(Type.Number({ description: 'trainable numbers' })),
    multiplyAdds: OrNull(Type.Number({ description: 'a window' })),
  },
  Closed,
);
export type RunOutcome = Static<typeof RunOutcomeSchema>;

/** `result.json`: written once, when the run ends. */
export const RunResultSchema = Type.Object(
  {
    format: Type.Literal(RUN_FORMAT),
    endedMs: Type.Number(),
    ...RunOutcomeSchema.properties,
    artefacts: Type.Array(Type.Object({ name: Type.String(), bytes: Type.Number(), sha256: Type.String() }, Closed)),
  },
  Closed,
);
export type RunResult = Static<typeof RunResultSchema>;

/** A line of `metrics.jsonl`: a block of steps, or an epoch. */
export const MetricsLineSchema = Type.Object(
  {
    t: Type.Number({ description: 'milliseconds since 1970, UTC' }),
    epoch: Type.Integer(),
    step: Type.Integer({ description: 'steps since the start of the run' }),
    metrics: Type.Record(Type.String(), OrNull(Type.Number())),
  },
  Closed,
);
export type MetricsLine = Static<typeof MetricsLineSchema>;

/** A line of `attempts.jsonl`: a process that took the run up. */
export const AttemptSchema = Type.Object(
  {
    t: Type.Number(),
    pid: Type.Integer(),
    host: Type.String({ description: 'SHA-256 of the name of the machine, the first 12 digits' }),
    born: OrNull(Type.String({ description: 'when the process started, on the clock of its kernel' })),
  },
  Closed,
);
export type Attempt = Static<typeof AttemptSchema>;

/** What a run's folder has of its own; all else in it is an artefact. */
export const RUN_FILES = {
  start: 'run.json',
  metrics: 'metrics.jsonl',
  attempts: 'attempts.jsonl',
  result: 'result.json',
};

/**
 * `running` while its process lives; `interrupted` where that died without a word, so that the run may be resumed; else as
 * `result.json` says.
 */
export type RunState = 'running' | 'interrupted' | RunOutcome['status'];
