import { BookcastError } from '../../core/index.ts';
import type { CsvFile } from './files.ts';
import { Scanner } from './scan.ts';

/** Types of a message file's rows (LOBSTER_SampleFiles_ReadMe; 6 from the site's later documentation). */
export const MessageType = {
  ADD: 1,
  CANCEL: 2,
  DELETE: 3,
  EXECUTE: 4,
  EXECUTE_HIDDEN: 5,
  CROSS: 6,
  HALT: 7,
} as const;

/** A message file in columns, in the file's own units. */
export interface MessageTable {
  readonly name: string;
  readonly count: number;
  /** Times whose text has digits past the nanosecond, within a hundredth of one: floating-point noise, dropped. */
  readonly noisyTimes: number;
  /** Nanoseconds after midnight in New York. */
  readonly timeNs: Float64Array;
  /** `MessageType`. */
  readonly type: Uint8Array;
  readonly orderId: Float64Array;
  /** Shares. */
  readonly size: Float64Array;
  /** Dollars times 10000; of a HALT: −1 halt, 0 quoting resumes, 1 trading resumes. */
  readonly price: Float64Array;
  /** Of the resting order: 1 buy, −1 sell. Says nothing on hidden executions, where the venue masks it. */
  readonly direction: Int8Array;
}

/**
 * Reads every row: `time,type,order id,size,price,direction`. Throws `bad-input` naming file and line at the first row
 * that is not so, so that a bad file is refused before any event flows.
 */
export function parseMessages(file: CsvFile): MessageTable {
  const { bytes, name } = file;
  const count = countLines(bytes);
  const timeNs = new Float64Array(count);
  const type = new Uint8Array(count);
  const orderId = new Float64Array(count);
  const size = new Float64Array(count);
  const price = new Float64Array(count);
  const direction = new Int8Array(count);
  const scan = new Scanner(bytes);
  let before = 0;
  for (let row = 0; row < count; row++) {
    const start = scan.at;
    const t = scan.nanoseconds();
    const c1 = scan.comma();
    const kind = scan.integer();
    const c2 = scan.comma();
    const id = scan.integer();
    const c3 = scan.comma();
    const lots = scan.integer();
    const c4 = scan.comma();
    const units = scan.integer();
    const c5 = scan.comma();
    const d = scan.integer();
    const shaped = c1 && c2 && c3 && c4 && c5 && scan.lineEnd();
    if (!shaped || !(t >= before) || !rowMakesSense(kind, id, lots, units, d)) explain(file, row, start, before);
    timeNs[row] = before = t;
    type[row] = kind;
    orderId[row] = id;
    size[row] = lots;
    price[row] = units;
    direction[row] = d;
  }
  if (scan.at !== bytes.length) explain(file, count, scan.at, before);
  return { name, count, noisyTimes: scan.noisy, timeNs, type, orderId, size, price, direction };
}

function rowMakesSense(type: number, id: number, size: number, price: number, direction: number): boolean {
  if (!(id >= 0 && size >= 0)) return false;
  if (type >= MessageType.ADD && type <= MessageType.EXECUTE)
    return price >= 0 && (direction === 1 || direction === -1);
  if (type === MessageType.HALT) return price >= -1 && price <= 1;
  return (type === MessageType.EXECUTE_HIDDEN || type === MessageType.CROSS) && price >= 0 && !Number.isNaN(direction);
}

function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (let i = bytes.indexOf(10); i >= 0; i = bytes.indexOf(10, i + 1)) lines++;
  return lines;
}

const COLUMNS: readonly [string, RegExp, string][] = [
  ['time', /^\d{1,6}(\.\d{1,9}|\.\d{9}(0|(00|99)\d*))?$/, 'seconds after midnight, in whole nanoseconds'],
  ['type', /^[1-7]$/, 'a digit from 1 to 7'],
  ['order id', /^\d{1,15}$/, 'a whole number'],
  ['size', /^\d{1,15}$/, 'a whole number of shares, not negative'],
  ['price', /^\d{1,15}$/, 'dollars times 10000, whole and not negative'],
  ['direction', /^-?1$/, '1 or -1'],
];
const HALT_PRICE = /^(-1|0|1)$/;

/** The slow path: what is wrong with the row that begins at byte `start`, in words. */
function explain(file: CsvFile, row: number, start: number, beforeNs: number): never {
  const line = row + 1;
  const fail = (what: string): never => {
    throw new BookcastError('bad-input', `${file.name}, line ${line}: ${what}`, { file: file.name, line });
  };
  const end = file.bytes.indexOf(10, start);
  const text = printable(file.bytes.subarray(start, end < 0 ? file.bytes.length : end));
  if (end < 0) return fail(`the last line has no end: ${text}. The file is cut short, get it again (or end the line).`);
  const fields = text.replace(/\\x0d$/, '').split(',');
  if (fields.length !== COLUMNS.length) {
    return fail(`${fields.length} columns, expected 6 (time, type, order id, size, price, direction): ${text}`);
  }
  COLUMNS.forEach(([what, shape, expected], i) => {
    const good = i === 4 && fields[1] === '7' ? HALT_PRICE : shape;
    if (!good.test(fields[i])) fail(`the ${what} is "${fields[i]}", expected ${expected}`);
  });
  return fail(`the time ${fields[0]} is before the line above (${beforeNs / 1e9}); rows stand in order of time`);
}

/** At most 100 characters of a line, with bytes that are no text written as `\x00`. */
export function printable(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes.subarray(0, 100)) {
    text += byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return bytes.length > 100 ? `${text}…` : text;
}
