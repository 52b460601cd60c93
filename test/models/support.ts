import { Random } from '../../src/core/index.ts';
import {
  type Decision,
  emptyDecision,
  type Label,
  type Model,
  type Target,
  TargetStream,
} from '../../src/models/index.ts';

/** A label that a test makes up; the real ones come from a `TargetStream`. */
export function labelOf(k: number): Label {
  return k as Label;
}

/** A schema of `width` columns. */
export const schemaOf = (width: number): { names: string[]; hash: string } => ({
  names: Array.from({ length: width }, (_, i) => `x_${i}`),
  hash: 'test',
});

export interface Step {
  tsNs: number;
  midTicks: number;
  row?: readonly number[];
  imbalance?: number;
  spreadTicks?: number;
}

export interface Resolved {
  /** The decision labelled, and the decision whose arrival made the label. */
  index: number;
  at: number;
  label: number;
}

/** Streams steps through a `TargetStream` and collects what it emits. */
export function resolveAll(target: Target, steps: readonly Step[], capacity?: number): Resolved[] {
  const stream = new TargetStream(target, capacity);
  const decision = emptyDecision(new Float64Array(0));
  const out: Resolved[] = [];
  steps.forEach((step, at) => {
    decision.index = at;
    decision.tsNs = step.tsNs;
    decision.midTicks = step.midTicks;
    stream.onDecision(decision, (_slot, d, label) => out.push({ index: d.index, at, label }));
  });
  return out;
}

/** The labels by their definition, looking at the whole series at once; null where there is none yet. */
export function batchLabels(target: Target, steps: readonly Step[]): (number | null)[] {
  const up = target.classes.length - 1;
  const sign = (from: number, to: number): number => (to > from ? up : to < from ? 0 : 1);
  const last = steps.length - 1;
  return steps.map((step, i) => {
    if (target.kind === 'events') {
      const j = i + target.horizon;
      return j <= last ? sign(step.midTicks, steps[j].midTicks) : null;
    }
    if (target.kind === 'time') {
      const until = step.tsNs + target.horizon * 1e6;
      if (steps[last].tsNs <= until) return null;
      const inForce = steps.findLastIndex((other) => other.tsNs <= until);
      return sign(step.midTicks, steps[inForce].midTicks);
    }
    const next = steps.slice(i + 1).find((other) => other.midTicks !== step.midTicks);
    return next === undefined ? null : sign(step.midTicks, next.midTicks);
  });
}

/** A random walk of the mid in half ticks, with pauses; `stay` is the chance that a step does not move. */
export function randomWalk(seed: number, n: number, stay = 0.5): Step[] {
  const random = new Random(seed);
  let midTicks = 1000;
  let tsNs = 0;
  return Array.from({ length: n }, () => {
    tsNs += Math.ceil(random.exponential(5e6));
    if (!random.bernoulli(stay)) midTicks += random.bernoulli(0.5) ? 0.5 : -0.5;
    return { tsNs, midTicks };
  });
}

/** The prequential protocol: labels are learnt as they come, then each model predicts. Calls `onOutcome` with what was said. */
export function prequential(
  target: Target,
  models: readonly Model[],
  steps: readonly Step[],
  onOutcome: (decision: Decision, label: Label, said: readonly Float64Array[]) => void,
): TargetStream {
  const stream = new TargetStream(target);
  const decision = emptyDecision(new Float64Array(steps[0].row?.length ?? 0));
  const pending: Float64Array[][] = [];
  steps.forEach((step, index) => {
    decision.index = index;
    decision.tsNs = step.tsNs;
    decision.midTicks = step.midTicks;
    decision.imbalance = step.imbalance ?? 0;
    decision.spreadTicks = step.spreadTicks ?? 1;
    if (step.row !== undefined) decision.row.set(step.row);
    const slot = stream.onDecision(decision, (resolved, d, label) => {
      const said = pending[resolved];
      models.forEach((model, m) => {
        model.update(d, label, said[m]);
      });
      onOutcome(d, label, said);
    });
    pending[slot] = models.map((model) => {
      const out = new Float64Array(target.classes.length);
      model.predict(decision, out);
      return out;
    });
  });
  return stream;
}
