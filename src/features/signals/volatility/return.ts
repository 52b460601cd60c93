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
  /** Mids of the last bursts, a ring; `NaN` where there was none. */
  readonly #mids = new Float64Array(RING).fill(Number.NaN);
  #bursts = 0;

  onBurst(view: MarketView): void {
    this.#mids[this.#bursts & MASK] = view.midTicks;
    this.#bursts++;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const mids = this.#mids;
    const mid = view.midTicks;
    const next = this.#bursts;
    out[at] = mid - mids[(next - LAGS[0]) & MASK];
    out[at + 1] = mid - mids[(next - LAGS[1]) & MASK];
    out[at + 2] = mid - mids[(next - LAGS[2]) & MASK];
  }

  reset(): void {
    this.#mids.fill(Number.NaN);
    this.#bursts = 0;
  }
}
