import { assert, NS_PER_SECOND } from '../../../core/index.ts';
import type { SignalContext } from '../../context.ts';
import type { HawkesFit } from '../../fit.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

/**
 * Trades of one sign that follow each other within this time are one episode: a market order prints once for every order that
 * it meets. LOBSTER stamps those alike; Binance's come within 10 µs of each other on our clock.
 */
export const EPISODE_SECONDS = 1e-3;
/** Of what an endless past would add, e⁻³ = 5 % is missing then. */
const WARMUP_LIFETIMES = 3;

export const hawkes: SignalDefinition = {
  name: 'hawkes',
  family: 'queue',
  title: 'Hawkes intensity of buys and sells',
  meaning:
    'How many buyers and sellers to expect per second, when every trade makes others of its own and of the other side more likely for a while, as fitted on training data. Runs of prints within 1 ms count once.',
  tex: String.raw`\lambda_\pm = \mu + \alpha_{\text{self}}\sum_{t_i^\pm} e^{-\beta(t-t_i)} + \alpha_{\text{cross}}\sum_{t_i^\mp} e^{-\beta(t-t_i)};\quad \frac{\lambda_+-\lambda_-}{\lambda_++\lambda_-}`,
  formula:
    'l_buy, l_sell, (l_buy - l_sell) / (l_buy + l_sell); l_buy = mu + self sum over buys of exp(-beta age) + cross sum over sells of exp(-beta age), l_sell the other way around; mu, self, cross, beta fitted; trades of one sign within 1 ms of the one before are not counted again',
  warmup: '3 / beta',
  cost: 'an exponential a message, a division a row',
  source:
    'Hawkes (1971), Spectra of some self-exciting and mutually exciting point processes, Biometrika 58(1); Bacry, Mastromatteo and Muzy (2015), Hawkes processes in finance',
  needs: ['fit'],
  dependencies: ['Hawkes fit'],
  version: 1,
  columns: () => [
    { name: 'hawkes_buy', unit: '1/s', mirror: 'hawkes_sell', ticks: 0, lots: 0, detail: 'buys' },
    { name: 'hawkes_sell', unit: '1/s', mirror: 'hawkes_buy', ticks: 0, lots: 0, detail: 'sells' },
    { name: 'hawkes_imbalance', unit: '1', mirror: 'odd', ticks: 0, lots: 0, detail: 'buys less sells over their sum' },
  ],
  create: ({ fit }: SignalContext) => {
    assert(fit !== null, 'hawkes is created with a fit');
    return new Hawkes(fit.hawkes);
  },
};

class Hawkes implements Signal {
  readonly #fit: HawkesFit;
  /** −β per nanosecond. */
  readonly #fadePerNs: number;
  readonly #warmNs: number;
  /** Σ e^(−β age) of the episodes of either sign. */
  #buys = 0.5;
  #sells = 0.5;
  #lastBuyNs = Number.NaN;
  #lastSellNs = Number.NaN;

  constructor(fit: HawkesFit) {
    this.#fit = fit;
    this.#fadePerNs = -fit.decay / NS_PER_SECOND;
    this.#warmNs = (WARMUP_LIFETIMES / fit.decay) * NS_PER_SECOND;
    this.reset();
  }

  onTime(view: MarketView): void {
    const fade = Math.exp(this.#fadePerNs * view.elapsedNs);
    this.#buys *= fade;
    this.#sells *= fade;
  }

  onTrade(view: MarketView, sign: number): void {
    if (sign > 0) {
      if (!(view.nowNs - this.#lastBuyNs <= EPISODE_SECONDS * NS_PER_SECOND)) this.#buys++;
      this.#lastBuyNs = view.nowNs;
    } else if (sign < 0) {
      if (!(view.nowNs - this.#lastSellNs <= EPISODE_SECONDS * NS_PER_SECOND)) this.#sells++;
      this.#lastSellNs = view.nowNs;
    }
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    if (view.nowNs < this.#warmNs) {
      out[at] = Number.NaN;
      out[at + 1] = Number.NaN;
      out[at + 2] = Number.NaN;
      return;
    }
    const { baseRate, self, cross } = this.#fit;
    const buy = baseRate + self * this.#buys + cross * this.#sells;
    const sell = baseRate + self * this.#sells + cross * this.#buys;
    out[at] = buy;
    out[at + 1] = sell;
    out[at + 2] = buy + sell > 0 ? (buy - sell) / (buy + sell) : Number.NaN;
  }

  reset(): void {
    this.#buys = 0;
    this.#sells = 0;
    this.#lastBuyNs = Number.NaN;
    this.#lastSellNs = Number.NaN;
  }
}
