import { DecisionQueue } from './decision-queue.ts';
import type { Decision, Label } from './model.ts';
import { formatTarget, type Target } from './target.ts';
import { MoveRule } from './threshold.ts';
import { defaultCapacity, type Ending } from './undecided.ts';

/** Receives a decision made earlier and its label. The decision is valid during the call; `slot` is its place, see `onDecision`. */
export type Emit = (slot: number, decision: Decision, label: Label) => void;

/**
 * Turns a stream of decisions into labelled examples, each as soon as its label exists and never before: a label is
 * made of the price at hand, or the one in force until then, and of nothing later. Labels come in the order of the decisions.
 * Memory is fixed: one copy of the row for each undecided decision.
 */
export class TargetStream extends DecisionQueue {
  readonly target: Target;
  /** Class of the label resolved last, −1 where there is none since the last gap. */
  lastLabel = -1;
  #emit: Emit = () => {};
  readonly #rule: MoveRule;

  /**
   * `capacity` is needed where the number of undecided decisions has no bound of its own: for all but `events` without latency. Throws
   * `bad-argument` where the target's thresholds are quantiles that nobody has computed.
   */
  constructor(target: Target, capacity = defaultCapacity(target)) {
    super({ horizon: target, fair: target.anchorLevels !== undefined, capacity });
    this.target = target;
    this.#rule = new MoveRule(target.classes.length, target.threshold, formatTarget(target));
  }

  /**
   * Emits every earlier decision whose label `decision` decides, sets `decision.lastLabel`, then keeps a copy.
   * Returns the slot of the copy, in [0, capacity), where a caller may keep what it predicted until `emit` names the slot
   * again; −1 where the decision is no example of the target (`next-change:once`) and will have no label. Predict after this call, so
   * that the models have learnt all that is known.
   */
  onDecision(decision: Decision, emit: Emit): number {
    this.#emit = emit;
    this.undecided.end(decision, this.#label);
    decision.lastLabel = this.lastLabel;
    return this.undecided.keep(decision);
  }

  /** A gap: what happened to the undecided decisions will never be known. */
  reset(): void {
    this.undecided.reset();
    this.lastLabel = -1;
  }

  readonly #label = ({ slot, decision, anchorTicks, endTicks }: Ending): void => {
    const label = this.#rule.classOf(endTicks - anchorTicks, decision.spreadTicks, decision.midTicks);
    this.resolve(decision);
    this.lastLabel = label;
    // The one place where a number becomes a label.
    this.#emit(slot, decision, label as Label);
  };
}
