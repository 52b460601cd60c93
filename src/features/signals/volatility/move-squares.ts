import type { SignalContext } from '../../context.ts';
import type { DecayedSum } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';

/** Decaying sums of squared moves of the mid, from book message to book message, ticks². */
export class MoveSquares implements Part {
  readonly over1s: DecayedSum;
  readonly over10s: DecayedSum;

  constructor({ decays }: SignalContext) {
    this.over1s = decays.sum(1);
    this.over10s = decays.sum(10);
  }

  onBook(view: MarketView): void {
    const move = view.moveTicks;
    if (move === 0) return;
    this.over1s.add(move * move);
    this.over10s.add(move * move);
  }

  reset(): void {}
}
