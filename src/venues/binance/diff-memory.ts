import { PAGE_BYTES } from '../../wasm/index.ts';

const ZERO = 48;

/** Digits of the longest number: all that one word of 16 bytes holds. */
export const WORD = 16;
/** Steps of at most so many decimals: with one more a place behind them would no longer be a bit of 32. */
export const MAX_SCALE = 14;
/** The most rows that fit. No power of two: columns that far apart would contend for the same places in the cache. */
export const ROOM = 60_000;
/** The most bytes of a message, and of what is held. */
export const INPUT_BYTES = 1 << 19;

/** Addresses in the memory, and sizes of what is there. */
export const Place = {
  /**
   * What is known of a number of `scale` decimals whose point stands at `p`, at `scale · DIGITS_OF_SCALE + p · DIGITS_OF_POINT`:
   * sixteen indices that bring its digits to the right end of a word, and an i32 with a bit for every place behind its decimals.
   */
  DIGITS: 0,
  DIGITS_OF_SCALE: 32 * (WORD + 1),
  DIGITS_OF_POINT: 32,
  /** Words of constants. Read from here they stay in registers; written into the code they would be made anew at each use. */
  ZEROS: 0x2000,
  TENS: 0x2010,
  PAIRS: 0x2020,
  FOURS: 0x2030,
  EIGHTS: 0x2040,
  /** The learned header: its pieces, their texts, and the numbers found by `Field`. */
  PIECES: 0x2100,
  /** Of a piece: address and length of its text, and the address of the number behind it (0: none), each an i32. */
  PIECE_BYTES: 12,
  TEXT: 0x2400,
  NUMBERS: 0x4000,
  /** One message, a byte 0, and room for words that reach beyond. */
  INPUT: 0x5000,
  /** The same for bytes of many messages. */
  HELD: 0x6000 + INPUT_BYTES,
  /** An `EventBatch` of `ROOM` rows. */
  ROWS: 0x7000 + 2 * INPUT_BYTES,
} as const;
export const COLUMN = {
  tsEventNs: Place.ROWS,
  tsRecvNs: Place.ROWS + 8 * ROOM,
  sequence: Place.ROWS + 16 * ROOM,
  orderId: Place.ROWS + 24 * ROOM,
  sizeLots: Place.ROWS + 32 * ROOM,
  priceTicks: Place.ROWS + 40 * ROOM,
  kind: Place.ROWS + 44 * ROOM,
  side: Place.ROWS + 45 * ROOM,
  flags: Place.ROWS + 46 * ROOM,
} as const;
export const PAGES = Math.ceil((Place.ROWS + 47 * ROOM) / PAGE_BYTES);

/** Everything in the memory that never changes. */
export function layTables(memory: ArrayBuffer): void {
  const bytes = new Uint8Array(memory);
  const repeat = (at: number, ...pattern: number[]): void => {
    for (let i = 0; i < WORD; i++) bytes[at + i] = pattern[i % pattern.length];
  };
  repeat(Place.ZEROS, ZERO);
  repeat(Place.TENS, 10);
  repeat(Place.PAIRS, 10, 1);
  repeat(Place.FOURS, 100, 0, 1, 0);
  repeat(Place.EIGHTS, 10000 & 255, 10000 >> 8, 1, 0);
  for (let scale = 0; scale <= MAX_SCALE; scale++) {
    for (let point = 0; point <= WORD; point++) {
      const at = Place.DIGITS + scale * Place.DIGITS_OF_SCALE + point * Place.DIGITS_OF_POINT;
      for (let place = 0; place < WORD; place++) {
        const from = place < scale ? point + scale - place : point - 1 - (place - scale);
        bytes[at + WORD - 1 - place] = from >= 0 && from < WORD ? from : 255;
      }
      new DataView(memory).setInt32(at + WORD, -2 << (point + scale), true);
    }
  }
}
