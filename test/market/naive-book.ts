import { NO_PRICE } from '../../src/core/index.ts';
import { Side } from '../../src/market/index.ts';

/** What every book can be asked, whatever it is made of. */
export interface BookView {
  readonly bestBidTicks: number;
  readonly bestAskTicks: number;
  readonly bestBidLots: number;
  readonly bestAskLots: number;
  readonly crossed: boolean;
  readonly mid: number;
  lotsAt(side: Side, priceTicks: number): number;
  levelCount(side: Side): number;
  top(side: Side, n: number, ticksOut: Int32Array, lotsOut: Float64Array): number;
}

/** The obvious book: a map of sizes by price a side, sorted whenever something is asked. The oracle of the tests. */
export class NaiveBook implements BookView {
  readonly #sides = [new Map<number, number>(), new Map<number, number>()];
  underflows = 0;

  get bestBidTicks(): number {
    return this.#sorted(Side.BID)[0]?.[0] ?? NO_PRICE;
  }

  get bestAskTicks(): number {
    return this.#sorted(Side.ASK)[0]?.[0] ?? NO_PRICE;
  }

  get bestBidLots(): number {
    return this.#sorted(Side.BID)[0]?.[1] ?? 0;
  }

  get bestAskLots(): number {
    return this.#sorted(Side.ASK)[0]?.[1] ?? 0;
  }

  get crossed(): boolean {
    return this.levelCount(Side.BID) > 0 && this.levelCount(Side.ASK) > 0 && this.bestBidTicks >= this.bestAskTicks;
  }

  get mid(): number {
    const oneSided = this.levelCount(Side.BID) === 0 || this.levelCount(Side.ASK) === 0;
    return oneSided ? Number.NaN : (this.bestBidTicks + this.bestAskTicks) / 2;
  }

  setLevel(side: Side, priceTicks: number, sizeLots: number): void {
    if (sizeLots < 0) this.underflows++;
    if (sizeLots > 0) this.#sides[side].set(priceTicks, sizeLots);
    else this.#sides[side].delete(priceTicks);
  }

  addLots(side: Side, priceTicks: number, deltaLots: number): void {
    this.setLevel(side, priceTicks, this.lotsAt(side, priceTicks) + deltaLots);
  }

  lotsAt(side: Side, priceTicks: number): number {
    return this.#sides[side].get(priceTicks) ?? 0;
  }

  levelCount(side: Side): number {
    return this.#sides[side].size;
  }

  top(side: Side, n: number, ticksOut: Int32Array, lotsOut: Float64Array): number {
    const levels = this.#sorted(side).slice(0, n);
    levels.forEach(([ticks, lots], i) => {
      ticksOut[i] = ticks;
      lotsOut[i] = lots;
    });
    return levels.length;
  }

  clear(): void {
    for (const side of this.#sides) side.clear();
  }

  #sorted(side: Side): [number, number][] {
    return [...this.#sides[side]].sort((a, b) => (side === Side.BID ? b[0] - a[0] : a[0] - b[0]));
  }
}

/** Every level of a view, best first, bids then asks: two books are the same where these are equal. */
export function levelsOf(book: BookView): number[][] {
  return [Side.BID, Side.ASK].map((side) => {
    const n = book.levelCount(side);
    const ticks = new Int32Array(n);
    const lots = new Float64Array(n);
    const count = book.top(side, n, ticks, lots);
    return Array.from({ length: count }, (_, i) => [ticks[i], lots[i]]).flat();
  });
}
