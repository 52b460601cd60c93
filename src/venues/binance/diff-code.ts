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
  v128,
  wasmFunction,
  when,
} from '../../wasm/index.ts';
import { COLUMN, PAGES, Place, WORD } from './diff-memory.ts';

const ZERO = 48;
const POINT = 46;
const CLOSE_ARRAY = 93;
const CLOSE_OBJECT = 125;

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

/** The text of a header's piece: goes on behind it, or to `failed` where the message has another. */
function pieceText(frame: Frame, at: Local<'i32'>, piece: Local<'i32'>, failed: Label): Code[] {
  const text = frame.local('i32');
  const left = frame.local('i32');
  const equal = v128.bitmask8(v128.eq8(v128.load(at), v128.load(text)));
  return [
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
  ];
}

/** The number at `at`, 1 to 16 digits without a leading zero, and exact, to the address `target`. */
function headerNumber(frame: Frame, known: Constants, at: Local<'i32'>, target: Local<'i32'>, failed: Label): Code[] {
  const length = frame.local('i32');
  const digits = frame.local('v128');
  const value = frame.local('i64');
  return [
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
}

/**
 * `header(at)`: compares the text there with the learned header, reads its numbers, and returns the address behind it; -1 where
 * it is another one.
 */
const header = wasmFunction('header', (frame) => {
  const at = frame.param('i32');
  const piece = frame.local('i32');
  const target = frame.local('i32');
  const known = constants(frame);
  return [
    ...known.set,
    piece.set(i32.const(Place.PIECES)),
    block((failed) => [
      loop((again) => [
        ...pieceText(frame, at, piece, failed),
        target.set(i32.load(piece, 8)),
        when(i32.eqz(target), [give(at)]),
        ...headerNumber(frame, known, at, target, failed),
        advance(piece, i32.const(Place.PIECE_BYTES)),
        again.go(),
      ]),
    ]),
    give(i32.const(-1)),
  ];
});

/** Decimals of a step, and where `DIGITS` for them begin. */
interface Scale {
  readonly decimals: Local<'i32'>;
  readonly table: Local<'i32'>;
}

/**
 * The number in quotes that begins at `at`, as a count of steps: its digits in `fours`, and its `length`. At most 16 characters,
 * no fewer decimals than the step has, and none but zeros beyond those. That a quote stands behind it is for the caller to see.
 */
function number(frame: Frame, known: Constants, at: Local<'i32'>, scale: Scale, failed: Label) {
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
    row.set(i32.add(i32.mul(point, i32.const(Place.DIGITS_OF_POINT)), scale.table)),
    when(
      i32.eq(i32.load8(i32.add(at, point)), i32.const(POINT)),
      [
        // The second character that is no digit, and the first behind the step's decimals that is no zero: the same one.
        length.set(i32.ctz(i32.and(others, i32.sub(others, i32.const(1))))),
        failed.goIf(i32.ne(length, i32.ctz(i32.and(i32.xor(zeros, i32.const(-1)), i32.load(row, WORD))))),
        failed.goIf(i32.eq(length, i32.add(point, i32.const(1)))),
      ],
      [failed.goIf(scale.decimals), length.set(point)],
    ),
    fours.set(inFours(v128.swizzle8(fours, v128.load(row)), known)),
  ];
  return { read, length, fours };
}

/** The parameters of `diff` in their order, and what it remembers from level to level. */
function diffVariables(frame: Frame) {
  return {
    at: frame.param('i32'),
    end: frame.param('i32'),
    close: frame.param('i32'),
    row: frame.param('i32'),
    priceDecimals: frame.param('i32'),
    sizeDecimals: frame.param('i32'),
    eventNs: frame.param('f64'),
    recvNs: frame.param('f64'),
    id: frame.param('f64'),
    previous: frame.param('f64'),
    side: frame.local('i32'),
    priceTable: frame.local('i32'),
    sizeTable: frame.local('i32'),
    priceLength: frame.local('i32'),
  };
}
type DiffVariables = ReturnType<typeof diffVariables>;

/** What all rows of a message have, and then this one: the others of its columns, given as they are stored. */
function pushRow(
  { row, eventNs, recvNs, id }: DiffVariables,
  kind: EventKind,
  side: Code<'i32'>,
  price: Code<'i32'>,
  others: (at: Code<'i32'>) => readonly Code[],
): Code[] {
  const at = i32.shl(row, i32.const(3));
  return [
    f64.store(at, eventNs, COLUMN.tsEventNs),
    f64.store(at, recvNs, COLUMN.tsRecvNs),
    f64.store(at, id, COLUMN.sequence),
    ...others(at),
    i32.store(i32.shl(row, i32.const(2)), price, COLUMN.priceTicks),
    i32.store8(row, i32.const(kind), COLUMN.kind),
    i32.store8(row, side, COLUMN.side),
    i32.store8(row, i32.const(0), COLUMN.flags),
    advance(row, i32.const(1)),
  ];
}

/** `price","size"` at `at`, into a row; `again` begins the next level, and without it `at` is at the bracket that closes the list. */
function level(frame: Frame, known: Constants, v: DiffVariables, failed: Label, again: Label): Code[] {
  const { at, side, priceLength } = v;
  const price = number(frame, known, at, { decimals: v.priceDecimals, table: v.priceTable }, failed);
  const size = number(frame, known, at, { decimals: v.sizeDecimals, table: v.sizeTable }, failed);
  const eights = frame.local('v128');
  const ticks = frame.local('i64');
  const lots = frame.local('i64');
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
    ...pushRow(v, EventKind.LEVEL, side, i64.toI32(ticks), (row) => [
      i64.store(row, i64.const(0), COLUMN.orderId),
      f64.store(row, i64.toF64(lots), COLUMN.sizeLots),
    ]),
    when(i32.eq(i32.load(at), chars('"],[')), [
      failed.goIf(i32.ne(i32.load8(at, 4), chars('"'))),
      advance(at, i32.const(5)),
      again.go(),
    ]),
    must(failed, i32.eq(load24(at), chars('"]]'))),
    advance(at, i32.const(2)),
  ];
}

/**
 * `diff(at, end, close, row, priceDecimals, sizeDecimals, eventNs, recvNs, id, previous)`: the message from behind the bracket
 * that opens its bids, `["price","size"],…],"a":[["price","size"],…]`, and `close` braces to its very end, → a DELTA and its LEVEL
 * rows from `row` on. Returns the row behind the last; -1 where the text is anything else, or a value not what it must be.
 */
const diff = wasmFunction('diff', (frame) => {
  const v = diffVariables(frame);
  const { at, end, row, side } = v;
  const known = constants(frame);
  return [
    ...known.set,
    ...pushRow(v, EventKind.DELTA, i32.const(Side.NONE), i32.const(NO_PRICE), (to) => [
      f64.store(to, v.previous, COLUMN.orderId),
      i64.store(to, i64.const(0), COLUMN.sizeLots),
    ]),
    v.priceTable.set(i32.mul(v.priceDecimals, i32.const(Place.DIGITS_OF_SCALE))),
    v.sizeTable.set(i32.mul(v.sizeDecimals, i32.const(Place.DIGITS_OF_SCALE))),
    block((failed) => [
      loop((otherSide) => [
        when(i32.ne(i32.load8(at), i32.const(CLOSE_ARRAY)), [
          must(failed, i32.eq(i32.load16(at), chars('["'))),
          advance(at, i32.const(2)),
          loop((again) => level(frame, known, v, failed, again)),
        ]),
        when(i32.eqz(side), [
          must(failed, i32.eq(i32.load(at), chars('],"a'))),
          must(failed, i32.eq(load24(i32.add(at, i32.const(4))), chars('":['))),
          advance(at, i32.const(7)),
          side.set(i32.const(1)),
          otherSide.go(),
        ]),
      ]),
      must(failed, i32.eq(i32.load8(at), i32.const(CLOSE_ARRAY))),
      must(failed, i32.eq(i32.add(at, i32.add(v.close, i32.const(1))), end)),
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
