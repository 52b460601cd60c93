import { NO_PRICE, NS_PER_SECOND } from '../../../core/index.ts';
import type { SignalContext } from '../../context.ts';
import { type DecayedSum, tauName } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

const TAUS = [1, 10];
/** A trade so many decay times ago is forgotten: its weight of e⁻²⁰ is rounding and not a price. */
const FORGOTTEN = 20;

export const tradeVwap: SignalDefinition = {
  name: 'trade_vwap',
  family: 'fair-value',
  title: 'Mid against the traded average price',
  meaning:
    'How far the mid stands above the average price that was paid lately, by lots and fading with time. NaN where a side is empty, before the first trade, and where the last one is twenty decay times ago.',
  tex: String.raw`\frac{P_a + P_b}{2} - \frac{\sum_i p_i v_i e^{-(t-t_i)/\tau}}{\sum_i v_i e^{-(t-t_i)/\tau}}`,
  formula: 'mid - sum over trades of p v exp(-age / tau) / sum of v exp(-age / tau); trades between ticks are left out',
  warmup: 'the first trade',
  cost: 'two multiplications a message and decay time, a division a column a row',
  source: 'definition: exponentially weighted VWAP',
  needs: [],
  dependencies: ['decaying sums'],
  version: 1,
  columns: () =>
    TAUS.map((tau) => ({
      name: `trade_vwap_${tauName(tau)}`,
      unit: 'ticks',
      mirror: 'odd',
      ticks: 1,
      lots: 0,
      detail: `over ${tau} s`,
    })),
  create: (context) => new TradeVwap(context),
};

class TradeVwap implements Signal {
  readonly #lots: readonly DecayedSum[];
  /** Lots × price above the anchor. */
  readonly #value: readonly DecayedSum[];
  /** Price of the first trade: distances from it stay small, so that the sums keep their digits. */
  #anchor = Number.NaN;
  #lastNs = Number.NaN;

  constructor({ decays }: SignalContext) {
    this.#lots = decays.sums(TAUS);
    this.#value = decays.sums(TAUS);
  }

  onTrade(view: MarketView, _sign: number, sizeLots: number, priceTicks: number): void {
    if (priceTicks === NO_PRICE) return;
    if (Number.isNaN(this.#anchor)) this.#anchor = priceTicks;
    this.#lastNs = view.nowNs;
    const value = sizeLots * (priceTicks - this.#anchor);
    for (let c = 0; c < this.#lots.length; c++) {
      this.#lots[c].add(sizeLots);
      this.#value[c].add(value);
    }
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const mid = view.midTicks - this.#anchor;
    const ageNs = view.nowNs - this.#lastNs;
    for (let c = 0; c < this.#lots.length; c++) {
      const lots = this.#lots[c];
      const fresh = ageNs <= FORGOTTEN * lots.tau * NS_PER_SECOND;
      out[at + c] = fresh ? mid - this.#value[c].value / lots.value : Number.NaN;
    }
  }

  reset(): void {
    this.#anchor = Number.NaN;
    this.#lastNs = Number.NaN;
  }
}
