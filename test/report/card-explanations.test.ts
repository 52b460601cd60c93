import { describe, expect, it } from 'vitest';
import type { MemberExplanation } from '../../src/evaluate/index.ts';
import type { CardSection } from '../../src/report/card.ts';
import { explanationBlocks } from '../../src/report/card-explanations.ts';
import { unbalanced } from '../support/well-formed.ts';

const NONE = { attributions: null, permutation: null, shapley: null, attention: null };
const check = (explains: boolean) => ({
  name: 'attention',
  change: 0.1,
  switched: 0.2,
  explains,
  verdict: explains ? 'they depend on it' : 'the map explains nothing',
});
const blocks = (explanations?: readonly MemberExplanation[]) =>
  explanationBlocks({ explanations } as CardSection, 'e').join('\n');

describe('explanationBlocks', () => {
  it('is nothing where nothing was explained', () => {
    expect(blocks()).toBe('');
    expect(blocks([{ member: 'a', ...NONE }])).toBe('');
  });

  it('draws signals, families and attention, and says what was left and what the check says', () => {
    const html = blocks([
      {
        member: 'a<b',
        attributions: {
          method: 'integrated-gradients',
          forecasts: 200,
          signals: [
            { name: 'tell', family: 'f', mean: 0.5 },
            { name: 'idle', family: 'g', mean: 0 },
          ],
          families: [{ family: 'f', mean: 0.5 }],
          unaccounted: 0.0025,
        },
        permutation: {
          windows: 2000,
          families: [
            { family: 'f', increase: 0.1, interval: { low: 0.05, high: 0.2 } as never },
            { family: 'h', increase: -0.001, interval: null },
          ],
        },
        shapley: { windows: 24, families: [{ family: 'f', mean: 0.4 }] },
        attention: { windows: 64, checks: [check(true)], rows: [0.25, 0.75] },
      },
      { member: 'deaf', ...NONE, attention: { windows: 8, checks: [check(false)], rows: [0.5, 0.5] } },
      { member: 'columns', ...NONE, attention: { windows: 8, checks: [check(false)], rows: null } },
    ]);
    expect(unbalanced(html)).toEqual([]);
    expect(html).not.toMatch(/NaN|undefined|Infinity|a<b/);
    for (const text of [
      'Signals: a&lt;b',
      'the 1 largest signals',
      '[+0.0500, +0.2000]',
      '0.250 %',
      'at least one map passes the shuffle check',
      'do not read it as a reason',
      'map attention: the map explains nothing',
      'Shapley values of 24 forecasts',
    ])
      expect(html).toContain(text);
    expect(html).not.toContain('Attention: columns');
  });
});
