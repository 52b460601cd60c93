import { NS_PER_SECOND } from '../../core/index.ts';
import { type EventBatch, EventKind } from '../../market/index.ts';
import type { Broker } from '../strategy.ts';

/**
 * What a market maker's formulas need to know of the market, from what has reached us: every figure is a mean over the past whose weights halve in
 * `halfLifeNs` of market time. Trades are taken to reach a quote δ ticks from the mid at the rate A·exp(−κδ) (Avellaneda and Stoikov 2008, section 2.4), whose
 * likeliest κ is 1 over the mean depth that trades reach.
 */
export class MarketEstimates {
  readonly #halfLifeNs: number;
  #lastNs = Number.NaN;
  #mid = Number.NaN;
  /** Decayed sums: seconds, squared changes of the mid, trades, their depths, their lots. */
  #seconds = 0;
  #squares = 0;
  #trades = 0;
  #depths = 0;
  #lots = 0;

  constructor(halfLifeNs: number) {
    this.#halfLifeNs = halfLifeNs;
  }

  /** Variance of the mid, ticks² a second; `NaN` before anything was seen. */
  get variance(): number {
    return this.#squares / this.#seconds;
  }

  /** Trades a second. */
  get tradeRate(): number {
    return this.#trades / this.#seconds;
  }

  /** Lots traded a second. */
  get volumeRate(): number {
    return this.#lots / this.#seconds;
  }

  /** κ, 1 a tick. A trade reaches at least half a tick deep: nothing is quoted nearer to the mid. */
  get depthDecay(): number {
    return this.#trades / Math.max(this.#depths, this.#trades / 2);
  }

  /** Takes rows [from, to), one message that our book has taken. */
  onMessage(broker: Broker, batch: EventBatch, from: number, to: number): void {
    this.#age(broker.nowNs);
    for (let i = from; i < to; i++) {
      const kind = batch.kind[i];
      if (kind !== EventKind.TRADE && kind !== EventKind.EXECUTE) continue;
      this.#lots += batch.sizeLots[i];
      // The mid before this message: what a quote would have stood around.
      const depth = Math.abs(batch.priceTicks[i] - this.#mid);
      if (Number.isNaN(depth)) continue;
      this.#trades++;
      this.#depths += depth;
    }
    if (!broker.trusted) {
      this.#mid = Number.NaN;
      return;
    }
    const { mid } = broker.book;
    if (!Number.isNaN(this.#mid)) this.#squares += (mid - this.#mid) ** 2;
    this.#mid = mid;
  }

  #age(nowNs: number): void {
    if (Number.isNaN(this.#lastNs)) this.#lastNs = nowNs;
    const spentNs = nowNs - this.#lastNs;
    if (spentNs <= 0) return;
    this.#lastNs = nowNs;
    const keep = 2 ** (-spentNs / this.#halfLifeNs);
    this.#seconds = this.#seconds * keep + spentNs / NS_PER_SECOND;
    this.#squares *= keep;
    this.#trades *= keep;
    this.#depths *= keep;
    this.#lots *= keep;
  }
}
