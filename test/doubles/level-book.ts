/** 0: bids, 1: asks. */
export type BookSide = 0 | 1;

/** The size at a price is now `size`; 0: the level is gone. In the product's smallest decimal units. */
export interface LevelChange {
  readonly side: BookSide;
  readonly price: number;
  readonly size: number;
}

/** A book in two plain maps, price → size: slow, and obviously right. */
export class LevelBook {
  readonly sides: readonly [Map<number, number>, Map<number, number>] = [new Map(), new Map()];

  set({ side, price, size }: LevelChange): void {
    if (size === 0) this.sides[side].delete(price);
    else this.sides[side].set(price, size);
  }

  size(side: BookSide, price: number): number {
    return this.sides[side].get(price) ?? 0;
  }

  /** `[price, size]`, best first, at most `n`. */
  best(side: BookSide, n = Number.POSITIVE_INFINITY): [number, number][] {
    const levels = [...this.sides[side]];
    levels.sort(side === 0 ? (a, b) => b[0] - a[0] : (a, b) => a[0] - b[0]);
    return n < levels.length ? levels.slice(0, n) : levels;
  }

  /** The best price; `NaN` where the side is empty. */
  touch(side: BookSide): number {
    let best = Number.NaN;
    for (const price of this.sides[side].keys()) {
      if (Number.isNaN(best) || (side === 0 ? price > best : price < best)) best = price;
    }
    return best;
  }

  clear(): void {
    this.sides[0].clear();
    this.sides[1].clear();
  }
}

/** `units` of 10^−decimals as decimal text with all its zeros: `(6168599, 2)` → `61685.99`. */
export function decimalText(units: number, decimals: number): string {
  const digits = String(units).padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** As `decimalText`, without the zeros at the end: `61685.50` → `61685.5`. */
export function shortText(units: number, decimals: number): string {
  const text = decimalText(units, decimals);
  return decimals === 0 ? text : text.replace(/\.?0+$/, '');
}

/** Decimal text in units of 10^−decimals; throws where it has more decimals than that. */
export function unitsOf(text: string, decimals: number): number {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) throw new Error(`"${text}" is no plain decimal`);
  const fraction = (match[2] ?? '').padEnd(decimals, '0');
  if (/[1-9]/.test(fraction.slice(decimals))) throw new Error(`"${text}" has more than ${decimals} decimals`);
  const units = Number(match[1] + fraction.slice(0, decimals));
  if (!Number.isSafeInteger(units)) throw new Error(`"${text}" has more digits than are exact`);
  return units;
}
