import { EventKind, Side } from '../market/index.ts';
import type { SignalContext } from './context.ts';
import type { MarketView } from './market-view.ts';
import type { Part } from './signal.ts';

/**
 * What the last book message did to the queues, in lots by side (index `Side.BID` or `Side.ASK`), told apart by price and not
 * by rank, at the touch (the best price) and deeper.
 *
 * Every price that both the book before and the book after can tell of is compared: a greater size joined, a smaller one left.
 * What joined at the best price of the book after, or left the best price of the book before, did so at the touch. Prices
 * behind the last level of a full view are unknown in one of the two books and are passed over.
 *
 * Of what left, as much as traded against this side since the book message before was executed, best price first; the rest
 * was cancelled. On a stream of orders the message's own EXECUTE rows say what traded; on a stream of levels the trades printed
 * since the book message before do, as far as anything left at all.
 */
export class BookFlows implements Part {
  readonly joinedTouch = new Float64Array(2);
  readonly joinedDeep = new Float64Array(2);
  /** Left at the touch and deeper, for whatever reason. */
  readonly leftTouch = new Float64Array(2);
  readonly leftDeep = new Float64Array(2);
  readonly executed = new Float64Array(2);
  readonly cancelledTouch = new Float64Array(2);
  readonly cancelledDeep = new Float64Array(2);
  readonly #byOrder: boolean;
  /** Lots traded against each side since the book message before. */
  readonly #traded = new Float64Array(2);

  constructor({ instrument }: SignalContext) {
    this.#byOrder = instrument.byOrder === true;
  }

  onOrder(_view: MarketView, kind: number, side: number, _priceTicks: number, sizeLots: number): void {
    if (kind === EventKind.EXECUTE) this.#traded[side] += sizeLots;
  }

  onTrade(_view: MarketView, sign: number, sizeLots: number): void {
    if (this.#byOrder || sign === 0) return;
    this.#traded[sign > 0 ? Side.ASK : Side.BID] += sizeLots;
  }

  onBook(view: MarketView): void {
    const { depth } = view;
    this.#compare(
      Side.BID,
      1,
      depth,
      view.oldBidTicks,
      view.oldBidLots,
      view.oldBidLevels,
      view.bidTicks,
      view.bidLots,
      view.bidLevels,
    );
    this.#compare(
      Side.ASK,
      -1,
      depth,
      view.oldAskTicks,
      view.oldAskLots,
      view.oldAskLevels,
      view.askTicks,
      view.askLots,
      view.askLevels,
    );
  }

  /** `sign` × price falls from level to level on either side. */
  #compare(
    side: number,
    sign: number,
    depth: number,
    oldTicks: Int32Array,
    oldLots: Float64Array,
    oldLevels: number,
    newTicks: Int32Array,
    newLots: Float64Array,
    newLevels: number,
  ): void {
    let joinedTouch = 0;
    let joinedDeep = 0;
    let leftTouch = 0;
    let leftDeep = 0;
    // A view that is not full shows its whole side.
    const oldEnd = oldLevels < depth ? Number.NEGATIVE_INFINITY : sign * oldTicks[depth - 1];
    const newEnd = newLevels < depth ? Number.NEGATIVE_INFINITY : sign * newTicks[depth - 1];
    const end = oldEnd > newEnd ? oldEnd : newEnd;
    let i = 0;
    let j = 0;
    while (i < oldLevels || j < newLevels) {
      const before = i < oldLevels ? sign * oldTicks[i] : Number.NEGATIVE_INFINITY;
      const after = j < newLevels ? sign * newTicks[j] : Number.NEGATIVE_INFINITY;
      if ((before > after ? before : after) < end) break;
      const change = (after >= before ? newLots[j] : 0) - (before >= after ? oldLots[i] : 0);
      if (change > 0) {
        if (j === 0) joinedTouch += change;
        else joinedDeep += change;
      } else if (i === 0) leftTouch -= change;
      else leftDeep -= change;
      if (before >= after) i++;
      if (after >= before) j++;
    }
    this.joinedTouch[side] = joinedTouch;
    this.joinedDeep[side] = joinedDeep;
    this.leftTouch[side] = leftTouch;
    this.leftDeep[side] = leftDeep;
    this.#split(side, leftTouch, leftDeep);
  }

  #split(side: number, leftTouch: number, leftDeep: number): void {
    const executed = Math.min(this.#traded[side], leftTouch + leftDeep);
    const beyond = Math.max(0, executed - leftTouch);
    this.#traded[side] = 0;
    this.executed[side] = executed;
    this.cancelledTouch[side] = leftTouch - (executed - beyond);
    this.cancelledDeep[side] = leftDeep - beyond;
  }

  reset(): void {
    this.#traded.fill(0);
    for (const flow of [this.joinedTouch, this.joinedDeep, this.leftTouch, this.leftDeep]) flow.fill(0);
    for (const flow of [this.executed, this.cancelledTouch, this.cancelledDeep]) flow.fill(0);
  }
}
