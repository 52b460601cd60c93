import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import { sideColumns } from '../../side-columns.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { SLOW } from './forward-decay.ts';
import { QueueSums } from './queue-sums.ts';

export const cancelToTrade: SignalDefinition = {
  name: 'cancel_to_trade',
  family: 'queue',
  title: 'Cancel-to-trade ratio',
  meaning:
    'How much size is cancelled at a side’s best price for every lot that trades there, on a scale from 0 (none) by ½ (as much) to 1 (nothing trades): where it is high, quotes are not meant to be hit. NaN until something was cancelled or traded.',
  tex: String.raw`\frac{r}{1+r} = \frac{C}{C+X},\quad r = \frac{C}{X} = \frac{\sum_n c_n\, e^{-(t-t_n)/\tau}}{\sum_n x_n\, e^{-(t-t_n)/\tau}}`,
  formula:
    'C / (C + X) = r / (1 + r) of the ratio r = C / X; C = sum of c w, X = sum of x w, w = exp(-age / tau); c = lots cancelled at the best price of the side, x = lots executed on the side',
  warmup: 'the decay time and the first cancellation or execution',
  cost: 'a division a message that takes from the side; shares the sums of queue flows',
  source:
    'Hasbrouck and Saar (2009), Technology and liquidity provision: the blurring of traditional definitions, Journal of Financial Markets 12(2)',
  needs: [],
  dependencies: ['book flows', 'forward decay', 'queue sums'],
  version: 1,
  columns: () => sideColumns('cancel_to_trade', { unit: '1', ticks: 0, lots: 0, detail: `over ${SLOW} s` }),
  create: (context) => new CancelToTrade(context),
};

class CancelToTrade implements Signal {
  readonly source: Versioned;
  readonly #sums: QueueSums;

  constructor(context: SignalContext) {
    this.#sums = context.share(QueueSums);
    this.source = this.#sums.leaving;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    const { bid, ask, slowSeconds } = this.#sums;
    const known = !Number.isNaN(slowSeconds);
    out[at] = known ? bid.cancelShare : Number.NaN;
    out[at + 1] = known ? ask.cancelShare : Number.NaN;
  }

  reset(): void {}
}
