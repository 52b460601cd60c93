/**
 * The inner loop of histogram building as a WebAssembly module, written byte by byte (core specification 2.0, "Binary format"): a bin's
 * gradient and hessian are two float64 side by side, so one 128-bit addition updates both. In JavaScript it is four times as many
 * loads and stores, all with bounds checks (2.1 against 0.9 ns an update).
 */

const [I32, V128] = [0x7f, 0x7b];
const [I32_ADD, I32_AND, I32_SHL, I32_SHR_U, I32_LT_U] = [0x6a, 0x71, 0x74, 0x76, 0x49];
const [LOOP, NO_RESULT, END, BR_IF_0] = [0x03, 0x40, 0x0b, [0x0d, 0]];
const F64X2_ADD = [0xfd, 0xf0, 0x01];
const F64X2_SUB = [0xfd, 0xf1, 0x01];

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 128; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  for (; value < -64 || value > 63; value >>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value & 127];
}

const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const tee = (local: number): number[] => [0x22, local];
const constant = (value: number): number[] => [0x41, ...signed(value)];
const loadWord = [0x28, 2, 0];
const loadPair = (offset: number): number[] => [0xfd, 0x00, 3, ...unsigned(offset)];
const storePair = (offset: number): number[] => [0xfd, 0x0b, 3, ...unsigned(offset)];
const advance = (local: number, bytes: number): number[] => [
  ...[...get(local), ...constant(bytes), I32_ADD, ...set(local)],
];
/** Repeats the code while the address in `local`, which moves on by `bytes` each time, is below that in `end`. */
const repeat = (local: number, bytes: number, end: number, code: readonly number[]): number[] => [
  ...[LOOP, NO_RESULT, ...code, ...advance(local, bytes), ...get(local), ...get(end), I32_LT_U, ...BR_IF_0, END],
];

/** `gather(rows, rowsEnd, pairs, to)`: the pair of each int32 row goes to the next place from `to` on. */
function gather(): number[] {
  const [ROWS, ROWS_END, PAIRS, TO] = [0, 1, 2, 3];
  const source = [...get(PAIRS), ...get(ROWS), ...loadWord, ...constant(4), I32_SHL, I32_ADD];
  const copy = [...get(TO), ...source, ...loadPair(0), ...storePair(0), ...advance(TO, 16)];
  return [0, ...repeat(ROWS, 4, ROWS_END, copy), END];
}

/** `subtract(from, fromEnd, what)`: from −= what, pair by pair. */
function subtract(): number[] {
  const [FROM, FROM_END, WHAT] = [0, 1, 2];
  const difference = [...get(FROM), ...loadPair(0), ...get(WHAT), ...loadPair(0), ...F64X2_SUB];
  return [0, ...repeat(FROM, 16, FROM_END, [...get(FROM), ...difference, ...storePair(0), ...advance(WHAT, 16)]), END];
}

/**
 * `add(rows, rowsEnd, pairs, words, histogram)`: for each int32 row, and the pair that stands in its turn, the word of that row says to
 * which bins of four features the pair is added. A bin takes 16 bytes, a feature 256 bins, and the four follow one another.
 */
function add(): number[] {
  const [ROWS, ROWS_END, PAIRS, WORDS, HISTOGRAM, WORD, ADDRESS, PAIR] = [0, 1, 2, 3, 4, 5, 6, 7];
  const toBin = (k: number): number[] => {
    const offset =
      k === 0
        ? [...get(WORD), ...constant(255), I32_AND, ...constant(4), I32_SHL]
        : [...get(WORD), ...constant(8 * k - 4), I32_SHR_U, ...constant(255 << 4), I32_AND];
    const at = k * 256 * 16;
    return [
      ...[...get(HISTOGRAM), ...offset, I32_ADD, ...tee(ADDRESS)],
      ...[...get(ADDRESS), ...loadPair(at), ...get(PAIR), ...F64X2_ADD, ...storePair(at)],
    ];
  };
  const word = [...get(WORDS), ...get(ROWS), ...loadWord, ...constant(2), I32_SHL, I32_ADD, ...loadWord, ...set(WORD)];
  const pair = [...get(PAIRS), ...loadPair(0), ...set(PAIR)];
  const code = [...word, ...pair, ...[0, 1, 2, 3].flatMap(toBin), ...advance(PAIRS, 16)];
  return [2, 2, I32, 1, V128, ...repeat(ROWS, 4, ROWS_END, code), END];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function text(name: string): number[] {
  return [name.length, ...Array.from(name, (character) => character.charCodeAt(0))];
}

/**
 * A module that imports its memory as `a.memory` and exports the three functions above. All their arguments are addresses (i32), and none
 * of them may be called on nothing: there is a row, or a pair.
 */
export function histogramModule(): Uint8Array<ArrayBuffer> {
  const functions = [
    { name: 'gather', parameters: 4, code: gather() },
    { name: 'subtract', parameters: 3, code: subtract() },
    { name: 'add', parameters: 5, code: add() },
  ];
  const types = functions.map(({ parameters: n }) => [0x60, n, ...new Array<number>(n).fill(I32), 0]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(2, [1, ...text('a'), ...text('memory'), 2, 0, 1]),
    ...section(3, list(functions.map((_, i) => [i]))),
    ...section(7, list(functions.map(({ name }, i) => [...text(name), 0, i]))),
    ...section(10, list(functions.map(({ code }) => [...unsigned(code.length), ...code]))),
  ]);
}
