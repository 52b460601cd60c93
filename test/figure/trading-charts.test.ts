import { describe, expect, it } from 'vitest';
import { type FillMark, fillsChart, heatMap, lineChart, waterfall } from '../../src/figure/index.ts';
import { unbalanced } from '../support/well-formed.ts';

const TEXT = { title: 'A <name>', description: 'What it shows.' };
const count = (text: string, part: string | RegExp): number => text.split(part).length - 1;

describe('waterfall', () => {
  const rows = [
    { name: 'a', value: 10, note: '+10' },
    { name: 'b', value: -4, note: '−4' },
    { name: 'sum', value: 6, total: true, note: '+6' },
  ];
  const chart = waterfall({ ...TEXT, width: 400, rows, label: 'USD' });

  it('begins each bar where the one above ended, and totals at zero', () => {
    expect(unbalanced(chart)).toEqual([]);
    const bars = [
      ...chart.matchAll(/<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="[\d.]+" class="f(\d)"/g),
    ].map(([, x, width, colour]) => ({ from: Number(x), to: Number(x) + Number(width), colour }));
    const [a, b, sum] = bars;
    expect(b.to).toBeCloseTo(a.to, 1);
    expect(sum.from).toBeCloseTo(a.from, 1);
    expect(sum.to).toBeCloseTo(b.from, 1);
    expect((b.to - b.from) / (a.to - a.from)).toBeCloseTo(0.4, 2);
    expect(bars.map(({ colour }) => colour)).toEqual(['1', '0', '1']);
  });

  it('says so where there is nothing to draw', () => {
    expect(waterfall({ ...TEXT, width: 400, rows: [], label: 'USD' })).toContain('no values to draw');
    const unknown = waterfall({
      ...TEXT,
      width: 400,
      rows: [{ name: 'a', value: Number.NaN, note: '–' }],
      label: 'USD',
    });
    expect(unknown).toContain('no values to draw');
  });
});

describe('fillsChart', () => {
  const points = [0, 1, 2, 3].map((i) => ({ x: 1.7e12 + 60_000 * i, y: i === 2 ? Number.NaN : 100 + i }));
  const mark = (buy: boolean, maker: boolean): FillMark => ({ x: 1.7e12 + 60_000, y: 100, buy, maker });
  const draw = (marks: readonly FillMark[]): string =>
    fillsChart({
      ...TEXT,
      width: 600,
      height: 300,
      line: { name: 'mid', points },
      marks,
      x: { kind: 'time' },
      y: { label: 'price' },
    });

  it('tells buys from sales by direction and makers by being hollow', () => {
    const chart = draw([mark(true, true), mark(true, false), mark(false, true), mark(false, true)]);
    expect(unbalanced(chart)).toEqual([]);
    for (const text of ['buy, maker (1)', 'buy, taker (1)', 'sell, maker (2)', 'mid'])
      expect(chart).toContain(`>${text}<`);
    expect(chart).not.toContain('sell, taker');
    // A path for each kind, and one in the legend; a triangle of a buy goes down from its tip, in the drawing's sense.
    expect(chart.match(/<path d="M[^"]*l4\.6 7\.82h-9\.2z" class="s0"/g)).toHaveLength(2);
    expect(chart.match(/<path d="M[^"]*l4\.6 7\.82h-9\.2z" class="f0"/g)).toHaveLength(2);
    expect(chart.match(/l4\.6 -7\.82h-9\.2z/g)).toHaveLength(3);
  });

  it('has few elements however many fills there are, and may have none', () => {
    const chart = draw(Array.from({ length: 2000 }, () => mark(true, true)));
    expect(count(chart, '<path')).toBeLessThan(12);
    expect(draw([])).toContain('>mid<');
    const empty = fillsChart({
      ...TEXT,
      width: 300,
      height: 200,
      line: { name: 'mid', points: [] },
      marks: [],
      x: {},
      y: {},
    });
    expect(empty).toContain('no values to draw');
  });
});

describe('heatMap', () => {
  const map = heatMap({
    ...TEXT,
    rows: ['1 ms', '10 ms'],
    columns: ['0 bps', '1 bps'],
    values: [
      [5, 0.1],
      [-5, Number.NaN],
    ],
    palette: 'diverging',
    domain: [-5, 5],
    cell: { width: 60, height: 30 },
    legend: 'USD',
    texts: [
      ['5', '0.1'],
      ['−5', '–'],
    ],
    framed: [
      [true, false],
      [true, false],
    ],
  });

  it('writes values in its cells, in the paper’s colour on strong ones, and frames some', () => {
    expect(unbalanced(map)).toEqual([]);
    expect(count(map, 'class="paper"')).toBe(2);
    expect(map).toMatch(/class="paper"[^>]*>5</);
    expect(map).not.toMatch(/class="paper"[^>]*>0\.1</);
    expect(count(map, 'class="frame light"')).toBe(2);
  });

  it('is wide enough for its legend', () => {
    const width = Number(/viewBox="0 0 (\d+)/.exec(map)?.[1]);
    const x = Number(/x="([\d.]+)"[^>]*>USD; blank: none</.exec(map)?.[1]);
    expect(width).toBeGreaterThan(x + 'USD; blank: none'.length * 5.5);
  });
});

describe('lineChart', () => {
  const points = [0, 1].map((x) => ({ x, y: x }));

  it('takes colours, dashes and ticks that are given', () => {
    const style = { colour: 3, dash: 2, width: 1 };
    const chart = lineChart({
      ...TEXT,
      width: 400,
      height: 200,
      series: [
        { name: 'one', points, style },
        { name: 'two', points },
      ],
      x: { domain: [0, 1], ticks: [{ value: 0, text: 'at once' }] },
      y: {},
    });
    expect(count(chart, 'class="s3"')).toBe(2);
    expect(chart).toContain('>at once<');
  });

  it('shows seconds where ticks are closer than a minute', () => {
    const minutes = (n: number): string =>
      lineChart({
        ...TEXT,
        width: 1200,
        height: 200,
        series: [{ name: 'a', points: [0, n].map((x) => ({ x: 1.7e12 + 60_000 * x, y: x })) }],
        x: { kind: 'time' },
        y: {},
      });
    const labels = (chart: string): string[] =>
      [...chart.matchAll(/>(\d\d:\d\d(?::\d\d)?)</g)].map(([, label]) => label);
    for (const n of [3, 11, 30]) {
      const texts = labels(minutes(n));
      expect(new Set(texts).size).toBe(texts.length);
      expect(texts.length).toBeGreaterThan(2);
    }
  });
});
