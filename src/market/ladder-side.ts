import { assert } from '../core/index.ts';
import { type EventBatch, EventKind, type Side } from './event-batch.ts';
import { keyOf, MAX_KEY, NO_KEY } from './ladder-key.ts';
import { SortedLevels } from './sorted-levels.ts';

/** Where in the window the best level comes to rest when the window moves: three quarters lie behind it. */
const REST = 3 / 4;
/** The window follows when the best has fallen into its last quarter. */
const LOW = 1 / 4;
/** Readers of at most so many levels are served from a cache. */
const CACHED_LEVELS = 32;

/**
 * One side of a ladder. It works on keys, not prices: a key is the price of a bid and the negated price of an ask, in
 * ticks, so that on both sides a greater key is a better level and one piece of code serves both.
 *
 * Levels within a window of `width` keys stand in a dense array, found by index; the few that lie deeper (a bid at 1000 while
 * the market is at 60000) in sorted columns, as exact but slower. The best level is always inside the window: the window moves
 * when a better level comes in above it, or when the best falls near its bottom.
 */
export class LadderSide {
  /** The greatest key with a level; `NO_KEY` where there is none. */
  best = NO_KEY;
  /** Levels in all, in the window and deeper. */
  levels = 0;
  /** Another number whenever the best levels may have changed: as many of them as were ever read at once. */
  topVersion = 0;
  readonly #side: Side;
  readonly #width: number;
  readonly #low: number;
  /** Lots by key − base; 0 where there is no level. */
  readonly #lots: Float64Array;
  /** One bit for each of them, set where there is a level: a book whose prices lie far apart is walked 32 ticks at a time. */
  readonly #taken: Int32Array;
  /** Levels below the window. */
  readonly #deep = new SortedLevels();
  #base = 0;

  /**
   * The best levels as last read, in ticks, best first. A change of one level at or above `#topFloor` since then is kept in mind
   * (`#topChange`) and patched in when they are read again; after a second one they are stale.
   */
  readonly #topTicks = new Int32Array(CACHED_LEVELS);
  readonly #topLots = new Float64Array(CACHED_LEVELS);
  #topCount = 0;
  /** The key of the last of them; `MAX_KEY` where they are stale. */
  #topFloor = MAX_KEY;
  /** The key of the one level that changed since; `NO_KEY` where none did. */
  #topChange = NO_KEY;
  /** The most levels that the cache was asked for, so that readers of different depths share it. */
  #topDepth = 0;

  constructor(side: Side, width: number) {
    assert(
      width >= 64 && width <= 1 << 24 && width % 32 === 0,
      'a ladder window spans 64 to 2^24 ticks, in whole words',
    );
    this.#side = side;
    this.#width = width;
    this.#low = Math.floor(width * LOW);
    this.#lots = new Float64Array(width);
    this.#taken = new Int32Array(width / 32);
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
    if (key >= this.#topFloor) this.#noteChange(key);
    const at = key - this.#base;
    if (at < 0 || at >= this.#width || this.best === NO_KEY) {
      this.#setOutside(key, lots);
      return;
    }
    const before = this.#lots[at];
    this.#lots[at] = lots;
    // No branch: whether a level comes or goes is what no processor can predict.
    const is = Number(lots !== 0);
    const was = Number(before !== 0);
    this.levels += is - was;
    this.#taken[at >> 5] ^= (is ^ was) << at;
    if (key > this.best) {
      if (lots !== 0) this.best = key;
    } else if (key === this.best && lots === 0) {
      this.#findBest(at);
    }
  }

  /** The level at `key` changes by `delta`, at most down to 0; false where it held less. */
  add(key: number, delta: number): boolean {
    const at = key - this.#base;
    const before = at >= 0 && at < this.#width ? this.#lots[at] : 0;
    const sum = (before > 0 ? before : this.get(key)) + delta;
    // Most changes leave their level where it was: that a processor can predict.
    if (before > 0 && sum > 0) {
      if (key >= this.#topFloor) this.#noteChange(key);
      this.#lots[at] = sum;
    } else this.set(key, sum < 0 ? 0 : sum);
    return sum >= 0;
  }

  /**
   * As `set`, for the levels in the rows from `from` on, as long as they are of this side and within the window. Returns the
   * row behind the last one set. Whether the best level is still there is asked once, at the end.
   */
  setRun(batch: EventBatch, from: number, to: number): number {
    if (this.best === NO_KEY) return from;
    const { kind, side, priceTicks, sizeLots } = batch;
    const mine = this.#side;
    const flip = 0 - mine;
    const lots = this.#lots;
    const taken = this.#taken;
    const base = this.#base;
    const width = this.#width;
    const aboveFloor = (this.#topFloor - 1) | 0;
    let below = this.#topFloor === NO_KEY ? -1 : 0;
    let best = this.best;
    let levels = this.levels;
    let row = from;
    for (; row < to; row++) {
      if (kind[row] !== EventKind.LEVEL || side[row] !== mine) break;
      // Sums that end in 32 bits, as all do here (keys of one side have one sign), spare the engine its watch for overflows.
      const key = ((priceTicks[row] ^ flip) + mine) | 0;
      const at = (key - base) | 0;
      const size = sizeLots[row];
      if (at >>> 0 >= width || !(size >= 0)) break;
      const before = lots[at];
      lots[at] = size;
      // As in `set`; and a sign that once set remains: keys at or above the floor.
      const is = Number(size > 0);
      const was = Number(before > 0);
      levels = (levels + is - was) | 0;
      taken[at >> 5] ^= (is ^ was) << at;
      below |= (aboveFloor - key) | 0;
      if (key > best && size > 0) best = key;
    }
    if (row === from) return from;
    if (below < 0) {
      if (row === from + 1) this.#noteChange(((priceTicks[from] ^ flip) + mine) | 0);
      else this.#spoilTop();
    }
    this.levels = levels;
    this.best = best;
    // No level is better than `best`, but it may have gone since it was set.
    if (lots[best - base] === 0) this.#findBest(best - base);
    return row;
  }

  /** Writes the best `n` levels in ticks, best first, and returns how many there were. */
  top(n: number, ticksOut: Int32Array, lotsOut: Float64Array): number {
    if (n > CACHED_LEVELS) return this.#readTop(n, ticksOut, lotsOut);
    if (n > this.#topDepth || this.#topFloor === MAX_KEY) this.#refresh(n);
    else if (this.#topChange !== NO_KEY) this.#patch(this.#topChange);
    const ticks = this.#topTicks;
    const lots = this.#topLots;
    const count = Math.min(n, this.#topCount);
    for (let i = 0; i < count; i++) {
      ticksOut[i] = ticks[i];
      lotsOut[i] = lots[i];
    }
    return count;
  }

  /** Every level once, in no stated order; for hashes and checks. */
  visit(visitor: (key: number, lots: number) => void): void {
    let at = this.best - this.#base + 1;
    for (let near = this.levels - this.#deep.size; near > 0; near--) {
      at = this.#below(at);
      visitor(this.#base + at, this.#lots[at]);
    }
    for (let i = 0; i < this.#deep.size; i++) visitor(this.#deep.keys[i], this.#deep.lots[i]);
  }

  /** Forgets all but the best `limit` levels. Where there are more, it walks from the best level to the last. */
  keepBest(limit: number): void {
    let excess = this.levels - limit;
    if (excess <= 0) return;
    const dropped = Math.min(excess, this.#deep.size);
    this.#deep.dropWorst(dropped);
    excess -= dropped;
    this.levels = limit;
    // A cache of no more than these levels holds none that goes.
    if (this.#topDepth > limit) this.#spoilTop();
    if (excess === 0) return;
    let at = this.best - this.#base + 1;
    for (let kept = 0; kept < limit; kept++) at = this.#below(at);
    for (; excess > 0; excess--) {
      at = this.#below(at);
      this.#put(at, 0);
    }
  }

  clear(): void {
    if (this.levels > this.#deep.size) {
      this.#lots.fill(0);
      this.#taken.fill(0);
    }
    this.#deep.size = 0;
    this.best = NO_KEY;
    this.levels = 0;
    this.#spoilTop();
  }

  #setOutside(key: number, lots: number): void {
    if (this.best === NO_KEY) {
      if (lots === 0) return;
      this.#base = this.#baseFor(key);
      this.#put(key - this.#base, lots);
      this.levels = 1;
      this.best = key;
    } else if (key > this.best) {
      // Above the window: there is no level to remove, and a new one is the best.
      if (lots === 0) return;
      this.#moveTo(key);
      this.#put(key - this.#base, lots);
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
    const next = this.#below(at);
    this.best = this.#base + next;
    if (next < this.#low) this.#moveTo(this.best);
  }

  /** The nearest level below index `at`, which has one. */
  #below(at: number): number {
    const taken = this.#taken;
    let word = at >> 5;
    // Of the word that `at` stands in, the bits below it; `at` may be one past the window.
    let bits = taken[word] & ((1 << at) - 1);
    while (bits === 0) bits = taken[--word];
    return (word << 5) + 31 - Math.clz32(bits);
  }

  /** Writes a level of the window, or none where `lots` is 0. */
  #put(at: number, lots: number): void {
    this.#lots[at] = lots;
    if (lots === 0) this.#taken[at >> 5] &= ~(1 << at);
    else this.#taken[at >> 5] |= 1 << at;
  }

  /** Where a window begins in which `key` rests as a best level should: a multiple of 32, so that words of bits move whole. */
  #baseFor(key: number): number {
    return 32 * Math.ceil((key - this.#width * REST) / 32);
  }

  /** Moves the window so that `key` rests where a best level should; every level keeps its size. */
  #moveTo(key: number): void {
    const width = this.#width;
    const base = this.#baseFor(key);
    const shift = base - this.#base;
    const lots = this.#lots;
    const taken = this.#taken;
    if (shift > 0) {
      const dropped = Math.min(shift, width);
      for (let at = 0; at < dropped; at++) if (lots[at] !== 0) this.#deep.push(this.#base + at, lots[at]);
      lots.copyWithin(0, dropped);
      lots.fill(0, width - dropped);
      taken.copyWithin(0, dropped >> 5);
      taken.fill(0, (width - dropped) >> 5);
      this.#base = base;
      return;
    }
    // Downwards nothing falls off the top: no level is above the best. Deep levels come back into the window.
    const opened = Math.min(-shift, width);
    lots.copyWithin(opened, 0);
    lots.fill(0, 0, opened);
    taken.copyWithin(opened >> 5, 0);
    taken.fill(0, 0, opened >> 5);
    this.#base = base;
    const deep = this.#deep;
    while (deep.size > 0 && deep.keys[deep.size - 1] >= base) {
      deep.size--;
      this.#put(deep.keys[deep.size] - base, deep.lots[deep.size]);
    }
  }

  #refresh(n: number): void {
    if (n > this.#topDepth) this.#topDepth = n;
    const count = this.#readTop(this.#topDepth, this.#topTicks, this.#topLots);
    this.#topChange = NO_KEY;
    this.#setFloor(count);
  }

  #setFloor(count: number): void {
    this.#topCount = count;
    // A side with fewer levels than asked for changes with any new one.
    this.#topFloor = count < this.#topDepth ? NO_KEY : keyOf(this.#side, this.#topTicks[count - 1]);
  }

  #noteChange(key: number): void {
    this.topVersion++;
    if (this.#topChange === NO_KEY || this.#topChange === key) this.#topChange = key;
    else this.#topFloor = MAX_KEY;
  }

  /** More has changed than can be patched. */
  #spoilTop(): void {
    this.topVersion++;
    this.#topFloor = MAX_KEY;
  }

  /** Brings the cache up to date after a change of one level. A book whose prices lie far apart takes long to read anew. */
  #patch(key: number): void {
    const ticks = this.#topTicks;
    const lots = this.#topLots;
    const price = keyOf(this.#side, key);
    const size = this.get(key);
    const count = this.#topCount;
    this.#topChange = NO_KEY;
    let i = 0;
    while (i < count && keyOf(this.#side, ticks[i]) > key) i++;
    if (i < count && ticks[i] === price) {
      if (size !== 0) lots[i] = size;
      else this.#dropCached(i);
    } else if (size !== 0) {
      const kept = count < this.#topDepth ? count + 1 : count;
      for (let m = kept - 1; m > i; m--) {
        ticks[m] = ticks[m - 1];
        lots[m] = lots[m - 1];
      }
      ticks[i] = price;
      lots[i] = size;
      this.#setFloor(kept);
    }
  }

  /** The cached level `i` is gone: those behind it move up, and the next one of the side comes in. */
  #dropCached(i: number): void {
    const ticks = this.#topTicks;
    const lots = this.#topLots;
    const left = this.#topCount - 1;
    for (let m = i; m < left; m++) {
      ticks[m] = ticks[m + 1];
      lots[m] = lots[m + 1];
    }
    if (this.levels === left) {
      this.#setFloor(left);
      return;
    }
    const near = this.levels - this.#deep.size;
    if (left < near) {
      const at = this.#below((left === 0 ? this.best + 1 : keyOf(this.#side, ticks[left - 1])) - this.#base);
      ticks[left] = keyOf(this.#side, this.#base + at);
      lots[left] = this.#lots[at];
    } else {
      const deep = this.#deep.size - 1 - (left - near);
      ticks[left] = keyOf(this.#side, this.#deep.keys[deep]);
      lots[left] = this.#deep.lots[deep];
    }
    this.#setFloor(left + 1);
  }

  #readTop(n: number, ticksOut: Int32Array, lotsOut: Float64Array): number {
    const side = this.#side;
    const deep = this.#deep;
    const lots = this.#lots;
    const base = this.#base;
    const want = Math.min(n, this.levels);
    const near = Math.min(want, this.levels - deep.size);
    const taken = this.#taken;
    let count = 0;
    let word = (this.best - base) >> 5;
    let bits = near > 0 ? taken[word] : 0;
    while (count < near) {
      while (bits === 0) bits = taken[--word];
      const bit = 31 - Math.clz32(bits);
      bits ^= 1 << bit;
      const at = (word << 5) + bit;
      ticksOut[count] = keyOf(side, base + at);
      lotsOut[count++] = lots[at];
    }
    for (let i = deep.size - 1; count < want; i--) {
      ticksOut[count] = keyOf(side, deep.keys[i]);
      lotsOut[count++] = deep.lots[i];
    }
    return count;
  }
}
