import { NS_PER_SECOND } from '../../core/index.ts';
import type { MarketView } from '../market-view.ts';

const FIRST_CAPACITY = 1024;

/** Times and signs of all signed trades, on one clock that stands still while the book is lost. */
export class TradeTimes {
  count = 0;
  #times = new Float64Array(FIRST_CAPACITY);
  #signs = new Int8Array(FIRST_CAPACITY);
  /** Time watched before the last break, and since. */
  #beforeNs = 0;
  #nowNs = 0;

  add(view: MarketView, sign: number): void {
    if (sign === 0) return;
    if (this.count === this.#times.length) this.#grow();
    this.#times[this.count] = (this.#beforeNs + view.nowNs) / NS_PER_SECOND;
    this.#signs[this.count++] = sign;
  }

  watch(view: MarketView): void {
    this.#nowNs = view.nowNs;
  }

  /** What comes next follows at once: the hole is cut out. */
  breakOff(): void {
    this.#beforeNs += this.#nowNs;
    this.#nowNs = 0;
  }

  get times(): Float64Array {
    return this.#times.subarray(0, this.count);
  }

  get signs(): Int8Array {
    return this.#signs.subarray(0, this.count);
  }

  get seconds(): number {
    return (this.#beforeNs + this.#nowNs) / NS_PER_SECOND;
  }

  #grow(): void {
    const times = new Float64Array(this.count * 2);
    times.set(this.#times);
    this.#times = times;
    const signs = new Int8Array(this.count * 2);
    signs.set(this.#signs);
    this.#signs = signs;
  }
}
