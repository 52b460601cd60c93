import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digitsOf, JsonCursor } from '../../src/core/index.ts';

const key = (text: string): Buffer => Buffer.from(text);

function over(text: string | Uint8Array): JsonCursor {
  const cursor = new JsonCursor();
  const bytes = Buffer.concat([Buffer.from('[1'), Buffer.from(text as string), Buffer.from('}')]);
  cursor.reset(bytes, 2, bytes.length - 1);
  return cursor;
}

const spanOf = (cursor: JsonCursor): string => cursor.bytes.toString('latin1', cursor.from, cursor.to);

describe('JsonCursor', () => {
  it('accepts what JSON.parse accepts, and nothing else', () => {
    const alphabet = fc.constantFrom(...'{}[]",:0123456789.-+eE tfn\\u/\n', 'true', 'false', 'null', '"a"', '1.5', 'é');
    const soup = fc.array(alphabet, { maxLength: 12 }).map((parts) => parts.join(''));
    const edited = fc.tuple(fc.json({ maxDepth: 4 }), fc.nat(60), soup).map(([text, at, more]) => {
      const from = at % (text.length + 1);
      return text.slice(0, from) + more + text.slice(from + (at % 3));
    });
    fc.assert(
      fc.property(fc.oneof(fc.json({ maxDepth: 6 }), soup, edited), (text) => {
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        const cursor = over(text);
        expect(cursor.skip() && cursor.finished()).toBe(valid);
        expect(cursor.why === null).toBe(valid);
      }),
      { numRuns: 4000 },
    );
  });

  it('never reads past its end, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const cursor = over(bytes);
        cursor.skip();
        expect(cursor.at).toBeLessThanOrEqual(2 + bytes.length);
      }),
      { numRuns: 2000 },
    );
  });

  it('walks objects and arrays, and goes back to what it passed over', () => {
    const cursor = over(' { "a" : [1, 2.50 ] , "b":"x y", "c": {} } ');
    let at = 0;
    const seen: string[] = [];
    cursor.openObject();
    while (cursor.key()) {
      if (cursor.keyIs(key('a'))) {
        at = cursor.at;
        cursor.skip();
      } else if (cursor.keyIs(key('b'))) {
        cursor.text();
        seen.push(spanOf(cursor));
      } else cursor.skip();
    }
    expect(cursor.finished()).toBe(true);
    cursor.seek(at);
    cursor.openArray();
    while (cursor.element()) {
      cursor.number();
      seen.push(spanOf(cursor));
    }
    expect(seen).toEqual(['x y', '1', '2.50']);
    expect([cursor.why, String.fromCharCode(cursor.peek())]).toEqual([null, ',']);
  });

  it('says what it expected, and where; the first reason stays', () => {
    const cases: [string, (cursor: JsonCursor) => unknown, string, number][] = [
      ['[', (c) => c.openObject(), 'expected an object', 0],
      [' {', (c) => c.openArray(), 'expected an array', 1],
      ['{1', (c) => c.openObject() && c.key(), 'expected text in quotes', 1],
      ['{"a"1', (c) => c.openObject() && c.key(), 'expected a colon', 4],
      [
        '[1 2',
        (c) => c.openArray() && c.element() && c.skip() && c.element(),
        'expected a comma or the end of a list',
        3,
      ],
      ['7', (c) => c.text(), 'expected text in quotes', 0],
      ['"a\\n"', (c) => c.text(), 'an escape where the venue writes none', 1],
      ['"7"', (c) => c.number(), 'expected a number', 0],
      ['-', (c) => c.number(), 'no JSON number', 1],
      ['1.', (c) => c.number(), 'no JSON number', 2],
      ['1e+', (c) => c.number(), 'no JSON number', 3],
      ['1.5', (c) => c.integer() && c.finished(), 'text behind the message', 1],
      ['x', (c) => c.integer(), 'expected a whole number', 0],
      ['nil', (c) => c.skip(), 'no JSON value', 0],
      ['['.repeat(40), (c) => c.skip(), 'values too deep inside values', 32],
      ['7 x', (c) => c.skip() && c.finished(), 'text behind the message', 2],
    ];
    for (const [text, read, why, at] of cases) {
      const cursor = over(text);
      read(cursor);
      expect([cursor.why, cursor.at - 2], text).toEqual([why, at]);
      cursor.fail('another reason');
      const stays = [
        cursor.openObject(),
        cursor.openArray(),
        cursor.key(),
        cursor.element(),
        cursor.text(),
        cursor.number(),
      ];
      expect([...stays, cursor.skip(), cursor.finished(), cursor.integer(), cursor.why], text).toEqual([
        ...Array<boolean>(8).fill(false),
        Number.NaN,
        why,
      ]);
    }
  });
});

describe('digitsOf', () => {
  it('reads up to fifteen digits, and nothing that is no whole number', () => {
    const read = (text: string): number => digitsOf(Buffer.from(text), 0, text.length);
    expect([read('0'), read('42'), read('999999999999999')]).toEqual([0, 42, 999999999999999]);
    for (const text of ['', '01', '-1', '1.5', '1e3', '1000000000000000', 'x']) expect(read(text)).toBeNaN();
  });
});
