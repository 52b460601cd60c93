import { Side } from '../../../market/index.ts';
import { BookFlows } from '../../book-flows.ts';
import type { SignalContext } from '../../context.ts';
import type { DecayedSum } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

const TAU = 1;

export const depthFlow: SignalDefinition = {
  name: 'depth_flow',
  family: 'order-flow',
  title: 'Flow of depth behind the touch',
  meaning:
    'What joined the bids behind the best less what left them, less the same of the asks: patience building up or giving way out of sight of the touch. NaN where a side is empty.',
  tex: String.raw`\frac{1}{Q}\sum_n \left(J^{>1}_b - X^{>1}_b - J^{>1}_a + X^{>1}_a\right)_n e^{-(t-t_n)/\tau}`,
  formula:
    'sum of (joined - left behind the best price, bid less ask) exp(-age / 1 s) / Q; price by price, not rank by rank, so that a new best quote moves nothing',
  warmup: 'the decay time',
  cost: 'an addition a message, a division a row',
  source:
    'definition; deeper levels by price: Xu, Gould and Howison (2018), Multi-level order-flow imbalance in a limit order book',
  needs: [],
  dependencies: ['average level size', 'decaying sums', 'book flows'],
  version: 1,
  columns: (depth) =>
    depth < 2 ? [] : [{ name: 'depth_flow', unit: 'average levels', mirror: 'odd', ticks: 0, lots: 0 }],
  create: (context) => new DepthFlow(context),
};

class DepthFlow implements Signal {
  readonly #flows: BookFlows;
  readonly #sum: DecayedSum;

  constructor(context: SignalContext) {
    this.#flows = context.share(BookFlows);
    this.#sum = context.decays.sum(TAU);
  }

  onBook(): void {
    const { joinedDeep, leftDeep } = this.#flows;
    const bid = joinedDeep[Side.BID] - leftDeep[Side.BID];
    this.#sum.add(bid - (joinedDeep[Side.ASK] - leftDeep[Side.ASK]));
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    if (view.depth < 2) return;
    out[at] = view.has(1) && this.#sum.ready(view) ? this.#sum.value / view.meanLots : Number.NaN;
  }

  reset(): void {}
}
