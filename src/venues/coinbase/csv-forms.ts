import { csvFields, pythonList, wholeText } from './csv-text.ts';
import { restoreSize } from './float-size.ts';

/** How a form's lines become messages of the venue's own, for the conversation that reads them. */
export interface CsvForm {
  /** The header line, which tells the form. */
  readonly header: string;
  /** What the file holds, in words. */
  readonly what: string;
}

const SNAPSHOT_HEADER = 'side,price,size';
const UPDATE_HEADER = 'side,price,size,time';
const RAW_HEADER =
  '_id,asks,bids,changes,channels,maker_order_id,message,price,product_id,reason,sequence,side,size,taker_order_id,time,trade_id,type';

export const SNAPSHOT_FORM: CsvForm = { header: SNAPSHOT_HEADER, what: 'one side of a level-2 snapshot' };
export const UPDATE_FORM: CsvForm = { header: UPDATE_HEADER, what: 'level-2 changes' };
export const RAW_FORM: CsvForm = { header: RAW_HEADER, what: 'raw messages of the feed' };

/** The form of a CSV whose first line this is; null where it is none of Coinbase's. */
export function formOf(line: string): CsvForm | null {
  return [SNAPSHOT_FORM, UPDATE_FORM, RAW_FORM].find(({ header }) => header === line.trim()) ?? null;
}

/** How many sizes were restored from floats (`restoreSize`), and what could not be. */
export interface Restored {
  count: number;
}

type Row = Readonly<Record<string, string>>;

const LEVEL = /^(buy|sell),([^,]*),([^,]*)(?:,([^,]*))?$/;

/** `buy,9192,7.48040715` as the venue's [price, size] of a side. Throws a `RangeError` where the line is none. */
export function snapshotLevel(line: string, restored: Restored): { side: 'buy' | 'sell'; level: [string, string] } {
  const [, side, price, size] = levelOf(line);
  return { side: side as 'buy' | 'sell', level: [price, sizeText(size, restored)] };
}

/** `buy,9170.51,0.01,2018-04-24T03:52:17.202Z` as the venue's `l2update`. Throws a `RangeError` where the line is none. */
export function updateMessage(line: string, product: string, restored: Restored): string {
  const [, side, price, size, time] = levelOf(line);
  if (time === undefined) throw new RangeError('a change without its time');
  const changes = [[side, price, sizeText(size, restored)]];
  return JSON.stringify({ type: 'l2update', product_id: product, changes, time });
}

function levelOf(line: string): RegExpExecArray {
  const match = LEVEL.exec(line);
  if (match === null) throw new RangeError('no line of side (buy or sell), price and size');
  return match;
}

function sizeText(size: string, restored: Restored): string {
  const exact = restoreSize(size);
  if (exact === null)
    throw new RangeError(`a size of ${size.slice(0, 40)}, which is no lot, nor a lot that went through a float`);
  if (exact.changed) restored.count++;
  return exact.text;
}

const RAW_COLUMNS = RAW_HEADER.split(',');

/** The cells of a raw message by column. Throws a `RangeError` where their number is another. */
export function rawRow(line: string): Row {
  const fields = csvFields(line);
  if (fields.length !== RAW_COLUMNS.length) {
    throw new RangeError(`${fields.length} columns, expected ${RAW_COLUMNS.length}`);
  }
  return Object.fromEntries(RAW_COLUMNS.map((column, i) => [column, fields[i]]));
}

/**
 * A raw message as the venue sent it, as far as it matters: lists were written by Python, ids went through floats. A heartbeat
 * of the recorder's and other types are passed on with their type alone.
 */
export function rawMessage(row: Row, product: string): string {
  const { type, time } = row;
  const head = `{"type":${JSON.stringify(type)},"product_id":${JSON.stringify(row.product_id || product)}`;
  const tail = time === '' ? '}' : `,"time":${JSON.stringify(time)}}`;
  switch (type) {
    case 'snapshot':
      return `${head},"asks":${pythonList(row.asks)},"bids":${pythonList(row.bids)}${tail}`;
    case 'l2update':
      return `${head},"changes":${pythonList(row.changes)}${tail}`;
    case 'match':
    case 'last_match': {
      const { side, size, price } = row;
      const ids = `,"trade_id":${wholeText(row.trade_id) || 'null'}`;
      return `${head}${ids},"side":${JSON.stringify(side)},"size":${JSON.stringify(size)},"price":${JSON.stringify(price)}${tail}`;
    }
    case 'error':
      return `${head},"message":${JSON.stringify(`${row.message}: ${row.reason}`)}${tail}`;
    default:
      return head + tail;
  }
}
