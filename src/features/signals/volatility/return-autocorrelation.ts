import type { MarketView } from '../../market-view.ts';
import { type Signal, type SignalDefinition, Version } from '../../signal.ts';

const MOVES = 64;
const MASK = MOVES - 1;

export const returnAutocorrelation: SignalDefinition = {
  name: 'return_autocorrelation',
  family: 'volatility',
  title: 'Autocorrelation of moves',
  meaning:
    'The first autocorrelation of the last 64 moves of the mid, counted by moves and not by the clock, no mean taken off: negative where a move is mostly taken back, positive where it goes on.',
  tex: String.raw`\frac{\sum_{n=2}^{64} \Delta M_n\, \Delta M_{n-1}}{\sum_{n=1}^{64} (\Delta M_n)^2},\quad \Delta M_n \ne 0`,
  formula:
    'sum of move x move before / sum of move^2, over the last 64 moves of the mid from book message to book message',
  warmup: '64 moves of the mid',
  cost: 'a few additions and a division a move of the mid',
  source:
    'Roll (1984), A simple implicit measure of the effective bid-ask spread, for why bounce is negative; definition',
  needs: [],
  dependencies: [],
  version: 1,
  columns: () => [{ name: 'return_autocorrelation', unit: '1', mirror: 'even', ticks: 0, lots: 0 }],
  create: () => new ReturnAutocorrelation(),
};

class ReturnAutocorrelation implements Signal {
  readonly source = new Version();
  /** The last moves, a ring. */
  readonly #moves = new Float64Array(MOVES);
  #count = 0;
  /** Running sums of products of neighbours and of squares: whole quarter ticks², so exact below 2⁵³ of them. */
  #pairs = Number.NaN;
  #squares = Number.NaN;

  constructor() {
    this.reset();
  }

  onBook(view: MarketView): void {
    const move = view.moveTicks;
    if (move === 0) return;
    this.source.raise();
    const moves = this.#moves;
    const at = this.#count & MASK;
    if (this.#count >= MOVES) {
      const oldest = moves[at];
      this.#pairs -= oldest * moves[(at + 1) & MASK];
      this.#squares -= oldest * oldest;
    }
    if (this.#count > 0) this.#pairs += move * moves[(at - 1) & MASK];
    this.#squares += move * move;
    moves[at] = move;
    this.#count++;
    if (at === MASK) this.#addAnew();
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#count >= MOVES ? this.#pairs / this.#squares : Number.NaN;
  }

  /** Once in a ring, so that the rounding of moves too large to be exact does not stay. */
  #addAnew(): void {
    const moves = this.#moves;
    let pairs = 0;
    let squares = 0;
    for (let i = 0; i < MOVES; i++) {
      squares += moves[i] * moves[i];
      if (i > 0) pairs += moves[i] * moves[i - 1];
    }
    this.#pairs = pairs;
    this.#squares = squares;
  }

  reset(): void {
    this.source.raise();
    this.#count = 0;
    this.#pairs = 0;
    this.#squares = 0;
  }
}
