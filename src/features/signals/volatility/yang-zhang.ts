import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { BarRanges } from './bar-ranges.ts';
import { BAR_WARMUP, BARS } from './mid-bars.ts';

export const yangZhang: SignalDefinition = {
  name: 'yang_zhang',
  family: 'volatility',
  title: 'Yang and Zhang’s volatility',
  meaning:
    'Volatility from closed one-second bars of the mid that neither a trend nor jumps between bars put out: the variance of the steps from a close to the next bar’s first mid, a share of the variance from open to close, and Rogers and Satchell’s estimate for the rest.',
  tex: String.raw`\sqrt{\sigma_O^2 + k\,\sigma_C^2 + (1-k)\,\sigma_{RS}^2},\quad k = \frac{0.34}{1.34 + \frac{n+1}{n-1}},\quad \sigma_O^2 = \operatorname{var}(O_i - C_{i-1}),\ \sigma_C^2 = \operatorname{var}(C_i - O_i),\quad n = 60`,
  formula:
    'sqrt(var(open - close before) + k var(close - open) + (1 - k) rogers_satchell^2) over 60 bars; var = sample variance, k = 0.34 / (1.34 + 61/59)',
  warmup: BAR_WARMUP,
  cost: 'shared sums when a bar with a move closes, a square root then',
  source: 'Yang and Zhang (2000), Drift-independent volatility estimation based on high, low, open and close prices',
  needs: [],
  dependencies: ['mid bars', 'rogers_satchell'],
  version: 1,
  columns: () => [{ name: 'yang_zhang', unit: 'ticks/sqrt(s)', mirror: 'even', ticks: 1, lots: 0 }],
  create: (context) => new YangZhang(context),
};

/** The share of the variance from open to close that makes the estimator's own variance smallest. */
const K = 0.34 / (1.34 + (BARS + 1) / (BARS - 1));
/** From n Σx² − (Σx)², which is exact, to a sample variance. */
const VARIANCE = 1 / (BARS * (BARS - 1));

class YangZhang implements Signal {
  readonly source: Versioned;
  readonly #ranges: BarRanges;

  constructor(context: SignalContext) {
    this.#ranges = context.share(BarRanges);
    this.source = this.#ranges.source;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    const { steps, squaredSteps, bodies, squaredBodies, excursions } = this.#ranges.present();
    const overnight = (BARS * squaredSteps - steps * steps) * VARIANCE;
    const openToClose = (BARS * squaredBodies - bodies * bodies) * VARIANCE;
    out[at] = Math.sqrt(overnight + K * openToClose + ((1 - K) / BARS) * excursions);
  }

  reset(): void {}
}
