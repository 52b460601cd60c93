import { holds } from './flat-scanner.ts';

const QUOTE = 34;
const ZERO = 48;
const AT = 64;
/** How a message of a combined stream begins; the stream's name follows. */
export const WRAPPER = Buffer.from('{"stream":"');
const PARTIAL = Buffer.from('@depth');

/**
 * A stream such as `btcusdt@depth20@100ms` sends the best 20 levels each time. On futures its messages look exactly like
 * diffs, and only the stream's name, `bytes[from, to)`, tells.
 */
export function isPartialDepth(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to && bytes[at] !== AT) at++;
  const digit = bytes[at + PARTIAL.length] - ZERO;
  return digit >= 0 && digit <= 9 && at + PARTIAL.length < to && holds(bytes, at, PARTIAL);
}

/** No message of a symbol's stream. */
const NO_STREAM = -1;
/** A message of a stream of a symbol that is not in the table. */
export const OTHER_SYMBOL = -2;

/**
 * Which of a connection's symbols a message is for, told by the name of its stream, `<symbol>@…`: an open-addressing table
 * of the symbols' bytes, so that no text is made for a message.
 */
export class SymbolTable {
  readonly #names: readonly Buffer[];
  /** Index of a symbol plus 1; 0 is free. */
  readonly #slots: Uint16Array;
  readonly #mask: number;

  /** `symbols` as the venue writes them; streams have them in lower case. */
  constructor(symbols: readonly string[]) {
    this.#names = symbols.map((symbol) => Buffer.from(symbol.toLowerCase()));
    let size = 16;
    while (size < 4 * symbols.length) size *= 2;
    this.#slots = new Uint16Array(size);
    this.#mask = size - 1;
    for (const [i, name] of this.#names.entries()) {
      let slot = hash(name, 0, name.length) & this.#mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = i + 1;
    }
  }

  /** The index of the symbol that the combined stream's message at `from` is for; else `NO_STREAM` or `OTHER_SYMBOL`. */
  find(bytes: Uint8Array, from: number, to: number): number {
    if (!holds(bytes, from, WRAPPER)) return NO_STREAM;
    const start = from + WRAPPER.length;
    let end = start;
    while (end < to && bytes[end] !== AT && bytes[end] !== QUOTE) end++;
    if (bytes[end] !== AT || end >= to) return NO_STREAM;
    let slot = hash(bytes, start, end) & this.#mask;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & this.#mask) {
      const name = this.#names[this.#slots[slot] - 1];
      if (name.length === end - start && holds(bytes, start, name)) return this.#slots[slot] - 1;
    }
    return OTHER_SYMBOL;
  }
}

/** FNV-1a, of 32 bits. */
function hash(bytes: Uint8Array, from: number, to: number): number {
  let h = 0x811c9dc5;
  for (let i = from; i < to; i++) h = Math.imul(h ^ bytes[i], 0x01000193);
  return h ^ (h >>> 15);
}
