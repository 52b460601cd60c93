import { expect, it } from 'vitest';
import { shown, textOf } from '../../src/core/index.ts';

it('shows what stands in foreign data, briefly, and never fails', () => {
  expect([shown(1), shown('a"b'), shown(null), shown(undefined)]).toEqual(['1', '"a\\"b"', 'null', 'absent']);
  expect([shown(['1', 2, [3], { a: 1 }]), shown({ a: 1 }), shown([])]).toEqual(['["1",2,[…],{…}]', '{…}', '[]']);
  expect(shown(Array.from({ length: 9 }, () => 0))).toBe('[0,0,0,0,0,0,0,0,…]');
  expect(shown('x'.repeat(100))).toBe(`"${'x'.repeat(58)}…`);
  expect([textOf('a'), textOf(1), textOf(null), textOf([['a']])]).toEqual(['a', '', '', '']);
  expect(shown('abcdef', 4)).toBe('"ab…');
  expect(shown(JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`))).toBe('[[…]]');
});
