import { NS_PER_MS } from '../../../core/index.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

export const midAge: SignalDefinition = {
  name: 'mid_age',
  family: 'queue',
  title: 'Age of the mid',
  meaning:
    'Time since the mid last moved; the logarithm because waiting times spread over decades. NaN until the first move, and where a side is empty.',
  tex: String.raw`\ln(1 + t - t_{\text{last move}}),\ t \text{ in ms}`,
  formula: 'ln(1 + t), t = milliseconds since the book message that last moved the mid',
  warmup: 'the first move of the mid',
  cost: 'a comparison a message, a logarithm a row',
  source:
    'Engle and Russell (1998), Autoregressive conditional duration, Econometrica 66(5): durations predict durations',
  needs: [],
  dependencies: [],
  version: 1,
  columns: () => [{ name: 'mid_age', unit: 'ln(1 + ms)', mirror: 'even', ticks: 0, lots: 0 }],
  create: () => new MidAge(),
};

class MidAge implements Signal {
  #movedAtNs = Number.NaN;

  onBook(view: MarketView): void {
    if (view.moveTicks !== 0) this.#movedAtNs = view.nowNs;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const age = view.nowNs - this.#movedAtNs;
    out[at] = age >= 0 && view.has(1) ? Math.log(1 + age / NS_PER_MS) : Number.NaN;
  }

  reset(): void {
    this.#movedAtNs = Number.NaN;
  }
}
