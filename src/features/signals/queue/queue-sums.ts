import { Side } from '../../../market/index.ts';
import { BookFlows } from '../../book-flows.ts';
import type { SignalContext } from '../../context.ts';
import type { DecayedSum, Decays } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';

/** Decay times in seconds: of rates and shares, and of what is divided by something rare such as an execution. */
export const FAST = 1;
export const SLOW = 10;

/** What joined and left one side's queues, in lots, each book message as `BookFlows` tells it. */
export class SideSums {
  readonly joinedTouch: DecayedSum;
  readonly joinedDeep: DecayedSum;
  readonly cancelledTouch: DecayedSum;
  readonly cancelledDeep: DecayedSum;
  readonly executed: DecayedSum;
  readonly leftTouch: DecayedSum;
  readonly slowJoinedTouch: DecayedSum;
  /** Book messages in which anything joined at the touch. */
  readonly slowArrivals: DecayedSum;
  readonly slowCancelledTouch: DecayedSum;
  readonly slowCancelledDeep: DecayedSum;
  readonly slowExecuted: DecayedSum;
  readonly slowLeftTouch: DecayedSum;
  /**
   * Ratios of sums that fade alike, and so stay until something joins or leaves; `NaN` before.
   * Of what joined, the part at the touch; of what joined or left at the touch, the part that joined.
   */
  touchShare = Number.NaN;
  refill = Number.NaN;
  /** Mean size of what joined at the touch in a message, slow. */
  arrivalLots = Number.NaN;
  /** (X / C) ln(1 + C / X), slow: by how much cancellations at the touch (C) shorten a wait for executions (X). */
  relief = Number.NaN;
  readonly #side: Side;

  constructor(decays: Decays, side: Side) {
    this.#side = side;
    this.joinedTouch = decays.sum(FAST);
    this.joinedDeep = decays.sum(FAST);
    this.cancelledTouch = decays.sum(FAST);
    this.cancelledDeep = decays.sum(FAST);
    this.executed = decays.sum(FAST);
    this.leftTouch = decays.sum(FAST);
    this.slowJoinedTouch = decays.sum(SLOW);
    this.slowArrivals = decays.sum(SLOW);
    this.slowCancelledTouch = decays.sum(SLOW);
    this.slowCancelledDeep = decays.sum(SLOW);
    this.slowExecuted = decays.sum(SLOW);
    this.slowLeftTouch = decays.sum(SLOW);
  }

  /** Most messages leave most of these flows at nothing, and a comparison is cheaper than an addition to a sum. */
  add(flows: BookFlows): void {
    const side = this.#side;
    const joinedTouch = flows.joinedTouch[side];
    if (joinedTouch > 0) {
      this.joinedTouch.add(joinedTouch);
      this.slowJoinedTouch.add(joinedTouch);
      this.slowArrivals.add(1);
      this.arrivalLots = this.slowJoinedTouch.value / this.slowArrivals.value;
    }
    const joinedDeep = flows.joinedDeep[side];
    if (joinedDeep > 0) this.joinedDeep.add(joinedDeep);
    const leftTouch = flows.leftTouch[side];
    if (leftTouch + flows.leftDeep[side] > 0) this.#subtract(flows, side, leftTouch);
    const joined = this.joinedTouch.value;
    this.touchShare = joined / (joined + this.joinedDeep.value);
    this.refill = joined / (joined + this.leftTouch.value);
  }

  #subtract(flows: BookFlows, side: Side, leftTouch: number): void {
    const executed = flows.executed[side];
    const cancelledTouch = flows.cancelledTouch[side];
    const cancelledDeep = flows.cancelledDeep[side];
    if (leftTouch > 0) {
      this.leftTouch.add(leftTouch);
      this.slowLeftTouch.add(leftTouch);
    }
    if (executed > 0) {
      this.executed.add(executed);
      this.slowExecuted.add(executed);
    }
    if (cancelledTouch > 0) {
      this.cancelledTouch.add(cancelledTouch);
      this.slowCancelledTouch.add(cancelledTouch);
    }
    if (cancelledDeep > 0) {
      this.cancelledDeep.add(cancelledDeep);
      this.slowCancelledDeep.add(cancelledDeep);
    }
    if (executed + cancelledTouch > 0) {
      const ratio = this.slowCancelledTouch.value / this.slowExecuted.value;
      this.relief = ratio > 0 ? Math.log1p(ratio) / ratio : 1;
    }
  }

  reset(): void {
    this.touchShare = Number.NaN;
    this.refill = Number.NaN;
    this.arrivalLots = Number.NaN;
    this.relief = Number.NaN;
  }
}

/** Decaying sums of the flows into and out of both sides' queues. */
export class QueueSums implements Part {
  readonly bid: SideSums;
  readonly ask: SideSums;
  readonly flows: BookFlows;

  constructor(context: SignalContext) {
    this.flows = context.share(BookFlows);
    this.bid = new SideSums(context.decays, Side.BID);
    this.ask = new SideSums(context.decays, Side.ASK);
  }

  onBook(_view: MarketView): void {
    const { flows } = this;
    if (flows.moved[Side.BID] === 1) this.bid.add(flows);
    if (flows.moved[Side.ASK] === 1) this.ask.add(flows);
  }

  /** Makes a fast sum of lots a rate in average levels per second: 1 / (Q ∫ w); `NaN` until the decay time has passed. */
  perSecond(view: MarketView): number {
    const sum = this.bid.joinedTouch;
    return sum.ready(view) ? view.perSecond[sum.scale] / view.meanLots : Number.NaN;
  }

  /** The integral of the weights of a slow sum, in seconds; `NaN` until the decay time has passed. */
  slowSeconds(view: MarketView): number {
    const sum = this.bid.slowExecuted;
    return sum.ready(view) ? SLOW * view.watched[sum.scale] : Number.NaN;
  }

  reset(): void {
    this.bid.reset();
    this.ask.reset();
  }
}
