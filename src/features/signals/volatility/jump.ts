import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { BarReturns } from './bar-returns.ts';
import { BAR_WARMUP, BARS } from './mid-bars.ts';

export const jump: SignalDefinition = {
  name: 'jump',
  family: 'volatility',
  title: 'Jump share and test',
  meaning:
    'The share of the last minute’s realised variance that came in jumps, and the ratio test of it with quadpower quarticity: standard normal without jumps, large with them. Seconds without a move look like jumps around them, so compare it with its own past and not with 1.96. NaN where nothing moved.',
  tex: String.raw`J = 1 - \frac{BV}{RV},\quad z = \frac{J}{\sqrt{\left(\frac{\pi^2}{4} + \pi - 5\right)\frac1n \max\!\left(1, \frac{QP}{BV^2}\right)}},\quad BV = \frac{\pi}{2}\frac{n}{n-1}\sum_{i\ge2} |r_i r_{i-1}|,\quad QP = \frac{\pi^2}{4}\frac{n^2}{n-3}\sum_{i\ge4} |r_i r_{i-1} r_{i-2} r_{i-3}|`,
  formula:
    'share = 1 - BV / RV; z = share / sqrt((pi^2 / 4 + pi - 5) / n x max(1, QP / BV^2)); RV = sum r^2, BV = pi / 2 n / (n - 1) sum |r r1|, QP = pi^2 / 4 n^2 / (n - 3) sum |r r1 r2 r3|; n = 60 returns of closed 1 s bars',
  warmup: BAR_WARMUP,
  cost: 'shared sums when a bar with a move closes, three divisions and a square root then',
  source:
    'Barndorff-Nielsen and Shephard (2006), Econometrics of testing for jumps in financial economics using bipower variation: the adjusted ratio test, with finite-sample factors as in Huang and Tauchen (2005)',
  needs: [],
  dependencies: ['mid bars', 'bipower'],
  version: 1,
  columns: () => [
    { name: 'jump_share', unit: '1', mirror: 'even', ticks: 0, lots: 0, detail: '1 − BV / RV' },
    { name: 'jump_z', unit: '1', mirror: 'even', ticks: 0, lots: 0, detail: 'the test statistic' },
  ],
  create: (context) => new Jump(context),
};

const THETA = (Math.PI * Math.PI) / 4 + Math.PI - 5;
const BIPOWER = ((Math.PI / 2) * BARS) / (BARS - 1);
const QUADPOWER = (((Math.PI * Math.PI) / 4) * BARS * BARS) / (BARS - 3);

class Jump implements Signal {
  readonly source: Versioned;
  readonly #returns: BarReturns;

  constructor(context: SignalContext) {
    this.#returns = context.share(BarReturns);
    this.source = this.#returns.source;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    const { squares, pairs, quads } = this.#returns.present();
    if (!(squares > 0)) {
      out[at] = Number.NaN;
      out[at + 1] = Number.NaN;
      return;
    }
    const bipower = BIPOWER * pairs;
    const quarticity = QUADPOWER * quads;
    const share = 1 - bipower / squares;
    // Without two neighbours that moved there is no quarticity either, and the bound holds.
    const spread = quarticity > bipower * bipower ? quarticity / (bipower * bipower) : 1;
    out[at] = share;
    out[at + 1] = share / Math.sqrt((THETA / BARS) * spread);
  }

  reset(): void {}
}
