import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { Durations, MEMORY } from './durations.ts';

export const burstiness: SignalDefinition = {
  name: 'burstiness',
  family: 'queue',
  title: 'Burstiness',
  meaning:
    'Whether book messages, and runs of trades, come regularly (towards −1), like a Poisson process (0) or in bursts (towards 1).',
  tex: String.raw`\frac{\sigma - \mu}{\sigma + \mu}`,
  formula:
    '(s - m) / (s + m), m and s^2 = mean and variance of the durations between neighbouring events, weights (1 - 1/50)^(how many durations ago)',
  warmup: `${MEMORY} durations`,
  cost: 'a root and two divisions a row',
  source: 'Goh and Barabasi (2008), Burstiness and memory in complex systems, Europhysics Letters 81(4)',
  needs: [],
  dependencies: ['durations'],
  version: 1,
  columns: () => [
    { name: 'burstiness_book', unit: '1', mirror: 'even', ticks: 0, lots: 0, detail: 'book messages' },
    { name: 'burstiness_trades', unit: '1', mirror: 'even', ticks: 0, lots: 0, detail: 'runs of trades' },
  ],
  create: (context) => new Burstiness(context),
};

class Burstiness implements Signal {
  readonly #durations: Durations;

  constructor(context: SignalContext) {
    this.#durations = context.share(Durations);
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    const { book, trades } = this.#durations;
    out[at] = coefficient(book.meanMs, book.meanSquare);
    out[at + 1] = coefficient(trades.meanMs, trades.meanSquare);
  }

  reset(): void {}
}

/** `NaN` where no time passed at all. */
function coefficient(mean: number, meanSquare: number): number {
  const variance = meanSquare - mean * mean;
  // Rounding may leave less than nothing of regular durations.
  const deviation = variance > 0 ? Math.sqrt(variance) : 0;
  return mean > 0 ? (deviation - mean) / (deviation + mean) : Number.NaN;
}
