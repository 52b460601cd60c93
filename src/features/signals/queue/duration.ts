import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { Durations, MEMORY } from './durations.ts';

export const duration: SignalDefinition = {
  name: 'duration',
  family: 'queue',
  title: 'Mean duration',
  meaning:
    'The recent mean time between book messages, and between runs of trades (prints within 1 ms are one run). Counted in events where event_rate is counted in time, so that it holds its last value through a silence.',
  tex: String.raw`\ln\!\left(1 + \frac{\sum_n d_n\, (1 - 1/m)^{N-n}}{\sum_n (1 - 1/m)^{N-n}}\right),\ d \text{ in ms},\ m = 50`,
  formula:
    'ln(1 + sum of d w / sum of w), d = milliseconds between neighbouring events, w = (1 - 1/50)^(how many durations ago)',
  warmup: `${MEMORY} durations`,
  cost: 'a division and a logarithm a message or trade',
  source:
    'Engle and Russell (1998), Autoregressive conditional duration: a new model for irregularly spaced transaction data, Econometrica 66(5)',
  needs: [],
  dependencies: ['durations'],
  version: 1,
  columns: () => [
    { name: 'duration_book', unit: 'ln(1 + ms)', mirror: 'even', ticks: 0, lots: 0, detail: 'book messages' },
    { name: 'duration_trades', unit: 'ln(1 + ms)', mirror: 'even', ticks: 0, lots: 0, detail: 'runs of trades' },
  ],
  create: (context) => new Duration(context),
};

class Duration implements Signal {
  readonly #durations: Durations;
  /** The logarithm as of so many durations; trades are rare, so theirs is kept. */
  #tradesSeen = 0;
  #trades = Number.NaN;
  #book = Number.NaN;

  constructor(context: SignalContext) {
    this.#durations = context.share(Durations);
  }

  onTrade(): void {
    const { trades } = this.#durations;
    if (trades.count === this.#tradesSeen) return;
    this.#tradesSeen = trades.count;
    this.#trades = Math.log(1 + trades.meanMs);
  }

  onBook(_view: MarketView): void {
    this.#book = Math.log(1 + this.#durations.book.meanMs);
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#book;
    out[at + 1] = this.#trades;
  }

  reset(): void {
    this.#tradesSeen = 0;
    this.#trades = Number.NaN;
    this.#book = Number.NaN;
  }
}
