import { describe, expect, it } from 'vitest';
import { nanosText } from '../../web/src/format.ts';
import { stabilityOf } from '../../web/src/monitor.ts';

describe('stabilityOf', () => {
  it('counts what moved, and shows the furthest first, by how far it went', () => {
    const signal = (name: string, psi: number | null) => ({ name, psi, missing: 0, missingInTraining: 0 });
    const all = [
      signal('calm', 0.05),
      signal('gone', 3),
      signal('new', null),
      signal('drifts', 0.2),
      signal('left', 0.26),
    ];
    const { moved, shown } = stabilityOf(all, 3);
    expect(moved).toBe(2);
    expect(shown.map(({ name, tone }) => [name, tone])).toEqual([
      ['gone', 'moved'],
      ['left', 'moved'],
      ['drifts', 'drifting'],
    ]);
    expect(stabilityOf(all, 5).shown.at(-1)).toMatchObject({ name: 'new', tone: 'stable' });
  });
});

describe('nanosText', () => {
  it.each([
    [null, '–'],
    [0.4, '0 ns'],
    [420, '420 ns'],
    [999.6, '1 µs'],
    [3125, '3.13 µs'],
    [999_600, '1 ms'],
    [12_345_678, '12.3 ms'],
  ])('%d is %s', (ns, text) => {
    expect(nanosText(ns)).toBe(text);
  });
});
