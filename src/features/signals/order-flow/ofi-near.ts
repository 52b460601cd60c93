import type { SignalContext } from '../../context.ts';
import type { DecayedSum } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

const TAU = 1;

export const ofiNear: SignalDefinition = {
  name: 'ofi_near',
  family: 'order-flow',
  title: 'Order flow imbalance by distance',
  meaning:
    'Order flow of all displayed prices, each weighing by how near it lies to the best price in ticks and not by its rank: what happens just behind a thin best quote counts nearly as much as at it. NaN where a side is empty.',
  tex: String.raw`\frac{1}{Q}\sum_n e^{-(t-t_n)/\tau} \sum_p \pm\,\Delta q_n(p) \left(1 - \frac{d_n(p)}{H_n}\right),\quad d = |p - P^*|,\; H = \max_p d(p)`,
  formula:
    'sum over book messages and prices of +-(change of lots) (1 - d / H) exp(-age / 1 s) / Q; + bid, - ask; d = distance from the side’s ' +
    'best price, the better one of before and after; H = that of the deepest level, before or after, which weighs 0; 1 where there is one price',
  warmup: 'the decay time',
  cost: 'constant a message: a division a side that changed',
  source:
    'definition; distances in place of ranks as for depth in Cao, Hansch and Wang (2009), The information content of an open limit-order book',
  needs: [],
  dependencies: ['average level size', 'decaying sums', 'running sums of the levels'],
  version: 1,
  columns: () => [{ name: 'ofi_near', unit: 'average levels', mirror: 'odd', ticks: 0, lots: 0 }],
  create: (context) => new NearOrderFlowImbalance(context),
};

/**
 * The weights are linear in price, so that Σ Δq (1 − d / H) needs a side's lots and their distances in sum alone, which the view
 * has. The level that a new best quote pushes out of the view, or a vanished one lets in, is the deepest: it weighs nothing.
 */
class NearOrderFlowImbalance implements Signal {
  readonly #sum: DecayedSum;
  readonly #bid = new NearSide();
  readonly #ask = new NearSide();

  constructor({ decays }: SignalContext) {
    this.#sum = decays.sum(TAU);
  }

  onBook(view: MarketView): void {
    const end = view.depth - 1;
    if (view.bidChanged) {
      const { oldBidTicks, oldBidLots, oldBidLevels, bidTicks, bidLevels } = view;
      const side = this.#bid;
      side.from(oldBidTicks, oldBidLots, oldBidLevels);
      this.#sum.add(side.to(-1, bidTicks, bidLevels, view.bidSumLots[end], view.bidSumReach[end]));
    }
    if (view.askChanged) {
      const { oldAskTicks, oldAskLots, oldAskLevels, askTicks, askLevels } = view;
      const side = this.#ask;
      side.from(oldAskTicks, oldAskLots, oldAskLevels);
      this.#sum.add(-side.to(1, askTicks, askLevels, view.askSumLots[end], view.askSumReach[end]));
    }
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = view.has(1) && this.#sum.ready(view) ? this.#sum.value / view.meanLots : Number.NaN;
  }

  reset(): void {
    this.#bid.reset();
    this.#ask.reset();
  }
}

/** Sums of one side as the book message before left them. */
class NearSide {
  #lots = Number.NaN;
  #reach = Number.NaN;
  #best = 0;
  #last = 0;
  #levels = 0;

  /** The levels before, which are summed up only where no message was seen yet. */
  from(ticks: Int32Array, lots: Float64Array, levels: number): void {
    this.#levels = levels;
    this.#best = ticks[0];
    this.#last = levels > 0 ? ticks[levels - 1] : 0;
    if (!Number.isNaN(this.#lots)) return;
    this.#lots = 0;
    this.#reach = 0;
    for (let m = 0; m < levels; m++) {
      this.#lots += lots[m];
      this.#reach += lots[m] * Math.abs(ticks[m] - ticks[0]);
    }
  }

  /** Σ Δq (1 − d / H) to these levels; `away` × price rises from level to level. */
  to(away: number, ticks: Int32Array, levels: number, lots: number, reach: number): number {
    // An empty side has no prices: those of the other book are all there are.
    const best = levels > 0 ? ticks[0] : this.#best;
    const last = levels > 0 ? ticks[levels - 1] : this.#last;
    const oldBest = this.#levels > 0 ? this.#best : best;
    const oldLast = this.#levels > 0 ? this.#last : last;
    const retreat = away * (best - oldBest);
    const deeper = away * (last - oldLast);
    // Distances of either book from the better of the two best prices.
    const far = reach + (retreat > 0 ? lots * retreat : 0);
    const oldFar = this.#reach + (retreat < 0 ? this.#lots * -retreat : 0);
    const width = away * ((deeper > 0 ? last : oldLast) - (retreat > 0 ? oldBest : best));
    const flow = lots - this.#lots - (width > 0 ? (far - oldFar) / width : 0);
    this.#lots = lots;
    this.#reach = reach;
    return flow;
  }

  reset(): void {
    this.#lots = Number.NaN;
    this.#reach = Number.NaN;
  }
}
