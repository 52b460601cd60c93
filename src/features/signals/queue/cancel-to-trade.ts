import { NS_PER_SECOND } from '../../../core/index.ts';
import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { QueueSums, SLOW } from './queue-sums.ts';

export const cancelToTrade: SignalDefinition = {
  name: 'cancel_to_trade',
  family: 'queue',
  title: 'Cancel-to-trade ratio',
  meaning:
    'How much size is cancelled at the best prices for every lot that trades, as a logarithm, with one average level added to both: 0 says that as much trades as is cancelled. Quotes are cheap where it is high.',
  tex: String.raw`\ln\frac{Q + \sum_n c_n\, e^{-(t-t_n)/\tau}}{Q + \sum_n x_n\, e^{-(t-t_n)/\tau}}`,
  formula:
    'ln((Q + sum of c w) / (Q + sum of x w)), w = exp(-age / tau); c = lots cancelled at the best price of either side, x = lots executed; Q = average size of a level',
  warmup: 'the decay time',
  cost: 'a logarithm and a division a row; shares the sums of queue flows',
  source:
    'Hasbrouck and Saar (2009), Technology and liquidity provision: the blurring of traditional definitions, Journal of Financial Markets 12(2)',
  needs: [],
  dependencies: ['book flows', 'queue sums', 'average level size'],
  version: 1,
  columns: () => [
    { name: 'cancel_to_trade', unit: 'ln(1)', mirror: 'even', ticks: 0, lots: 0, detail: `over ${SLOW} s` },
  ],
  create: (context) => new CancelToTrade(context),
};

class CancelToTrade implements Signal {
  readonly #sums: QueueSums;

  constructor(context: SignalContext) {
    this.#sums = context.share(QueueSums);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { bid, ask } = this.#sums;
    const executed = bid.slowExecuted + ask.slowExecuted;
    const cancelled = bid.slowCancelledTouch + ask.slowCancelledTouch;
    const prior = view.nowNs >= SLOW * NS_PER_SECOND ? view.meanLots : Number.NaN;
    out[at] = Math.log((prior + cancelled) / (prior + executed));
  }

  reset(): void {}
}
