import { escapeText } from '../figure/index.ts';

export interface TableCell {
  /** Markup where `markup` is set, else text. */
  readonly text: string;
  readonly markup?: true;
  /** What it is sorted by, where that is not its text; `NaN` goes last. */
  readonly value?: number;
  readonly class?: string;
}

export interface DataTableOptions {
  /** Unique in the page. */
  readonly id: string;
  /** What the rows are, for those who cannot see the heading. */
  readonly caption: string;
  readonly head: readonly { readonly text: string; readonly class?: string }[];
  /** The first cell of a row is its head. */
  readonly rows: readonly (readonly TableCell[])[];
  /** A field that searches the rows' heads. */
  readonly search?: boolean;
}

/** A table that scrolls in its own box, its heads staying in sight; with scripts it sorts and searches. */
export function dataTable({ id, caption, head, rows, search = false }: DataTableOptions): string {
  const heads = head.map(
    ({ text, class: name }) =>
      `<th scope="col"${classOf(name)}><button type="button" title="Sort">${escapeText(text)}</button></th>`,
  );
  const body = rows.map((cells) => `<tr>${cells.map(cellMarkup).join('')}</tr>`);
  const field = search
    ? `<div class="search"><input type="search" placeholder="Search columns" aria-label="Search columns" data-table="${id}"><output></output></div>`
    : '';
  const tall = rows.length > 24 ? ' tall' : '';
  return `${field}<div class="scroll${tall}" tabindex="0" role="region" aria-label="${escapeText(caption)}"><table id="${id}" data-sortable><thead><tr>${heads.join('')}</tr></thead><tbody>
${body.join('\n')}
</tbody></table></div>`;
}

/** Names and what they stand for, two columns without a head. */
export function factTable(rows: readonly (readonly [string, string])[]): string {
  const body = rows.map(
    ([name, value]) => `<tr><th scope="row">${escapeText(name)}</th><td>${escapeText(value)}</td></tr>`,
  );
  return `<table class="facts"><tbody>${body.join('')}</tbody></table>`;
}

function cellMarkup(cell: TableCell, at: number): string {
  const content = cell.markup === true ? cell.text : escapeText(cell.text);
  const value = cell.value === undefined ? '' : ` data-v="${Number.isFinite(cell.value) ? cell.value : ''}"`;
  return at === 0
    ? `<th scope="row"${classOf(cell.class)}${value}>${content}</th>`
    : `<td${classOf(cell.class)}${value}>${content}</td>`;
}

function classOf(name: string | undefined): string {
  return name === undefined || name === '' ? '' : ` class="${escapeText(name)}"`;
}
