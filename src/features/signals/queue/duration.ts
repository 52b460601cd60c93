import { NS_PER_SECOND } from '../../../core/index.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { EPISODE_SECONDS } from './hawkes.ts';

/** Durations that the means remember, and that they wait for. */
const MEMORY = 50;
const KEEP = 1 - 1 / MEMORY;
const RUN_NS = EPISODE_SECONDS * NS_PER_SECOND;

export const duration: SignalDefinition = {
  name: 'duration',
  family: 'queue',
  title: 'Mean duration',
  meaning:
    'The recent mean time between book messages, and between runs of trades (prints within 1 ms are one run). Counted in events where event_rate is counted in time, so that it holds its last value through a silence.',
  tex: String.raw`\frac{\sum_n d_n\, (1 - 1/m)^{N-n}}{\sum_n (1 - 1/m)^{N-n}},\ m = 50`,
  formula: 'sum of d w / sum of w, d = seconds between neighbouring events, w = (1 - 1/50)^(how many durations ago)',
  warmup: `${MEMORY} durations`,
  cost: 'a division a book message, and one a run of trades',
  source:
    'Engle and Russell (1998), Autoregressive conditional duration: a new model for irregularly spaced transaction data, Econometrica 66(5)',
  needs: [],
  dependencies: [],
  version: 2,
  columns: () => [
    { name: 'duration_book', unit: 's', mirror: 'even', ticks: 0, lots: 0, detail: 'book messages' },
    { name: 'duration_trades', unit: 's', mirror: 'even', ticks: 0, lots: 0, detail: 'runs of trades' },
  ],
  create: () => new Duration(),
};

class Duration implements Signal {
  readonly #book = new MeanDuration();
  readonly #trades = new MeanDuration();
  #bookNs = 0.5;
  #runNs = Number.NaN;
  #tradeNs = Number.NaN;

  constructor() {
    this.reset();
  }

  onTrade(view: MarketView): void {
    const { nowNs } = view;
    if (!(nowNs - this.#tradeNs <= RUN_NS)) {
      if (!Number.isNaN(this.#runNs)) this.#trades.add(nowNs - this.#runNs);
      this.#runNs = nowNs;
    }
    this.#tradeNs = nowNs;
  }

  onBook(view: MarketView): void {
    this.#book.add(view.nowNs - this.#bookNs);
    this.#bookNs = view.nowNs;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#book.seconds;
    out[at + 1] = this.#trades.seconds;
  }

  reset(): void {
    this.#book.reset();
    this.#trades.reset();
    // The first duration begins with the first book.
    this.#bookNs = 0;
    this.#runNs = Number.NaN;
    this.#tradeNs = Number.NaN;
  }
}

/** The mean of the last durations, weights fading by 1 − 1 / `MEMORY` a duration. */
class MeanDuration {
  /** `NaN` before there were `MEMORY`. */
  seconds = Number.NaN;
  #count = 0;
  #sumNs = 0.5;
  #weight = 0.5;

  constructor() {
    this.reset();
  }

  add(ns: number): void {
    this.#sumNs = this.#sumNs * KEEP + ns;
    this.#weight = this.#weight * KEEP + NS_PER_SECOND;
    if (++this.#count >= MEMORY) this.seconds = this.#sumNs / this.#weight;
  }

  reset(): void {
    this.seconds = Number.NaN;
    this.#count = 0;
    this.#sumNs = 0;
    this.#weight = 0;
  }
}
