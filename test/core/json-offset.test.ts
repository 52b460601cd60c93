import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonErrorOffset } from '../../src/core/index.ts';

const offset = (text: string): number => {
  const bytes = Buffer.from(`##${text}##`);
  return jsonErrorOffset(bytes, 2, bytes.length - 2);
};

describe('jsonErrorOffset', () => {
  it.each([
    ['{"a":1}', -1],
    [' [1, -2.5e+3, "x\\u00e9\\n", null, true, {"": []}] ', -1],
    ['"é"', -1],
    ['', 0],
    ['  ', 2],
    ['{"a":1', 6],
    ['{"a":1}}', 7],
    ['{"a":01}', 6],
    ['{"a" 1}', 5],
    ['{a:1}', 1],
    ['{"a":1,}', 7],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['[1}', 2],
    ['["a\nb"]', 3],
    ['["\\x"]', 2],
    ['["ab', 4],
    ['[nul]', 1],
    ['["é",x]', 6],
  ])('%j stops being JSON at %i', (text, at) => {
    expect(offset(text)).toBe(at);
  });

  it('agrees with JSON.parse on what is JSON, and no byte before the place is to blame', () => {
    const mutated = fc
      .tuple(fc.jsonValue(), fc.nat(), fc.string({ maxLength: 2 }), fc.nat({ max: 3 }))
      .map(([value, at, piece, cut]) => {
        const text = JSON.stringify(value);
        const i = at % text.length;
        return text.slice(0, i) + piece + text.slice(i + cut);
      });
    fc.assert(
      fc.property(mutated, (text) => {
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        const bytes = Buffer.from(text);
        // A lone surrogate does not survive as bytes.
        if (bytes.toString() !== text) return;
        const at = jsonErrorOffset(bytes, 0, bytes.length);
        expect(at === -1).toBe(valid);
        expect(at).toBeLessThanOrEqual(bytes.length);
        // The text up to there is where an error in any case comes no earlier.
        if (at > 0) expect(jsonErrorOffset(bytes, 0, at) === -1 || jsonErrorOffset(bytes, 0, at) >= at - 1).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('is not deep in the stack however deep the input', () => {
    expect(offset('['.repeat(200_000))).toBe(200_000);
    expect(offset('['.repeat(200_000) + ']'.repeat(200_000))).toBe(-1);
  });
});
