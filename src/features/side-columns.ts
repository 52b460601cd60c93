import type { ColumnInfo } from './signal.ts';

/** A column for the bid side and its mirror image for the ask side, `name_bid` and `name_ask`. */
export function sideColumns(
  name: string,
  info: Pick<ColumnInfo, 'unit' | 'ticks' | 'lots' | 'absolute' | 'detail'>,
): readonly ColumnInfo[] {
  const detail = info.detail === undefined ? '' : `, ${info.detail}`;
  return [
    { ...info, name: `${name}_bid`, mirror: `${name}_ask`, detail: `bid side${detail}` },
    { ...info, name: `${name}_ask`, mirror: `${name}_bid`, detail: `ask side${detail}` },
  ];
}
