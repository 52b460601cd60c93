import { describe, expect, it } from 'vitest';
import type { DatasetScores } from '../../src/evaluate/index.ts';
import type { Dataset } from '../../src/models/training.ts';
import { fittedScores, nullVerdict, simulatedDataset } from './null-models.ts';

const MESSAGES = 4000;
const SEEDS = 8;

/** As in the soak, which has all kinds and more seeds. */
const KINDS: readonly (readonly [string, readonly string[]])[] = [
  ['logistic', []],
  ['gbdt', ['trees.rounds=20']],
  ['mlp', ['net.hidden=[16]', 'net.length=10', 'training.epochs=2']],
  ['bin-ctabl', ['training.epochs=2']],
];

const markets: Dataset[] = [];
for (let seed = 1; seed <= SEEDS; seed++) markets.push(await simulatedDataset('null', seed, MESSAGES));

describe.each(KINDS)('%s where nothing can be known', (name, overrides) => {
  it('does not beat the martingale beyond chance', async () => {
    const scores: DatasetScores[] = [];
    for (const [i, market] of markets.entries()) scores.push(await fittedScores(name, overrides, market, i + 1));
    const verdict = nullVerdict(name, scores);
    expect(verdict.passed, JSON.stringify(verdict)).toBe(true);
  });
});

describe('the same test where something can be known', () => {
  it('fails, as it must', async () => {
    const scores: DatasetScores[] = [];
    for (let seed = 1; seed <= 3; seed++) {
      scores.push(
        await fittedScores('gbdt', ['trees.rounds=60'], await simulatedDataset('oracle', seed, MESSAGES), seed),
      );
    }
    const verdict = nullVerdict('gbdt', scores);
    expect(verdict.passed, JSON.stringify(verdict)).toBe(false);
    expect(verdict.meanGain).toBeGreaterThan(0.01);
  });
});
