import { NS_PER_MS } from '../../../core/index.ts';
import { Side } from '../../../market/index.ts';
import type { SignalContext } from '../../context.ts';
import type { DecayedSum } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { OrderAges } from './order-ages.ts';
import { sideColumns } from './side-columns.ts';

const TAU = 10;

export const orderLifetime: SignalDefinition = {
  name: 'order_lifetime',
  family: 'queue',
  title: 'Lifetime of deleted orders',
  meaning:
    'How long the orders deleted on a side had lived, in the mean of logarithms. Orders of which the beginning was not seen (or is too long ago) do not count; NaN until one was.',
  tex: String.raw`\frac{\sum_i \ln(1 + a_i)\, e^{-(t-t_i)/\tau}}{\sum_i e^{-(t-t_i)/\tau}},\ a \text{ in ms}`,
  formula:
    'sum of ln(1 + a) w / sum of w over deletions of orders of known age, a = age in milliseconds, w = exp(-time since the deletion / tau)',
  warmup: 'the decay time and the first deletion of an order whose addition was seen',
  cost: 'a look-up an order row, a logarithm and a division a deletion',
  source:
    'Hasbrouck and Saar (2009), Technology and liquidity provision: the blurring of traditional definitions, Journal of Financial Markets 12(2)',
  needs: ['orders'],
  dependencies: ['order ages', 'decaying sums'],
  version: 1,
  columns: () => sideColumns('order_lifetime', 'ln(1 + ms)', `over ${TAU} s`),
  create: (context) => new OrderLifetime(context),
};

class OrderLifetime implements Signal {
  readonly #ages: OrderAges;
  readonly #bids: DecayedSum;
  readonly #asks: DecayedSum;
  readonly #bidLogs: DecayedSum;
  readonly #askLogs: DecayedSum;
  #bid = Number.NaN;
  #ask = Number.NaN;

  constructor(context: SignalContext) {
    this.#ages = context.share(OrderAges);
    this.#bids = context.decays.sum(TAU);
    this.#asks = context.decays.sum(TAU);
    this.#bidLogs = context.decays.sum(TAU);
    this.#askLogs = context.decays.sum(TAU);
  }

  onOrder(_view: MarketView, _kind: number, side: number): void {
    const age = this.#ages.deletedNs;
    if (!(age >= 0)) return;
    const log = Math.log(1 + age / NS_PER_MS);
    if (side === Side.BID) this.#bid = mean(this.#bids, this.#bidLogs, log);
    else this.#ask = mean(this.#asks, this.#askLogs, log);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const known = this.#bids.ready(view);
    out[at] = known ? this.#bid : Number.NaN;
    out[at + 1] = known ? this.#ask : Number.NaN;
  }

  reset(): void {
    this.#bid = Number.NaN;
    this.#ask = Number.NaN;
  }
}

/** The mean with one value more. It fades with time in both parts alike, so it stays until the next. */
function mean(count: DecayedSum, sum: DecayedSum, value: number): number {
  count.add(1);
  sum.add(value);
  return sum.value / count.value;
}
