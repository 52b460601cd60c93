import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  escapeText,
  FIGURE_STYLE,
  heatMap,
  histogram,
  intervalChart,
  lineChart,
  scatter,
  smallMultiples,
  sparkBars,
  sparkline,
} from '../../src/figure/index.ts';
import { unbalanced } from '../support/well-formed.ts';

const TEXT = { title: 'A <name> & "more"', description: 'What it shows.' };
const SIZE = { ...TEXT, width: 400, height: 200 };
const value = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 0, -0, 1e-320, 1e300, -1e300),
);
const values = fc.array(value, { maxLength: 30 });

/** One of every chart, of the same numbers. */
function all(xs: readonly number[], ys: readonly number[]): string[] {
  const points = xs.map((x, i) => ({ x, y: ys[i] ?? 0, low: (ys[i] ?? 0) - 1, high: (ys[i] ?? 0) + 1 }));
  return [
    lineChart({
      ...SIZE,
      series: [
        { name: 'a', points },
        { name: 'b', points, area: true, dots: true },
      ],
      x: {},
      y: {},
    }),
    histogram({ ...SIZE, low: xs[0] ?? 0, high: xs[1] ?? 1, counts: ys.map((y) => Math.abs(Math.round(y)) || 0) }),
    intervalChart({
      ...SIZE,
      rows: points.map((p) => ({ name: 'a', value: p.y, low: p.low, high: p.high, chance: p.x })),
      x: {},
    }),
    intervalChart({ ...SIZE, rows: points.map((p) => ({ name: 'a', value: p.y })), x: {}, mark: 'bar' }),
    heatMap({
      ...TEXT,
      rows: ['r', 's'],
      columns: xs.map(String),
      values: [xs, ys.slice(0, xs.length)],
      palette: 'sequential',
      domain: [0, 1],
      cell: { width: 8, height: 9 },
      legend: 'l',
    }),
    scatter({
      ...SIZE,
      xs,
      ys,
      x: { label: 'x' },
      y: { label: 'y' },
      fit: { intercept: 0, slope: xs[0] ?? 1, text: 'f' },
    }),
    sparkline(ys, { title: 's' }),
    sparkBars(ys.map(Math.abs), { title: 's' }),
  ];
}

fc.configureGlobal({ seed: 31 });

describe('every chart', () => {
  it('is well formed whatever the numbers, and never says NaN or Infinity', () => {
    fc.assert(
      fc.property(values, values, (xs, ys) => {
        for (const chart of all(xs, ys)) {
          expect(unbalanced(chart)).toEqual([]);
          expect(chart.replace(/<text[^>]*>[^<]*<\/text>/g, '')).not.toMatch(/NaN|Infinity|undefined/);
        }
      }),
    );
  });

  it('is a picture with a name and a description, its text escaped', () => {
    for (const chart of all([1, 2, 3], [3, 1, 2]).slice(0, 6)) {
      expect(chart).toMatch(/^<svg [^>]*role="img"/);
      expect(chart).toContain('<title>A &lt;name&gt; &amp; &quot;more&quot;</title>');
      expect(chart).toContain('<desc>What it shows.</desc>');
      expect(chart).toContain('aria-label="A &lt;name&gt; &amp; &quot;more&quot;. What it shows."');
    }
    expect(escapeText('a\u0000b\u0007<"&>')).toBe('ab&lt;&quot;&amp;&gt;');
  });

  it('says that it is empty of nothing, and of nothing but NaN', () => {
    const empty = [all([], []), all([Number.NaN, Number.NaN], [Number.NaN, Number.NaN])].flat();
    expect(empty.filter((chart) => chart.includes('no values to draw') || chart.includes('–')).length).toBe(
      empty.length,
    );
    expect(all([1, 2, 3], [3, 1, 2]).some((chart) => chart.includes('no values to draw'))).toBe(false);
  });

  it('is the same again for the same numbers', () => {
    expect(all([1, 2, 3], [3, 1, 2])).toEqual(all([1, 2, 3], [3, 1, 2]));
  });

  it('brings its style where it stands alone, light and dark', () => {
    const alone = lineChart({
      ...SIZE,
      standalone: true,
      series: [{ name: 'a', points: [{ x: 0, y: 1 }] }],
      x: {},
      y: {},
    });
    expect(alone).toContain('<style>');
    expect(alone).toContain('prefers-color-scheme:dark');
    expect(alone).toContain('"Segoe UI"');
    expect(FIGURE_STYLE).not.toContain('<');
  });
});

/** Places of the i-th command with two coordinates. */
function places(d: string): number[][] {
  return [...d.matchAll(/[ML](-?[\d.]+)[ ,](-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
}

describe('lineChart', () => {
  const points = [0, 1, 2, 3].map((x) => ({ x, y: x === 2 ? Number.NaN : x }));

  it('breaks a line where a value is missing', () => {
    const chart = lineChart({ ...SIZE, series: [{ name: 'a', points }], x: {}, y: {} });
    const d = /class="s0"[^>]*/.exec(chart) === null ? '' : /<path d="([^"]*)" class="s0"/.exec(chart)![1];
    expect(d.match(/M/g)!.length).toBe(2);
  });

  it('tells series by a legend and by dashes, not by colour alone', () => {
    const chart = lineChart({
      ...SIZE,
      series: ['one', 'two', 'three'].map((name) => ({ name, points })),
      x: {},
      y: {},
    });
    for (const name of ['one', 'two', 'three']) expect(chart).toContain(`>${name}</text>`);
    const dashes = [...chart.matchAll(/class="(s\d)"[^>]*stroke-width="1.5"([^>]*)/g)].map(([, , rest]) => rest);
    expect(new Set(dashes).size).toBe(3);
  });

  it('has zero on its axis where asked, and a line at a reference', () => {
    const far = [10, 11].map((y, x) => ({ x, y }));
    const options = { ...SIZE, series: [{ name: 'a', points: far }], x: {}, y: {} };
    expect(lineChart(options)).not.toContain('>0</text>');
    expect(lineChart({ ...options, zero: true })).toContain('>0</text>');
    expect(lineChart({ ...options, references: [{ y: 20, text: 'bar' }] })).toContain('>bar</text>');
  });

  it('writes times of the day in UTC, and 1, 2 and 5 on a logarithmic axis', () => {
    const at = Date.UTC(2012, 5, 21, 13, 30);
    const hours = [0, 1, 2, 3].map((h) => ({ x: at + h * 3_600_000, y: h }));
    expect(lineChart({ ...SIZE, series: [{ name: 'a', points: hours }], x: { kind: 'time' }, y: {} })).toContain(
      '>15:00</text>',
    );
    const lags = [1, 10, 200].map((x) => ({ x, y: 1 / x }));
    const chart = lineChart({ ...SIZE, series: [{ name: 'a', points: lags }], x: { kind: 'log' }, y: {} });
    for (const tick of ['1', '2', '5', '10', '100', '200']) expect(chart).toContain(`>${tick}</text>`);
  });
});

describe('smallMultiples', () => {
  it('draws all panels on the same axes', () => {
    const panel = (name: string, top: number) => ({
      ...TEXT,
      series: [
        {
          name,
          points: [
            { x: 0, y: 0 },
            { x: 1, y: top },
          ],
        },
      ],
    });
    const drawn = smallMultiples({ panels: [panel('a', 1), panel('b', 10)], width: 200, height: 100, x: {}, y: {} });
    const ends = drawn.map((chart) => places(/<path d="([^"]*)" class="s0"/.exec(chart)![1]).at(-1)!);
    expect(ends[0][0]).toBe(ends[1][0]);
    // A tenth of the height that the other has.
    const heights = ends.map(([, y], i) => places(/<path d="([^"]*)" class="s0"/.exec(drawn[i])![1])[0][1] - y);
    expect(heights[1] / heights[0]).toBeCloseTo(10, 0);
    expect(smallMultiples({ panels: [], width: 1, height: 1, x: {}, y: {} })).toEqual([]);
  });
});

describe('histogram', () => {
  it('draws bars in proportion, from zero, and tells what lies beyond', () => {
    const chart = histogram({ ...SIZE, low: 0, high: 3, counts: [10, 0, 5], below: 7, above: 1200, xLabel: 'ticks' });
    const d = /<path d="([^"]*)" class="f0"/.exec(chart)![1];
    const bars = [...d.matchAll(/M[\d.]+ ([\d.]+)V([\d.]+)/g)].map(([, bottom, top]) => Number(bottom) - Number(top));
    expect(bars.length).toBe(2);
    expect(bars[0] / bars[1]).toBeCloseTo(2, 1);
    for (const text of ['← 7 below', '1,200 above →', 'ticks']) expect(chart).toContain(text);
  });
});

describe('intervalChart', () => {
  const row = { name: 'ofi', value: 0.2, low: 0.1, high: 0.3, chance: 0.05 };
  it('draws interval, chance band and value where they lie', () => {
    const chart = intervalChart({
      ...SIZE,
      rows: [row, { ...row, name: 'noise', hollow: true, note: 'n' }],
      x: { domain: [-1, 1] },
    });
    const [, cx] = /<circle cx="([\d.]+)"/.exec(chart)!;
    const [, from, to] = /M([\d.]+) [\d.]+H([\d.]+)M[^"]*" class="whisker"/.exec(chart)!;
    expect(Number(cx)).toBeCloseTo((Number(from) + Number(to)) / 2, 1);
    const [, x, , width] = /<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"[^>]*class="band"/.exec(chart)!;
    expect(Number(width)).toBeCloseTo((Number(to) - Number(from)) / 2, 1);
    expect(Number(x) + Number(width)).toBeLessThan(Number(from));
    // What is no finding is hollow: told by its form.
    expect(chart.match(/<circle [^>]*class="f1"/g)!.length).toBe(1);
    expect(chart.match(/<circle [^>]*class="s1"/g)!.length).toBe(1);
  });

  it('grows with its rows', () => {
    const height = (n: number): number =>
      Number(/height="(\d+)"/.exec(intervalChart({ ...SIZE, rows: new Array(n).fill(row), x: {} }))![1]);
    expect(height(30) - height(20)).toBe(170);
  });
});

describe('heatMap', () => {
  const options = {
    ...TEXT,
    rows: ['a', 'b'],
    columns: ['c', 'd', 'e'],
    values: [
      [-1, -1, 1],
      [Number.NaN, 0, 0.999],
    ],
    palette: 'diverging',
    domain: [-1, 1],
    cell: { width: 10, height: 10 },
    legend: 'ρ',
  } as const;

  it('draws runs of one colour as one stroke of one path, and a missing value not at all', () => {
    const chart = heatMap(options);
    const [, cells] = /<g transform="translate\([^"]*\) scale\(10 10\)" shape-rendering="crispEdges">(.*?)<\/g>/.exec(
      chart,
    )!;
    expect(cells).toBe(
      '<path d="M0 0h2v1h-2z" class="d0"/><path d="M1 1h1v1h-1z" class="d5"/><path d="M2 0h1v1h-1zM2 1h1v1h-1z" class="d10"/>',
    );
  });

  it('has no more paths than colours, however many cells, and stays small', () => {
    const names = Array.from({ length: 120 }, (_, i) => `n${i}`);
    const field = names.map((_, r) => names.map((__, c) => Math.sin(r * 0.7 + c * c * 0.01)));
    const chart = heatMap({ ...options, rows: names, columns: names, values: field, cell: { width: 7, height: 7 } });
    expect(chart.match(/class="d\d+"/g)!.length).toBeLessThanOrEqual(2 * 11);
    expect(chart.length).toBeLessThan(400_000);
  });

  it('hatches what is below a threshold, frames blocks and draws the tree', () => {
    const tree = { merges: [{ left: 0, right: 1, height: 0.4 }], order: [1, 0], name: 'tree' };
    const chart = heatMap({ ...options, hatchBelow: -0.5, blocks: [{ from: 0, to: 2 }], tree });
    expect(/<path d="([^"]*)" class="hatch"/.exec(chart)![1].match(/M/g)!.length).toBe(2);
    expect(chart).toContain('a dash: −0.5 or less');
    expect(chart).toMatch(/width="20" height="20" class="frame"/);
    // Leaf 0 is the second row.
    const [, d] = /<path d="([^"]*)" class="tree"/.exec(chart)!;
    expect(places(d)[0][1]).toBe(17);
  });

  it('names columns below where they fit, upright where only that fits, and not where nothing does', () => {
    const below = (width: number): string => heatMap({ ...options, cell: { width, height: 10 } });
    expect(below(40)).toContain('>d</text>');
    expect(below(40)).not.toContain('rotate');
    expect(heatMap({ ...options, columns: ['long', 'names', 'here'] })).toContain('rotate(-90');
    expect(below(4)).not.toContain('>d</text>');
  });
});

describe('scatter', () => {
  const xs = Array.from({ length: 4000 }, (_, i) => i % 100);
  const ys = Array.from({ length: 4000 }, (_, i) => i / 100);

  it('draws few points one by one, and of many how many lie where', () => {
    const few = scatter({ ...SIZE, xs: xs.slice(0, 50), ys: ys.slice(0, 50), x: {}, y: {} });
    expect(few.match(/h0/g)!.length).toBe(50);
    const many = scatter({ ...SIZE, xs, ys, x: {}, y: {} });
    expect(many).not.toContain('h0');
    expect(many).toMatch(/<path d="[^"]+" class="q\d"/);
    expect(many.length).toBeLessThan(60_000);
  });

  it('ends the fitted line where it leaves the plot', () => {
    const chart = scatter({
      ...SIZE,
      xs: [0, 10],
      ys: [0, 1],
      x: {},
      y: {},
      fit: { intercept: -4, slope: 1, text: 'slope 1' },
    });
    const [start, end] = places(/<path d="([^"]*)" class="s1"/.exec(chart)![1]);
    // y = 0 at x = 4 and y = 1 at x = 5, of an axis from 0 to 10.
    expect(end[0] - start[0]).toBeGreaterThan(20);
    expect(end[0] - start[0]).toBeLessThan(60);
    expect(chart).toContain('>slope 1</text>');
  });
});
