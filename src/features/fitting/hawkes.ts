import { assert } from '../../core/index.ts';
import type { HawkesFit } from '../fit.ts';
import { EPISODE_SECONDS } from '../signals/queue/hawkes.ts';
import { minimise } from './bfgs.ts';

/** Below this many episodes four parameters are noise, and the fit is the Poisson process. */
const LEAST_EPISODES = 50;
/** 1/s: where the search for β begins, a decade apart; the likelihood may have several peaks in β, but has one for each β. */
const STARTS = [0.01, 0.1, 1, 10, 100, 1000];
/** Of the starts: descendants per trade, and how many of them trade the same way. */
const START_BRANCHING = 0.5;
const START_SAME = 0.7;

/**
 * The symmetric bivariate Hawkes process (Hawkes 1971) of buys and sells with one exponential kernel, by maximum likelihood
 * (Ozaki 1979), from all trades with a known side: `signs` 1 bought, −1 sold (0 is passed over), at `timesSeconds` in order,
 * watched from 0 to `seconds`. A market order prints once for every order that it meets, so trades of one sign that follow
 * each other within `EPISODE_SECONDS` are one episode, at the time of the first; all figures are per episode. A buy and a sell of
 * one timestamp do not excite each other. Always stationary: (self + cross) / β < 1.
 *
 * Too few episodes give the Poisson process: self and cross 0, both likelihoods equal. Deterministic; about half a second for 50,000 episodes.
 */
export function fitHawkes(timesSeconds: Float64Array, signs: Int8Array, seconds: number): HawkesFit {
  assert(timesSeconds.length === signs.length, 'every trade has a time and a sign');
  assert(seconds > 0, 'the trades were watched for some time');
  const episodes = new Episodes(timesSeconds, signs, seconds);
  const { count } = episodes;
  const rate = count / (2 * seconds);
  const poisson = count === 0 ? 0 : Math.log(rate) - 1;
  let best = { point: new Float64Array(), value: -poisson };
  if (count >= LEAST_EPISODES) {
    for (const decay of STARTS) {
      const start = encode(rate * (1 - START_BRANCHING), START_BRANCHING, START_SAME, decay);
      const found = minimise((point, gradient) => episodes.loss(point, gradient), start);
      if (found.value < best.value) best = found;
    }
  }
  const [baseRate, self, cross, decay] = best.point.length === 0 ? [rate, 0, 0, 1] : decode(best.point);
  return { baseRate, self, cross, decay, logLikelihood: -best.value, poissonLogLikelihood: poisson };
}

/** (ln μ, logit of the branching ratio, logit of its part from the same side, ln β): every point is a stationary process. */
function encode(baseRate: number, branching: number, same: number, decay: number): Float64Array {
  const logit = (p: number): number => Math.log(p / (1 - p));
  return Float64Array.of(Math.log(baseRate), logit(branching), logit(same), Math.log(decay));
}

function decode(point: Float64Array): [baseRate: number, self: number, cross: number, decay: number] {
  const decay = Math.exp(point[3]);
  const excitement = decay / (1 + Math.exp(-point[1]));
  const same = 1 / (1 + Math.exp(-point[2]));
  return [Math.exp(point[0]), excitement * same, excitement * (1 - same), decay];
}

/** Trades of one sign in quick succession taken as one, and the likelihood of what is left. */
class Episodes {
  count = 0;
  readonly #times: Float64Array;
  /** 1 where bought. */
  readonly #bought: Uint8Array;
  readonly #seconds: number;

  constructor(times: Float64Array, signs: Int8Array, seconds: number) {
    this.#times = new Float64Array(times.length);
    this.#bought = new Uint8Array(times.length);
    this.#seconds = seconds;
    const lastOf = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < times.length; i++) {
      assert(i === 0 || times[i] >= times[i - 1], 'trades stand in order of time');
      if (signs[i] === 0) continue;
      const bought = signs[i] > 0 ? 1 : 0;
      if (times[i] - lastOf[bought] > EPISODE_SECONDS) {
        this.#times[this.count] = times[i];
        this.#bought[this.count++] = bought;
      }
      lastOf[bought] = times[i];
    }
  }

  /**
   * Minus the log-likelihood per episode at an encoded point, and its gradient there, by the recursion of Ogata (1981):
   * S(t) = Σ e^(−β(t − tᵢ)) and D(t) = Σ (t − tᵢ) e^(−β(t − tᵢ)) step from episode to episode, for either sign.
   */
  loss(point: Float64Array, gradient: Float64Array): number {
    const [base, self, cross, decay] = decode(point);
    let buys = 0;
    let sells = 0;
    let buyAges = 0;
    let sellAges = 0;
    // Episodes of the present time, which excite only what comes later.
    let newBuys = 0;
    let newSells = 0;
    let logs = 0;
    let [byBase, bySelf, byCross, byDecay] = [0, 0, 0, 0];
    let now = 0;
    for (let i = 0; i <= this.count; i++) {
      const time = i === this.count ? this.#seconds : this.#times[i];
      const elapsed = time - now;
      if (elapsed > 0) {
        buys += newBuys;
        sells += newSells;
        newBuys = 0;
        newSells = 0;
        const fade = Math.exp(-decay * elapsed);
        buyAges = fade * (buyAges + elapsed * buys);
        sellAges = fade * (sellAges + elapsed * sells);
        buys *= fade;
        sells *= fade;
        now = time;
      }
      if (i === this.count) break;
      const bought = this.#bought[i] === 1;
      const same = bought ? buys : sells;
      const other = bought ? sells : buys;
      const rate = base + self * same + cross * other;
      logs += Math.log(rate);
      const weight = 1 / rate;
      byBase += weight;
      bySelf += weight * same;
      byCross += weight * other;
      byDecay -= weight * (bought ? self * buyAges + cross * sellAges : self * sellAges + cross * buyAges);
      if (bought) newBuys++;
      else newSells++;
    }
    // ∫ (λ_buy + λ_sell) = 2 μ T + (self + cross) Σ (1 − e^(−β(T − tᵢ))) / β.
    const left = buys + sells + newBuys + newSells;
    const spent = (this.count - left) / decay;
    byBase -= 2 * this.#seconds;
    bySelf -= spent;
    byCross -= spent;
    byDecay -= ((self + cross) * (buyAges + sellAges - spent)) / decay;
    const excitement = self + cross;
    const pull = bySelf * self + byCross * cross;
    const per = -1 / this.count;
    gradient[0] = per * byBase * base;
    gradient[1] = per * pull * (1 - excitement / decay);
    gradient[2] = (per * (bySelf - byCross) * self * cross) / excitement;
    gradient[3] = per * (byDecay * decay + pull);
    return per * (logs - 2 * base * this.#seconds - excitement * spent);
  }
}
