import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { Touch } from './touch.ts';

export const weightedMid: SignalDefinition = {
  name: 'weighted_mid',
  family: 'fair-value',
  title: 'Weighted mid',
  meaning:
    'How far the mid weighted by the opposite queues lies from the mid: half the spread times the queue imbalance. NaN where a side is empty.',
  tex: String.raw`\frac{P_a q_b + P_b q_a}{q_a + q_b} - \frac{P_a + P_b}{2}`,
  formula: '(Pa qb + Pb qa) / (qa + qb) - (Pa + Pb) / 2, at the best level',
  warmup: 'none',
  cost: 'a division a row whose best quotes are new',
  source: 'Stoikov (2018), The micro-price, Quantitative Finance 18(12)',
  needs: [],
  dependencies: [],
  version: 1,
  columns: () => [{ name: 'weighted_mid', unit: 'ticks from the mid', mirror: 'odd', ticks: 1, lots: 0 }],
  create: (context) => new WeightedMid(context),
};

class WeightedMid implements Signal {
  readonly source: Versioned;

  constructor(context: SignalContext) {
    this.source = context.share(Touch);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const bid = view.bidLots[0];
    const ask = view.askLots[0];
    out[at] = view.has(1) ? (((view.askTicks[0] - view.bidTicks[0]) / 2) * (bid - ask)) / (bid + ask) : Number.NaN;
  }

  reset(): void {}
}
