import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { BarReturns } from './bar-returns.ts';
import { BAR_WARMUP, BARS } from './mid-bars.ts';

export const bipower: SignalDefinition = {
  name: 'bipower',
  family: 'volatility',
  title: 'Bipower volatility',
  meaning:
    'Volatility with jumps left out: each one-second return of the mid counts only as far as its neighbour moved too, and a lone jump has a quiet one. Where most seconds are without a move it falls short even without jumps.',
  tex: String.raw`\sqrt{\frac{1}{n}\,\frac{\pi}{2}\,\frac{n}{n-1}\sum_{i=2}^{n} |r_i|\,|r_{i-1}|},\quad n = 60`,
  formula: 'sqrt(pi / 2 x sum over 59 neighbours of |r| |r before| / 59); r = return of a closed 1 s bar',
  warmup: BAR_WARMUP,
  cost: 'shared sums when a bar with a move closes, a square root then',
  source: 'Barndorff-Nielsen and Shephard (2004), Power and bipower variation with stochastic volatility and jumps',
  needs: [],
  dependencies: ['mid bars'],
  version: 1,
  columns: () => [{ name: 'bipower', unit: 'ticks/sqrt(s)', mirror: 'even', ticks: 1, lots: 0 }],
  create: (context) => new Bipower(context),
};

class Bipower implements Signal {
  readonly source: Versioned;
  readonly #returns: BarReturns;

  constructor(context: SignalContext) {
    this.#returns = context.share(BarReturns);
    this.source = this.#returns.source;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    out[at] = Math.sqrt(this.#returns.present().pairs * (Math.PI / 2 / (BARS - 1)));
  }

  reset(): void {}
}
