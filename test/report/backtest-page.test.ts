import { describe, expect, it } from 'vitest';
import {
  type BacktestCard,
  backtestCard,
  CRYPTO_CALENDAR,
  type SweepResult,
  type WalkResult,
} from '../../src/evaluate/index.ts';
import { renderBacktest } from '../../src/report/index.ts';
import { LINEAR } from '../backtest/money.ts';
import { driftingRun, handMadeRun } from '../evaluate/trading/traded-run.ts';
import { unbalanced } from '../support/well-formed.ts';

/** As a card comes back from its file. */
function kept(input: Partial<Parameters<typeof backtestCard>[0]> = {}): BacktestCard {
  const given = {
    run: driftingRun(0.01, 0.01, 3),
    terms: LINEAR,
    calendar: CRYPTO_CALENDAR,
    baselines: [driftingRun(0, 0.01, 4)],
    trials: 3,
    settings: { strategy: { kind: 'maker' }, seed: 1 },
    bookcast: '9.9.9',
  };
  return JSON.parse(JSON.stringify(backtestCard({ ...given, ...input })));
}

const text = (html: string): string =>
  html
    .replace(/<(script|style)\b[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

/** 2 queue models × 2 latencies × 3 costs; net is 10 less 4 for each bp, 5 less where it is slow. */
function sweepOf(): SweepResult {
  const axes = [
    { name: 'queue', unit: '', values: ['risk-averse', 'rigtorp'], own: 1 },
    { name: 'latency', unit: 'ms', values: [1, 100], own: 0 },
    { name: 'cost', unit: 'bps', values: [0, 1, 4], own: 1 },
  ];
  const cells = axes[0].values.flatMap(() =>
    [0, 5].flatMap((slow) =>
      [0, 1, 4].map((cost) => {
        const net = 10 - 4 * cost - slow;
        return { orders: 100, fills: 50, gross: 10 - slow, net, netInterval: { low: net - 3, high: net + 3 } };
      }),
    ),
  );
  return { currency: 'USD', axes, cells, notes: ['costs are of the same fills'] };
}

function walkOf(): WalkResult {
  const score = (net: number) => ({
    orders: 9,
    fills: 7,
    gross: net + 1,
    net,
    netInterval: { low: net - 2, high: net + 2 },
  });
  const fold = (at: number, chosen: number) => ({
    train: { fromMs: at, toMs: at + 60_000 },
    trade: { fromMs: at + 60_000, toMs: at + 120_000 },
    chosen,
    inSample: score(5),
    outOfSample: score(1),
  });
  return {
    currency: 'USD',
    combinations: ['threshold <0.1>', 'threshold 0.5'],
    folds: [fold(1.7e12, 0), fold(1.7e12 + 60_000, 1)],
    inSampleNets: [
      [5, 1],
      [2, 5],
    ],
    outOfSampleNets: [
      [1, null],
      [0.5, 1],
    ],
    equity: [0, 1, 2].map((i) => ({ ms: 1.7e12 + 60_000 * i, gross: 2 * i, net: i })),
    outOfSample: score(1.5),
    overfitting: { probability: 0.4, splits: 70 },
    superiorAbility: { pValue: 0.2 },
    notes: ['folds roll by a minute'],
  };
}

describe('renderBacktest', () => {
  it('is whole, loads nothing, and is the same for the same card', () => {
    const card = kept({ sweep: sweepOf(), walk: walkOf() });
    const html = renderBacktest(card);
    expect(unbalanced(html)).toEqual([]);
    expect(html).not.toMatch(/(?:src|href)="(?!#)/);
    expect(html).not.toMatch(/\b(?:NaN|undefined|Infinity)\b/);
    expect(renderBacktest(card)).toBe(html);
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of html.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(id);
    // Every picture has a name for those who cannot see it.
    const pictures = html.match(/<svg[^>]*>/g) ?? [];
    expect(pictures.length).toBeGreaterThan(10);
    for (const picture of pictures) expect(picture).toMatch(/role="img" aria-label="[^"]+"/);
  });

  it('begins with the verdict, as it is', () => {
    const gains = kept();
    expect(gains.judged?.verdict.kind).toBe('gains');
    const html = text(renderBacktest(gains));
    expect(html.indexOf('Gains: ')).toBeLessThan(html.indexOf('net profit'));
    expect(html).toContain('A Sharpe ratio above 1.5 is not supported');
    expect(html).not.toContain('SIMULATED');
    const none = kept({ run: driftingRun(0, 1, 7) });
    expect(text(renderBacktest(none))).toContain('Not distinguishable from zero: 10 minutes of data');
    expect(text(renderBacktest(none))).not.toMatch(/\bGains: /);
  });

  it('says that what is simulated is simulated', () => {
    const html = text(renderBacktest(kept({ run: driftingRun(0.01, 0.01, 3), baselines: [] })));
    expect(html).not.toMatch(/simulated/i);
    const card = kept({ run: { ...driftingRun(0.01, 0.01, 3), origin: 'simulated' } });
    const simulated = text(renderBacktest(card));
    expect(simulated).toContain('SIMULATED');
    expect(simulated).toContain('Simulated: gains: ');
  });

  it('shows the parts of the profit with their unit, and that they add up', () => {
    const html = text(renderBacktest(kept({ run: handMadeRun() })));
    for (const part of ['spread', 'adverse selection', 'inventory', 'fees', 'funding', 'borrow', 'impact']) {
      expect(html).toContain(part);
    }
    expect(html).toContain('+1.6 USD net profit');
    expect(html).toContain('+2 USD gross, before costs 101 USD traded');
    expect(html).toContain('0.4 USD costs paid 39.6 bps of turnover');
    expect(html).toContain('3 orders 2 traded (66.7 %)');
  });

  it('shows sweeps as one map for each other setting, and says where it gains by intervals alone', () => {
    const html = renderBacktest(kept({ sweep: sweepOf() }));
    const told = text(html);
    expect(told).toContain('Net profit, USD: queue risk-averse');
    expect(told).toContain('Net profit, USD: queue rigtorp');
    // Nets by cost: 10, 6, −6 and, slow, 5, 1, −11; each ± 3, for each of two queue models.
    expect(told).toContain(
      '12 settings of queue, latency, cost: net profit is above zero with its whole interval in 6, below zero in 4, and not distinguishable from zero in 2; the highest cost with an interval above zero is 1 bps.',
    );
    expect(told).toContain('rigtorp (this run) 1 ms 1 bps 100 50 +10 +6 3 to 9');
    expect(html.match(/class="frame/g)).toHaveLength(10);
  });

  it('draws what was varied alone as a line, a list or a capacity curve', () => {
    const one = (name: string, values: readonly (string | number)[]): SweepResult => ({
      ...sweepOf(),
      axes: [{ name, unit: '', values, own: null }],
      cells: sweepOf()
        .cells.slice(3, 3 + values.length)
        .map((cell) => ({ ...cell, netInterval: null })),
    });
    const said = (sweep: SweepResult): string => text(renderBacktest(kept({ sweep })));
    expect(said(one('threshold', [0.1, 0.2, 0.3]))).toContain('Net profit by threshold');
    expect(said(one('queue', ['a', 'b']))).toContain('Net profit by queue');
    expect(said(one('size', [1, 2, 5]))).toContain('Capacity: net profit by size');
    expect(said(one('cost', [0, 1, 5]))).toContain('at no cost is there a setting with an interval above zero');
  });

  it('shows the walk forward, its folds and how stable the choice is', () => {
    const html = text(renderBacktest(kept({ walk: walkOf() })));
    expect(html).toContain(
      'Out of sample: +1.5 USD over 2 folds, 95 % interval −0.5 to 3.5: not distinguishable from zero.',
    );
    expect(html).toContain('none is shown to be better than not trading');
    expect(html).toContain('threshold &lt;0.1&gt;');
    expect(html).toContain('Net of each combination where it was traded, USD');
    expect(renderBacktest(kept({ walk: { ...walkOf(), folds: [] } }))).not.toContain('id="walk"');
  });

  it('is a page even of a run in which nothing happened', () => {
    const nothing = handMadeRun({
      orders: [],
      fills: [],
      equity: [],
      ended: 'it threw: <oops>',
      notes: ['a gap'],
      totals: { gross: 0, fees: 0, funding: 0, borrow: 0, impact: 0, net: 0 },
    });
    const html = renderBacktest(kept({ run: nothing, baselines: [nothing] }));
    expect(unbalanced(html)).toEqual([]);
    expect(html).toContain('Too short to judge: 0 points of equity');
    expect(html).toContain('it threw: &lt;oops&gt;');
    expect(html).toContain('Nothing traded');
    expect(html).not.toMatch(/\b(?:NaN|undefined|Infinity)\b/);
    const idle = handMadeRun({
      orders: [],
      fills: [],
      equity: handMadeRun().equity.map((point) => ({ ...point, gross: 0, net: 0 })),
    });
    expect(text(renderBacktest(kept({ run: idle, baselines: [] })))).toContain(
      'Nothing to judge: the equity never moved',
    );
  });
});
