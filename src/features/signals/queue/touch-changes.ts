import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';

/** What the last book message did to the best price and queue of either side. */
export class TouchChanges implements Part {
  /** The best price is another one than before; from or to an empty side counts. */
  bidMoved = false;
  askMoved = false;
  /** Lots gained by the best queue while its price stayed; 0 where it moved. */
  bidLots = 0;
  askLots = 0;

  onBook(view: MarketView): void {
    this.bidMoved = false;
    this.askMoved = false;
    this.bidLots = 0;
    this.askLots = 0;
    if (view.bidChanged) {
      this.bidMoved = view.bidTicks[0] !== view.oldBidTicks[0];
      if (!this.bidMoved) this.bidLots = view.bidLots[0] - view.oldBidLots[0];
    }
    if (view.askChanged) {
      this.askMoved = view.askTicks[0] !== view.oldAskTicks[0];
      if (!this.askMoved) this.askLots = view.askLots[0] - view.oldAskLots[0];
    }
  }

  reset(): void {
    this.bidMoved = false;
    this.askMoved = false;
    this.bidLots = 0;
    this.askLots = 0;
  }
}
