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
  /** 1 where the message changed a level of the side; all its flows are 0 where it did not. */
  readonly moved = new Uint8Array(2);
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
    if (view.bidChanged) {
      const { oldBidTicks, oldBidLots, oldBidLevels, bidTicks, bidLots, bidLevels } = view;
      this.#compare(Side.BID, 1, depth, oldBidTicks, oldBidLots, oldBidLevels, bidTicks, bidLots, bidLevels);
    } else this.#clear(Side.BID);
    if (view.askChanged) {
      const { oldAskTicks, oldAskLots, oldAskLevels, askTicks, askLots, askLevels } = view;
      this.#compare(Side.ASK, -1, depth, oldAskTicks, oldAskLots, oldAskLevels, askTicks, askLots, askLevels);
    } else this.#clear(Side.ASK);
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
    let i = 0;
    let j = 0;
    // Down to where either book's best price has been passed, which one comparison mostly does.
    while ((i === 0 || j === 0) && i < oldLevels && j < newLevels) {
      const better = sign * (newTicks[j] - oldTicks[i]);
      const joined = better > 0 ? newLots[j] : better === 0 ? newLots[j] - oldLots[i] : -oldLots[i];
      if (joined > 0) {
        if (j === 0) joinedTouch += joined;
        else joinedDeep += joined;
      } else if (i === 0) leftTouch -= joined;
      else leftDeep -= joined;
      if (better >= 0) j++;
      if (better <= 0) i++;
    }
    while (i < oldLevels && j < newLevels) {
      const price = newTicks[j];
      const oldPrice = oldTicks[i];
      if (price === oldPrice) {
        const change = newLots[j++] - oldLots[i++];
        if (change > 0) joinedDeep += change;
        else if (change < 0) leftDeep -= change;
      } else if (sign * (price - oldPrice) > 0) joinedDeep += newLots[j++];
      else leftDeep += oldLots[i++];
    }
    // What lies behind the last level of the other book is known to be new, or gone, only where that book was shown whole.
    if (oldLevels < depth) {
      for (; j < newLevels; j++) {
        if (j === 0) joinedTouch += newLots[j];
        else joinedDeep += newLots[j];
      }
    }
    if (newLevels < depth) {
      for (; i < oldLevels; i++) {
        if (i === 0) leftTouch += oldLots[i];
        else leftDeep += oldLots[i];
      }
    }
    this.joinedTouch[side] = joinedTouch;
    this.joinedDeep[side] = joinedDeep;
    this.leftTouch[side] = leftTouch;
    this.leftDeep[side] = leftDeep;
    this.moved[side] = 1;
    this.#split(side, leftTouch, leftDeep);
  }

  /** Nothing joined or left, so nothing that traded was executed here. */
  #clear(side: number): void {
    this.#traded[side] = 0;
    if (this.moved[side] === 0) return;
    this.moved[side] = 0;
    this.joinedTouch[side] = 0;
    this.joinedDeep[side] = 0;
    this.leftTouch[side] = 0;
    this.leftDeep[side] = 0;
    this.executed[side] = 0;
    this.cancelledTouch[side] = 0;
    this.cancelledDeep[side] = 0;
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
    this.moved.fill(0);
    for (const flow of [this.joinedTouch, this.joinedDeep, this.leftTouch, this.leftDeep]) flow.fill(0);
    for (const flow of [this.executed, this.cancelledTouch, this.cancelledDeep]) flow.fill(0);
  }
}
