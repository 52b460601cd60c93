import type { SignalContext } from '../../context.ts';
import type { DecayedSum } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';

/** Decaying sums of all lots that traded, whichever side they are of. */
export class TradedLots implements Part {
  readonly over1s: DecayedSum;
  readonly over10s: DecayedSum;

  constructor({ decays }: SignalContext) {
    this.over1s = decays.sum(1);
    this.over10s = decays.sum(10);
  }

  onTrade(_view: MarketView, _sign: number, sizeLots: number): void {
    this.over1s.add(sizeLots);
    this.over10s.add(sizeLots);
  }

  reset(): void {}
}
