import type { SignalContext } from '../../context.ts';
import { type DecayedSum, TAUS_SECONDS } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

const TAU = 10;
/** Of the memory, the least that must have seen both sides. */
const LEAST_SEEN = 1e-6;

export const spreadRatio: SignalDefinition = {
  name: 'spread_ratio',
  family: 'liquidity',
  title: 'Spread against its mean',
  meaning:
    'The quoted spread over its own time-weighted mean of the last seconds: above 1 the market is dearer than it just was. NaN where a side is empty, and where one was missing for all that the memory holds.',
  tex: String.raw`\frac{S_t}{\bar S_t},\quad \bar S_t = \frac{\int_0^t S_u\, e^{-(t-u)/\tau}\,du}{\int_0^t 1_{S_u \text{ known}}\, e^{-(t-u)/\tau}\,du},\quad S = P_a - P_b`,
  formula: 'S / mean(S); S = Pa - Pb; the mean weights each moment by exp(-age / tau), moments without a side left out',
  warmup: 'the decay time, 10 s',
  cost: 'two multiplications a message, a division a row',
  source: 'definition',
  needs: [],
  dependencies: ['decaying sums'],
  version: 1,
  columns: () => [{ name: 'spread_ratio', unit: '1', mirror: 'even', ticks: 0, lots: 0, detail: `over ${TAU} s` }],
  create: (context) => new SpreadRatio(context),
};

class SpreadRatio implements Signal {
  readonly #ticks: DecayedSum;
  readonly #seen: DecayedSum;
  readonly #scale = TAUS_SECONDS.indexOf(TAU);

  constructor({ decays }: SignalContext) {
    this.#ticks = decays.sum(TAU);
    this.#seen = decays.sum(TAU);
  }

  onTime(view: MarketView): void {
    if (!view.has(1)) return;
    // The integral of exp(−age / τ) over the time that passed, in units of τ.
    const weight = 1 - view.fades[this.#scale];
    this.#ticks.add(weight * (view.askTicks[0] - view.bidTicks[0]));
    this.#seen.add(weight);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const ticks = this.#ticks.value;
    const seen = this.#seen.value;
    const known = view.has(1) && this.#ticks.ready(view) && seen > LEAST_SEEN;
    out[at] = known ? ((view.askTicks[0] - view.bidTicks[0]) * seen) / ticks : Number.NaN;
  }

  reset(): void {}
}
