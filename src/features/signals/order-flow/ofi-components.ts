import { EventKind, Side } from '../../../market/index.ts';
import type { SignalContext } from '../../context.ts';
import type { DecayedSum } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

const TAU = 1;

const PARTS = [
  ['limit', 'limit orders added'],
  ['cancel', 'orders cancelled'],
  ['trade', 'orders executed'],
];

export const ofiComponents: SignalDefinition = {
  name: 'ofi_components',
  family: 'order-flow',
  title: 'Order flow imbalance by kind of order',
  meaning:
    'Touch order flow split by what made it: new limit orders, cancellations, and market orders, over one second. The same net flow means more where it was paid for by trading. NaN where a side is empty.',
  tex: String.raw`\frac{1}{Q}\sum_i \sigma_i\, v_i\, e^{-(t-t_i)/\tau},\quad \sigma = \begin{cases} +1 & \text{bid added, ask cancelled, ask executed} \\ -1 & \text{ask added, bid cancelled, bid executed} \end{cases}`,
  formula:
    'limit: lots added to the bid less those added to the ask; cancel, trade: lots cancelled, executed on the ask less those on the bid; ' +
    'of orders at the best price before the message or better; sum of lots exp(-age / 1 s) / Q',
  warmup: 'the decay time',
  cost: 'constant an order row, a division a row',
  source:
    'Cont, Kukanov and Stoikov (2014), The price impact of order book events, J. Financial Econometrics 12(1), L, C and M',
  needs: ['orders'],
  dependencies: ['average level size', 'decaying sums'],
  version: 1,
  columns: () =>
    PARTS.map(([part, detail]) => ({
      name: `ofi_components_${part}`,
      unit: 'average levels',
      mirror: 'odd',
      ticks: 0,
      lots: 0,
      detail,
    })),
  create: (context) => new OrderFlowComponents(context),
};

class OrderFlowComponents implements Signal {
  readonly #limit: DecayedSum;
  readonly #cancel: DecayedSum;
  readonly #trade: DecayedSum;

  constructor({ decays }: SignalContext) {
    this.#limit = decays.sum(TAU);
    this.#cancel = decays.sum(TAU);
    this.#trade = decays.sum(TAU);
  }

  onOrder(view: MarketView, kind: number, side: number, priceTicks: number, sizeLots: number): void {
    const isBid = side === Side.BID;
    if (isBid ? priceTicks < view.bidTicks[0] : priceTicks > view.askTicks[0]) return;
    const lots = isBid ? sizeLots : -sizeLots;
    if (kind === EventKind.ADD) this.#limit.add(lots);
    else if (kind === EventKind.EXECUTE) this.#trade.add(-lots);
    else this.#cancel.add(-lots);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const scale = view.has(1) && this.#limit.ready(view) ? 1 / view.meanLots : Number.NaN;
    out[at] = this.#limit.value * scale;
    out[at + 1] = this.#cancel.value * scale;
    out[at + 2] = this.#trade.value * scale;
  }

  reset(): void {}
}
