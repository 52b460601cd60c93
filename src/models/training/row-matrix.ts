import { createHash } from 'node:crypto';
import { assert, BookcastError, isoTime, NS_PER_DAY, NS_PER_SECOND } from '../../core/index.ts';
import type { MarketColumn } from '../market-column.ts';
import type { RowMatrix } from './contract.ts';

/** Rows that are kept together until their number is known. */
const BLOCK_ROWS = 32_768;

/** A pause longer than this ends a segment: a quiet market speaks within it, a feed that stood still does not. */
export const MAX_GAP_NS = 60 * NS_PER_SECOND;

/** So many signals, and such a part of those that were known, are not forgotten at once unless the book was lost. */
const FORGOTTEN = { least: 8, part: 1 / 3 };

/** Why a segment ended, as it is counted. */
export type Cut = 'source' | 'lost' | 'untrusted' | 'day' | 'gap' | 'back';

interface RowBlock {
  readonly data: Float32Array;
  readonly timeNs: Float64Array;
  readonly midTicks: Float64Array;
  readonly segment: Int32Array;
  /** Row-major, as the builder names them. */
  readonly market: Float64Array;
  rows: number;
}

export interface RowMatrixOptions {
  readonly names: readonly string[];
  readonly schemaHash: string;
  /** What is kept of the book beside its mid, by name; default nothing. */
  readonly market?: readonly MarketColumn[];
  /** Longest pause within a segment, ns. */
  readonly maxGapNs?: number;
}

/** What may stand for a column of numbers. */
type Numbers = Float32Array | Float64Array | Int32Array;

/**
 * Rows in order → a `RowMatrix`. A new segment begins with another UTC day, after a pause longer than `maxGapNs`, where time goes back,
 * after rows without a mid (which are left out, and counted), and where the caller says so (`cut`). Memory: the rows twice, for the
 * moment in which they move to the shared block.
 */
export class RowMatrixBuilder {
  /** Rows so far. */
  rows = 0;
  /** Rows left out because the book was not trusted (mid `NaN`). */
  untrusted = 0;
  /** How often a segment ended, by reason. */
  readonly cuts: Record<Cut, number> = { source: 0, lost: 0, untrusted: 0, day: 0, gap: 0, back: 0 };
  readonly #names: readonly string[];
  readonly #schemaHash: string;
  readonly #maxGapNs: number;
  readonly #width: number;
  readonly #market: readonly MarketColumn[];
  readonly #blocks: RowBlock[] = [];
  #last: RowBlock;
  #startDay = Number.NaN;
  #lastNs = Number.NaN;
  #segment = 0;
  #pending: Cut | null = null;
  #simulated = false;
  /** Which columns the last row knew. */
  readonly #known: Uint8Array;

  constructor({ names, schemaHash, market = [], maxGapNs = MAX_GAP_NS }: RowMatrixOptions) {
    assert(names.length > 0, 'a row has signals');
    assert(maxGapNs > 0, 'a segment may have pauses');
    this.#names = [...names];
    this.#schemaHash = schemaHash;
    this.#maxGapNs = maxGapNs;
    this.#width = names.length;
    this.#market = [...market];
    this.#known = new Uint8Array(this.#width);
    this.#last = this.#grow();
  }

  /** The next row begins a segment. Of several reasons the first counts. */
  cut(reason: Cut): void {
    if (this.rows > 0) this.#pending ??= reason;
  }

  /** The rows from here on, or some of them, are made up by a simulator: so is the matrix. */
  markSimulated(): void {
    this.#simulated = true;
  }

  /** One row, copied: `tsNs` since the midnight of `day`; `market` in the order of the builder's. */
  add(day: number, tsNs: number, midTicks: number, row: ArrayLike<number>, market: ArrayLike<number> = []): void {
    assert(row.length === this.#width, 'a row has the columns of the matrix');
    assert(market.length === this.#market.length, 'a row says what the matrix keeps of the book');
    const at = this.#place(day, tsNs, midTicks);
    if (at < 0) return;
    const { data, market: kept } = this.#last;
    const width = this.#width;
    for (let f = 0; f < width; f++) data[at * width + f] = row[f];
    for (let m = 0; m < market.length; m++) kept[at * market.length + m] = market[m];
  }

  /**
   * Rows [0, length) of columns; `epochNs` since 1970. A table does not say where the book was lost and came back within the pause that
   * a segment may have. The engine does: it forgets all then. Where at least eight signals, and a third of those known, become `NaN` from
   * one row to the next, a segment begins. (Within GOOG's and BTCUSDT's sessions it is 7 % at most, at a resync 70 %.)
   */
  addColumns(length: number, epochNs: BigInt64Array, midTicks: Numbers, columns: readonly Numbers[]): void {
    assert(columns.length === this.#width, 'a block has the columns of the matrix');
    assert(this.#market.length === 0, 'columns say nothing of the book but its mid');
    const width = this.#width;
    for (let i = 0; i < length; i++) {
      if (this.#forgets(columns, i)) this.cut('lost');
      const day = Math.floor(Number(epochNs[i]) / NS_PER_DAY);
      const at = this.#place(day, Number(epochNs[i] - BigInt(day) * BigInt(NS_PER_DAY)), midTicks[i]);
      if (at < 0) continue;
      const { data } = this.#last;
      for (let f = 0; f < width; f++) data[at * width + f] = columns[f][i];
    }
  }

  /** The matrix. The builder is used up. Throws `bad-input` without rows. */
  build(): RowMatrix {
    if (this.rows === 0) {
      const why = this.untrusted > 0 ? `: the book is not trusted on any of its ${this.untrusted} rows` : '';
      throw new BookcastError('bad-input', `the data have no rows to learn from${why}; give a longer recording`);
    }
    const { rows } = this;
    const matrix = emptyMatrix(rows, this.#names.length, this.#market);
    let at = 0;
    for (let block = this.#blocks.shift(); block !== undefined; block = this.#blocks.shift()) {
      matrix.data.set(block.data.subarray(0, block.rows * this.#width), at * this.#width);
      matrix.timeNs.set(block.timeNs.subarray(0, block.rows), at);
      matrix.midTicks.set(block.midTicks.subarray(0, block.rows), at);
      matrix.segment.set(block.segment.subarray(0, block.rows), at);
      this.#market.forEach((name, m) => {
        const column = matrix.market?.[name] as Float64Array;
        for (let i = 0; i < block.rows; i++) column[at + i] = block.market[i * this.#market.length + m];
      });
      at += block.rows;
    }
    assert(at === rows, 'every row has been moved');
    const head = {
      names: this.#names,
      schemaHash: this.#schemaHash,
      startDay: this.#startDay,
      simulated: this.#simulated,
    };
    return sealMatrix({ ...matrix, ...head });
  }

  /** Where the row goes in the last block; −1 where it is left out. */
  #place(day: number, tsNs: number, midTicks: number): number {
    assert(Number.isFinite(tsNs), 'a row has a time');
    if (!Number.isFinite(midTicks)) {
      this.untrusted++;
      this.cut('untrusted');
      return -1;
    }
    if (Number.isNaN(this.#startDay)) this.#startDay = day + Math.floor(tsNs / NS_PER_DAY);
    const ns = (day - this.#startDay) * NS_PER_DAY + tsNs;
    this.#pending ??= this.#cutBefore(ns);
    if (this.#pending !== null) {
      this.cuts[this.#pending]++;
      this.#segment++;
      this.#pending = null;
    }
    if (this.#last.rows === BLOCK_ROWS) this.#last = this.#grow();
    const block = this.#last;
    const at = block.rows++;
    block.timeNs[at] = ns;
    block.midTicks[at] = midTicks;
    block.segment[at] = this.#segment;
    this.#lastNs = ns;
    this.rows++;
    return at;
  }

  #forgets(columns: readonly Numbers[], at: number): boolean {
    const known = this.#known;
    let before = 0;
    let forgotten = 0;
    for (let f = 0; f < known.length; f++) {
      const isKnown = Number.isNaN(columns[f][at]) ? 0 : 1;
      before += known[f];
      forgotten += known[f] & ~isKnown;
      known[f] = isKnown;
    }
    return forgotten >= FORGOTTEN.least && forgotten >= FORGOTTEN.part * before;
  }

  /** What the time of the next row says. */
  #cutBefore(ns: number): Cut | null {
    const last = this.#lastNs;
    if (Number.isNaN(last)) return null;
    if (ns < last) return 'back';
    if (Math.floor(ns / NS_PER_DAY) !== Math.floor(last / NS_PER_DAY)) return 'day';
    return ns - last > this.#maxGapNs ? 'gap' : null;
  }

  #grow(): RowBlock {
    const block = {
      data: new Float32Array(BLOCK_ROWS * this.#width),
      timeNs: new Float64Array(BLOCK_ROWS),
      midTicks: new Float64Array(BLOCK_ROWS),
      segment: new Int32Array(BLOCK_ROWS),
      market: new Float64Array(BLOCK_ROWS * this.#market.length),
      rows: 0,
    };
    this.#blocks.push(block);
    return block;
  }
}

/** The columns of a matrix, in one shared block. */
export type MatrixColumns = Pick<RowMatrix, 'rows' | 'width' | 'data' | 'timeNs' | 'midTicks' | 'segment' | 'market'>;

/** Bytes of the block of so many rows with `market` numbers of the book. The doubles stand first, so that all are aligned. */
export function matrixBytes(rows: number, width: number, market = 0): number {
  return rows * (8 + 8 + 8 * market + 4) + rows * width * 4;
}

/** Zeros in one block of memory that threads share. */
export function emptyMatrix(rows: number, width: number, market: readonly string[] = []): MatrixColumns {
  const shared = new SharedArrayBuffer(matrixBytes(rows, width, market.length));
  const doubles = 2 + market.length;
  const columns = market.map((name, m) => [name, new Float64Array(shared, rows * 8 * (2 + m), rows)] as const);
  return {
    rows,
    width,
    timeNs: new Float64Array(shared, 0, rows),
    midTicks: new Float64Array(shared, rows * 8, rows),
    segment: new Int32Array(shared, rows * 8 * doubles, rows),
    data: new Float32Array(shared, rows * (8 * doubles + 4), rows * width),
    ...(market.length === 0 ? {} : { market: Object.fromEntries(columns) }),
  };
}

/** The matrix with its hash, which is of every bit of it. */
export function sealMatrix(matrix: Omit<RowMatrix, 'hash'>): RowMatrix {
  const { rows, width, names, schemaHash, startDay, simulated } = matrix;
  const hash = createHash('sha256');
  const market = Object.entries(matrix.market ?? {});
  const head = [rows, width, names, schemaHash, startDay, simulated];
  // Rows without more of the book have the hash that they had before there could be more.
  if (market.length > 0) head.push(market.map(([name]) => name));
  hash.update(JSON.stringify(head));
  const columns = [matrix.timeNs, matrix.midTicks, ...market.map(([, column]) => column), matrix.segment, matrix.data];
  for (const column of columns) {
    hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  }
  return { ...matrix, hash: hash.digest('hex') };
}

/** ISO 8601 of a row, for messages. */
export function rowTime({ startDay, timeNs }: RowMatrix, row: number): string {
  return isoTime(timeNs[row], startDay);
}

/** First row of the segment of each row. */
export function segmentStarts({ rows, segment }: RowMatrix): Int32Array {
  const starts = new Int32Array(rows);
  for (let i = 1; i < rows; i++) starts[i] = segment[i] === segment[i - 1] ? starts[i - 1] : i;
  return starts;
}
