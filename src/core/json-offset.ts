const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** What may stand next. */
const Next = { VALUE: 0, VALUE_OR_CLOSE: 1, KEY: 2, KEY_OR_CLOSE: 3, COLON: 4, COMMA_OR_CLOSE: 5, END: 6 } as const;
type Next = (typeof Next)[keyof typeof Next];

/** Numbers, `true`, `false` and `null`. */
const LITERAL = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/y;

/**
 * Where `bytes[from, to)` stop being JSON: the offset from `from` of the first byte, word or number that cannot stand there, the
 * length where the text ends too soon, and -1 where it is JSON. `JSON.parse` does not tell in all cases. For messages about
 * broken input: linear in time, and no deeper than the input's nesting in memory.
 */
export function jsonErrorOffset(bytes: Uint8Array, from: number, to: number): number {
  // latin1: one character a byte, so that offsets are those of bytes.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
  const inObject: boolean[] = [];
  let next: Next = Next.VALUE;
  let at = 0;
  for (;;) {
    at = skipSpace(text, at);
    if (at === text.length) return next === Next.END ? -1 : at;
    const c = text.charCodeAt(at);
    if (next === Next.END) return at;
    if (next === Next.COLON) {
      if (c !== COLON) return at;
      next = Next.VALUE;
      at++;
      continue;
    }
    const closing = c === CLOSE_ARRAY || c === CLOSE_OBJECT;
    if (closing && next !== Next.VALUE && next !== Next.KEY) {
      if (inObject.pop() !== (c === CLOSE_OBJECT)) return at;
      next = inObject.length === 0 ? Next.END : Next.COMMA_OR_CLOSE;
      at++;
    } else if (next === Next.COMMA_OR_CLOSE) {
      if (c !== COMMA) return at;
      next = inObject[inObject.length - 1] ? Next.KEY : Next.VALUE;
      at++;
    } else if (next === Next.KEY || next === Next.KEY_OR_CLOSE) {
      if (c !== QUOTE) return at;
      const end = textEnd(text, at);
      if (end < 0) return -1 - end;
      next = Next.COLON;
      at = end;
    } else if (c === OPEN_ARRAY || c === OPEN_OBJECT) {
      inObject.push(c === OPEN_OBJECT);
      next = c === OPEN_OBJECT ? Next.KEY_OR_CLOSE : Next.VALUE_OR_CLOSE;
      at++;
    } else {
      const end = c === QUOTE ? textEnd(text, at) : literalEnd(text, at);
      if (end < 0) return -1 - end;
      next = inObject.length === 0 ? Next.END : Next.COMMA_OR_CLOSE;
      at = end;
    }
  }
}

function skipSpace(text: string, at: number): number {
  while (at < text.length && ' \t\n\r'.includes(text[at])) at++;
  return at;
}

/** The position behind the text in quotes that begins at `at`; −1 − the position of what is wrong with it. */
function textEnd(text: string, at: number): number {
  for (at++; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === QUOTE) return at + 1;
    if (c < SPACE) return -1 - at;
    if (c !== BACKSLASH) continue;
    ESCAPE.lastIndex = at;
    const found = ESCAPE.exec(text);
    if (found === null) return -1 - at;
    at += found[0].length - 1;
  }
  return -1 - at;
}

function literalEnd(text: string, at: number): number {
  LITERAL.lastIndex = at;
  const literal = LITERAL.exec(text);
  return literal === null ? -1 - at : at + literal[0].length;
}
