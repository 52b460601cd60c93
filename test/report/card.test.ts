import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';
import { type Figure, gainOver, lossesOverTime, scoreForecasts } from '../../src/evaluate/index.ts';
import { type CardData, type CardSection, limitsOf, renderCard, verdictOf } from '../../src/report/index.ts';
import { perfectForecasts } from '../evaluate/made-forecasts.ts';
import { unbalanced } from '../support/well-formed.ts';

const PRIOR = [0.33, 0.34, 0.33];
const CLASSES = ['down', 'flat', 'up'];

/** A section whose ensemble is as good as `skill` mixes a perfect forecast with the prior. */
function sectionOf({ rows = 2000, skill = 0.8, member = 0.5, seed = 3 } = {}): CardSection {
  const { labels, probabilities } = perfectForecasts(new Random(seed), rows, 3);
  const mixed = (share: number) => probabilities.map((p, i) => share * p + (1 - share) * PRIOR[i % 3]);
  const forecasts = [
    { name: 'prior', baseline: true, probabilities: mixed(0) },
    { name: 'imbalance', baseline: false, probabilities: mixed(member) },
    { name: 'ensemble', baseline: false, probabilities: mixed(skill) },
  ];
  const scores = scoreForecasts({
    labels,
    forecasts,
    prior: PRIOR,
    blockLength: 20,
    horizon: 5,
    seed: 1,
    simulations: 40,
  });
  const gain = gainOver(mixed(skill), mixed(member), { labels, blockLength: 20, seed: 1 });
  const times = [0, 1000, 2000].map((ms) => 1_700_000_000_000 + ms);
  const fold = {
    parts: [
      {
        name: 'train',
        rows: 100,
        windows: 90,
        classes: [30, 30, 30],
        from: '2024-08-08T23:54:18Z',
        to: '2024-08-08T23:55:18Z',
      },
    ],
    chosen: 'imbalance',
    scores: [{ name: 'ensemble', logLoss: 1, gain: 0.1 }],
    weights: {
      names: ['imbalance', 'equal pool'],
      timesMs: times,
      values: [
        [0.5, 0.4, 0.3],
        [0.5, 0.6, 0.7],
      ],
    },
  };
  const named = {
    target: 'events:10',
    resolved: 'events:10',
    classes: CLASSES,
    simulated: false,
    scores,
    served: 'ensemble',
    chosen: 'imbalance',
    comparisons: [{ against: 'imbalance', why: 'chosen', baseline: false, gain }],
    conformal: {
      coverage: 0.9,
      found: 0.92,
      exact: { overall: 0.9, tenths: [...new Array<number>(9).fill(0.9), 0.87] },
      band: { overall: { low: 0.89, high: 0.91 }, tenths: { low: 0.86, high: 0.94 } },
      meanSize: 2,
      tenths: new Array<number>(10).fill(0.9),
      single: 0.1,
      singleRight: 0.9,
    },
    trials: { training: 0, evaluations: 1, ofTarget: 1, members: 1 },
  };
  return {
    ...named,
    verdict: verdictOf(named),
    limits: limitsOf(DATA, named),
    protocol: ['Cut by time.'],
    folds: [fold, fold],
    curves: [
      { member: 'net', fold: 0, epochs: [1, 2], metrics: { 'validation-log-loss': [1, 0.9], rate: [0.1, 0.1] } },
      { member: 'solved', fold: 0, epochs: [1], metrics: { 'validation-log-loss': [1] } },
    ],
    losses: {
      timesMs: times,
      rowsEach: 10,
      series: [{ name: 'ensemble', values: lossesOverTime(labels, mixed(skill), 3) }],
    },
    config: { recipe: 'made', trained: { net: { config: { rate: 0.1 } } } },
  };
}

const DATA: CardData = {
  files: [{ path: 'a&b.gz', bytes: 10, sha256: 'f00' }],
  hash: 'ab',
  schemaHash: 'cd',
  rows: 3000,
  signals: ['x', 'y'],
  instruments: ['venue:NAME'],
  from: '2024-08-08T23:54:18Z',
  to: '2024-08-08T23:59:18Z',
  seconds: 300,
  days: 1,
  simulated: false,
  notes: ['a hole'],
};

const cardOf = (sections: CardSection[], data = DATA) =>
  renderCard({ format: 1, bookcast: '0', recipe: 'made', seed: 1, data, sections });

describe('the card', () => {
  const html = cardOf([sectionOf(), { ...sectionOf({ seed: 4 }), target: 'next-change' }]);
  const bare = html.replace(/<(script|style)>[\s\S]*?<\/\1>/g, '');

  it('is one whole page that loads nothing, with names that are unique', () => {
    expect(unbalanced(html)).toEqual([]);
    expect(html).not.toMatch(/(src|href)="(?!#)|@import|url\(/);
    expect(bare).not.toMatch(/NaN|undefined|Infinity|null/);
    const ids = [...bare.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has the verdicts ahead of all figures, and all that was asked of it', () => {
    expect(html.indexOf('better than every forecast without skill')).toBeLessThan(html.indexOf('class="tiles"'));
    for (const text of ['a&amp;b.gz', 'SHA-256 f00', 'All targets', 'Folds', 'Learning curve: net', 'target</button>'])
      expect(bare).toContain(text);
    expect(bare).not.toContain('Learning curve: solved');
    expect(bare).toMatch(/reached \(55 %\)|missed \(55 %\)/);
    expect(bare).not.toContain('SIMULATED');
  });

  it('says on screen what is simulated', () => {
    const section = { ...sectionOf(), simulated: true };
    const page = cardOf([section], { ...DATA, simulated: true });
    expect(page).toContain('<b>SIMULATED</b>');
    expect(page).toContain('<h2>SIMULATED: events:10</h2>');
  });
});

describe('the verdict', () => {
  it('is good where the ensemble beats all', () => {
    expect(sectionOf().verdict).toMatch(
      /^On events:10, the ensemble is better than every forecast without skill: \+0\.\d+ \[/,
    );
    expect(sectionOf().verdict).not.toMatch(/not shown|alone/);
  });

  it('says so where nothing is shown', () => {
    expect(sectionOf({ skill: 0 }).verdict).toMatch(/is not shown to be better than prior, a forecast without skill/);
  });

  it('names a member that does better, and one that does as well', () => {
    expect(sectionOf({ skill: 0.3, member: 1 }).verdict).toMatch(/but imbalance alone does better\.$/);
    const section = sectionOf({ skill: 0.6, member: 0.6 });
    const even: Figure = { value: 0, interval: { low: -0.1, high: 0.1 } as Figure['interval'] };
    const comparisons = [{ against: 'imbalance', why: 'chosen', baseline: false, gain: even }];
    expect(verdictOf({ ...section, comparisons })).toMatch(/not shown to be better than imbalance alone\.$/);
  });

  it('judges nothing on too little', () => {
    expect(sectionOf({ rows: 200 }).verdict).toMatch(/too little was tested to judge the ensemble: 10 blocks/);
  });
});

describe('the limits', () => {
  it('say how little it is, how often it was looked at, and whether it is calibrated', () => {
    const { limits, ...section } = sectionOf({ skill: 1 });
    expect(limits).toContain('One day: nothing here speaks of another day.');
    expect(limits.join(' ')).toMatch(/2,000 test rows, worth about [\d,]+ independent ones/);
    expect(limits.join(' ')).toContain('no other look at these data');
    expect(limits.join(' ')).toContain('is one that a perfectly calibrated model shows');
    const trials = { training: 3, evaluations: 2, ofTarget: 4, members: 1 };
    const often = limitsOf({ ...DATA, days: 3, instruments: ['a', 'b'], simulated: true }, { ...section, trials });
    expect(often.join(' ')).toContain('5 runs on these data (3 of training, 2 of evaluation; 4 with this target)');
    expect(often[0]).toMatch(/^Simulated/);
    expect(often.join(' ')).not.toContain('One instrument');
    expect(sectionOf({ skill: 0.2 }).limits.join(' ')).toContain('It is not calibrated');
    expect(limitsOf({ ...DATA, days: 3 }, section)[0]).toContain('3 days with 5.0 min');
  });
});
