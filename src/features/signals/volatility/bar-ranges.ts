import type { SignalContext } from '../../context.ts';
import type { Part, Versioned } from '../../signal.ts';
import { BAR_MASK, BARS, MidBars } from './mid-bars.ts';

/**
 * Sums over the window of closed bars that estimators of the range are made of, in ticks and ticks²: O, H, L, C of each bar
 * and C′, the close before. Added up anew when bars with a move come or go, so that nothing drifts; `NaN` until `MidBars` is full.
 */
export class BarRanges implements Part, Versioned {
  version = 0;
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
  #changes = 0;

  constructor(context: SignalContext) {
    this.#bars = context.share(MidBars);
  }

  onTime(): void {
    const bars = this.#bars;
    if (bars.changes === this.#changes) return;
    this.#changes = bars.changes;
    this.version++;
    const { opens, highs, lows, closes } = bars;
    const start = bars.at(1);
    let before = closes[bars.at(0)];
    let ranges = 0;
    let squaredRanges = 0;
    let bodies = 0;
    let squaredBodies = 0;
    let steps = 0;
    let squaredSteps = 0;
    let excursions = 0;
    for (let i = start; i < start + BARS; i++) {
      const at = i & BAR_MASK;
      const open = opens[at];
      const high = highs[at];
      const low = lows[at];
      const close = closes[at];
      const range = high - low;
      const body = close - open;
      const step = open - before;
      ranges += range;
      squaredRanges += range * range;
      bodies += body;
      squaredBodies += body * body;
      steps += step;
      squaredSteps += step * step;
      excursions += (high - close) * (high - open) + (low - close) * (low - open);
      before = close;
    }
    this.ranges = ranges;
    this.squaredRanges = squaredRanges;
    this.bodies = bodies;
    this.squaredBodies = squaredBodies;
    this.steps = steps;
    this.squaredSteps = squaredSteps;
    this.excursions = excursions;
  }

  reset(): void {
    this.ranges = Number.NaN;
    this.squaredRanges = Number.NaN;
    this.bodies = Number.NaN;
    this.squaredBodies = Number.NaN;
    this.steps = Number.NaN;
    this.squaredSteps = Number.NaN;
    this.excursions = Number.NaN;
    this.#changes = 0;
    this.version++;
  }
}
