import type { SignalContext } from '../../context.ts';
import type { Part, Versioned } from '../../signal.ts';
import { BAR_MASK, BARS, MidBars } from './mid-bars.ts';

/** Bars that came since the last look, from which on adding up anew is less work than sliding. */
const MANY = 8;
/** Sums of squared half ticks, in ticks², are exact well beyond it. */
const EXACT = 2 ** 46;

/**
 * Sums over the window of closed bars that estimators of the range are made of, in ticks and ticks²: O, H, L, C of each bar
 * and C′, the close before; `NaN` until `MidBars` is full. Brought up to date as those of `BarReturns`, and as exact.
 */
export class BarRanges implements Part {
  readonly source: Versioned;
  readonly #bars: MidBars;
  /** Σ (H − L). */
  ranges = Number.NaN;
  /** Σ (H − L)². */
  squaredRanges = Number.NaN;
  /** Σ (C − O). */
  bodies = Number.NaN;
  /** Σ (C − O)². */
  squaredBodies = Number.NaN;
  /** Σ (O − C′). */
  steps = Number.NaN;
  /** Σ (O − C′)². */
  squaredSteps = Number.NaN;
  /** Σ (H − C)(H − O) + (L − C)(L − O), free of drift. */
  excursions = Number.NaN;
  #version = -1;
  /** Bars that there had been when the sums were made. */
  #count = 0;

  constructor(context: SignalContext) {
    this.#bars = context.share(MidBars);
    this.source = this.#bars.moves;
  }

  /** These sums, of the bars that are closed by now. */
  present(): this {
    if (this.#version !== this.source.version) this.#refresh();
    return this;
  }

  #refresh(): void {
    this.#version = this.source.version;
    const { full, count } = this.#bars;
    if (!full) return;
    // Comparisons with NaN are false. Excursions are at most twice the squared ranges.
    const slides = this.squaredRanges + this.squaredSteps < EXACT && count - this.#count < MANY;
    if (slides) {
      for (let i = this.#count; i < count; i++) {
        this.#tally(i - BARS, -1);
        this.#tally(i, 1);
      }
    }
    if (!slides || !(this.squaredRanges + this.squaredSteps < EXACT)) this.#addUp();
    this.#count = count;
  }

  #addUp(): void {
    const { count } = this.#bars;
    this.#set(0);
    for (let i = count - BARS; i < count; i++) this.#tally(i, 1);
  }

  /** Bar `i` comes or goes. */
  #tally(i: number, times: number): void {
    const { opens, highs, lows, closes } = this.#bars;
    const at = i & BAR_MASK;
    const open = opens[at];
    const high = highs[at];
    const low = lows[at];
    const close = closes[at];
    const range = high - low;
    const body = close - open;
    const step = open - closes[(i - 1) & BAR_MASK];
    this.ranges += times * range;
    this.squaredRanges += times * range * range;
    this.bodies += times * body;
    this.squaredBodies += times * body * body;
    this.steps += times * step;
    this.squaredSteps += times * step * step;
    this.excursions += times * ((high - close) * (high - open) + (low - close) * (low - open));
  }

  #set(value: number): void {
    this.ranges = value;
    this.squaredRanges = value;
    this.bodies = value;
    this.squaredBodies = value;
    this.steps = value;
    this.squaredSteps = value;
    this.excursions = value;
  }

  reset(): void {
    this.#set(Number.NaN);
    this.#version = -1;
    this.#count = 0;
  }
}
