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
  readonly #bid = new NearSide(-1);
  readonly #ask = new NearSide(1);

  constructor({ decays }: SignalContext) {
    this.#sum = decays.sum(TAU);
  }

  onBook(view: MarketView): void {
    const end = view.depth - 1;
    if (view.bidChanged) {
      const { oldBidTicks, oldBidLots, oldBidLevels, bidTicks, bidLevels } = view;
      const side = this.#bid;
      if (side.unseen) side.see(oldBidTicks, oldBidLots, oldBidLevels);
      side.to(bidTicks, bidLevels, view.bidSumLots[end], view.bidSumReach[end]);
      this.#sum.add(side.flow);
    }
    if (view.askChanged) {
      const { oldAskTicks, oldAskLots, oldAskLevels, askTicks, askLevels } = view;
      const side = this.#ask;
      if (side.unseen) side.see(oldAskTicks, oldAskLots, oldAskLevels);
      side.to(askTicks, askLevels, view.askSumLots[end], view.askSumReach[end]);
      this.#sum.add(-side.flow);
    }
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = view.has(1) && this.#sum.ready(view) ? this.#sum.value / view.meanLots : Number.NaN;
  }

  reset(): void {
    this.#bid.unseen = true;
    this.#ask.unseen = true;
  }
}

/** Sums of one side as the last message that changed it left them, and what that message made flow. */
class NearSide {
  /** No message has changed the side since the reset: the sums are those of nothing. */
  unseen = true;
  /** Σ Δq (1 − d / H). */
  flow = 0.5;
  /** `away` × price rises from level to level. */
  readonly #away: number;
  #lots = 0.5;
  #reach = 0.5;
  /** Best and deepest price; of an empty side, those that it had. */
  #best = 0;
  #last = 0;
  #empty = false;

  constructor(away: number) {
    this.#away = away;
  }

  /** The levels before the first message that changes the side. */
  see(ticks: Int32Array, lots: Float64Array, levels: number): void {
    let sum = 0;
    let reach = 0;
    for (let m = 0; m < levels; m++) {
      sum += lots[m];
      reach += lots[m] * Math.abs(ticks[m] - ticks[0]);
    }
    this.unseen = false;
    this.#lots = sum;
    this.#reach = reach;
    this.#empty = levels === 0;
    this.#best = ticks[0];
    this.#last = levels > 0 ? ticks[levels - 1] : ticks[0];
  }

  to(ticks: Int32Array, levels: number, lots: number, reach: number): void {
    // An empty side has no prices: those of the other book are all there are.
    const best = levels > 0 ? ticks[0] : this.#best;
    const last = levels > 0 ? ticks[levels - 1] : this.#last;
    const joined = lots - this.#lots;
    let far = reach - this.#reach;
    let width = this.#away * (last - best);
    if ((best !== this.#best || last !== this.#last) && !this.#empty) {
      // Distances of either book from the better of the two best prices, up to the deeper of the two last.
      const retreat = this.#away * (best - this.#best);
      const rise = this.#away * (this.#last - last);
      if (retreat > 0) {
        far += lots * retreat;
        width += retreat;
      } else far += this.#lots * retreat;
      if (rise > 0) width += rise;
    }
    this.flow = width > 0 ? joined - far / width : joined;
    this.#lots = lots;
    this.#reach = reach;
    this.#best = best;
    this.#last = last;
    this.#empty = levels === 0;
  }
}
