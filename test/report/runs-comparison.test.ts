import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ComparedRun, lowerIsBetter, metricText, renderRunsComparison } from '../../src/report/index.ts';
import { unbalanced } from '../support/well-formed.ts';
import { HAS_CHROMIUM, launch } from '../web/browser.ts';
import { syntheticRun, syntheticRuns } from './runs-synthetic.ts';

const bare = (html: string): string => html.replace(/<(script|style)>[\s\S]*?<\/\1>/g, '');
const section = (html: string, id: string): string =>
  new RegExp(`<section id="${id}">([\\s\\S]*?)</section>`).exec(html)![1];

describe('renderRunsComparison', () => {
  const html = renderRunsComparison(syntheticRuns());

  it('is one whole page that loads nothing and is the same again', () => {
    expect(unbalanced(html)).toEqual([]);
    expect(html).not.toMatch(/(src|href)="(?!#)|@import|url\(/);
    expect(html).toContain("default-src 'none'");
    expect(bare(html)).not.toMatch(/NaN|undefined|Infinity/);
    expect(renderRunsComparison(syntheticRuns())).toBe(html);
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, link] of html.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(link);
  });

  it('says which is best, by how much over no skill, and what speaks against it', () => {
    const said = section(html, 'summary');
    expect(said).toContain('bin-ctabl 3fa9c3 has the best test log-loss: 0.9780, 95 % interval [0.9660, 0.9900].');
    expect(said).toContain('It is 0.0720 better than no skill (class frequencies), with its whole interval.');
    expect(said).toContain('Its interval and that of the next best, lstm 3fa9c1, overlap');
    expect(said).toContain('deeplob 3fa9c5 was interrupted and can be resumed');
    expect(said).toContain('17 runs on the same data and target');
    expect(said).not.toContain('Not comparable');
    expect(html).not.toContain('SIMULATED');
    expect(renderRunsComparison(syntheticRuns(true))).toContain('<b>SIMULATED</b>');
  });

  it('has every score, the best of each column marked, and no-skill scores below', () => {
    const table = section(html, 'metrics');
    const rows = [...table.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row]) => row.replace(/<[^>]+>/g, ' '));
    expect(rows[0].split(/ {2,}/).slice(1, -1)).toEqual([
      'run',
      'test log-loss',
      'test macro-F1',
      'test MCC',
      'validation log-loss',
    ]);
    expect(rows.at(-1)).toMatch(/class frequencies.*no skill.*1\.0500/);
    expect([...table.matchAll(/class="found"[^>]*>([\d.]+)/g)].map(([, x]) => x)).toEqual([
      '0.9780',
      '0.1320',
      '0.9680',
    ]);
  });

  it('tells baselines apart that runs do not agree on, as where their windows differ', () => {
    const [a, b, c] = syntheticRuns();
    const figures = { 'test-log-loss': { value: 1.07, low: null, high: null } };
    const other = {
      ...c,
      run: { ...c.run, result: { ...c.run.result!, baselines: { 'class frequencies': figures } } },
    };
    const table = section(renderRunsComparison([a, b, other]), 'metrics');
    expect(table).toContain('class frequencies<small>no skill, of lstm 3fa9c1 and transformer 3fa9c2</small>');
    expect(table).toContain('class frequencies<small>no skill, of bin-ctabl 3fa9c3</small>');
  });

  it('draws a curve a run, in the same colour everywhere, with the no-skill score across', () => {
    const curves = section(html, 'curves');
    const charts = [...curves.matchAll(/<figure><h3>(.*?)<\/h3>([\s\S]*?)<\/figure>/g)];
    expect(charts.map(([, title]) => title)).toEqual(['validation log-loss', 'validation MCC', 'train loss']);
    for (const [, , chart] of charts) for (let i = 0; i < 5; i++) expect(chart).toContain(`class="s${i}"`);
    expect(charts[0][2]).toContain('Dashed across: class frequencies, without skill, 1.04.');
    expect(charts[0][2]).toContain('>epoch</text>');
    expect(charts[2][2]).toContain('>step</text>');
  });

  it('lists what differs, and folds what does not', () => {
    const body = section(html, 'parameters');
    const [, differing] = /<tbody>([\s\S]*?)<\/tbody>/.exec(body)!;
    const names = [...differing.matchAll(/<th scope="row">(.*?)<\/th>/g)].map(([, name]) => name);
    expect(names).toContain('config.training.rate');
    expect(names).not.toContain('config.training.batch');
    expect(body).toMatch(/<details><summary>\d+ settings are the same in all/);
    const [one] = syntheticRuns();
    expect(section(renderRunsComparison([one, one]), 'parameters')).toContain('down to the seed');
  });

  it('lists files once', () => {
    const files = section(html, 'files');
    expect(files.match(/rows\.parquet/g)?.length).toBe(1);
    expect(files).toContain('lstm 3fa9c1, transformer 3fa9c2, bin-ctabl 3fa9c3, logistic 3fa9c4');
    expect(files).toContain('deeplob 3fa9c5: the last line of metrics.jsonl was never finished');
  });

  it('warns where runs are not comparable, failed, or are no better than no skill', () => {
    const [a, b] = syntheticRuns();
    const other = (changed: Partial<ComparedRun['run']['record']>): ComparedRun => ({
      ...b,
      run: { ...b.run, record: { ...b.run.record, ...changed } },
    });
    const wrong = renderRunsComparison([a, other({ target: 'events:50', data: { ...b.run.record.data, hash: 'ff' } })]);
    expect(wrong).toContain('the runs differ in their data');
    expect(wrong).toContain('the runs differ in their target');
    const config = {};
    const states = (['failed', 'running', 'stopped'] as const).map((state, i) =>
      syntheticRun(i, { model: 'mlp', logLoss: 1, config, state }),
    );
    const said = section(renderRunsComparison(states), 'summary');
    expect(said).toContain('mlp 3fa9c0 failed: the loss is not finite.');
    expect(said).toContain('mlp 3fa9c1 is still running');
    expect(said).toContain('mlp 3fa9c2 was stopped before its end');
    const weak = section(renderRunsComparison([syntheticRun(1, { model: 'mlp', logLoss: 1.06, config })]), 'summary');
    expect(weak).toContain('no better than the forecast without skill (class frequencies): 0.0200 worse');
    const level = section(renderRunsComparison([syntheticRun(1, { model: 'mlp', logLoss: 1.035, config })]), 'summary');
    expect(level).toContain('its interval reaches that score: no skill is shown');
  });

  it('stays whole with hostile names, runs without anything, and more runs than an eye can follow', () => {
    const hostile = '"><script>alert(1)</script>';
    const [a] = syntheticRuns();
    const record = { ...a.run.record, model: hostile, target: hostile, config: { [hostile]: hostile } };
    const page = renderRunsComparison([{ ...a, run: { ...a.run, record }, curve: { lines: [], notes: [hostile] } }]);
    expect(unbalanced(page)).toEqual([]);
    expect(page).not.toContain('<script>alert');
    const empty = renderRunsComparison([
      { ...a, run: { ...a.run, result: null, state: 'running' }, curve: { lines: [], notes: [] } },
    ]);
    expect(unbalanced(empty)).toEqual([]);
    expect(empty).toContain('No run here has ended with a score.');
    expect(empty).toContain('None of these runs has written a metric yet.');
    const many = Array.from({ length: 15 }, (_, i) =>
      syntheticRun(i, { model: 'mlp', logLoss: 1 - i / 100, config: {} }),
    );
    expect(section(renderRunsComparison(many), 'curves')).toContain('the 12 best of 15 are drawn');
    expect(bare(renderRunsComparison(many))).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('knows which way metrics point, and their names', () => {
    expect(['test-log-loss', 'loss', 'test-brier', 'validation-rmse'].every(lowerIsBetter)).toBe(true);
    expect(['test-mcc', 'test-macro-f1', 'test-gain', 'test-accuracy'].some(lowerIsBetter)).toBe(false);
    expect(metricText('validation-macro-f1')).toBe('validation macro-F1');
  });
});

describe.skipIf(!HAS_CHROMIUM)('the page in a browser', () => {
  let browser: Awaited<ReturnType<typeof launch>>;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  it.each([
    [1280, 'light'],
    [1280, 'dark'],
    [390, 'dark'],
  ] as const)('fits %i pixels, %s, without an error', async (width, colorScheme) => {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    const errors: string[] = [];
    page.on('console', (message) => errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.setContent(renderRunsComparison(syntheticRuns(true)));
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    await page.click('#metrics-table th:nth-child(2) button');
    expect(await page.getAttribute('#metrics-table th:nth-child(2)', 'aria-sort')).toBe('descending');
    expect(errors).toEqual([]);
    await page.close();
  });
});
