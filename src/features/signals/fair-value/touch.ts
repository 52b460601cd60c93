import type { MarketView } from '../../market-view.ts';
import type { Part, Versioned } from '../../signal.ts';

/** Tells when the best prices or their sizes change, which two messages in three leave alone. */
export class Touch implements Part, Versioned {
  version = 0;

  onBook(view: MarketView): void {
    if (view.bidChanged) {
      const { bidTicks, bidLots, oldBidTicks, oldBidLots } = view;
      if (bidTicks[0] !== oldBidTicks[0] || bidLots[0] !== oldBidLots[0]) this.version++;
    }
    if (view.askChanged) {
      const { askTicks, askLots, oldAskTicks, oldAskLots } = view;
      if (askTicks[0] !== oldAskTicks[0] || askLots[0] !== oldAskLots[0]) this.version++;
    }
  }

  reset(): void {
    this.version++;
  }
}
