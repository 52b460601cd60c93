import { assert, NS_PER_MS } from '../core/index.ts';
import { type Decision, emptyDecision } from './model.ts';
import type { Horizon } from './target.ts';

/** An undecided decision met its end. Reused: valid during the call that hands it out. */
export interface Ending {
  /** Place of the decision, in [0, capacity). */
  slot: number;
  /** As it was kept; `span` is that of the outcome. */
  decision: Decision;
  /** The price in force when the horizon began. */
  anchorTicks: number;
  /** When the horizon began: the decision's own time and the latency. */
  anchorNs: number;
  /** What is in force at the end of the horizon. */
  endTicks: number;
  endImbalance: number;
  /** The decision point that shows it. */
  nowNs: number;
}

export interface UndecidedOptions {
  readonly horizon: Horizon;
  /** The price is `fairTicks` and not the mid. */
  readonly fair: boolean;
  readonly capacity: number;
}

const DEFAULT_CAPACITY = 16_384;

/** Decisions that a ring holds where nobody says: as many as an horizon of events has; of the others nobody knows how many there will be. */
export function defaultCapacity({ kind, horizon, latencyMs }: Horizon): number {
  if (kind !== 'events') return DEFAULT_CAPACITY;
  return latencyMs === undefined ? horizon : horizon + DEFAULT_CAPACITY;
}

/** Nanoseconds from a decision to the beginning of its horizon. */
export function latencyNs({ latencyMs = 0 }: Horizon): number {
  return Math.round(latencyMs * NS_PER_MS);
}

/**
 * Decisions that wait for the end of their horizon, in order: a ring of copies in memory of its own. `end` before `keep`, once a decision
 * each. What an ending says comes of the decision at hand or of earlier ones, never of later ones.
 */
export class Undecided {
  readonly capacity: number;
  /** Given up because the ring was full: the oldest goes first. */
  overflowed = 0;
  /** Given up at gaps. */
  dropped = 0;
  #head = 0;
  #size = 0;
  /** So many from the head on have an anchor; the rest wait for the latency to pass. */
  #anchored = 0;
  /** Decisions so far. */
  #count = 0;
  #lastTicks = Number.NaN;
  #lastMid = Number.NaN;
  #lastLots = Number.NaN;
  #lastImbalance = Number.NaN;
  readonly #kind: Horizon['kind'];
  readonly #horizon: number;
  readonly #once: boolean;
  readonly #fair: boolean;
  readonly #latencyNs: number;
  /** From the decision to the end of a horizon in time. */
  readonly #untilNs: number;
  readonly #slots: Decision[] = [];
  readonly #anchorTicks: Float64Array;
  readonly #anchorLots: Float64Array;
  readonly #anchorCount: Float64Array;
  readonly #ending: Ending;

  constructor({ horizon, fair, capacity }: UndecidedOptions) {
    assert(Number.isInteger(capacity) && capacity > 0, 'a target stream holds at least one decision');
    assert(horizon.kind !== 'events' || capacity >= horizon.horizon, 'an events target keeps a horizon of decisions');
    this.capacity = capacity;
    this.#kind = horizon.kind;
    this.#horizon = horizon.horizon;
    this.#once = horizon.once === true;
    this.#fair = fair;
    this.#latencyNs = latencyNs(horizon);
    this.#untilNs = this.#latencyNs + horizon.horizon * NS_PER_MS;
    this.#anchorTicks = new Float64Array(capacity);
    this.#anchorLots = new Float64Array(capacity);
    this.#anchorCount = new Float64Array(capacity);
    this.#ending = {
      slot: -1,
      decision: emptyDecision(new Float64Array(0)),
      anchorTicks: Number.NaN,
      anchorNs: Number.NaN,
      endTicks: Number.NaN,
      endImbalance: Number.NaN,
      nowNs: Number.NaN,
    };
  }

  get size(): number {
    return this.#size;
  }

  /** Hands out every kept decision whose horizon ends by what `decision` shows, in the order of the decisions. */
  end(decision: Decision, onEnd: (ending: Ending) => void): void {
    const ticks = this.#fair ? decision.fairTicks : decision.midTicks;
    assert(decision.midTicks - decision.midTicks === 0, 'a decision has a mid');
    assert(ticks - ticks === 0, 'a decision has the price that its target is anchored at');
    assert(this.#kind !== 'volume' || decision.tradedLots >= 0, 'a decision says how many lots traded before it');
    if (this.#slots.length === 0) this.#allocate(decision.row.length);
    this.#count++;
    if (this.#latencyNs > 0) this.#anchor(decision.tsNs);
    while (this.#anchored > 0 && this.#isOver(decision, ticks)) this.#take(decision, ticks, onEnd);
  }

  /** Keeps a copy; returns its slot, or −1 where the decision is no example and is not kept. */
  keep(decision: Decision): number {
    const ticks = this.#fair ? decision.fairTicks : decision.midTicks;
    // Nothing is known to have changed at the first decision, when the last mid is NaN.
    const isExample = !this.#once || Math.abs(decision.midTicks - this.#lastMid) > 0;
    this.#lastTicks = ticks;
    this.#lastMid = decision.midTicks;
    this.#lastLots = decision.tradedLots;
    this.#lastImbalance = decision.imbalance;
    if (!isExample) return -1;
    if (this.#size === this.capacity) {
      this.#drop();
      this.overflowed++;
    }
    const end = this.#head + this.#size;
    const slot = end >= this.capacity ? end - this.capacity : end;
    copyDecision(decision, this.#slots[slot]);
    this.#size++;
    if (this.#latencyNs === 0) this.#anchorAt(slot, this.#count);
    return slot;
  }

  /** A gap: what happened to the undecided decisions will never be known. */
  reset(): void {
    this.dropped += this.#size;
    this.#head = 0;
    this.#size = 0;
    this.#anchored = 0;
    this.#lastTicks = Number.NaN;
    this.#lastMid = Number.NaN;
    this.#lastLots = Number.NaN;
    this.#lastImbalance = Number.NaN;
  }

  /** Only a later decision shows that what was in force at the end of the latency still was. */
  #anchor(nowNs: number): void {
    while (this.#anchored < this.#size) {
      const at = this.#head + this.#anchored;
      const slot = at >= this.capacity ? at - this.capacity : at;
      if (!(nowNs > this.#slots[slot].tsNs + this.#latencyNs)) return;
      this.#anchorAt(slot, this.#count - 1);
    }
  }

  #anchorAt(slot: number, count: number): void {
    this.#anchorTicks[slot] = this.#lastTicks;
    this.#anchorLots[slot] = this.#lastLots;
    this.#anchorCount[slot] = count;
    this.#anchored++;
  }

  #isOver({ tsNs, tradedLots }: Decision, ticks: number): boolean {
    const head = this.#head;
    if (this.#kind === 'events') return this.#count - this.#anchorCount[head] >= this.#horizon;
    // Until a later decision arrived, the earlier mid might still have changed in time.
    if (this.#kind === 'time') return tsNs > this.#slots[head].tsNs + this.#untilNs;
    if (this.#kind === 'volume') return tradedLots - this.#anchorLots[head] >= this.#horizon;
    return ticks !== this.#anchorTicks[head];
  }

  #take(now: Decision, ticks: number, onEnd: (ending: Ending) => void): void {
    const ending = this.#ending;
    const slot = this.#head;
    const decision = this.#slots[slot];
    const inForce = this.#kind === 'time';
    // Labels of examples that are taken once overlap as examples do, whatever lies between these.
    decision.span = this.#once ? this.#size : now.index - decision.index;
    ending.slot = slot;
    ending.decision = decision;
    ending.anchorTicks = this.#anchorTicks[slot];
    ending.anchorNs = decision.tsNs + this.#latencyNs;
    ending.endTicks = inForce ? this.#lastTicks : ticks;
    ending.endImbalance = inForce ? this.#lastImbalance : now.imbalance;
    ending.nowNs = now.tsNs;
    this.#drop();
    onEnd(ending);
  }

  #drop(): void {
    this.#head = this.#head + 1 === this.capacity ? 0 : this.#head + 1;
    this.#size--;
    if (this.#anchored > 0) this.#anchored--;
  }

  /** The first decision tells the length of a row; all memory is taken then. */
  #allocate(featureCount: number): void {
    const rows = new Float64Array(this.capacity * featureCount);
    for (let i = 0; i < this.capacity; i++) {
      this.#slots.push(emptyDecision(rows.subarray(i * featureCount, (i + 1) * featureCount)));
    }
  }
}

function copyDecision(from: Decision, to: Decision): void {
  to.index = from.index;
  to.tsNs = from.tsNs;
  to.midTicks = from.midTicks;
  to.fairTicks = from.fairTicks;
  to.spreadTicks = from.spreadTicks;
  to.imbalance = from.imbalance;
  to.tradedLots = from.tradedLots;
  to.lastLabel = from.lastLabel;
  to.span = 0;
  to.row.set(from.row);
}
