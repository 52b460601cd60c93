import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { FIRST_ESTIMATE, MicropriceModel } from './microprice-model.ts';

export const microprice: SignalDefinition = {
  name: 'microprice',
  family: 'fair-value',
  title: 'Stoikov’s microprice',
  meaning:
    'How far the price that the book announces lies from the mid: the mid to be expected once every move that imbalance and spread foretell has happened. From a fit where there is one, otherwise learnt from the stream’s own past. NaN where a side is empty.',
  tex: String.raw`g = \sum_{i \ge 0} B^i G_1,\quad G_1 = (I - Q)^{-1} R\,k,\quad B = (I - Q)^{-1} T`,
  formula:
    'g = (n + 1 - C)^-1 R over states (|imbalance| in 5 buckets, spread in 9), odd in imbalance; C, R = mirrored counts ' +
    'and mid moves of the steps between burst ends so far, or of the training data; equals sum B^i G1 of the paper up to the prior',
  warmup: `${FIRST_ESTIMATE} changes of imbalance bucket, spread bucket or mid between burst ends; with a fit none`,
  cost: 'constant a burst; an estimate of 45³ / 3 multiply-adds about 20 times per e-fold of transitions, with a fit none',
  source: 'Stoikov (2018), The micro-price: a high-frequency estimator of future prices, Quantitative Finance 18(12)',
  needs: [],
  fits: 'optional',
  dependencies: ['microprice model'],
  version: 1,
  // Spreads enter in buckets of ticks: the law of scale in prices ends there.
  columns: () => [{ name: 'microprice', unit: 'ticks from the mid', mirror: 'odd', ticks: null, lots: 0 }],
  create: (context) => new Microprice(context),
};

class Microprice implements Signal {
  readonly source: Versioned;
  readonly #model: MicropriceModel;

  constructor(context: SignalContext) {
    this.#model = context.share(MicropriceModel);
    this.source = this.#model;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    this.#model.settle(view);
    out[at] = this.#model.adjustment;
  }

  reset(): void {}
}
