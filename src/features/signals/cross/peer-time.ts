import { NS_PER_SECOND } from '../../../core/index.ts';
import type { SignalContext } from '../../context.ts';
import type { DecayedSum } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';

/** Since when both instruments are known, on the own market's clock. */
export class PeerTime implements Part {
  #knownNs = Number.NaN;
  /** What an endless memory of 10 s has not seen of the two. */
  readonly #unseen: DecayedSum;

  constructor({ decays }: SignalContext) {
    this.#unseen = decays.sum(10);
  }

  onPeerStart(view: MarketView): void {
    this.#knownNs = view.nowNs;
    this.#unseen.clear();
    this.#unseen.add(1);
  }

  /** True once both have been known for `tauSeconds`. */
  ready(view: MarketView, tauSeconds: number): boolean {
    return view.nowNs - this.#knownNs >= tauSeconds * NS_PER_SECOND;
  }

  /** 1 − exp(−t / 10 s) of the time t that both have been known. */
  get watched(): number {
    return 1 - this.#unseen.value;
  }

  reset(): void {
    this.#knownNs = Number.NaN;
  }
}
