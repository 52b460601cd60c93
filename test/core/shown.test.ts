import { expect, it } from 'vitest';
import { shown } from '../../src/core/index.ts';

it('shows what stands in foreign data, briefly, and never fails', () => {
  expect([shown(1), shown('a"b'), shown(null), shown(undefined), shown([1])]).toEqual([
    '1',
    '"a\\"b"',
    'null',
    'absent',
    '[1]',
  ]);
  expect(shown('x'.repeat(100))).toBe(`"${'x'.repeat(58)}…`);
  expect(shown('abcdef', 4)).toBe('"ab…');
  const deep = (text: string): unknown => JSON.parse(text);
  expect(shown(deep(`${'['.repeat(50_000)}${']'.repeat(50_000)}`))).toBe('an array of great depth');
  expect(shown(deep(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`))).toBe('an object of great depth');
});
