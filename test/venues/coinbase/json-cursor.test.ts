import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digitsOf, JsonCursor } from '../../../src/venues/coinbase/json-cursor.ts';

function skips(bytes: Buffer): boolean {
  const c = new JsonCursor();
  const padded = Buffer.concat([Buffer.from('x'), bytes, Buffer.from('"]}1')]);
  c.reset(padded, 1, 1 + bytes.length);
  c.skip();
  return c.finished();
}

function parses(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString());
    return true;
  } catch {
    return false;
  }
}

describe('JsonCursor', () => {
  it('passes over whatever JSON.stringify writes, spaces or none', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(0, 1, '\t', '\r\n  '), (value, space) => {
        const text = JSON.stringify(value, null, space as string);
        expect(skips(Buffer.from(text))).toBe(true);
      }),
    );
  });

  it('accepts no text that JSON.parse refuses, and refuses none that it accepts', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4 }),
        fc.array(fc.record({ at: fc.nat(), byte: fc.constantFrom(...'{}[]",:\\0-9.eE+ufnt \n'), cut: fc.boolean() }), {
          minLength: 1,
          maxLength: 3,
        }),
        (value, edits) => {
          let text = JSON.stringify(value);
          for (const { at, byte, cut } of edits) {
            const place = at % (text.length + 1);
            text = cut ? text.slice(0, place) + text.slice(place + 1) : text.slice(0, place) + byte + text.slice(place);
          }
          const bytes = Buffer.from(text);
          expect(skips(bytes), text).toBe(parses(bytes));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each([
    '',
    ' ',
    '01',
    '-',
    '1.',
    '.5',
    '1e',
    '+1',
    'tru',
    'nulls',
    '"\\x"',
    '"\\u12g4"',
    '"\\u12',
    '"a',
    '[1,]',
    '[,1]',
  ])('refuses %j', (text) => expect(skips(Buffer.from(text))).toBe(false));

  it.each(['{"a":1,}', '{,}', '{"a"}', '{"a":}', '{a:1}', '[1 2]', '{} {}', '"\u0001"', '[1', '{"a":1', '}', ']'])(
    'refuses %j',
    (text) => expect(skips(Buffer.from(text))).toBe(false),
  );

  it('refuses values nested without end, and does not fall over them', () => {
    expect(skips(Buffer.from('['.repeat(100_000)))).toBe(false);
    expect(skips(Buffer.from(`${'['.repeat(30)}${']'.repeat(30)}`))).toBe(true);
  });

  it('reads keys, texts and numbers in any order', () => {
    const c = new JsonCursor();
    const bytes = Buffer.from(' { "b" : [ 1 , 2 ] , "a" : "x" , "n" : 12 } ');
    c.reset(bytes, 0, bytes.length);
    const seen: unknown[] = [];
    expect(c.openObject()).toBe(true);
    while (c.key()) {
      if (c.keyIs(Buffer.from('a'))) {
        c.text();
        seen.push(bytes.toString('utf8', c.from, c.to));
      } else if (c.keyIs(Buffer.from('n'))) seen.push(c.integer());
      else {
        c.openArray();
        while (c.element()) seen.push(c.integer());
      }
    }
    expect(c.finished()).toBe(true);
    expect(seen).toEqual([1, 2, 'x', 12]);
  });

  it('keeps the first failure, and says where', () => {
    const c = new JsonCursor();
    const bytes = Buffer.from('{"a":"\\n"}');
    c.reset(bytes, 0, bytes.length);
    c.openObject();
    c.key();
    expect(c.text()).toBe(false);
    expect(c.why).toBe('an escape where the venue writes none');
    expect(c.at).toBe(6);
    for (const call of [
      () => c.openObject(),
      () => c.openArray(),
      () => c.key(),
      () => c.element(),
      () => c.text(),
      () => c.skip(),
      () => c.finished(),
    ]) {
      expect(call()).toBe(false);
    }
    expect(c.integer()).toBeNaN();
    expect(c.at).toBe(6);
  });

  it('takes no value for another', () => {
    const read = (text: string, call: (c: JsonCursor) => unknown): [unknown, string | null] => {
      const c = new JsonCursor();
      const bytes = Buffer.from(text);
      c.reset(bytes, 0, bytes.length);
      return [call(c), c.why];
    };
    expect(read('1', (c) => c.text())).toEqual([false, 'expected text in quotes']);
    expect(read('"1"', (c) => c.integer())).toEqual([Number.NaN, 'expected a whole number']);
    expect(read('[]', (c) => c.openObject())).toEqual([false, 'expected an object']);
    expect(read('{}', (c) => c.openArray())).toEqual([false, 'expected an array']);
  });

  it('reads whole numbers exactly or not at all', () => {
    const digits = (text: string): number => digitsOf(Buffer.from(text), 0, text.length);
    fc.assert(
      fc.property(fc.nat({ max: 999_999_999_999_999 }), (n) => {
        expect(digits(String(n))).toBe(n);
      }),
    );
    for (const text of ['', '01', '-1', '1.0', '1e3', '1234567890123456', 'x']) expect(digits(text)).toBeNaN();
  });
});
