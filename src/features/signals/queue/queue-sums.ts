import { NS_PER_SECOND } from '../../../core/index.ts';
import { Side } from '../../../market/index.ts';
import { BookFlows } from '../../book-flows.ts';
import type { SignalContext } from '../../context.ts';
import { TAUS_SECONDS } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';

/** Decay times in seconds: of rates and shares, and of what is divided by something rare such as an execution. */
export const FAST = 1;
export const SLOW = 10;
const FAST_SCALE = TAUS_SECONDS.indexOf(FAST);
const SLOW_SCALE = TAUS_SECONDS.indexOf(SLOW);

/**
 * What joined and left one side's queues, in lots, each book message as `BookFlows` tells it, fading with time. The sums stand
 * in one array, because nearly every signal of the family reads them and a look-up each would cost more than the sums.
 */
class SideSums {
  /**
   * Ratios of sums that fade alike, and so stay until something joins or leaves; `NaN` before.
   * Of what joined, the part at the touch; of what joined or left at the touch, the part that joined.
   */
  touchShare = Number.NaN;
  refill = Number.NaN;
  /** Mean size of what joined at the touch in a message. */
  arrivalLots = Number.NaN;
  /** (X / C) ln(1 + C / X), slow: by how much cancellations at the touch (C) shorten a wait for executions (X). */
  relief = Number.NaN;
  /** Of what was cancelled at the touch or executed, the part that was cancelled; slow. */
  cancelShare = Number.NaN;
  readonly #side: Side;
  readonly #sums = new Float64Array(8);

  constructor(side: Side) {
    this.#side = side;
  }

  get joinedTouch(): number {
    return this.#sums[0];
  }

  get joinedDeep(): number {
    return this.#sums[1];
  }

  get cancelledTouch(): number {
    return this.#sums[2];
  }

  get cancelledDeep(): number {
    return this.#sums[3];
  }

  get executed(): number {
    return this.#sums[4];
  }

  get slowCancelledTouch(): number {
    return this.#sums[6];
  }

  get slowExecuted(): number {
    return this.#sums[7];
  }

  fade(fast: number, slow: number): void {
    const sums = this.#sums;
    for (let i = 0; i < 6; i++) sums[i] *= fast;
    sums[6] *= slow;
    sums[7] *= slow;
  }

  add(flows: BookFlows): void {
    const side = this.#side;
    const sums = this.#sums;
    const joinedTouch = flows.joinedTouch[side];
    if (joinedTouch > 0) {
      sums[0] += joinedTouch;
      // Messages in which anything joined at the touch.
      sums[5] += 1;
      this.arrivalLots = sums[0] / sums[5];
    }
    sums[1] += flows.joinedDeep[side];
    const cancelled = flows.cancelledTouch[side];
    const executed = flows.executed[side];
    sums[2] += cancelled;
    sums[3] += flows.cancelledDeep[side];
    if (cancelled + executed > 0) {
      sums[4] += executed;
      sums[6] += cancelled;
      sums[7] += executed;
      this.cancelShare = sums[6] / (sums[6] + sums[7]);
      const ratio = sums[6] / sums[7];
      this.relief = ratio > 0 ? Math.log1p(ratio) / ratio : 1;
    }
    this.touchShare = sums[0] / (sums[0] + sums[1]);
    this.refill = sums[0] / (sums[0] + sums[2] + sums[4]);
  }

  reset(): void {
    this.touchShare = Number.NaN;
    this.refill = Number.NaN;
    this.arrivalLots = Number.NaN;
    this.relief = Number.NaN;
    this.cancelShare = Number.NaN;
    this.#sums.fill(0);
  }
}

/** Decaying sums of the flows into and out of both sides' queues. */
export class QueueSums implements Part {
  readonly bid = new SideSums(Side.BID);
  readonly ask = new SideSums(Side.ASK);
  readonly #flows: BookFlows;

  constructor(context: SignalContext) {
    this.#flows = context.share(BookFlows);
  }

  onTime(view: MarketView): void {
    const fast = view.fades[FAST_SCALE];
    const slow = view.fades[SLOW_SCALE];
    this.bid.fade(fast, slow);
    this.ask.fade(fast, slow);
  }

  onBook(_view: MarketView): void {
    const flows = this.#flows;
    if (flows.moved[Side.BID] === 1) this.bid.add(flows);
    if (flows.moved[Side.ASK] === 1) this.ask.add(flows);
  }

  /** Makes a fast sum of lots a rate in average levels per second: 1 / (Q ∫ w); `NaN` until the decay time has passed. */
  perSecond(view: MarketView): number {
    return this.ready(view) ? view.perSecond[FAST_SCALE] / view.meanLots : Number.NaN;
  }

  /** The fast decay time has passed. */
  ready(view: MarketView): boolean {
    return view.nowNs >= FAST * NS_PER_SECOND;
  }

  /** The slow decay time has passed. */
  slowReady(view: MarketView): boolean {
    return view.nowNs >= SLOW * NS_PER_SECOND;
  }

  /** The integral of the weights of a slow sum, in seconds; `NaN` until the decay time has passed. */
  slowSeconds(view: MarketView): number {
    return this.slowReady(view) ? SLOW * view.watched[SLOW_SCALE] : Number.NaN;
  }

  reset(): void {
    this.bid.reset();
    this.ask.reset();
  }
}
