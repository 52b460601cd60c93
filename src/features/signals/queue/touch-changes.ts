import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';

/** What the last book message did to the best price and queue of either side. */
export class TouchChanges implements Part {
  /** The best price is another one than before; from or to an empty side counts. */
  bidMoved = false;
  askMoved = false;
  /** Lots gained by the best queue while its price stayed; 0 where it moved. */
  bidLots = 0.5;
  askLots = 0.5;

  constructor() {
    this.reset();
  }

  onBook(view: MarketView): void {
    let moved = false;
    let lots = 0;
    if (view.bidChanged) {
      moved = view.bidTicks[0] !== view.oldBidTicks[0];
      if (!moved) lots = view.bidLots[0] - view.oldBidLots[0];
    }
    this.bidMoved = moved;
    this.bidLots = lots;
    moved = false;
    lots = 0;
    if (view.askChanged) {
      moved = view.askTicks[0] !== view.oldAskTicks[0];
      if (!moved) lots = view.askLots[0] - view.oldAskLots[0];
    }
    this.askMoved = moved;
    this.askLots = lots;
  }

  reset(): void {
    this.bidMoved = false;
    this.askMoved = false;
    this.bidLots = 0;
    this.askLots = 0;
  }
}
