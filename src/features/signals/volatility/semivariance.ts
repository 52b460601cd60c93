import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { BarReturns } from './bar-returns.ts';
import { BAR_WARMUP } from './mid-bars.ts';

export const semivariance: SignalDefinition = {
  name: 'semivariance',
  family: 'volatility',
  title: 'Realised semivariance balance',
  meaning:
    'Up less down realised variance of the last minute in parts of the whole: near 1 where the large moves went up, near −1 where they went down, whatever the net move. NaN where nothing moved.',
  tex: String.raw`\frac{RS^+ - RS^-}{RS^+ + RS^-},\quad RS^{\pm} = \sum_{\pm r_i > 0} r_i^2`,
  formula: '(sum of r^2 over r > 0 - sum of r^2 over r < 0) / sum of r^2; r = returns of the last 60 closed 1 s bars',
  warmup: BAR_WARMUP,
  cost: 'shared sums when a bar with a move closes, a division then',
  source:
    'Barndorff-Nielsen, Kinnebrock and Shephard (2010), Measuring downside risk: realised semivariance; signed jump variation of Patton and Sheppard (2015) over realised variance',
  needs: [],
  dependencies: ['mid bars'],
  version: 1,
  columns: () => [{ name: 'semivariance', unit: '1', mirror: 'odd', ticks: 0, lots: 0 }],
  create: (context) => new Semivariance(context),
};

class Semivariance implements Signal {
  readonly source: Versioned;
  readonly #returns: BarReturns;

  constructor(context: SignalContext) {
    this.#returns = context.share(BarReturns);
    this.source = this.#returns.source;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    const { squares, signedSquares } = this.#returns.present();
    out[at] = squares > 0 ? signedSquares / squares : Number.NaN;
  }

  reset(): void {}
}
