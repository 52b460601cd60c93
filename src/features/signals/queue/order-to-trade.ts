import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { ForwardDecay, SLOW } from './forward-decay.ts';

export const orderToTrade: SignalDefinition = {
  name: 'order_to_trade',
  family: 'queue',
  title: 'Order-to-trade ratio',
  meaning:
    'How many book events (level changes or order messages) there are for every trade, on a scale from 0 (trades alone) by ½ (as many) to 1 (events alone): the messaging that machines produce. NaN until there was one or the other.',
  tex: String.raw`\frac{r}{1+r} = \frac{E}{E+T},\quad r = \frac{E}{T} = \frac{\sum_n e_n\, e^{-(t-t_n)/\tau}}{\sum_i e^{-(t-t_i)/\tau}}`,
  formula:
    'E / (E + T) = r / (1 + r) of the ratio r = E / T; E = sum of e w, T = sum over trades of w, w = exp(-age / tau); e = book events of a message',
  warmup: 'the decay time and the first event or trade',
  cost: 'a division a row',
  source:
    'Hendershott, Jones and Menkveld (2011), Does algorithmic trading improve liquidity?, Journal of Finance 66(1): messages per trade stand for algorithms',
  needs: [],
  dependencies: ['forward decay'],
  version: 2,
  columns: () => [{ name: 'order_to_trade', unit: '1', mirror: 'even', ticks: 0, lots: 0, detail: `over ${SLOW} s` }],
  create: (context) => new OrderToTrade(context),
};

class OrderToTrade implements Signal {
  readonly #decay: ForwardDecay;
  #events = 0.5;
  #trades = 0.5;

  constructor(context: SignalContext) {
    this.#decay = context.share(ForwardDecay);
    this.reset();
  }

  onTime(_view: MarketView): void {
    const { slowRescale } = this.#decay;
    if (slowRescale === 1) return;
    this.#events *= slowRescale;
    this.#trades *= slowRescale;
  }

  onTrade(): void {
    this.#trades += this.#decay.slowWeight;
  }

  onBook(view: MarketView): void {
    this.#events += view.events * this.#decay.slowWeight;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#decay.slowReady ? this.#events / (this.#events + this.#trades) : Number.NaN;
  }

  reset(): void {
    this.#events = 0;
    this.#trades = 0;
  }
}
