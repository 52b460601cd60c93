import { NO_PRICE } from '../../../core/index.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part, Versioned } from '../../signal.ts';

/** Trades that the profile shows, a power of two. */
export const PROFILE_TRADES = 128;

/**
 * Lots traded by price over the last `PROFILE_TRADES` trades that had a price in ticks.
 *
 * The prices stand in a sorted array, one entry each, so that the profile needs no grid, follows the market wherever it goes
 * and holds at most as many entries as trades. Sizes are whole lots, so what leaves takes away exactly what it brought. A
 * trade costs two binary searches and, where a price comes or goes, a move of the entries behind it; a look at the middle costs
 * a step for every traded price that the mid has passed since the look before.
 */
export class VolumeProfile implements Part, Versioned {
  /** Another one after every trade in the profile and every move of the mid. */
  version = 0;
  #midTicks = Number.NaN;
  /** The window, in the order of the trades. */
  readonly #tradeTicks = new Int32Array(PROFILE_TRADES);
  readonly #tradeLots = new Float64Array(PROFILE_TRADES);
  #trades = 0;
  /** By rank of price: price, lots, and the number of the last trade there. */
  readonly #ticks = new Int32Array(PROFILE_TRADES);
  readonly #lots = new Float64Array(PROFILE_TRADES);
  readonly #latest = new Float64Array(PROFILE_TRADES);
  #prices = 0;
  #totalLots = Number.NaN;
  #controlTicks = NO_PRICE;
  #controlLots = Number.NaN;
  /** Prices below the mid that was last looked from, and their lots. */
  #split = 0;
  #belowLots = Number.NaN;

  constructor() {
    this.reset();
  }

  get isFull(): boolean {
    return this.#trades >= PROFILE_TRADES;
  }

  /** The price with the most lots; of several, the one traded last. `NO_PRICE` before the first trade. */
  get controlTicks(): number {
    return this.#controlTicks;
  }

  /** Lots below `midTicks` less lots above it, over all lots; in [−1, 1]. */
  balance(midTicks: number): number {
    while (this.#split < this.#prices && this.#ticks[this.#split] < midTicks)
      this.#belowLots += this.#lots[this.#split++];
    while (this.#split > 0 && this.#ticks[this.#split - 1] >= midTicks) this.#belowLots -= this.#lots[--this.#split];
    const isAtMid = this.#split < this.#prices && this.#ticks[this.#split] === midTicks;
    const atMid = isAtMid ? this.#lots[this.#split] : 0;
    return (2 * this.#belowLots + atMid) / this.#totalLots - 1;
  }

  onTrade(_view: MarketView, _sign: number, sizeLots: number, priceTicks: number): void {
    if (priceTicks === NO_PRICE) return;
    this.version++;
    const k = this.#trades & (PROFILE_TRADES - 1);
    if (this.#trades >= PROFILE_TRADES) this.#remove(this.#tradeTicks[k], this.#tradeLots[k]);
    this.#tradeTicks[k] = priceTicks;
    this.#tradeLots[k] = sizeLots;
    this.#trades++;
    this.#add(priceTicks, sizeLots);
  }

  onBook({ midTicks }: MarketView): void {
    if (midTicks === this.#midTicks) return;
    this.#midTicks = midTicks;
    this.version++;
  }

  #add(priceTicks: number, sizeLots: number): void {
    const i = this.#rank(priceTicks);
    if (i === this.#prices || this.#ticks[i] !== priceTicks) this.#insert(i, priceTicks);
    this.#lots[i] += sizeLots;
    this.#latest[i] = this.#trades;
    this.#totalLots += sizeLots;
    if (i < this.#split) this.#belowLots += sizeLots;
    if (this.#lots[i] < this.#controlLots) return;
    this.#controlTicks = priceTicks;
    this.#controlLots = this.#lots[i];
  }

  #remove(priceTicks: number, sizeLots: number): void {
    const i = this.#rank(priceTicks);
    this.#lots[i] -= sizeLots;
    this.#totalLots -= sizeLots;
    if (i < this.#split) this.#belowLots -= sizeLots;
    if (this.#lots[i] === 0) this.#delete(i);
    if (priceTicks === this.#controlTicks) this.#findControl();
  }

  /** The first place with a price no lower. */
  #rank(priceTicks: number): number {
    let low = 0;
    let high = this.#prices;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ticks[middle] < priceTicks) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #insert(i: number, priceTicks: number): void {
    this.#ticks.copyWithin(i + 1, i, this.#prices);
    this.#lots.copyWithin(i + 1, i, this.#prices);
    this.#latest.copyWithin(i + 1, i, this.#prices);
    this.#prices++;
    this.#ticks[i] = priceTicks;
    this.#lots[i] = 0;
    if (i < this.#split) this.#split++;
  }

  #delete(i: number): void {
    this.#ticks.copyWithin(i, i + 1, this.#prices);
    this.#lots.copyWithin(i, i + 1, this.#prices);
    this.#latest.copyWithin(i, i + 1, this.#prices);
    this.#prices--;
    if (i < this.#split) this.#split--;
  }

  #findControl(): void {
    let best = 0;
    for (let i = 1; i < this.#prices; i++) {
      const lead = this.#lots[i] - this.#lots[best];
      if (lead > 0 || (lead === 0 && this.#latest[i] > this.#latest[best])) best = i;
    }
    this.#controlTicks = this.#ticks[best];
    this.#controlLots = this.#lots[best];
  }

  reset(): void {
    this.version++;
    this.#midTicks = Number.NaN;
    this.#trades = 0;
    this.#prices = 0;
    this.#totalLots = 0;
    this.#controlTicks = NO_PRICE;
    this.#controlLots = 0;
    this.#split = 0;
    this.#belowLots = 0;
  }
}
