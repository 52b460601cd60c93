/** Lots of one level that our takers took and the tape still shows. */
interface Consumed {
  lots: number;
  /** The level's size as last told. */
  reported: number;
}

/**
 * What our takers took off one side and the tape, which knows nothing of us, still shows: so no lot is taken twice. What may be taken of a level is its size less
 * what was taken: so it grows by exactly what the level gains. What was taken is never more than the level has, and goes with the level.
 */
export class ConsumedLots {
  readonly #levels = new Map<number, Consumed>();
  /** No price outside [low, high] is concerned. */
  low = Infinity;
  high = -Infinity;

  at(priceTicks: number): number {
    if (priceTicks < this.low || priceTicks > this.high) return 0;
    return this.#levels.get(priceTicks)?.lots ?? 0;
  }

  /** `lots` are taken from a level that the tape says has `reported`. */
  take(priceTicks: number, lots: number, reported: number): void {
    const level = this.#levels.get(priceTicks);
    if (level === undefined) this.#levels.set(priceTicks, { lots, reported });
    else level.lots += lots;
    this.low = Math.min(this.low, priceTicks);
    this.high = Math.max(this.high, priceTicks);
  }

  /** The tape tells a level: its size, or with `change` what it gained or lost. */
  tell(priceTicks: number, size: number, change: boolean): void {
    if (priceTicks < this.low || priceTicks > this.high) return;
    const level = this.#levels.get(priceTicks);
    if (level === undefined) return;
    level.reported = change ? level.reported + size : size;
    level.lots = Math.min(level.lots, level.reported);
    if (level.lots > 0) return;
    this.#levels.delete(priceTicks);
    this.#measure();
  }

  clear(): void {
    this.#levels.clear();
    this.#measure();
  }

  #measure(): void {
    this.low = Infinity;
    this.high = -Infinity;
    for (const priceTicks of this.#levels.keys()) {
      this.low = Math.min(this.low, priceTicks);
      this.high = Math.max(this.high, priceTicks);
    }
  }
}
