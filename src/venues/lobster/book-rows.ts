import { BookcastError } from '../../core/index.ts';
import { Side } from '../../market/index.ts';
import type { CsvFile } from './files.ts';
import { printable } from './messages.ts';
import { Scanner } from './scan.ts';

const COMMA = 44;
const NEWLINE = 10;

/** Columns of a level: ask price, ask size, bid price, bid size. */
const PER_LEVEL = 4;
/** The price of a level that there is not: +9999999999 on the ask side, − on the bid side. */
const ABSENT = 9999999999;

/**
 * An order book file: row k is the book after message k, L levels a side, best first. Only where lines begin and how many
 * columns they have is read beforehand; a cell is read when it is asked for.
 */
export class BookRows {
  readonly name: string;
  readonly count: number;
  /** Levels a side. */
  readonly levels: number;
  readonly #scan: Scanner;
  readonly #starts: Uint32Array;
  /** Dollars times 10000 of the cell read last; `NaN` where there is no level. */
  price = Number.NaN;
  /** Shares of the cell read last; 0 where there is no level. */
  size = 0;

  constructor(file: CsvFile) {
    this.name = file.name;
    this.#scan = new Scanner(file.bytes);
    const { starts, count, columns } = indexRows(file);
    this.#starts = starts;
    this.count = count;
    this.levels = columns / PER_LEVEL;
  }

  /** The byte after row `row`: how far a reader has come. */
  endOf(row: number): number {
    return this.#starts[row + 1];
  }

  /** Reads one level into `price` and `size`. False where the cell is no number; `NaN` and 0 where there is no level. */
  readLevel(row: number, side: Side, rank: number): boolean {
    this.#scan.at = this.#starts[row];
    this.#scan.skipFields(rank * PER_LEVEL + (side === Side.ASK ? 0 : 2));
    return this.#readPair();
  }

  /**
   * Reads a whole row, side by side: `prices[rank]` and `sizes[rank]` of the asks, then at `levels + rank` of the bids.
   * `NaN` price: no level; `NaN` size: the cells are no numbers.
   */
  readRow(row: number, prices: Float64Array, sizes: Float64Array): void {
    const scan = this.#scan;
    scan.at = this.#starts[row];
    for (let rank = 0; rank < this.levels; rank++) {
      for (let i = rank; i < 2 * this.levels; i += this.levels) {
        const ok = this.#readPair();
        prices[i] = this.price;
        sizes[i] = ok ? this.size : Number.NaN;
        scan.at++;
      }
    }
  }

  #readPair(): boolean {
    const scan = this.#scan;
    const price = scan.integer();
    const clean = scan.comma();
    let ok = clean && !Number.isNaN(price);
    if (!clean) {
      scan.toFieldEnd();
      scan.at++;
    }
    const size = scan.integer();
    const end = scan.at;
    scan.toFieldEnd();
    // A carriage return before the line's end is no part of the number.
    if (scan.at !== end && !(scan.at === end + 1 && scan.bytes[end] === 13)) ok = false;
    const absent = !ok || price === ABSENT || price === -ABSENT;
    ok &&= size >= 0 && (price >= 0 || absent);
    this.price = absent ? Number.NaN : price;
    this.size = absent ? 0 : size;
    return ok;
  }
}

function indexRows(file: CsvFile): { starts: Uint32Array; count: number; columns: number } {
  const { bytes, name } = file;
  let starts = new Uint32Array(1 << 16);
  let count = 0;
  let columns = 0;
  for (let i = 0; i < bytes.length; i++) {
    // A comma is counted without a branch: where the next one stands is what no processor can predict.
    let commas = 0;
    for (; i < bytes.length && bytes[i] !== NEWLINE; i++) commas += Number(bytes[i] === COMMA);
    if (i === bytes.length) break;
    if (count === 0) columns = commas + 1;
    if (commas + 1 !== columns || columns % PER_LEVEL !== 0)
      failColumns(file, count, starts[count], commas + 1, columns);
    count++;
    if (count === starts.length) {
      const larger = new Uint32Array(2 * count);
      larger.set(starts);
      starts = larger;
    }
    starts[count] = i + 1;
  }
  if (starts[count] !== bytes.length) {
    const text = printable(bytes.subarray(starts[count]));
    throw new BookcastError(
      'bad-input',
      `${name}, line ${count + 1}: the last line has no end: ${text}. The file is cut short, get it again (or end the line).`,
      { file: name, line: count + 1 },
    );
  }
  return { starts, count, columns };
}

function failColumns(file: CsvFile, row: number, start: number, found: number, expected: number): never {
  const text = printable(file.bytes.subarray(start, file.bytes.indexOf(10, start)));
  const rule =
    row === 0 ? 'a multiple of 4 (ask price, ask size, bid price, bid size a level)' : `${expected} as above`;
  const message = `${file.name}, line ${row + 1}: ${found} columns, expected ${rule}: ${text}`;
  throw new BookcastError('bad-input', message, { file: file.name, line: row + 1 });
}
