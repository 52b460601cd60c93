import { describe, expect, it } from 'vitest';
import { confusionChart, reliabilityChart, stackedChart } from '../../src/figure/index.ts';
import { unbalanced } from '../support/well-formed.ts';

const TEXT = { title: 'A <name>', description: 'What it shows.' };
const SIZE = { ...TEXT, width: 400, height: 240 };
const count = (text: string, part: string): number => text.split(part).length - 1;

describe('confusionChart', () => {
  const chart = confusionChart({
    ...TEXT,
    classes: ['down', 'flat', 'up'],
    counts: [
      [8, 2, 0],
      [1, 1000, 1],
      [0, 0, 0],
    ],
  });

  it('writes counts and shares of rows, and a dash where a class never came true', () => {
    expect(unbalanced(chart)).toEqual([]);
    for (const text of ['80.0 %', '20.0 %', '1,000', '99.8 %']) expect(chart).toContain(`>${text}<`);
    expect(count(chart, '>–<')).toBe(3);
    expect(count(chart, 'class="frame"')).toBe(3);
  });

  it('writes on dark cells in the paper’s colour', () => {
    expect(count(chart, 'class="paper"')).toBe(4);
    expect(
      confusionChart({
        ...TEXT,
        classes: ['a', 'b'],
        counts: [
          [1, 3],
          [3, 9],
        ],
      }),
    ).toContain('viewBox="0 0 500');
  });

  it('wants a square', () => {
    expect(() => confusionChart({ ...TEXT, classes: ['a', 'b'], counts: [[1, 2]] })).toThrow(/a row and a column/);
  });
});

describe('reliabilityChart', () => {
  const bin = (forecast: number, observed: number) => ({
    forecast,
    observed,
    low: forecast - 0.1,
    high: forecast + 0.1,
  });

  it('hollows what lies outside the band', () => {
    const chart = reliabilityChart({ ...SIZE, bins: [bin(0.2, 0.21), bin(0.5, 0.75), bin(0.8, 0.8)] });
    expect(unbalanced(chart)).toEqual([]);
    expect(count(chart, '<circle')).toBe(3);
    expect(chart.match(/<circle[^>]*class="s1"/g)).toHaveLength(1);
    expect(chart).toContain('class="band"');
  });

  it('draws nothing of nothing', () => {
    expect(reliabilityChart({ ...SIZE, bins: [] })).toContain('no values to draw');
    expect(reliabilityChart({ ...SIZE, bins: [bin(Number.NaN, 0)] })).toContain('no values to draw');
  });
});

describe('stackedChart', () => {
  const series = Array.from({ length: 8 }, (_, i) => ({ name: `member ${i}`, values: [i === 0 ? 0.3 : 0.1, 0.125] }));

  it('lays one layer on the other, up to one', () => {
    const chart = stackedChart({ ...SIZE, xs: [0, 1], series, x: {} });
    expect(unbalanced(chart)).toEqual([]);
    const fills = [...chart.matchAll(/<path d="([^"]+)z" class="f\d"/g)].map(([, d]) => d);
    expect(fills).toHaveLength(8);
    // Each layer begins where the last one ended, to the same hundredth.
    const ends = fills.map((d) => d.slice(1).split('L'));
    for (let i = 1; i < ends.length; i++) {
      const above = ends[i - 1].slice(2).toReversed();
      expect(ends[i].slice(0, 2)).toEqual(above);
    }
    // Colours come again, but paler.
    expect(chart).toMatch(/class="f0" fill-opacity="0.85"/);
    expect(chart).toMatch(/class="f0" fill-opacity="0.4"/);
  });

  it('draws nothing of nothing, and wants a share for each place', () => {
    expect(stackedChart({ ...SIZE, xs: [], series: [], x: {} })).toContain('no values to draw');
    expect(() => stackedChart({ ...SIZE, xs: [0, 1], series: [{ name: 'a', values: [1] }], x: {} })).toThrow(/a share/);
  });
});
