import { NS_PER_MS } from '../../../core/index.ts';
import { EventKind, Side } from '../../../market/index.ts';
import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import { type Part, Version } from '../../signal.ts';
import { ForwardDecay } from './forward-decay.ts';

/** Orders remembered; a power of two. */
const PLACES = 8192;
const FLEETING_NS = 100 * NS_PER_MS;

/** The orders of one side that were deleted, decayed; shares and means stay until the next, for both their parts fade alike. */
class SideDeletions {
  /** Of the deleted orders of known age, those that lived 100 ms or less; and the mean of ln(1 + age in ms). `NaN` before one. */
  fleetingShare = Number.NaN;
  meanLog = Number.NaN;
  #all = 0.5;
  #fleeting = 0.5;
  #logs = 0.5;

  constructor() {
    this.reset();
  }

  add(ageNs: number, weight: number): void {
    this.#all += weight;
    if (ageNs <= FLEETING_NS) this.#fleeting += weight;
    this.#logs += weight * Math.log(1 + ageNs / NS_PER_MS);
    this.fleetingShare = this.#fleeting / this.#all;
    this.meanLog = this.#logs / this.#all;
  }

  rescale(rescale: number): void {
    this.#all *= rescale;
    this.#fleeting *= rescale;
    this.#logs *= rescale;
  }

  reset(): void {
    this.fleetingShare = Number.NaN;
    this.meanLog = Number.NaN;
    this.#all = 0;
    this.#fleeting = 0;
    this.#logs = 0;
  }
}

/**
 * How old deleted orders were. Orders are remembered by the low bits of their number, the newer one taking the place of the
 * older: where numbers count upwards these are the last 8192 orders, so very old ones may be unknown. That suits signals
 * that ask for the young.
 */
export class DeletedOrders implements Part {
  readonly bid = new SideDeletions();
  readonly ask = new SideDeletions();
  /** What the shares and means depend on. */
  readonly deletions = new Version();
  /** The decay time has passed. */
  known = false;
  readonly #decay: ForwardDecay;
  /** By place, the order's number and when it was added (ns): side by side, so that one line of the cache has both. */
  readonly #orders = new Float64Array(2 * PLACES).fill(Number.NaN);

  constructor(context: SignalContext) {
    this.#decay = context.share(ForwardDecay);
  }

  onTime(_view: MarketView): void {
    const { slowRescale, slowReady } = this.#decay;
    if (slowRescale !== 1) {
      this.bid.rescale(slowRescale);
      this.ask.rescale(slowRescale);
    }
    if (slowReady && !this.known) {
      this.known = true;
      this.deletions.raise();
    }
  }

  onOrder(view: MarketView, kind: number, side: number, _priceTicks: number, _lots: number, orderId: number): void {
    if (kind === EventKind.ADD) {
      const orders = this.#orders;
      const place = 2 * (orderId & (PLACES - 1));
      orders[place] = orderId;
      orders[place + 1] = view.nowNs;
    } else if (kind === EventKind.DELETE) {
      const orders = this.#orders;
      const place = 2 * (orderId & (PLACES - 1));
      if (orders[place] !== orderId) return;
      orders[place] = Number.NaN;
      const deletions = side === Side.BID ? this.bid : this.ask;
      deletions.add(view.nowNs - orders[place + 1], this.#decay.slowWeight);
      this.deletions.raise();
    }
  }

  reset(): void {
    this.bid.reset();
    this.ask.reset();
    this.deletions.raise();
    this.known = false;
    this.#orders.fill(Number.NaN);
  }
}
