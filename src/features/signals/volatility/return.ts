import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

const LAGS = [1, 10, 50];
/** At least the longest lag, and a power of two. */
const RING = 64;
const MASK = RING - 1;

export const pastReturn: SignalDefinition = {
  name: 'return',
  family: 'volatility',
  title: 'Past return',
  meaning:
    'The mid now less the mid at the end of the burst k bursts ago, the present one not counted: at the end of a burst the return over the last k decisions. NaN where either book was one-sided.',
  tex: 'M_t - M_{(k)}',
  formula: 'mid - mid at the end of the burst k bursts ago',
  warmup: 'k bursts',
  cost: 'one store a burst, a subtraction a column a row',
  source: 'definition; PastReturn in Ait-Sahalia, Fan, Xue and Zhou (2022)',
  needs: [],
  dependencies: [],
  version: 1,
  columns: () =>
    LAGS.map((lag) => ({
      name: `return_${lag}`,
      unit: 'ticks',
      mirror: 'odd',
      ticks: 1,
      lots: 0,
      detail: `${lag} bursts`,
    })),
  create: () => new PastReturn(),
};

class PastReturn implements Signal {
  /** Mids of the last bursts, a ring. */
  readonly #mids = new Float64Array(RING);
  #bursts = 0;

  onBurst(view: MarketView): void {
    this.#mids[this.#bursts & MASK] = view.midTicks;
    this.#bursts++;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    for (let c = 0; c < LAGS.length; c++) {
      const then = this.#bursts - LAGS[c];
      out[at + c] = then >= 0 ? view.midTicks - this.#mids[then & MASK] : Number.NaN;
    }
  }

  reset(): void {
    this.#bursts = 0;
  }
}
