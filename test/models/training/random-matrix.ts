import { NS_PER_MS, NS_PER_SECOND, Random } from '../../../src/core/index.ts';
import type { MarketColumn } from '../../../src/models/index.ts';
import { type RowMatrix, RowMatrixBuilder } from '../../../src/models/training.ts';

export const DAY = 19_000;

export interface RandomMatrixOptions {
  readonly seed: number;
  readonly rows: number;
  readonly width?: number;
  /** Chance of a new segment before a row. */
  readonly breaks?: number;
  /** Chance that a number is NaN. */
  readonly missing?: number;
  /** With the columns of `MARKET`. */
  readonly market?: boolean;
}

export const MARKET: readonly MarketColumn[] = ['spreadTicks', 'imbalance', 'tradedLots', 'vwap5Ticks'];

/** Rows of a made-up market: a mid that often stands still, times that often are the same, signals without meaning. */
export function randomMatrix({
  seed,
  rows,
  width = 3,
  breaks = 0.01,
  missing = 0.05,
  market = false,
}: RandomMatrixOptions): RowMatrix {
  const random = new Random(seed);
  const names = Array.from({ length: width }, (_, f) => `x_${f}`);
  const builder = new RowMatrixBuilder({ names, schemaHash: '0123456789abcdef', market: market ? MARKET : [] });
  const book = new Random(seed ^ 0x5eed);
  let tradedLots = 0;
  let ns = 34_200 * NS_PER_SECOND;
  let mid = 1000;
  for (let i = 0; i < rows; i++) {
    if (random.bernoulli(breaks)) builder.cut('lost');
    ns += random.bernoulli(0.3) ? 0 : random.below(20) * NS_PER_MS;
    if (random.bernoulli(0.4)) mid += (random.below(5) - 2) / 2;
    const row = Array.from({ length: width }, (_, f) =>
      random.bernoulli(missing) ? Number.NaN : 10 * f + random.normal(),
    );
    tradedLots += book.below(10);
    const said = [1 + book.below(3), book.below(2001) / 1000 - 1, tradedLots, mid + book.normal()];
    builder.add(DAY, ns, mid, row, market ? said : []);
  }
  return builder.build();
}

/** A matrix of one column, from what it holds. */
export function matrixOf(rows: readonly { ns: number; mid: number; segment?: number; x?: number }[]): RowMatrix {
  const builder = new RowMatrixBuilder({ names: ['x'], schemaHash: 'test' });
  rows.forEach(({ ns, mid, segment = 0, x = 0 }, i) => {
    if (i > 0 && segment !== (rows[i - 1].segment ?? 0)) builder.cut('lost');
    builder.add(DAY, ns, mid, [x]);
  });
  return builder.build();
}
