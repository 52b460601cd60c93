import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { AggressorOrders } from './aggressor-orders.ts';

/** Orders over which the regressions forget, and pairs from which on they speak. */
const MEMORY = 128;
const WARMUP = 48;
/** Regressors whose correlation matrix has a smaller determinant are taken for one another. */
const LEAST_DETERMINANT = 1e-3;
/** 1 less the sum of what a shock calls forth again; below it the response does not settle in any time that matters. */
const LEAST_SETTLING = 0.01;

export const permanentImpact: SignalDefinition = {
  name: 'permanent_impact',
  family: 'trades',
  title: 'Permanent impact of an order',
  meaning:
    'By how many ticks the mid has moved for good once the market has digested an unexpected buy order, follow-up orders and reversals included: what the market thinks that orders know. From a vector autoregression of one lag in order time; NaN where the regressors cannot be told apart or the response does not settle.',
  tex: String.raw`\frac{b_0 + b_1}{(1-a)(1-d) - c\,(b_0 + b_1)};\quad r_n = a\,r_{n-1} + b_0 x_n + b_1 x_{n-1} + u_n,\quad x_n = c\,r_{n-1} + d\,x_{n-1} + v_n`,
  formula:
    '(b0 + b1) / ((1 - a)(1 - d) - c (b0 + b1)), the sum of all r that a shock of 1 in x calls forth; r[n] = a r[n-1] + b0 x[n] + b1 x[n-1], x[n] = c r[n-1] + d x[n-1] by least squares without intercept, weights exp(-k / 128), k orders ago; ' +
    'x = sign of an order, r = mid before the next order - mid before this one; trades of one sign and timestamp are one order',
  warmup: `${WARMUP} orders that followed an order, a mid at each`,
  cost: 'some fifty multiplications and five divisions an order',
  source:
    'Hasbrouck (1991), Measuring the information content of stock trades, J. Finance 46(1); one lag where the paper has five',
  needs: [],
  dependencies: ['aggressor orders'],
  version: 1,
  columns: () => [{ name: 'permanent_impact', unit: 'ticks/order', mirror: 'even', ticks: 1, lots: 0 }],
  create: (context) => new PermanentImpact(context),
};

class PermanentImpact implements Signal {
  readonly source: Versioned;
  readonly #aggressors: AggressorOrders;
  readonly #keep = Math.exp(-1 / MEMORY);
  /** The last order's sign and the mid before it, and of the one before that the sign and what the mid did then. */
  #sign = 0;
  #midTicks = Number.NaN;
  #lagSign = 0;
  #lagMove = Number.NaN;
  #count = 0;
  /** Decayed sums of products; r and x of an order, u and l its lags (r and x of the order before). xx and ll are both the weight. */
  #weight = 0;
  #uu = 0;
  #ux = 0;
  #ul = 0;
  #xl = 0;
  #ru = 0;
  #rx = 0;
  #rl = 0;
  #impact = Number.NaN;

  constructor(context: SignalContext) {
    this.source = context.trades;
    this.#aggressors = context.share(AggressorOrders);
  }

  /** What the order before did to the mid is known when the next one begins. */
  onTrade(view: MarketView, sign: number): void {
    if (!this.#aggressors.begins) return;
    const move = view.midTicks - this.#midTicks;
    if (!Number.isNaN(move) && !Number.isNaN(this.#lagMove))
      this.#learn(move, this.#sign, this.#lagMove, this.#lagSign);
    this.#lagMove = move;
    this.#lagSign = this.#sign;
    this.#sign = sign;
    this.#midTicks = view.midTicks;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#impact;
  }

  reset(): void {
    this.#sign = 0;
    this.#midTicks = Number.NaN;
    this.#lagSign = 0;
    this.#lagMove = Number.NaN;
    this.#count = 0;
    this.#weight = 0;
    this.#uu = 0;
    this.#ux = 0;
    this.#ul = 0;
    this.#xl = 0;
    this.#ru = 0;
    this.#rx = 0;
    this.#rl = 0;
    this.#impact = Number.NaN;
  }

  #learn(r: number, x: number, u: number, l: number): void {
    const keep = this.#keep;
    this.#weight = this.#weight * keep + 1;
    this.#uu = this.#uu * keep + u * u;
    this.#ux = this.#ux * keep + u * x;
    this.#ul = this.#ul * keep + u * l;
    this.#xl = this.#xl * keep + x * l;
    this.#ru = this.#ru * keep + r * u;
    this.#rx = this.#rx * keep + r * x;
    this.#rl = this.#rl * keep + r * l;
    if (++this.#count >= WARMUP) this.#impact = this.#solve();
  }

  /** Both regressions by Cramer's rule, and the sum of the response in closed form. */
  #solve(): number {
    // Means of products instead of sums: xx and ll become 1.
    const per = 1 / this.#weight;
    const uu = this.#uu * per;
    const ux = this.#ux * per;
    const ul = this.#ul * per;
    const xl = this.#xl * per;
    const ru = this.#ru * per;
    const rx = this.#rx * per;
    const rl = this.#rl * per;
    const whole = uu * (1 - xl * xl) - ux * (ux - xl * ul) + ul * (ux * xl - ul);
    if (!(whole > LEAST_DETERMINANT * uu)) return Number.NaN;
    const a = (ru * (1 - xl * xl) - ux * (rx - xl * rl) + ul * (rx * xl - rl)) / whole;
    const b0 = (uu * (rx - xl * rl) - ru * (ux - xl * ul) + ul * (ux * rl - rx * ul)) / whole;
    const b1 = (uu * (rl - rx * xl) - ux * (ux * rl - rx * ul) + ru * (ux * xl - ul)) / whole;
    const part = uu - ul * ul;
    const c = (ux - ul * xl) / part;
    const d = (uu * xl - ul * ux) / part;
    return settle(a, b0, b1, c, d);
  }
}

/** Σ r of the response to x = 1, where it converges: both roots of [[a + b₀c, b₁ + b₀d], [c, d]] lie inside the unit circle. */
function settle(a: number, b0: number, b1: number, c: number, d: number): number {
  const trace = a + b0 * c + d;
  const determinant = a * d - b1 * c;
  const settling = 1 - trace + determinant;
  if (settling < LEAST_SETTLING || 1 + trace + determinant <= 0 || Math.abs(determinant) >= 1) return Number.NaN;
  return (b0 + b1) / settling;
}
