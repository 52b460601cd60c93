import type { SignalContext } from '../../context.ts';
import type { Part, Versioned } from '../../signal.ts';
import { BAR_MASK, BARS, MidBars } from './mid-bars.ts';

/** Bars that came since the last look, from which on adding up anew is less work than sliding. */
const MANY = 8;
/** Sums of fourth powers of half ticks, in ticks⁴, are exact well beyond it. */
const EXACT = 2 ** 46;

/**
 * Sums over the returns r of the window of closed bars, close to close, in powers of ticks; `NaN` until `MidBars` is full.
 *
 * They are brought up to date when a signal asks, and `source` tells it when to. Sums of powers of half ticks are exact, so a
 * bar is added and the one that left taken away without a trace; where moves are so large that they would not be, everything is
 * added up anew, and nothing of a jump is left once it is out of the window.
 */
export class BarReturns implements Part {
  readonly source: Versioned;
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
    // A comparison with NaN is false.
    const slides = this.fourths < EXACT && count - this.#count < MANY;
    if (slides) for (let end = this.#count + 1; end <= count; end++) this.#slide(end);
    if (!slides || !(this.fourths < EXACT)) this.#addUp();
    this.#count = count;
    const { closes } = this.#bars;
    this.net = closes[(count - 1) & BAR_MASK] - closes[(count - 1 - BARS) & BAR_MASK];
  }

  /** From the window before bar `end − 1` to the one that ends with it. */
  #slide(end: number): void {
    const { closes } = this.#bars;
    const gone = end - 1 - BARS;
    const second = closes[(gone + 1) & BAR_MASK];
    const third = closes[(gone + 2) & BAR_MASK];
    const lost = closes[gone & BAR_MASK] - closes[(gone - 1) & BAR_MASK];
    const lostSize = Math.abs(lost);
    const lostSquare = lost * lost;
    const lostPair = lostSize * Math.abs(second - closes[gone & BAR_MASK]);
    const lostQuad = lostPair * Math.abs(third - second) * Math.abs(closes[(gone + 3) & BAR_MASK] - third);
    const one = closes[(end - 2) & BAR_MASK];
    const two = closes[(end - 3) & BAR_MASK];
    const three = closes[(end - 4) & BAR_MASK];
    const r = closes[(end - 1) & BAR_MASK] - one;
    const size = Math.abs(r);
    const square = r * r;
    const pair = size * Math.abs(one - two);
    this.path += size - lostSize;
    this.squares += square - lostSquare;
    this.signedSquares += r * size - lost * lostSize;
    this.cubes += square * r - lostSquare * lost;
    this.fourths += square * square - lostSquare * lostSquare;
    this.pairs += pair - lostPair;
    this.quads += pair * Math.abs(two - three) * Math.abs(three - closes[(end - 5) & BAR_MASK]) - lostQuad;
  }

  #addUp(): void {
    const { closes, count } = this.#bars;
    let before = closes[(count - 1 - BARS) & BAR_MASK];
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
    for (let i = count - BARS; i < count; i++) {
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
    this.#version = -1;
    this.#count = 0;
  }
}
