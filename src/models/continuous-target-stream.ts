import { NS_PER_SECOND } from '../core/index.ts';
import type { ContinuousTarget } from './continuous-target.ts';
import { DecisionQueue } from './decision-queue.ts';
import type { Decision } from './model.ts';
import { defaultCapacity, type Ending } from './undecided.ts';

declare const observed: unique symbol;

/**
 * The number that a decision's outcome came to. Only a `ContinuousTargetStream` makes one, and only from the decision at hand and
 * earlier ones, so a model cannot be taught it before it exists.
 */
export type Outcome = number & { readonly [observed]: true };

/** Receives a decision made earlier and its outcome. The decision is valid during the call. */
export type EmitOutcome = (slot: number, decision: Decision, outcome: Outcome) => void;

/** As `TargetStream`, for numbers. It leaves `decision.lastLabel` as it is, so that both may hear of the same decisions. */
export class ContinuousTargetStream extends DecisionQueue {
  readonly target: ContinuousTarget;
  /** NaN where there is none since the last gap. */
  lastOutcome = Number.NaN;
  #emit: EmitOutcome = () => {};
  readonly #isWait: boolean;

  constructor(target: ContinuousTarget, capacity = defaultCapacity(target.until)) {
    super({ horizon: target.until, fair: false, capacity });
    this.target = target;
    this.#isWait = target.what === 'log-wait';
  }

  /** Emits every earlier decision whose outcome `decision` shows, then keeps a copy; returns its slot, in [0, capacity). */
  onDecision(decision: Decision, emit: EmitOutcome): number {
    this.#emit = emit;
    this.undecided.end(decision, this.#observe);
    return this.undecided.keep(decision);
  }

  /** A gap: what happened to the undecided decisions will never be known. */
  reset(): void {
    this.undecided.reset();
    this.lastOutcome = Number.NaN;
  }

  readonly #observe = ({ slot, decision, anchorNs, nowNs, endImbalance }: Ending): void => {
    const outcome = this.#isWait ? logWait(nowNs - anchorNs) : endImbalance;
    this.resolve(decision);
    this.lastOutcome = outcome;
    // The one place where a number becomes an outcome.
    this.#emit(slot, decision, outcome as Outcome);
  };
}

/** Natural logarithm of the seconds; clocks tell no less than a nanosecond. */
export function logWait(waitNs: number): number {
  return Math.log(Math.max(1, waitNs) / NS_PER_SECOND);
}
