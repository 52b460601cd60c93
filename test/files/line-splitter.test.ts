import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LineSplitter } from '../../src/files/index.ts';

function linesOf(chunks: readonly Buffer[]): string[] {
  const splitter = new LineSplitter('file');
  const lines: string[] = [];
  const take = (): number => lines.push(splitter.bytes.toString('utf8', splitter.from, splitter.to));
  for (const chunk of chunks) {
    splitter.feed(chunk);
    while (splitter.next()) take();
  }
  if (splitter.end()) take();
  return lines;
}

it('lines are the same wherever a file is cut into chunks', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'é', '"', ' ', '\r') }).map((text) => text.replace(/\r+$/, ''));
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 12 }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.array(fc.nat(80)),
      (texts, end, closed, cuts) => {
        const bytes = Buffer.from(texts.join(end) + (closed ? end : ''));
        const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((to, i) => bytes.subarray(at[i], to));
        const expected = bytes
          .toString()
          .split('\n')
          .map((text) => text.replace(/\r$/, ''));
        if (expected.at(-1) === '') expected.pop();
        expect(linesOf(chunks)).toEqual(expected);
      },
    ),
    { numRuns: 500 },
  );
});

it('a file without line ends is refused before it fills the memory', () => {
  const splitter = new LineSplitter('big.bin');
  const chunk = Buffer.alloc(1 << 20, 'x');
  const feed = (): void => {
    for (let i = 0; i < 65; i++) {
      splitter.feed(chunk);
      splitter.next();
    }
  };
  expect(feed).toThrow('big.bin: a line of more than 67108864 bytes: this is no text file of messages');
});
