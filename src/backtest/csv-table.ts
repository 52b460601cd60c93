import { BookcastError, shown } from '../core/index.ts';

/** One line of a `CsvTable`. */
class CsvRow {
  readonly line: number;
  readonly #path: string;
  readonly #cells: readonly string[];
  readonly #columns: readonly string[];

  constructor(path: string, line: number, cells: readonly string[], columns: readonly string[]) {
    this.#path = path;
    this.line = line;
    this.#cells = cells;
    this.#columns = columns;
  }

  text(column: string): string {
    return this.#cells[this.#columns.indexOf(column)];
  }

  number(column: string): number {
    const text = this.text(column);
    const value = Number(text);
    if (text === '' || !Number.isFinite(value)) throw this.mismatch(column, 'a number');
    return value;
  }

  /** A whole number of any size, exact. */
  integer(column: string): bigint {
    const text = this.text(column);
    if (!/^-?\d{1,25}$/.test(text)) throw this.mismatch(column, 'a whole number');
    return BigInt(text);
  }

  /** An error that says what stands there and what must. */
  mismatch(column: string, expected: string): BookcastError {
    return new BookcastError(
      'bad-input',
      `${this.#path}, line ${this.line}, column ${column}: found ${shown(this.text(column))}, expected ${expected}`,
      { path: this.#path, line: this.line, column },
    );
  }
}

/** A small CSV file of numbers and names, without quotes: a head, and lines with as many cells. Blank lines and lines that begin with `#` are passed over. */
export class CsvTable {
  readonly rows: readonly CsvRow[];

  /** Throws `bad-input`, naming the line, where a column that is needed is absent, a line has another number of cells, or there is no line. */
  constructor(text: string, path: string, needed: readonly string[]) {
    const lines = text
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)
      .map((line, i) => ({ at: i + 1, cells: line.split(',').map((cell) => cell.trim()) }))
      .filter(({ cells }) => cells.join('') !== '' && !cells[0].startsWith('#'));
    const columns = lines[0]?.cells ?? [];
    const absent = needed.filter((name) => !columns.includes(name));
    if (absent.length > 0) {
      throw new BookcastError(
        'bad-input',
        `${path}, line ${lines[0]?.at ?? 1}: the head lacks ${absent.join(', ')}; it must have the columns ${needed.join(',')}, found ${shown(columns.join(','))}`,
        { path, line: lines[0]?.at ?? 1 },
      );
    }
    this.rows = lines.slice(1).map(({ at, cells }) => {
      if (cells.length !== columns.length) {
        throw new BookcastError(
          'bad-input',
          `${path}, line ${at}: found ${cells.length} cells, expected ${columns.length} (${columns.join(',')})`,
          { path, line: at },
        );
      }
      return new CsvRow(path, at, cells, columns);
    });
    if (this.rows.length === 0) {
      throw new BookcastError('bad-input', `${path} has a head and no line: expected at least one`, { path });
    }
  }
}
