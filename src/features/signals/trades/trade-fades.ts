import type { SignalContext } from '../../context.ts';
import type { DecayedSum } from '../../decays.ts';
import type { Part } from '../../signal.ts';

/**
 * What is left, exp(−age / τ), of the last trade. Sums over trades fade alike from one trade to the next, so time needs to fade
 * only this: S(t) = S(last trade) × what is left of it. 0 before the first trade, when there are no sums yet.
 *
 * In `onTrade` signals find what was left of the trade before, to fade their sums with: `S = S × last + x`, at every trade.
 */
export class TradeFades implements Part {
  readonly over100ms: DecayedSum;
  readonly over1s: DecayedSum;
  readonly over10s: DecayedSum;
  last100ms = Number.NaN;
  last1s = Number.NaN;
  last10s = Number.NaN;

  constructor({ decays }: SignalContext) {
    this.over100ms = decays.sum(0.1);
    this.over1s = decays.sum(1);
    this.over10s = decays.sum(10);
  }

  onTrade(): void {
    const { over100ms, over1s, over10s } = this;
    this.last100ms = over100ms.value;
    this.last1s = over1s.value;
    this.last10s = over10s.value;
    over100ms.clear();
    over1s.clear();
    over10s.clear();
    over100ms.add(1);
    over1s.add(1);
    over10s.add(1);
  }

  reset(): void {}
}
