import { NO_PRICE, NS_PER_SECOND } from '../../../core/index.ts';
import { tauName } from '../../decays.ts';
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
  cost: 'an exponential and two divisions a column a trade, a subtraction a row',
  source: 'definition: exponentially weighted VWAP',
  needs: [],
  dependencies: [],
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
  create: () => new TradeVwap(),
};

/** Lots and lots × price fade alike: their quotient changes with trades alone, and is worked out then. */
class TradeVwap implements Signal {
  readonly #short = new FadingAverage(TAUS[0]);
  readonly #long = new FadingAverage(TAUS[1]);
  #lastNs = Number.NaN;

  onTrade(view: MarketView, _sign: number, sizeLots: number, priceTicks: number): void {
    if (priceTicks === NO_PRICE) return;
    // NaN before the first trade.
    const elapsedNs = view.nowNs - this.#lastNs;
    this.#lastNs = view.nowNs;
    this.#short.add(sizeLots, priceTicks, elapsedNs);
    this.#long.add(sizeLots, priceTicks, elapsedNs);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const mid = view.midTicks;
    const ageNs = view.nowNs - this.#lastNs;
    out[at] = ageNs <= this.#short.forgottenNs ? mid - this.#short.price : Number.NaN;
    out[at + 1] = ageNs <= this.#long.forgottenNs ? mid - this.#long.price : Number.NaN;
  }

  reset(): void {
    this.#lastNs = Number.NaN;
  }
}

/** Average price of the trades, by lots that fade with time. */
class FadingAverage {
  /** Age of the last trade up to which the average holds. */
  readonly forgottenNs: number;
  price = Number.NaN;
  readonly #tauNs: number;
  #lots = Number.NaN;

  constructor(tauSeconds: number) {
    this.#tauNs = tauSeconds * NS_PER_SECOND;
    this.forgottenNs = FORGOTTEN * this.#tauNs;
  }

  /** `elapsedNs` is the time since the trade before, `NaN` where there was none. */
  add(sizeLots: number, priceTicks: number, elapsedNs: number): void {
    if (!(elapsedNs <= this.forgottenNs)) {
      this.#lots = sizeLots;
      this.price = priceTicks;
      return;
    }
    const lots = (elapsedNs > 0 ? this.#lots * Math.exp(-elapsedNs / this.#tauNs) : this.#lots) + sizeLots;
    this.#lots = lots;
    this.price += (sizeLots / lots) * (priceTicks - this.price);
  }
}
