import { MAX_EXACT, MAX_PRICE_TICKS, NO_PRICE } from '../../core/index.ts';
import { EventFlag, EventKind, Side } from '../../market/index.ts';
import {
  assemble,
  block,
  type Code,
  type Frame,
  f64,
  give,
  i32,
  i64,
  type Label,
  type Local,
  loop,
  PAGE_BYTES,
  v128,
  wasmFunction,
  when,
} from './wasm.ts';

const ZERO = 48;
const POINT = 46;
const CLOSE_ARRAY = 93;
const CLOSE_OBJECT = 125;

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
const COLUMN = {
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
const PAGES = Math.ceil((Place.ROWS + 47 * ROOM) / PAGE_BYTES);

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

/** The constants as locals, to be set where a function begins. */
function constants(frame: Frame) {
  const zeros = frame.local('v128');
  const tens = frame.local('v128');
  const pairs = frame.local('v128');
  const fours = frame.local('v128');
  const eights = frame.local('v128');
  const places: [Local<'v128'>, number][] = [
    [zeros, Place.ZEROS],
    [tens, Place.TENS],
    [pairs, Place.PAIRS],
    [fours, Place.FOURS],
    [eights, Place.EIGHTS],
  ];
  return { zeros, tens, pairs, fours, eights, set: places.map(([local, at]) => local.set(v128.load(i32.const(at)))) };
}
type Constants = ReturnType<typeof constants>;

const advance = (at: Local<'i32'>, by: Code<'i32'>): Code => at.set(i32.add(at, by));
const must = (failed: Label, condition: Code<'i32'>): Code => failed.goIf(i32.eqz(condition));
/** Up to four characters as they stand in memory. */
const chars = (text: string): Code<'i32'> => i32.const(Buffer.from(text).readUIntLE(0, text.length));
/** The three characters at an address. */
const load24 = (at: Code<'i32'>): Code<'i32'> => i32.and(i32.load(at), i32.const(0xffffff));
/** A bit for each byte that is no digit, and one behind the word. */
const othersIn = (digits: Code<'v128'>, { tens }: Constants): Code<'i32'> =>
  i32.or(v128.bitmask8(v128.geU8(digits, tens)), i32.const(1 << WORD));
/** Sixteen digits, the first one highest, in fours: first added up in pairs. */
const inFours = (digits: Code<'v128'>, { pairs, fours }: Constants): Code<'v128'> =>
  v128.dot16(v128.dot8(digits, pairs), fours);
/** Two numbers in fours → in eights. */
const inEights = (a: Code<'v128'>, b: Code<'v128'>, { eights }: Constants): Code<'v128'> =>
  v128.dot16(v128.narrow32(a, b), eights);
/** A number in eights, the lower word first. */
const whole = (value: Local<'i64'>): Code<'i64'> =>
  i64.add(i64.mul(i64.and(value, i64.const(0xffffffff)), i64.const(1e8)), i64.shrU(value, i64.const(32)));

/**
 * `header(at)`: compares the text there with the learned header, reads its numbers, and returns the address behind it; -1 where
 * it is another one. A number is 1 to 16 digits without a leading zero, and exact.
 */
const header = wasmFunction('header', (frame) => {
  const at = frame.param('i32');
  const piece = frame.local('i32');
  const text = frame.local('i32');
  const left = frame.local('i32');
  const target = frame.local('i32');
  const length = frame.local('i32');
  const digits = frame.local('v128');
  const value = frame.local('i64');
  const known = constants(frame);
  const equal = v128.bitmask8(v128.eq8(v128.load(at), v128.load(text)));
  const number = (failed: Label): Code[] => [
    digits.set(v128.sub8(v128.load(at), known.zeros)),
    length.set(i32.ctz(othersIn(digits, known))),
    failed.goIf(i32.eqz(length)),
    failed.goIf(i32.and(i32.eq(i32.load8(at), i32.const(ZERO)), i32.gtU(length, i32.const(1)))),
    digits.set(v128.swizzle8(digits, v128.load(i32.mul(length, i32.const(Place.DIGITS_OF_POINT)), Place.DIGITS))),
    digits.set(inFours(digits, known)),
    value.set(v128.lowI64(inEights(digits, digits, known))),
    value.set(whole(value)),
    failed.goIf(i64.gtU(value, i64.const(MAX_EXACT))),
    f64.store(target, i64.toF64(value)),
    advance(at, length),
  ];
  return [
    ...known.set,
    piece.set(i32.const(Place.PIECES)),
    block((failed) => [
      loop((again) => [
        text.set(i32.load(piece)),
        left.set(i32.load(piece, 4)),
        block((short) => [
          loop((more) => [
            short.goIf(i32.leU(left, i32.const(WORD))),
            failed.goIf(i32.ne(equal, i32.const(0xffff))),
            advance(at, i32.const(WORD)),
            advance(text, i32.const(WORD)),
            advance(left, i32.const(-WORD)),
            more.go(),
          ]),
        ]),
        failed.goIf(i32.and(i32.xor(equal, i32.const(-1)), i32.sub(i32.shl(i32.const(1), left), i32.const(1)))),
        advance(at, left),
        target.set(i32.load(piece, 8)),
        when(i32.eqz(target), [give(at)]),
        ...number(failed),
        advance(piece, i32.const(Place.PIECE_BYTES)),
        again.go(),
      ]),
    ]),
    give(i32.const(-1)),
  ];
});

/**
 * The number in quotes that begins at `at`, as a count of steps: its digits in `fours`, and its `length`. At most 16 characters,
 * no fewer decimals than the step has, and none but zeros beyond those. That a quote stands behind it is for the caller to see.
 * `table`: where `DIGITS` of its scale begin.
 */
function number(
  frame: Frame,
  known: Constants,
  at: Local<'i32'>,
  scale: Local<'i32'>,
  table: Local<'i32'>,
  failed: Label,
) {
  const length = frame.local('i32');
  const point = frame.local('i32');
  const others = frame.local('i32');
  const row = frame.local('i32');
  const fours = frame.local('v128');
  const zeros = v128.bitmask8(v128.eq8(v128.load(at), known.zeros));
  const read = [
    fours.set(v128.sub8(v128.load(at), known.zeros)),
    others.set(othersIn(fours, known)),
    point.set(i32.ctz(others)),
    failed.goIf(i32.eqz(point)),
    row.set(i32.add(i32.mul(point, i32.const(Place.DIGITS_OF_POINT)), table)),
    when(
      i32.eq(i32.load8(i32.add(at, point)), i32.const(POINT)),
      [
        // The second character that is no digit, and the first behind the step's decimals that is no zero: the same one.
        length.set(i32.ctz(i32.and(others, i32.sub(others, i32.const(1))))),
        failed.goIf(i32.ne(length, i32.ctz(i32.and(i32.xor(zeros, i32.const(-1)), i32.load(row, WORD))))),
        failed.goIf(i32.eq(length, i32.add(point, i32.const(1)))),
      ],
      [failed.goIf(scale), length.set(point)],
    ),
    fours.set(inFours(v128.swizzle8(fours, v128.load(row)), known)),
  ];
  return { read, length, fours };
}

/**
 * `diff(at, end, close, row, priceScale, sizeScale, eventNs, recvNs, id, previous)`: the message from behind the bracket that
 * opens its bids, `["price","size"],…],"a":[["price","size"],…]`, and `close` braces to its very end, → a DELTA and its LEVEL rows
 * from `row` on. Returns the row behind the last; -1 where the text is anything else, or a value not what it must be.
 */
const diff = wasmFunction('diff', (frame) => {
  const at = frame.param('i32');
  const end = frame.param('i32');
  const close = frame.param('i32');
  const row = frame.param('i32');
  const priceScale = frame.param('i32');
  const sizeScale = frame.param('i32');
  const eventNs = frame.param('f64');
  const recvNs = frame.param('f64');
  const id = frame.param('f64');
  const previous = frame.param('f64');
  const side = frame.local('i32');
  const priceTable = frame.local('i32');
  const sizeTable = frame.local('i32');
  const priceLength = frame.local('i32');
  const eights = frame.local('v128');
  const ticks = frame.local('i64');
  const lots = frame.local('i64');
  const known = constants(frame);
  const wide = i32.shl(row, i32.const(3));
  const half = i32.shl(row, i32.const(2));
  const times = [
    f64.store(wide, eventNs, COLUMN.tsEventNs),
    f64.store(wide, recvNs, COLUMN.tsRecvNs),
    f64.store(wide, id, COLUMN.sequence),
    i32.store8(row, i32.const(0), COLUMN.flags),
  ];
  const head = [
    ...times,
    f64.store(wide, previous, COLUMN.orderId),
    i64.store(wide, i64.const(0), COLUMN.sizeLots),
    i32.store(half, i32.const(NO_PRICE), COLUMN.priceTicks),
    i32.store8(row, i32.const(EventKind.DELTA), COLUMN.kind),
    i32.store8(row, i32.const(Side.NONE), COLUMN.side),
    advance(row, i32.const(1)),
  ];
  const level = (failed: Label, again: Label): Code[] => {
    const price = number(frame, known, at, priceScale, priceTable, failed);
    const size = number(frame, known, at, sizeScale, sizeTable, failed);
    return [
      ...price.read,
      // Prices are nearly always as long as the one before. A branch, which is foreseen, lets the size be read before
      // the price's length is known; adding the length would make it wait.
      when(i32.ne(price.length, priceLength), [priceLength.set(price.length)]),
      advance(at, priceLength),
      must(failed, i32.eq(load24(at), chars('","'))),
      advance(at, i32.const(3)),
      ...size.read,
      advance(at, size.length),
      eights.set(inEights(price.fours, size.fours, known)),
      ticks.set(v128.lowI64(eights)),
      ticks.set(whole(ticks)),
      failed.goIf(i64.gtU(i64.sub(ticks, i64.const(1)), i64.const(MAX_PRICE_TICKS - 1))),
      lots.set(v128.highI64(eights)),
      lots.set(whole(lots)),
      failed.goIf(i64.gtU(lots, i64.const(MAX_EXACT))),
      ...times,
      i64.store(wide, i64.const(0), COLUMN.orderId),
      f64.store(wide, i64.toF64(lots), COLUMN.sizeLots),
      i32.store(half, i64.toI32(ticks), COLUMN.priceTicks),
      i32.store8(row, i32.const(EventKind.LEVEL), COLUMN.kind),
      i32.store8(row, side, COLUMN.side),
      advance(row, i32.const(1)),
      when(i32.eq(i32.load(at), chars('"],[')), [
        failed.goIf(i32.ne(i32.load8(at, 4), chars('"'))),
        advance(at, i32.const(5)),
        again.go(),
      ]),
      must(failed, i32.eq(load24(at), chars('"]]'))),
      advance(at, i32.const(2)),
    ];
  };
  return [
    ...known.set,
    ...head,
    priceTable.set(i32.mul(priceScale, i32.const(Place.DIGITS_OF_SCALE))),
    sizeTable.set(i32.mul(sizeScale, i32.const(Place.DIGITS_OF_SCALE))),
    block((failed) => [
      loop((otherSide) => [
        when(i32.ne(i32.load8(at), i32.const(CLOSE_ARRAY)), [
          must(failed, i32.eq(i32.load16(at), chars('["'))),
          advance(at, i32.const(2)),
          loop((again) => level(failed, again)),
        ]),
        // Here `at` is at the bracket that closes the list.
        when(i32.eqz(side), [
          must(failed, i32.eq(i32.load(at), chars('],"a'))),
          must(failed, i32.eq(load24(i32.add(at, i32.const(4))), chars('":['))),
          advance(at, i32.const(7)),
          side.set(i32.const(1)),
          otherSide.go(),
        ]),
      ]),
      must(failed, i32.eq(i32.load8(at), i32.const(CLOSE_ARRAY))),
      must(failed, i32.eq(i32.add(at, i32.add(close, i32.const(1))), end)),
      must(failed, i32.eq(i32.load8(at, 1), i32.const(CLOSE_OBJECT))),
      must(failed, i32.eq(i32.load8(i32.sub(end, i32.const(1))), i32.const(CLOSE_OBJECT))),
      i32.store8(i32.sub(row, i32.const(1)), i32.const(EventFlag.MESSAGE_END), COLUMN.flags),
      give(row),
    ]),
    give(i32.const(-1)),
  ];
});

/** The module's bytes. */
export function diffModule(): Uint8Array<ArrayBuffer> {
  return assemble([header, diff], PAGES);
}
