import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { MoveSquares } from './move-squares.ts';

export const volatilityRatio: SignalDefinition = {
  name: 'volatility_ratio',
  family: 'volatility',
  title: 'Fast over slow volatility',
  meaning:
    'Realised volatility of the last second in parts of that of the last ten: above 1 where the market is waking up, below where it calms down. NaN where nothing moved or a side is empty.',
  tex: String.raw`\frac{\sigma_{1\,s}}{\sigma_{10\,s}}`,
  formula: 'volatility_1s / volatility_10s',
  warmup: '10 s',
  cost: 'two additions a move of the mid, shared; a square root and a division a row',
  source:
    'definition; realised volatility over two horizons as in Corsi (2009), A simple approximate long-memory model',
  needs: [],
  dependencies: ['volatility', 'decaying sums'],
  version: 1,
  columns: () => [{ name: 'volatility_ratio', unit: '1', mirror: 'even', ticks: 0, lots: 0, detail: '1 s over 10 s' }],
  create: (context) => new VolatilityRatio(context),
};

class VolatilityRatio implements Signal {
  readonly #squares: MoveSquares;

  constructor(context: SignalContext) {
    this.#squares = context.share(MoveSquares);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const slow = this.#squares.over10s.perSecond(view);
    out[at] = slow > 0 && view.has(1) ? Math.sqrt(this.#squares.over1s.perSecond(view) / slow) : Number.NaN;
  }

  reset(): void {}
}
