import { NS_PER_MS } from '../../../core/index.ts';
import { Side } from '../../../market/index.ts';
import type { SignalContext } from '../../context.ts';
import type { DecayedSum } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { OrderAges } from './order-ages.ts';
import { sideColumns } from './side-columns.ts';

const TAU = 10;
const FLEETING_NS = 100 * NS_PER_MS;

export const fleetingShare: SignalDefinition = {
  name: 'fleeting_share',
  family: 'queue',
  title: 'Share of fleeting orders',
  meaning:
    'Of the orders deleted on a side, the share that lived 100 ms or less: machines probing, chasing or hiding. Orders of which the beginning was not seen (or is too long ago) do not count; NaN until one was.',
  tex: String.raw`\frac{\sum_i \mathbf{1}\{a_i \le 100\,\text{ms}\}\, e^{-(t-t_i)/\tau}}{\sum_i e^{-(t-t_i)/\tau}}`,
  formula:
    'sum of w over deletions of orders at most 100 ms old / sum of w over all deletions of orders of known age, w = exp(-time since the deletion / tau)',
  warmup: 'the decay time and the first deletion of an order whose addition was seen',
  cost: 'a look-up an order row, a division a deletion',
  source:
    'Hasbrouck and Saar (2009), Technology and liquidity provision: the blurring of traditional definitions, Journal of Financial Markets 12(2)',
  needs: ['orders'],
  dependencies: ['order ages', 'decaying sums'],
  version: 1,
  columns: () => sideColumns('fleeting_share', '1', `over ${TAU} s`),
  create: (context) => new FleetingShare(context),
};

class FleetingShare implements Signal {
  readonly #ages: OrderAges;
  readonly #bidAll: DecayedSum;
  readonly #askAll: DecayedSum;
  readonly #bidYoung: DecayedSum;
  readonly #askYoung: DecayedSum;
  #bid = Number.NaN;
  #ask = Number.NaN;

  constructor(context: SignalContext) {
    this.#ages = context.share(OrderAges);
    this.#bidAll = context.decays.sum(TAU);
    this.#askAll = context.decays.sum(TAU);
    this.#bidYoung = context.decays.sum(TAU);
    this.#askYoung = context.decays.sum(TAU);
  }

  onOrder(_view: MarketView, _kind: number, side: number): void {
    const age = this.#ages.deletedNs;
    if (!(age >= 0)) return;
    if (side === Side.BID) this.#bid = share(this.#bidAll, this.#bidYoung, age);
    else this.#ask = share(this.#askAll, this.#askYoung, age);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const known = this.#bidAll.ready(view);
    out[at] = known ? this.#bid : Number.NaN;
    out[at + 1] = known ? this.#ask : Number.NaN;
  }

  reset(): void {
    this.#bid = Number.NaN;
    this.#ask = Number.NaN;
  }
}

/** The share with one deletion more. It fades with time in both parts alike, so it stays until the next. */
function share(all: DecayedSum, young: DecayedSum, age: number): number {
  all.add(1);
  if (age <= FLEETING_NS) young.add(1);
  return young.value / all.value;
}
