import { NS_PER_SECOND } from '../../core/index.ts';

/**
 * Variance of the mid and traded volume a second, each a mean of what was before, in which what is `halfLifeSeconds` old counts for half. The mid is looked at once a
 * second: what bounces within one is no volatility that an order has to fear. No allocation.
 */
export class MarketRates {
  readonly #fade: number;
  #nextNs = Number.NEGATIVE_INFINITY;
  #lastNs = Number.NaN;
  #lastMid = Number.NaN;
  #variance = 0;
  #volume = 0;
  #seconds = 0;
  #pendingLots = 0;

  constructor(halfLifeSeconds: number) {
    this.#fade = Math.LN2 / halfLifeSeconds;
  }

  onTrade(sizeLots: number): void {
    this.#pendingLots += sizeLots;
  }

  onMid(nowNs: number, midTicks: number): void {
    if (nowNs < this.#nextNs || !(midTicks > 0)) return;
    if (!Number.isNaN(this.#lastNs)) {
      const seconds = (nowNs - this.#lastNs) / NS_PER_SECOND;
      const kept = Math.exp(-this.#fade * seconds);
      const move = Math.log(midTicks / this.#lastMid);
      this.#variance = this.#variance * kept + move * move;
      this.#volume = this.#volume * kept + this.#pendingLots;
      this.#seconds = this.#seconds * kept + seconds;
    }
    // Trades before the first mid belong to no known span of time.
    this.#pendingLots = 0;
    this.#lastMid = midTicks;
    this.#lastNs = nowNs;
    this.#nextNs = nowNs + NS_PER_SECOND;
  }

  /** Relative, squared; `NaN` before a second was seen. */
  get variancePerSecond(): number {
    return this.#seconds > 0 ? this.#variance / this.#seconds : Number.NaN;
  }

  /** Lots; `NaN` before a second was seen. */
  get lotsPerSecond(): number {
    return this.#seconds > 0 ? this.#volume / this.#seconds : Number.NaN;
  }
}
