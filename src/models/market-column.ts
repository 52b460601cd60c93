import { BookcastError } from '../core/index.ts';
import type { ContinuousTarget } from './continuous-target.ts';
import type { Target } from './target.ts';

/** What a target may read of a row beside its mid, as a `Decision` says it; `vwapKTicks` is its `fairTicks` over K levels. */
export type MarketColumn = 'spreadTicks' | 'imbalance' | 'tradedLots' | `vwap${number}Ticks`;

/** The columns that rows must have for the labels of a target; none for most. */
export function marketColumnsOf(target: Target | ContinuousTarget): MarketColumn[] {
  const columns: MarketColumn[] = [];
  if ('what' in target) {
    if (target.what === 'imbalance') columns.push('imbalance');
    if (target.until.kind === 'volume') columns.push('tradedLots');
    return columns;
  }
  if (target.threshold?.kind === 'spread') columns.push('spreadTicks');
  if (target.kind === 'volume') columns.push('tradedLots');
  if (target.anchorLevels !== undefined) columns.push(`vwap${target.anchorLevels}Ticks`);
  return columns;
}

/** One number a row. Throws `bad-input` where the rows were made without it. */
export function marketColumn(
  { market = {} }: { readonly market?: Readonly<Record<string, Float64Array>> },
  name: MarketColumn,
): Float64Array {
  const column = market[name];
  if (column !== undefined) return column;
  const has = Object.keys(market);
  throw new BookcastError(
    'bad-input',
    `the rows have no column ${name}, which the target needs (beside the mid they have ${has.length === 0 ? 'none' : has.join(', ')}): read them from recordings and name the target before they are read; files of features have no more than the mid`,
    { expected: name, found: has },
  );
}
