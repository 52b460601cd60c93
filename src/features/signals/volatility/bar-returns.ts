import type { SignalContext } from '../../context.ts';
import type { Part, Versioned } from '../../signal.ts';
import { BAR_MASK, BARS, MidBars } from './mid-bars.ts';

/**
 * Sums over the returns r of the window of closed bars, close to close, in powers of ticks. Added up anew when bars with a move
 * come or go: a running sum of fourth powers would keep the rounding of every jump that it has seen. `NaN` until `MidBars` is full.
 */
export class BarReturns implements Part, Versioned {
  version = 0;
  readonly #bars: MidBars;
  /** Σ r: the last close less the one before the window. */
  net = Number.NaN;
  /** Σ |r|. */
  path = Number.NaN;
  /** Σ r². */
  squares = Number.NaN;
  /** Σ r |r|: what went up less what went down, of `squares`. */
  signedSquares = Number.NaN;
  /** Σ r³. */
  cubes = Number.NaN;
  /** Σ r⁴. */
  fourths = Number.NaN;
  /** Σ |r| |r′| over pairs of neighbours. */
  pairs = Number.NaN;
  /** Σ |r| |r′| |r″| |r‴| over runs of four neighbours. */
  quads = Number.NaN;
  #changes = 0;

  constructor(context: SignalContext) {
    this.#bars = context.share(MidBars);
  }

  onTime(): void {
    const bars = this.#bars;
    if (bars.changes === this.#changes) return;
    this.#changes = bars.changes;
    this.version++;
    const { closes } = bars;
    const start = bars.at(1);
    const first = closes[bars.at(0)];
    let before = first;
    let one = 0;
    let two = 0;
    let three = 0;
    let path = 0;
    let squares = 0;
    let signedSquares = 0;
    let cubes = 0;
    let fourths = 0;
    let pairs = 0;
    let quads = 0;
    for (let i = start; i < start + BARS; i++) {
      const close = closes[i & BAR_MASK];
      const r = close - before;
      const size = Math.abs(r);
      const square = r * r;
      const pair = size * one;
      path += size;
      squares += square;
      signedSquares += r * size;
      cubes += square * r;
      fourths += square * square;
      pairs += pair;
      quads += pair * two * three;
      three = two;
      two = one;
      one = size;
      before = close;
    }
    this.net = before - first;
    this.path = path;
    this.squares = squares;
    this.signedSquares = signedSquares;
    this.cubes = cubes;
    this.fourths = fourths;
    this.pairs = pairs;
    this.quads = quads;
  }

  reset(): void {
    this.net = Number.NaN;
    this.path = Number.NaN;
    this.squares = Number.NaN;
    this.signedSquares = Number.NaN;
    this.cubes = Number.NaN;
    this.fourths = Number.NaN;
    this.pairs = Number.NaN;
    this.quads = Number.NaN;
    this.#changes = 0;
    this.version++;
  }
}
