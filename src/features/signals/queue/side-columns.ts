import type { ColumnInfo } from '../../signal.ts';

/** `stem`_bid and `stem`_ask, each other's mirror image. */
export function sideColumns(stem: string, unit: string, detail = ''): readonly ColumnInfo[] {
  return ['bid', 'ask'].map((side) => ({
    name: `${stem}_${side}`,
    unit,
    mirror: `${stem}_${side === 'bid' ? 'ask' : 'bid'}`,
    ticks: 0,
    lots: 0,
    detail: detail === '' ? `${side} side` : `${side} side, ${detail}`,
  }));
}
