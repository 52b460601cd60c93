import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import { sideColumns } from '../../side-columns.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { DeletedOrders } from './deleted-orders.ts';
import { SLOW } from './forward-decay.ts';

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
  dependencies: ['forward decay', 'deleted orders'],
  version: 1,
  columns: () => sideColumns('fleeting_share', { unit: '1', ticks: 0, lots: 0, detail: `over ${SLOW} s` }),
  create: (context) => new FleetingShare(context),
};

class FleetingShare implements Signal {
  readonly source: Versioned;
  readonly #orders: DeletedOrders;

  constructor(context: SignalContext) {
    this.#orders = context.share(DeletedOrders);
    this.source = this.#orders.deletions;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    const { bid, ask, known } = this.#orders;
    out[at] = known ? bid.fleetingShare : Number.NaN;
    out[at + 1] = known ? ask.fleetingShare : Number.NaN;
  }

  reset(): void {}
}
