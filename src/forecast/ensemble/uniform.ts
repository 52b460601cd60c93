import type { CombinerShape } from './combiner.ts';
import { WeightedPool } from './weighted-pool.ts';

const NOTHING: readonly Float64Array[] = [];

/** The equal pool alone: nothing is learnt, so nothing is learnt wrongly. What every other combiner is measured against. */
export class Uniform extends WeightedPool {
  readonly name = 'uniform';

  constructor(shape: CombinerShape) {
    super(shape);
    this.logs.fill(Number.NEGATIVE_INFINITY);
    this.logs[this.experts - 1] = 0;
    this.normalise();
  }

  protected learn(): void {}

  protected state(): readonly Float64Array[] {
    return NOTHING;
  }
}
