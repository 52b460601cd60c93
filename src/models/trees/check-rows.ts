import { BookcastError } from '../../core/index.ts';
import type { Dataset, Windows } from '../training/contract.ts';

/**
 * Throws `bad-input` for what no model of single rows can learn from: no training rows, a class that none of them has, an infinite
 * number, signals none of which varies. Costs a look at each number.
 */
export function checkRows({ train, validation, target, matrix }: Dataset): void {
  if (train.count === 0) {
    throw new BookcastError('bad-input', 'there are no training rows; give more data or other shares', { rows: 0 });
  }
  const counts = new Array<number>(target.classes.length).fill(0);
  for (const label of train.labels) counts[label]++;
  const absent = target.classes.filter((_, k) => counts[k] === 0);
  if (absent.length > 0) {
    throw new BookcastError(
      'bad-input',
      `no training row has the class ${absent.map((name) => `"${name}"`).join(' or ')} (${target.classes.map((name, k) => `${name} ${counts[k]}`).join(', ')}); ` +
        'give more data, another target or other shares',
      { absent, counts },
    );
  }
  refuseInfinite(train);
  refuseInfinite(validation);
  const varies = variation(train);
  if (!varies.includes(true)) {
    throw new BookcastError(
      'bad-input',
      `none of the ${matrix.width} signals varies in the ${train.count} training rows; give more data or other signals`,
      { rows: train.count, signals: matrix.width },
    );
  }
}

/** Of every signal: whether two training rows differ in it; one that is missing differs from one that is not. */
function variation({ matrix: { data, width }, rows }: Windows): boolean[] {
  const first = rows[0] * width;
  return Array.from({ length: width }, (_, f) =>
    rows.some((row) => !Object.is(data[row * width + f], data[first + f])),
  );
}

function refuseInfinite({ matrix: { data, width, names }, rows }: Windows): void {
  for (const row of rows) {
    for (let f = 0; f < width; f++) {
      const x = data[row * width + f];
      if (x !== Number.POSITIVE_INFINITY && x !== Number.NEGATIVE_INFINITY) continue;
      throw new BookcastError(
        'bad-input',
        `row ${row}: the signal "${names[f]}" is ${x}, and only finite numbers and NaN (not known) can be learnt from; mend or drop it`,
        { row, signal: names[f] },
      );
    }
  }
}
