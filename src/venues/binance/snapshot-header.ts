import { MAX_EXACT } from '../../core/index.ts';
import { Field, FieldType, FlatScanner, holds } from './flat-scanner.ts';

const ZERO = 48;
const COMMA = 44;
const LAST_UPDATE_ID = Buffer.from('{"lastUpdateId":');
const BIDS = Buffer.from('"bids":[');
/** Digits of the longest integer that a `Float64` holds exactly. */
const MAX_DIGITS = 16;

/**
 * What stands in front of the levels in an answer of the depth request, as the venue writes it:
 *
 *   spot    {"lastUpdateId":1027024,"bids":[["4.00000000","431.00000000"]],"asks":[…]}
 *   USD-M   {"lastUpdateId":1027024,"E":1589436922972,"T":1589436922959,"bids":[…
 *   COIN-M  {"lastUpdateId":16769853,"symbol":"BTCUSD_PERP","pair":"BTCUSD","E":1591250106370,"T":1591250106368,"bids":[…
 */
export class SnapshotHeader {
  /** `lastUpdateId` of the last header that was read. */
  id = 0;
  /** Its `T`, else `E`; NaN for neither. */
  time = Number.NaN;
  readonly #fields = new FlatScanner();

  /** Returns the position behind the bracket that opens the bids; -1 where the answer is not written like this. */
  scan(bytes: Uint8Array, from: number): number {
    if (!holds(bytes, from, LAST_UPDATE_ID)) return -1;
    const start = from + LAST_UPDATE_ID.length;
    let at = start;
    let id = 0;
    for (let digit = bytes[at] - ZERO; digit >= 0 && digit <= 9; digit = bytes[at] - ZERO) {
      id = id * 10 + digit;
      at++;
    }
    if (at === start || at - start > MAX_DIGITS || id > MAX_EXACT || (bytes[start] === ZERO && at > start + 1))
      return -1;
    if (bytes[at] !== COMMA) return -1;
    const fields = this.#fields;
    at = fields.scan(bytes, at + 1);
    if (at < 0 || fields.arrayField !== Field.OTHER || !holds(bytes, at - BIDS.length, BIDS)) return -1;
    this.id = id;
    this.time = Number.NaN;
    if (fields.type[Field.TRANSACTION_TIME] === FieldType.NUMBER) this.time = fields.number[Field.TRANSACTION_TIME];
    else if (fields.type[Field.EVENT_TIME] === FieldType.NUMBER) this.time = fields.number[Field.EVENT_TIME];
    return at;
  }
}
