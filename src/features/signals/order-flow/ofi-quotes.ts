import { Side } from '../../../market/index.ts';
import { BookFlows } from '../../book-flows.ts';
import type { SignalContext } from '../../context.ts';
import type { DecayedSum } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

const TAU = 1;

export const ofiQuotes: SignalDefinition = {
  name: 'ofi_quotes',
  family: 'order-flow',
  title: 'Order flow imbalance of quotes',
  meaning:
    'Touch order flow without its trades: what was quoted and withdrawn, for streams that name no orders. It tells quoting from trading where both push the same queue. NaN where a side is empty.',
  tex: String.raw`\frac{1}{Q}\sum_n \left(J_b - C_b - J_a + C_a\right)_n e^{-(t-t_n)/\tau}`,
  formula:
    'sum of (joined - cancelled at the touch, bid less ask) exp(-age / 1 s) / Q; cancelled = what left the touch less what traded there',
  warmup: 'the decay time',
  cost: 'an addition a message, a division a row',
  source:
    'Cont, Kukanov and Stoikov (2014), The price impact of order book events, L and C without M, from levels and trades',
  needs: [],
  dependencies: ['average level size', 'decaying sums', 'book flows'],
  version: 1,
  columns: () => [{ name: 'ofi_quotes', unit: 'average levels', mirror: 'odd', ticks: 0, lots: 0 }],
  create: (context) => new QuoteFlowImbalance(context),
};

class QuoteFlowImbalance implements Signal {
  readonly #flows: BookFlows;
  readonly #sum: DecayedSum;

  constructor(context: SignalContext) {
    this.#flows = context.share(BookFlows);
    this.#sum = context.decays.sum(TAU);
  }

  onBook(): void {
    const { joinedTouch, cancelledTouch } = this.#flows;
    const bid = joinedTouch[Side.BID] - cancelledTouch[Side.BID];
    this.#sum.add(bid - (joinedTouch[Side.ASK] - cancelledTouch[Side.ASK]));
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = view.has(1) && this.#sum.ready(view) ? this.#sum.value / view.meanLots : Number.NaN;
  }

  reset(): void {}
}
