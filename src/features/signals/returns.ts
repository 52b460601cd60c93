import type { MarketView } from '../market-view.ts';
import type { FeatureInfo, Signal } from '../signal.ts';

/**
 * The mid now less the mid at the end of the burst k bursts ago, the present one not counted: at the end of a burst that is
 * the return over the last k decisions. Unit: ticks. Warm-up: k bursts. Cost: one store a burst. `NaN` where either book
 * was one-sided.
 */
export class Returns implements Signal {
  readonly columns: readonly FeatureInfo[];
  readonly #lags: readonly number[];
  /** Mids of the last bursts, a ring. */
  readonly #mids: Float64Array;
  #bursts = 0;

  constructor(lags: readonly number[]) {
    this.#lags = lags;
    this.#mids = new Float64Array(Math.max(...lags));
    this.columns = lags.map((lag) => ({
      name: `return_${lag}`,
      family: 'returns',
      unit: 'ticks',
      formula: `mid - mid at the end of the burst ${lag} bursts ago`,
      warmup: `${lag} bursts`,
      source: 'definition; PastReturn in Ait-Sahalia, Fan, Xue and Zhou (2022)',
      parity: 'odd',
      version: 1,
    }));
  }

  onBurst(view: MarketView): void {
    this.#mids[this.#bursts % this.#mids.length] = view.midTicks;
    this.#bursts++;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const mids = this.#mids;
    for (let c = 0; c < this.#lags.length; c++) {
      const then = this.#bursts - this.#lags[c];
      out[at + c] = then >= 0 ? view.midTicks - mids[then % mids.length] : Number.NaN;
    }
  }

  reset(): void {
    this.#bursts = 0;
  }
}
