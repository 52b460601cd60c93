import { Side } from '../../market/index.ts';

const QUOTE = 34;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
const BACKSLASH = 92;

const BID = Buffer.from('{"side":"bid","event_time":"');
const OFFER = Buffer.from('{"side":"offer","event_time":"');
/** Where the two begin to differ. */
const SIDE_AT = BID.indexOf('bid');
const PRICE = Buffer.from('","price_level":"');
const SIZE = Buffer.from('","new_quantity":"');
const END = Buffer.from('"}');

/**
 * Finds the values of one level of `l2_data` in the very form that the venue writes it:
 *
 *   {"side":"bid","event_time":"2026-08-09T21:05:48.35161Z","price_level":"1919.44","new_quantity":"0.02858092"}
 *
 * That is most of what a connection carries, and reading it key by key takes several times as long. Any other form, such as
 * keys in another order, is left to whoever reads JSON.
 */
export class UpdateScanner {
  side: Side = Side.NONE;
  timeFrom = 0;
  timeTo = 0;
  priceFrom = 0;
  priceTo = 0;
  sizeFrom = 0;
  sizeTo = 0;

  /** The level that begins at `at`: the position behind it, or −1 where it is of another form. */
  scan(bytes: Buffer, at: number): number {
    const isBid = bytes[at + SIDE_AT] === BID[SIDE_AT];
    at = match(bytes, at, isBid ? BID : OFFER);
    if (at < 0) return -1;
    this.side = isBid ? Side.BID : Side.ASK;
    this.timeFrom = at;
    let c = bytes[at];
    while (c !== QUOTE) {
      // Behind the last byte there is `undefined`, which is not at least 32.
      if (!(c >= 32) || c === BACKSLASH) return -1;
      c = bytes[++at];
    }
    this.timeTo = at;
    at = match(bytes, at, PRICE);
    if (at < 0) return -1;
    this.priceFrom = at;
    at = decimalEnd(bytes, at);
    this.priceTo = at;
    at = match(bytes, at, SIZE);
    if (at < 0) return -1;
    this.sizeFrom = at;
    at = decimalEnd(bytes, at);
    this.sizeTo = at;
    return match(bytes, at, END);
  }
}

/** The position behind `text`, where `bytes` hold it at `at`; else −1. */
function match(bytes: Buffer, at: number, text: Buffer): number {
  const length = text.length;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== text[i]) return -1;
  return at + length;
}

/** Where digits and points end. */
function decimalEnd(bytes: Buffer, at: number): number {
  let c = bytes[at];
  while ((c >= ZERO && c <= NINE) || c === POINT) c = bytes[++at];
  return at;
}
