import { MAX_EXACT, MAX_PRICE_TICKS } from '../../core/index.ts';
import { type EventBatch, EventKind, type Side } from '../../market/index.ts';
import { MAX_DIGITS, type StepReader } from './step-reader.ts';

const QUOTE = 34;
const COMMA = 44;
const POINT = 46;
const ZERO = 48;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;

/**
 * Levels `["price","size"],…]` → LEVEL rows: the innermost loop of the whole path, where most of a recording's bytes are.
 * Numbers of whole steps are read in place, as `StepReader.read` does but without a call, which would cost a tenth more of
 * the way from bytes to ladder; all others are left to it.
 */
export class LevelScanner {
  /** Where the next row goes, and after `scan` the row behind the last. */
  row = 0;
  readonly #price: StepReader;
  readonly #size: StepReader;

  constructor(price: StepReader, size: StepReader) {
    this.#price = price;
    this.#size = size;
  }

  /**
   * `at` is behind the bracket that opens a list of at least one level, and `rows` has room for all. Returns the position
   * behind the bracket that closes the list; -1 where the text is something else, or a value is not what it must be.
   */
  scan(
    bytes: Uint8Array,
    at: number,
    rows: EventBatch,
    side: Side,
    eventNs: number,
    recvNs: number,
    id: number,
  ): number {
    const price = this.#price;
    const size = this.#size;
    const { kind, side: sides, flags, priceTicks, sizeLots, tsEventNs, tsRecvNs, sequence, orderId } = rows;
    for (let row = this.row; ; row++) {
      if (bytes[at] !== OPEN_ARRAY) return -1;
      let ticks = 0;
      let steps = 0;
      for (let unit = price; ; unit = size) {
        if (bytes[at + 1] !== QUOTE) return -1;
        at += 2;
        const start = at;
        // Behind the last byte there is `undefined`, which `| 0` makes no digit.
        let digit = (bytes[at] | 0) - ZERO;
        let whole = 0;
        while (digit >>> 0 <= 9) {
          whole = (Math.imul(whole, 10) + digit) | 0;
          digit = (bytes[++at] | 0) - ZERO;
        }
        let plain = unit.stepIsOne && at > start && at - start <= MAX_DIGITS;
        steps = whole * unit.wholeFactor;
        if (digit === POINT - ZERO) {
          const first = ++at;
          const last = first + unit.decimals;
          let fraction = 0;
          digit = (bytes[at] | 0) - ZERO;
          while (digit >>> 0 <= 9 && at < last) {
            fraction = (Math.imul(fraction, 10) + digit) | 0;
            digit = (bytes[++at] | 0) - ZERO;
          }
          steps += fraction * unit.factor[at - first];
          while (digit === 0) digit = (bytes[++at] | 0) - ZERO;
          plain &&= at > first;
        }
        if (plain && digit === QUOTE - ZERO) at++;
        else {
          steps = unit.read(bytes, start);
          at = unit.end;
        }
        if (unit === size) break;
        ticks = steps;
        if (bytes[at] !== COMMA) return -1;
      }
      if (!(ticks >= 1 && ticks <= MAX_PRICE_TICKS && steps >= 0 && steps <= MAX_EXACT)) return -1;
      if (bytes[at] !== CLOSE_ARRAY) return -1;
      kind[row] = EventKind.LEVEL;
      sides[row] = side;
      flags[row] = 0;
      priceTicks[row] = ticks;
      sizeLots[row] = steps;
      tsEventNs[row] = eventNs;
      tsRecvNs[row] = recvNs;
      sequence[row] = id;
      orderId[row] = 0;
      const next = bytes[at + 1];
      at += 2;
      if (next !== COMMA) {
        this.row = row + 1;
        return next === CLOSE_ARRAY ? at : -1;
      }
    }
  }
}
