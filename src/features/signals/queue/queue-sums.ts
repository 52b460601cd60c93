import { Side } from '../../../market/index.ts';
import { BookFlows } from '../../book-flows.ts';
import type { SignalContext } from '../../context.ts';
import { TAUS_SECONDS } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import { type Part, Version } from '../../signal.ts';
import { FAST, ForwardDecay, SLOW } from './forward-decay.ts';

const FAST_SCALE = TAUS_SECONDS.indexOf(FAST);
const SLOW_SCALE = TAUS_SECONDS.indexOf(SLOW);

/**
 * What joined and left one side's queues, in lots, each book message as `BookFlows` tells it, in sums that `ForwardDecay`
 * makes fade; and what follows from them alone, worked out when they change.
 */
class SideSums {
  /** Fast. */
  joinedTouch = 0.5;
  joinedDeep = 0.5;
  cancelledTouch = 0.5;
  cancelledDeep = 0.5;
  executed = 0.5;
  /** Of what joined or left at the touch, the part that joined; fast. `NaN` before. */
  refill = Number.NaN;
  /** Of what was cancelled at the touch or executed, the part that was cancelled; slow. `NaN` before. */
  cancelShare = Number.NaN;
  /**
   * The best queue over all that left it, and over what of it was executed if cancellations shorten the wait; times
   * `QueueSums.slowSeconds` they are seconds. `NaN` where the side is empty or nothing left it.
   */
  depletion = Number.NaN;
  fill = Number.NaN;
  /** Slow; C and X. */
  #slowCancelled = 0.5;
  #slowExecuted = 0.5;
  /** 1 / (C + X) and ln(1 + C / X) / C. */
  #perLeft = Number.NaN;
  #perExecuted = Number.NaN;
  readonly #side: Side;

  constructor(side: Side) {
    this.#side = side;
    this.reset();
  }

  /** True where anything left the best queue or was executed. */
  add(flows: BookFlows, fast: number, slow: number): boolean {
    const side = this.#side;
    const joined = flows.joinedTouch[side];
    const cancelled = flows.cancelledTouch[side];
    const executed = flows.executed[side];
    this.joinedDeep += flows.joinedDeep[side] * fast;
    this.cancelledDeep += flows.cancelledDeep[side] * fast;
    const left = cancelled + executed;
    if (joined + left === 0) return false;
    this.joinedTouch += joined * fast;
    this.cancelledTouch += cancelled * fast;
    this.executed += executed * fast;
    this.refill = this.joinedTouch / (this.joinedTouch + this.cancelledTouch + this.executed);
    if (left === 0) return false;
    this.#slowCancelled += cancelled * slow;
    this.#slowExecuted += executed * slow;
    this.#divide();
    this.cancelShare = this.#slowCancelled / (this.#slowCancelled + this.#slowExecuted);
    return true;
  }

  /** The best queue is so long now. */
  wait(lots: number): void {
    const present = lots > 0 ? lots : Number.NaN;
    this.depletion = present * this.#perLeft;
    this.fill = present * this.#perExecuted;
  }

  rescaleFast(rescale: number): void {
    this.joinedTouch *= rescale;
    this.joinedDeep *= rescale;
    this.cancelledTouch *= rescale;
    this.cancelledDeep *= rescale;
    this.executed *= rescale;
  }

  rescaleSlow(rescale: number): void {
    this.#slowCancelled *= rescale;
    this.#slowExecuted *= rescale;
    this.#divide();
  }

  #divide(): void {
    const cancelled = this.#slowCancelled;
    const executed = this.#slowExecuted;
    const left = cancelled + executed;
    this.#perLeft = left > 0 ? 1 / left : Number.NaN;
    if (!(executed > 0)) this.#perExecuted = Number.NaN;
    else this.#perExecuted = cancelled > 0 ? Math.log1p(cancelled / executed) / cancelled : 1 / executed;
  }

  reset(): void {
    this.joinedTouch = 0;
    this.joinedDeep = 0;
    this.cancelledTouch = 0;
    this.cancelledDeep = 0;
    this.executed = 0;
    this.refill = Number.NaN;
    this.cancelShare = Number.NaN;
    this.depletion = Number.NaN;
    this.fill = Number.NaN;
    this.#slowCancelled = 0;
    this.#slowExecuted = 0;
    this.#perLeft = Number.NaN;
    this.#perExecuted = Number.NaN;
  }
}

/** Decaying sums of the flows into and out of both sides' queues. */
export class QueueSums implements Part {
  readonly bid = new SideSums(Side.BID);
  readonly ask = new SideSums(Side.ASK);
  /** What the shares of what left depend on. */
  readonly leaving = new Version();
  /** Makes a fast sum lots per second, with `perLot` average levels per second; `NaN` until the decay time has passed. */
  fastPerSecond = Number.NaN;
  /** 1 / Q of the last book. */
  perLot = Number.NaN;
  /** The integral of the weights of a slow sum, in seconds of its present worth; `NaN` until the decay time has passed. */
  slowSeconds = Number.NaN;
  readonly #flows: BookFlows;
  readonly #decay: ForwardDecay;

  constructor(context: SignalContext) {
    this.#flows = context.share(BookFlows);
    this.#decay = context.share(ForwardDecay);
  }

  onTime(view: MarketView): void {
    const { fastReady, slowReady, fastWorth, slowWeight, fastRescale, slowRescale } = this.#decay;
    if (fastRescale !== 1) {
      this.bid.rescaleFast(fastRescale);
      this.ask.rescaleFast(fastRescale);
    }
    if (slowRescale !== 1) {
      this.bid.rescaleSlow(slowRescale);
      this.ask.rescaleSlow(slowRescale);
      this.bid.wait(view.bidLots[0]);
      this.ask.wait(view.askLots[0]);
    }
    if (fastReady) this.fastPerSecond = view.perSecond[FAST_SCALE] * fastWorth;
    if (slowReady) {
      if (Number.isNaN(this.slowSeconds)) this.leaving.raise();
      this.slowSeconds = SLOW * view.watched[SLOW_SCALE] * slowWeight;
    }
    // Of the first book no message tells.
    if (Number.isNaN(this.perLot)) this.perLot = 1 / view.meanLots;
  }

  onBook(view: MarketView): void {
    const flows = this.#flows;
    const { fastWeight, slowWeight } = this.#decay;
    this.perLot = 1 / view.meanLots;
    if (view.bidChanged) {
      if (this.bid.add(flows, fastWeight, slowWeight)) this.leaving.raise();
      this.bid.wait(view.bidLots[0]);
    }
    if (view.askChanged) {
      if (this.ask.add(flows, fastWeight, slowWeight)) this.leaving.raise();
      this.ask.wait(view.askLots[0]);
    }
  }

  reset(): void {
    this.bid.reset();
    this.ask.reset();
    this.leaving.raise();
    this.fastPerSecond = Number.NaN;
    this.perLot = Number.NaN;
    this.slowSeconds = Number.NaN;
  }
}
