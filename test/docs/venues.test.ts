import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const text = readFileSync(join(ROOT, 'docs/venues.md'), 'utf8');

it('names evidence that is there', () => {
  const named = [...text.matchAll(/`((?:test|src)\/[^`]+)`/g)].map((match) => match[1]);
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

it('has an address for every source, and uses each', () => {
  const defined = new Set([...text.matchAll(/^\[([\w-]+)\]: https:/gm)].map((match) => match[1]));
  const used = new Set([...text.matchAll(/\]\[([\w-]+)\]/g)].map((match) => match[1]));
  expect([...used].filter((name) => !defined.has(name))).toEqual([]);
  expect([...defined].filter((name) => !used.has(name))).toEqual([]);
});
