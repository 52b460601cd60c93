import { Random } from '../../src/core/index.ts';
import {
  type Decision,
  emptyDecision,
  type Horizon,
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
  fairTicks?: number;
  tradedLots?: number;
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
    decision.fairTicks = step.fairTicks ?? Number.NaN;
    decision.spreadTicks = step.spreadTicks ?? 1;
    decision.tradedLots = step.tradedLots ?? Number.NaN;
    stream.onDecision(decision, (_slot, d, label) => out.push({ index: d.index, at, label }));
  });
  return out;
}

/** Where the horizon of a step begins and ends, by definition, looking at the whole series at once; null where it is not over. */
export function horizonOf(target: Horizon, steps: readonly Step[], i: number): { anchor: number; end: number } | null {
  const last = steps.length - 1;
  const begin = steps[i].tsNs + (target.latencyMs ?? 0) * 1e6;
  const inForce = (instant: number): number | null =>
    steps[last].tsNs > instant ? steps.findLastIndex((other) => other.tsNs <= instant) : null;
  const anchor = target.latencyMs === undefined ? i : inForce(begin);
  if (anchor === null) return null;
  let end: number | null = null;
  if (target.kind === 'events') end = anchor + target.horizon <= last ? anchor + target.horizon : null;
  else if (target.kind === 'time') end = inForce(begin + target.horizon * 1e6);
  else {
    const isEnd = (other: Step): boolean =>
      target.kind === 'volume'
        ? other.tradedLots! - steps[anchor].tradedLots! >= target.horizon
        : other.midTicks !== steps[anchor].midTicks;
    const found = steps.findIndex((other, j) => j > anchor && isEnd(other));
    end = found < 0 ? null : found;
  }
  return end === null ? null : { anchor, end };
}

/** The labels by their definition; null where there is none yet, or never will be. */
export function batchLabels(target: Target, steps: readonly Step[]): (number | null)[] {
  const up = target.classes.length - 1;
  return steps.map((step, i) => {
    if (target.once === true && (i === 0 || steps[i - 1].midTicks === step.midTicks)) return null;
    const found = horizonOf(target, steps, i);
    if (found === null) return null;
    const price = (at: number): number =>
      target.anchorLevels === undefined ? steps[at].midTicks : steps[at].fairTicks!;
    const move = price(found.end) - price(found.anchor);
    const { threshold } = target;
    let [low, high] = [0, 0];
    if (threshold?.kind === 'ticks') [low, high] = [threshold.low, threshold.high];
    if (threshold?.kind === 'spread')
      [low, high] = [-threshold.share * step.spreadTicks!, threshold.share * step.spreadTicks!];
    if (threshold?.kind === 'bps') {
      const bound = threshold.bps * 1e-4 * step.midTicks;
      [low, high] = [-bound, bound];
    }
    return move > high ? up : move < low ? 0 : 1;
  });
}

/** A random walk of the mid in half ticks, with pauses; `stay` is the chance that a step does not move. */
export function randomWalk(seed: number, n: number, stay = 0.5): Step[] {
  const random = new Random(seed);
  let midTicks = 1000;
  let tsNs = 0;
  let tradedLots = 0;
  return Array.from({ length: n }, (_, i) => {
    tsNs += Math.ceil(random.exponential(5e6));
    if (!random.bernoulli(stay)) midTicks += random.bernoulli(0.5) ? 0.5 : -0.5;
    // Without randomness of their own, so that the walk is the same whoever looks at it.
    tradedLots += i % 3;
    return { tsNs, midTicks, tradedLots, spreadTicks: 1 + (i % 2), fairTicks: midTicks + (i % 5) / 10 };
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
