import { describe, expect, it } from 'vitest';
import { CORE_SET, createSchema, rowMirror } from '../../src/features/index.ts';

describe('the mirror of a row', () => {
  it('turns odd columns round, leaves even ones, and swaps those of the sides', () => {
    const { source, sign } = rowMirror([
      { name: 'ofi', mirror: 'odd' },
      { name: 'spread', mirror: 'even' },
      { name: 'depth_bid', mirror: 'depth_ask' },
      { name: 'depth_ask', mirror: 'depth_bid' },
    ]);
    expect([...source]).toEqual([0, 1, 3, 2]);
    expect([...sign]).toEqual([-1, 1, 1, 1]);
  });

  it('is its own inverse on the core set', () => {
    const { source, sign } = rowMirror(createSchema(CORE_SET, 10, null).columns);
    source.forEach((from, f) => {
      expect(source[from]).toBe(f);
      expect(sign[from]).toBe(sign[f]);
    });
  });

  it('wants both sides', () => {
    expect(() => rowMirror([{ name: 'depth_bid', mirror: 'depth_ask' }])).toThrow(/beside that of the other/);
  });
});
