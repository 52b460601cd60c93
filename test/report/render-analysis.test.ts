import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';
import { type Analysis, analyseFeatures } from '../../src/evaluate/index.ts';
import { schemaHash } from '../../src/features/index.ts';
import { renderAnalysis } from '../../src/report/index.ts';
import { columnSchema, memoryTable } from '../evaluate/analysis/memory-table.ts';
import { unbalanced } from '../support/well-formed.ts';

const ROWS = 3000;
const random = new Random(3);
const state = Array.from({ length: ROWS }, () => random.normal());
let mid = 100;
const midTicks = state.map((x) => {
  const now = mid;
  mid += Math.round(x + random.normal());
  return now;
});
const columns = [
  { name: 'ofi_1', values: state },
  { name: 'ofi_copy', values: state.map((x) => 2 * x) },
  { name: 'noise', values: state.map(() => random.normal()), family: 'trades' },
  { name: 'flat', values: state.map(() => 1) },
  { name: 'absent', values: state.map(() => Number.NaN) },
  { name: 'late', values: state.map((_, i) => (i < 1500 ? Number.NaN : random.normal())) },
];

const analysed = (metadata: Record<string, string> = {}, impact: Analysis['impact'] = null): Promise<Analysis> =>
  analyseFeatures(memoryTable({ midTicks, columns, metadata }), { file: 'rows.parquet', impact });

describe('renderAnalysis', () => {
  let analysis: Analysis;
  let html: string;
  beforeAll(async () => {
    analysis = await analysed();
    html = renderAnalysis(analysis);
  });

  it('is one whole page that loads nothing and is the same again', () => {
    expect(unbalanced(html)).toEqual([]);
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).not.toMatch(/(src|href)="(?!#)|@import|url\(/);
    expect(html).toContain("default-src 'none'");
    expect(html.replace(/http:\/\/www\.w3\.org\/2000\/svg/g, '')).not.toMatch(/https?:/);
    expect(renderAnalysis(analysis)).toBe(html);
  });

  it('has contents whose links all lead somewhere, and no two places of one name', () => {
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const links = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.length).toBeGreaterThan(8);
    for (const link of links) expect(ids).toContain(link);
    for (const [, table] of html.matchAll(/data-table="([^"]+)"/g)) expect(ids).toContain(table);
  });

  it('says in sentences what was found', () => {
    const [, summary] = /<h2>Summary<\/h2>\n(.*)/.exec(html)!;
    expect(summary).toMatch(/The strongest column 10 rows ahead is ofi_(1|copy)/);
    expect(summary).toMatch(/95 % interval \[−?0\.\d{3}, 0\.\d{3}\]/);
    expect(summary).toContain('1 column of 6 could be left out');
    expect(summary).toContain('Without any value in this file: absent.');
    expect(summary).toContain('Always the same in this file: flat.');
    expect(summary).toContain('Missing in more than 5 % of the rows: late (50 %).');
  });

  it('says where the rows come from', () => {
    const { facts } = analysis;
    for (const text of [
      facts.schemaHash,
      'test:TEST',
      '3,000, sampled by the clock event',
      'none: no column of this file is fitted',
    ]) {
      expect(html).toContain(text);
    }
    expect(html).not.toContain('SIMULATED');
  });

  it('says in big where they are simulated, and what of them a fit has seen', async () => {
    const fitted = columns.map(({ name }) => ({ ...columnSchema(name), fitted: name === 'ofi_1' }));
    const page = renderAnalysis(
      await analysed({
        'bookcast.origin': 'simulated',
        'bookcast.columns': JSON.stringify(fitted),
        'bookcast.fit': 'f00d',
        'bookcast.fit_until': '2012-06-21T13:40:00Z',
        'bookcast.schema_hash': schemaHash(fitted, 'f00d'),
      }),
    );
    expect(page).toContain('<b>SIMULATED</b>');
    expect(page).toContain(
      'f00d, trained until 2012-06-21T13:40:00Z; 20.0 % of these rows lie within its training data',
    );
  });

  it('has every column in both tables, with an interval or a dash', () => {
    for (const id of ['ic-table', 'distribution-table']) {
      const [, body] = new RegExp(`id="${id}"[^>]*>.*?<tbody>(.*?)</tbody>`, 's').exec(html)!;
      for (const { name } of columns) expect(body).toContain(`${name}<small>`);
    }
    expect(html).toContain('>no values to draw</text>'.replace('no values to draw', '–'));
  });

  it('is told what lies under the pointer by numbers that are in the page', () => {
    const [, json] = /<script type="application\/json">(.*?)<\/script>/.exec(html)!;
    const { names, values } = JSON.parse(json) as { names: string[]; values: (number | null)[][] };
    const [a, b] = [names.indexOf('ofi_1'), names.indexOf('ofi_copy')].sort((x, y) => x - y);
    expect(values[b][a]).toBe(100);
    expect(values[names.indexOf('absent')].every((value) => value === null)).toBe(true);
  });

  it('shows contemporaneous flow as what it is', async () => {
    const fit = { intercept: 0, slopes: [0.5], n: 40, r2: 0.64, adjustedR2: 0.63 };
    const points = { flowLots: [1, 2, 3], moveTicks: [1, 1, 2] };
    const shared = { touch: fit, interval: { low: 0.5, high: 0.7 }, byPeriod: { r2: 0.6, periods: 3 }, points };
    const impacts = [
      { ...shared, seconds: 10, windows: 40, levels: null, outOfSample: { touch: 0.5, levels: Number.NaN } },
      {
        ...shared,
        seconds: 1,
        windows: 400,
        interval: null,
        byPeriod: null,
        levels: fit,
        outOfSample: { touch: 0.5, levels: 0.6 },
      },
    ];
    const impact = { recording: 'a <b>.zip', instrument: 'test:TEST', origin: 'simulated', impacts };
    const page = renderAnalysis({ ...analysis, impact });
    expect(unbalanced(page)).toEqual([]);
    for (const text of [
      '65.0 %',
      'a &lt;b&gt;.zip',
      '50 % to 70 %',
      'no forecast',
      '<b>SIMULATED</b>',
      '(published: 65 %)',
    ]) {
      expect(page).toContain(text);
    }
    expect(html).not.toContain('65.0 %');
  });

  it('draws a session that passes midnight from left to right', async () => {
    const late = memoryTable({ midTicks, columns, timeNs: midTicks.map((_, i) => 10 * 3600e9 + i * 1e9) });
    const page = renderAnalysis(await analyseFeatures(late, { file: 'late.parquet' }));
    expect(page).toContain('2012-06-21 23:30:00 to 2012-06-22 00:19:59 UTC');
    const [, line] = /<title>(?:ofi_1|ofi_copy) by slice<\/title>.*?<path d="([^"]*)" class="s0"/.exec(page)!;
    const xs = [...line.matchAll(/[ML]([\d.]+),/g)].map(([, x]) => Number(x));
    expect(xs.length).toBe(12);
    expect([...xs].sort((a, b) => a - b)).toEqual(xs);
  });

  it('stays whole with hostile names, one row, or nothing that varies', async () => {
    const hostile = '"><script>alert(1)</script>';
    const page = renderAnalysis({
      ...analysis,
      facts: { ...analysis.facts, instrument: hostile, file: hostile, clock: hostile, origin: hostile },
      columns: analysis.columns.map((column) => ({ ...column, name: hostile + column.name, unit: hostile })),
    });
    expect(unbalanced(page)).toEqual([]);
    expect(page).not.toContain('<script>alert');
    const one = memoryTable({ midTicks: [100], columns: [{ name: 'ofi_1', values: [1] }] });
    const single = renderAnalysis(await analyseFeatures(one, { file: 'one.parquet' }));
    expect(unbalanced(single)).toEqual([]);
    expect(single).toContain('No column varies together with a future that varies');
    expect(single.replace(/<script>[\s\S]*?<\/script>/g, '')).not.toMatch(/NaN|undefined|Infinity/);
    expect(html.replace(/<script>[\s\S]*?<\/script>/g, '')).not.toMatch(/NaN|undefined|Infinity/);
  });
});
