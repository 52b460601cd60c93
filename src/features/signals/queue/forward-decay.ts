import { NS_PER_SECOND } from '../../../core/index.ts';
import { TAUS_SECONDS } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';

/** Decay times in seconds: of rates and shares, and of what is divided by something rare such as an execution. */
export const FAST = 1;
export const SLOW = 10;
const FAST_SCALE = TAUS_SECONDS.indexOf(FAST);
const SLOW_SCALE = TAUS_SECONDS.indexOf(SLOW);

/** A unit that is worth less begins anew, long before weights become infinite; what is worth less than `NOTHING` is 0. */
const LEAST = 1e-30;
const NOTHING = 1e-200;

/**
 * Decaying sums that time does not touch: instead of fading every sum, what happens later weighs more, and a sum is worth less
 * of it. Σ xᵢ e^(−(t − tᵢ)/τ) = worth(t) Σ xᵢ weight(tᵢ), weight = 1 / worth (Cormode, Shkapenyuk, Srivastava and Xu 2009,
 * "Forward decay: a practical time decay model for streaming systems"). One multiplication a message serves every sum, and
 * ratios of sums need none.
 *
 * Weights begin anew now and then. Who keeps such a sum multiplies it in its `onTime` by the rescale, which is 1 otherwise.
 */
export class ForwardDecay implements Part {
  fastWeight = 0.5;
  fastWorth = 0.5;
  fastRescale = 0.5;
  slowWeight = 0.5;
  slowWorth = 0.5;
  slowRescale = 0.5;
  /** The decay times have passed since the reset. */
  fastReady = false;
  slowReady = false;

  constructor() {
    this.reset();
  }

  onTime(view: MarketView): void {
    const { fades, nowNs } = view;
    this.fastReady = nowNs >= FAST * NS_PER_SECOND;
    this.slowReady = nowNs >= SLOW * NS_PER_SECOND;
    let worth = this.fastWorth * fades[FAST_SCALE];
    this.fastRescale = 1;
    if (worth < LEAST) {
      this.fastRescale = worth < NOTHING ? 0 : worth;
      worth = 1;
    }
    this.fastWorth = worth;
    this.fastWeight = 1 / worth;
    worth = this.slowWorth * fades[SLOW_SCALE];
    this.slowRescale = 1;
    if (worth < LEAST) {
      this.slowRescale = worth < NOTHING ? 0 : worth;
      worth = 1;
    }
    this.slowWorth = worth;
    this.slowWeight = 1 / worth;
  }

  reset(): void {
    this.fastWeight = 1;
    this.fastWorth = 1;
    this.fastRescale = 1;
    this.slowWeight = 1;
    this.slowWorth = 1;
    this.slowRescale = 1;
    this.fastReady = false;
    this.slowReady = false;
  }
}
