import type { MarketView } from '../../market-view.ts';
import type { Part, Versioned } from '../../signal.ts';

/** Tells when the best prices or their sizes change, which two messages in three leave alone. */
export class Touch implements Part, Versioned {
  version = 0;

  onBook(view: MarketView): void {
    this.version += view.touchChanges;
  }

  reset(): void {
    this.version++;
  }
}
