import { assert, NS_PER_MS } from '../core/index.ts';
import { type Decision, emptyDecision, type Label } from './model.ts';
import type { Target } from './target.ts';

/** Receives a decision made earlier and its label. The decision is valid during the call; `slot` is its place, see `onDecision`. */
export type Emit = (slot: number, decision: Decision, label: Label) => void;

const DEFAULT_CAPACITY = 16_384;

/**
 * Turns a stream of decisions into labelled examples, each as soon as its label exists and never before: a label is
 * made of the mid at hand, or the one in force until then, and of nothing later. Labels come in the order of the decisions.
 * Memory is fixed: one copy of the row for each undecided decision.
 */
export class TargetStream {
  readonly target: Target;
  /** Most undecided decisions kept. */
  readonly capacity: number;
  /** Class of the label resolved last, −1 where there is none since the last gap. */
  lastLabel = -1;
  /** Labels emitted. */
  resolved = 0;
  /** Undecided decisions given up because the ring was full: the oldest goes first. */
  overflowed = 0;
  /** Undecided decisions given up at gaps. */
  dropped = 0;
  #spanSum = 0;
  #previousMid = Number.NaN;
  #head = 0;
  #size = 0;
  readonly #kind: Target['kind'];
  readonly #horizon: number;
  readonly #top: number;
  readonly #slots: Decision[];
  #rowsReady = false;

  /** `capacity` is needed for `time` and `next-change`, whose number of undecided decisions has no bound of its own. */
  constructor(target: Target, capacity = target.kind === 'events' ? target.horizon : DEFAULT_CAPACITY) {
    assert(Number.isInteger(capacity) && capacity > 0, 'a target stream holds at least one decision');
    assert(target.kind !== 'events' || capacity >= target.horizon, 'an events target keeps a horizon of decisions');
    this.target = target;
    this.capacity = capacity;
    this.#kind = target.kind;
    this.#horizon = target.kind === 'time' ? target.horizon * NS_PER_MS : target.horizon;
    this.#top = target.classes.length - 1;
    this.#slots = [];
  }

  /** Decisions whose label does not exist yet. */
  get pending(): number {
    return this.#size;
  }

  /** Mean number of decisions from a decision to its label: how far labels overlap. NaN before the first. */
  get meanSpan(): number {
    return this.#spanSum / this.resolved;
  }

  /**
   * Emits every earlier decision whose label the mid of `decision` decides, sets `decision.lastLabel`, then keeps a copy.
   * Returns the slot of the copy, in [0, capacity), where a caller may keep what it predicted until `emit` names the slot
   * again. Predict after this call, so that the models have learnt all that is known.
   */
  onDecision(decision: Decision, emit: Emit): number {
    const mid = decision.midTicks;
    assert(mid - mid === 0, 'a decision has a mid');
    if (!this.#rowsReady) this.#allocate(decision.row.length);
    if (this.#kind === 'events') {
      if (this.#size === this.#horizon) this.#resolve(decision.index, mid, emit);
    } else if (this.#kind === 'time') {
      // The label exists only now: until a later decision arrived, the earlier mid might still have changed in time.
      while (this.#size > 0 && decision.tsNs > this.#slots[this.#head].tsNs + this.#horizon) {
        this.#resolve(decision.index, this.#previousMid, emit);
      }
    } else {
      while (this.#size > 0 && this.#slots[this.#head].midTicks !== mid) this.#resolve(decision.index, mid, emit);
    }
    this.#previousMid = mid;
    decision.lastLabel = this.lastLabel;
    return this.#keep(decision);
  }

  /** A gap: what happened to the undecided decisions will never be known. */
  reset(): void {
    this.dropped += this.#size;
    this.#head = 0;
    this.#size = 0;
    this.lastLabel = -1;
    this.#previousMid = Number.NaN;
  }

  #resolve(index: number, mid: number, emit: Emit): void {
    const slot = this.#head;
    const decision = this.#slots[slot];
    const change = mid - decision.midTicks;
    const label = change > 0 ? this.#top : change < 0 ? 0 : 1;
    this.#head = slot + 1 === this.capacity ? 0 : slot + 1;
    this.#size--;
    decision.span = index - decision.index;
    this.#spanSum += decision.span;
    this.resolved++;
    this.lastLabel = label;
    // The one place where a number becomes a label.
    emit(slot, decision, label as Label);
  }

  #keep(decision: Decision): number {
    if (this.#size === this.capacity) {
      this.#head = this.#head + 1 === this.capacity ? 0 : this.#head + 1;
      this.#size--;
      this.overflowed++;
    }
    const end = this.#head + this.#size;
    const slot = end >= this.capacity ? end - this.capacity : end;
    const copy = this.#slots[slot];
    copy.index = decision.index;
    copy.tsNs = decision.tsNs;
    copy.midTicks = decision.midTicks;
    copy.spreadTicks = decision.spreadTicks;
    copy.imbalance = decision.imbalance;
    copy.lastLabel = decision.lastLabel;
    copy.span = 0;
    copy.row.set(decision.row);
    this.#size++;
    return slot;
  }

  /** The first decision tells the length of a row; all memory is taken then. */
  #allocate(featureCount: number): void {
    const rows = new Float64Array(this.capacity * featureCount);
    for (let i = 0; i < this.capacity; i++) {
      this.#slots.push(emptyDecision(rows.subarray(i * featureCount, (i + 1) * featureCount)));
    }
    this.#rowsReady = true;
  }
}
