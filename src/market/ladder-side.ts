import { assert } from '../core/index.ts';
import { SortedLevels } from './sorted-levels.ts';

/** No key: an empty side. Below every key that a price maps to. */
export const NO_KEY = -2147483648;
const MAX_KEY = 2147483647;

/** Where in the window the best level comes to rest when the window moves: three quarters lie behind it. */
const REST = 3 / 4;
/** The window follows when the best has fallen into its last quarter. */
const LOW = 1 / 4;

/**
 * One side of a ladder. It knows keys, not prices: a key is the price of a bid and the negated price of an ask, in
 * ticks, so that on both sides a greater key is a better level and one piece of code serves both.
 *
 * Levels within a window of `width` keys stand in a dense array, found by index; the few that lie deeper (a bid at 1000
 * while the market is at 60000) stand in sorted columns, as
 * exact but slower. The best level is always inside the window: the window
 * moves when a better level comes in above it, or when the best falls near its bottom.
 */
export class LadderSide {
  /** The greatest key with a level; `NO_KEY` where there is none. */
  best = NO_KEY;
  /** Levels in all, in the window and deeper. */
  levels = 0;
  readonly #width: number;
  readonly #low: number;
  /** Lots by key − base; 0 where there is no level. */
  readonly #lots: Float64Array;
  /** Levels below the window. */
  readonly #deep = new SortedLevels();
  #base = 0;

  /** The best levels as last read, best first. Valid down to key `#topFloor`; `MAX_KEY` where stale. */
  #topKeys = new Int32Array(32);
  #topLots = new Float64Array(32);
  #topCount = 0;
  #topFloor = MAX_KEY;
  /** The most levels ever asked for, so that readers of different depths share one cache. */
  #topDepth = 0;

  constructor(width: number) {
    assert(Number.isInteger(width) && width >= 64 && width <= 1 << 24, 'a ladder window spans 64 to 2^24 ticks');
    this.#width = width;
    this.#low = Math.floor(width * LOW);
    this.#lots = new Float64Array(width);
  }

  /** Lots at the best level; 0 on an empty side. */
  get bestLots(): number {
    return this.best === NO_KEY ? 0 : this.#lots[this.best - this.#base];
  }

  get(key: number): number {
    const at = key - this.#base;
    if (at >= 0) return at < this.#width ? this.#lots[at] : 0;
    return this.#deep.get(key);
  }

  /** The level at `key` now holds `lots`, not below 0; 0 removes it. */
  set(key: number, lots: number): void {
    if (key >= this.#topFloor) this.#topFloor = MAX_KEY;
    const at = key - this.#base;
    if (at < 0 || at >= this.#width || this.best === NO_KEY) {
      this.#setOutside(key, lots);
      return;
    }
    const before = this.#lots[at];
    this.#lots[at] = lots;
    // A sum of comparisons, not a branch: whether a level comes or goes is what no processor can predict.
    this.levels += Number(lots !== 0) - Number(before !== 0);
    if (key > this.best) {
      if (lots !== 0) this.best = key;
    } else if (key === this.best && lots === 0) {
      this.#findBest(at);
    }
  }

  /** Writes the best `n` levels, best first, and returns how many there were. */
  top(n: number, keysOut: Int32Array, lotsOut: Float64Array): number {
    if (n > this.#topDepth) this.#deepen(n);
    if (this.#topFloor === MAX_KEY) this.#readTop();
    const count = Math.min(n, this.#topCount);
    for (let i = 0; i < count; i++) {
      keysOut[i] = this.#topKeys[i];
      lotsOut[i] = this.#topLots[i];
    }
    return count;
  }

  /** Every level once, in no stated order; for hashes and checks. */
  visit(visitor: (key: number, lots: number) => void): void {
    let near = this.levels - this.#deep.size;
    for (let at = this.best - this.#base; near > 0; at--) {
      if (this.#lots[at] === 0) continue;
      visitor(this.#base + at, this.#lots[at]);
      near--;
    }
    for (let i = 0; i < this.#deep.size; i++) visitor(this.#deep.keys[i], this.#deep.lots[i]);
  }

  clear(): void {
    if (this.levels > this.#deep.size) this.#lots.fill(0);
    this.#deep.size = 0;
    this.best = NO_KEY;
    this.levels = 0;
    this.#topFloor = MAX_KEY;
  }

  #setOutside(key: number, lots: number): void {
    if (this.best === NO_KEY) {
      if (lots === 0) return;
      this.#base = key - Math.floor(this.#width * REST);
      this.#lots[key - this.#base] = lots;
      this.levels = 1;
      this.best = key;
    } else if (key > this.best) {
      // Above the window: there is no level to remove, and a new one is the best.
      if (lots === 0) return;
      this.#moveTo(key);
      this.#lots[key - this.#base] = lots;
      this.levels++;
      this.best = key;
    } else {
      this.levels += this.#deep.set(key, lots);
    }
  }

  /** The best level, at index `at`, is gone. */
  #findBest(at: number): void {
    if (this.levels === this.#deep.size) {
      this.best = NO_KEY;
      if (this.levels === 0) return;
      this.best = this.#deep.keys[this.#deep.size - 1];
      this.#moveTo(this.best);
      return;
    }
    const lots = this.#lots;
    do at--;
    while (lots[at] === 0);
    this.best = this.#base + at;
    if (at < this.#low) this.#moveTo(this.best);
  }

  /** Moves the window so that `key` rests where a best level should; every level keeps its size. */
  #moveTo(key: number): void {
    const width = this.#width;
    const base = key - Math.floor(width * REST);
    const shift = base - this.#base;
    const lots = this.#lots;
    if (shift > 0) {
      const dropped = Math.min(shift, width);
      for (let at = 0; at < dropped; at++) if (lots[at] !== 0) this.#deep.push(this.#base + at, lots[at]);
      lots.copyWithin(0, dropped);
      lots.fill(0, width - dropped);
      this.#base = base;
      return;
    }
    // Downwards nothing falls off the top: no level is above the best. Deep levels come back into the window.
    const opened = Math.min(-shift, width);
    lots.copyWithin(opened, 0);
    lots.fill(0, 0, opened);
    this.#base = base;
    const deep = this.#deep;
    while (deep.size > 0 && deep.keys[deep.size - 1] >= base) {
      deep.size--;
      lots[deep.keys[deep.size] - base] = deep.lots[deep.size];
    }
  }

  #deepen(n: number): void {
    this.#topDepth = n;
    this.#topFloor = MAX_KEY;
    if (this.#topKeys.length >= n) return;
    this.#topKeys = new Int32Array(n * 2);
    this.#topLots = new Float64Array(n * 2);
  }

  #readTop(): void {
    const keys = this.#topKeys;
    const sizes = this.#topLots;
    const lots = this.#lots;
    const base = this.#base;
    const want = Math.min(this.#topDepth, this.levels);
    const near = Math.min(want, this.levels - this.#deep.size);
    let count = 0;
    for (let at = this.best - base; count < near; at--) {
      const size = lots[at];
      if (size === 0) continue;
      keys[count] = base + at;
      sizes[count++] = size;
    }
    for (let i = this.#deep.size - 1; count < want; i--) {
      keys[count] = this.#deep.keys[i];
      sizes[count++] = this.#deep.lots[i];
    }
    this.#topCount = count;
    // A side with fewer levels than asked for changes with any new one.
    this.#topFloor = count < this.#topDepth ? NO_KEY : keys[count - 1];
  }
}
