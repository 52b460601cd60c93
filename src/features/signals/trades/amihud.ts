import { NS_PER_SECOND } from '../../../core/index.ts';
import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { StepClock, type Stepping } from '../../step-clock.ts';
import { DecayedMoments } from './decayed-moments.ts';

const BIN_NS = 10 * NS_PER_SECOND;
/** Bins with volume over which the mean fades, and from which on there is one. */
const MEMORY = 12;
const WARMUP = 6;

export const amihud: SignalDefinition = {
  name: 'amihud',
  family: 'trades',
  title: 'Amihud’s illiquidity',
  meaning:
    'How far the mid moved for every average level that traded, whichever way and whoever began it: the mean over closed bins of ten seconds, those without a trade left out. High where little volume goes with large moves; unlike Kyle’s it asks for no sides.',
  tex: String.raw`Q\;\frac{\sum_k w_k\,|\Delta M_k| / V_k}{\sum_k w_k},\quad w_k = e^{-(K-k)/12}`,
  formula:
    'Q x mean of |mid move| / lots traded over closed bins of 10 s in which anything traded, weights exp(-age in such bins / 12); Q = average size of a level',
  warmup: `${WARMUP} closed bins with trades after the first bin`,
  cost: 'an addition a trade, a division a bin',
  source:
    'Amihud (2002), Illiquidity and stock returns, J. Financial Markets 5(1); moves in ticks, volume in lots, bins of 10 s',
  needs: [],
  dependencies: ['average level size', 'step clock'],
  version: 1,
  columns: () => [{ name: 'amihud', unit: 'ticks/average level', mirror: 'even', ticks: 1, lots: 0 }],
  create: (context) => new Amihud(context),
};

class Amihud implements Signal, Stepping {
  readonly #mean = new DecayedMoments(MEMORY);
  #endNs = BIN_NS;
  /** The mid at the end of the bin before; `NaN` where there was none. */
  #endTicks = Number.NaN;
  #lots = 0;
  #ratio = Number.NaN;

  constructor(context: SignalContext) {
    context.share(StepClock).hear(this);
  }

  /** A bin closes when time reaches its end; those that a silence skipped saw no trade. */
  onStep(view: MarketView): void {
    if (view.nowNs < this.#endNs) return;
    const moveTicks = Math.abs(view.midTicks - this.#endTicks);
    if (this.#lots > 0 && !Number.isNaN(moveTicks)) this.#mean.add(moveTicks / this.#lots);
    this.#endNs += (Math.floor((view.nowNs - this.#endNs) / BIN_NS) + 1) * BIN_NS;
    this.#endTicks = view.midTicks;
    this.#lots = 0;
    if (this.#mean.count >= WARMUP) this.#ratio = this.#mean.mean;
  }

  onTrade(_view: MarketView, _sign: number, sizeLots: number): void {
    this.#lots += sizeLots;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#ratio * view.meanLots;
  }

  reset(): void {
    this.#mean.reset();
    this.#endNs = BIN_NS;
    this.#endTicks = Number.NaN;
    this.#lots = 0;
    this.#ratio = Number.NaN;
  }
}
