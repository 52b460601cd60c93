import { systemClock } from '../../src/core/index.ts';
import { type Combiner, type CombinerShape, ExponentialWeights, Forecaster } from '../../src/forecast/index.ts';
import type { Decision, Label, Model, Target } from '../../src/models/index.ts';
import type { RawStream } from './streams.ts';

/** From the bytes of a message to the forecast that it brings about. */
export const STAGES = ['decode', 'book and features', 'members', 'combine', 'update', 'raw bytes to forecast'] as const;
export type Stage = (typeof STAGES)[number];

/** Nanoseconds by stage, a number a forecast; and those of each label by itself, by every online member and the combiner. */
export interface StageTimes {
  readonly stages: Readonly<Record<Stage, number[]>>;
  readonly labels: number[];
}

export function noTimes(): StageTimes {
  return { stages: Object.fromEntries(STAGES.map((stage) => [stage, [] as number[]])) as never, labels: [] };
}

/** What went into each stage since it was last set to 0, ns. */
class Spent {
  members = 0;
  combine = 0;
  update = 0;
  label = 0;
  readonly labels: number[];

  constructor(labels: number[]) {
    this.labels = labels;
  }

  clear(): void {
    this.members = this.combine = this.update = 0;
  }
}

/** A member that says how long it took. */
function timedModel(inner: Model, spent: Spent): Model {
  return {
    name: inner.name,
    baseline: inner.baseline,
    schemaHash: inner.schemaHash,
    predict(decision: Decision, out: Float64Array): void {
      const begun = systemClock.monotonicNs();
      inner.predict(decision, out);
      spent.members += systemClock.monotonicNs() - begun;
    },
    update(decision: Decision, label: Label, said: Float64Array): void {
      const begun = systemClock.monotonicNs();
      inner.update(decision, label, said);
      const ns = systemClock.monotonicNs() - begun;
      spent.update += ns;
      spent.label += ns;
    },
    reset: () => inner.reset?.(),
  };
}

/** A combiner that says how long it took; it settles a label after all members have learnt it. */
function timedCombiner(inner: Combiner, spent: Spent): Combiner {
  return {
    name: inner.name,
    weights: inner.weights,
    combine(members, awake, out): void {
      const begun = systemClock.monotonicNs();
      inner.combine(members, awake, out);
      spent.combine += systemClock.monotonicNs() - begun;
    },
    settle(members, awake, label, span): void {
      const begun = systemClock.monotonicNs();
      inner.settle(members, awake, label, span);
      const ns = systemClock.monotonicNs() - begun;
      spent.update += ns;
      spent.labels.push(spent.label + ns);
      spent.label = 0;
    },
    save: () => inner.save(),
    restore: (bytes) => inner.restore(bytes),
  };
}

export interface PathEnd {
  /** Of every row and forecast. */
  readonly hash: string;
  readonly forecasts: number;
  /** Mid of each forecast, ticks. */
  readonly mids: number[];
}

/**
 * The online path, message by message, with its times. A forecast is of the state before the message that shows the burst to be over;
 * that message's own way through decoder, book and signals counts towards it, as it does for whoever waits for the forecast.
 */
export function runStages(stream: RawStream, target: Target, members: readonly Model[], times: StageTimes): PathEnd {
  const spent = new Spent(times.labels);
  const shape: CombinerShape = { members: members.length, classes: target.classes.length };
  const mids: number[] = [];
  const forecaster = new Forecaster(
    stream.instrument,
    target,
    {
      onForecast: ({ abstained, midTicks }) => {
        if (abstained === null) mids.push(midTicks);
      },
    },
    {
      models: members.map((member) => timedModel(member, spent)),
      combiner: timedCombiner(new ExponentialWeights(shape), spent),
    },
  );
  const decode = stream.decoder();
  const { stages } = times;
  for (const message of stream.messages) {
    const before = forecaster.decisions;
    spent.clear();
    const begun = systemClock.monotonicNs();
    const batch = decode(message);
    const decoded = systemClock.monotonicNs();
    if (batch !== null) forecaster.apply(batch);
    const ended = systemClock.monotonicNs();
    if (forecaster.decisions === before) continue;
    stages.decode.push(decoded - begun);
    stages['book and features'].push(ended - decoded - spent.members - spent.combine - spent.update);
    stages.members.push(spent.members);
    stages.combine.push(spent.combine);
    stages.update.push(spent.update);
    stages['raw bytes to forecast'].push(ended - begun);
  }
  return { hash: forecaster.hash().forecasts, forecasts: forecaster.decisions, mids };
}
