import { Random } from '../../../src/core/index.ts';
import { RowMatrixBuilder } from '../../../src/models/training/row-matrix.ts';
import type { RowMatrix } from '../../../src/models/training.ts';

/**
 * Rows of which the first signal tells the sign of the next move of the mid, as far as `truth` goes (1: always, 0: never); the others
 * are noise. One row a millisecond, one segment.
 */
export function signalMatrix(rows: number, truth: number, seed = 1, names = ['tell', 'noise_1', 'noise_2']): RowMatrix {
  const builder = new RowMatrixBuilder({ names, schemaHash: 'feedc0de' });
  builder.markSimulated();
  const random = new Random(seed);
  let mid = 1000;
  for (let i = 0; i < rows; i++) {
    const move = random.below(3) - 1;
    const told = random.bernoulli(truth) ? move : random.below(3) - 1;
    builder.add(
      20_000,
      i * 1e6,
      mid,
      names.map((_, f) => (f === 0 ? told + 0.1 * random.normal() : random.normal())),
    );
    mid += move;
  }
  return builder.build();
}
