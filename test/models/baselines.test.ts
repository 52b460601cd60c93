import { describe, expect, it } from 'vitest';
import {
  createModels,
  emptyDecision,
  MajorityModel,
  MartingaleModel,
  type Model,
  PersistenceModel,
  parseTarget,
  TransitionModel,
} from '../../src/models/index.ts';
import { labelOf, prequential, randomWalk, schemaOf } from './support.ts';

const THREE = parseTarget('events:10');
const TWO = parseTarget('next-change');

/** Teaches pairs [last known label, label]. */
function teach(model: Model, pairs: readonly (readonly [number, number])[], classes: number): Model {
  const p = new Float64Array(classes);
  for (const [lastLabel, label] of pairs)
    model.update({ ...emptyDecision(new Float64Array(0)), lastLabel }, labelOf(label), p);
  return model;
}

function said(model: Model, lastLabel: number, classes: number): number[] {
  const out = new Float64Array(classes);
  model.predict({ ...emptyDecision(new Float64Array(0)), lastLabel }, out);
  return [...out];
}

const PAIRS = [
  [-1, 1],
  [1, 1],
  [1, 2],
  [2, 0],
] as const;

describe('baselines', () => {
  it('majority: the frequencies with half a count added to each class', () => {
    // Counts 1, 2, 1; (1 + ½) / (4 + 3/2) and so on.
    expect(said(teach(new MajorityModel(THREE), PAIRS, 3), 0, 3)).toEqual([1.5 / 5.5, 2.5 / 5.5, 1.5 / 5.5]);
    expect(said(new MajorityModel(TWO), -1, 2)).toEqual([0.5, 0.5]);
  });

  it('martingale: up is as likely as down, flat by its frequency', () => {
    // Two of four were flat: (2 + ½) / (4 + 1) = ½.
    expect(said(teach(new MartingaleModel(THREE), PAIRS, 3), 2, 3)).toEqual([0.25, 0.5, 0.25]);
    expect(said(teach(new MartingaleModel(TWO), [[-1, 1]], 2), 1, 2)).toEqual([0.5, 0.5]);
  });

  it('persistence: the last known class repeats as often as it did', () => {
    const model = teach(new PersistenceModel(THREE), PAIRS, 3);
    // Of three with a known predecessor one repeated: (1 + ½) / (3 + 1). The rest by the frequencies 1.5 : 1.5.
    const [down, flat, up] = said(model, 1, 3);
    expect(flat).toBeCloseTo(1.5 / 4, 12);
    expect(down).toBeCloseTo(0.5 * (1 - 1.5 / 4), 12);
    expect(up).toBeCloseTo(0.5 * (1 - 1.5 / 4), 12);
    expect(said(model, -1, 3)).toEqual(said(teach(new MajorityModel(THREE), PAIRS, 3), -1, 3));
  });

  it('transition: what followed the last known class', () => {
    const model = teach(new TransitionModel(THREE), PAIRS, 3);
    expect(said(model, 1, 3)).toEqual([0.5 / 3.5, 1.5 / 3.5, 1.5 / 3.5]);
    expect(said(model, 0, 3)).toEqual([1 / 3, 1 / 3, 1 / 3]);
    expect(said(model, -1, 3)).toEqual([0.5 / 2.5, 1.5 / 2.5, 0.5 / 2.5]);
  });

  it('a baseline knows only labels that existed at the decision', () => {
    // Labels of horizon 3 alternate in runs; the last one known at a decision is three decisions old.
    const target = parseTarget('events:3');
    const lastLabels: number[] = [];
    const labels: number[] = [];
    prequential(target, [new PersistenceModel(target)], randomWalk(5, 200), (decision, label) => {
      lastLabels.push(decision.lastLabel);
      labels.push(label);
    });
    lastLabels.forEach((last, i) => {
      expect(last).toBe(i < 3 ? -1 : labels[i - 3]);
    });
  });
});

describe.each(['events:10', 'time:50', 'next-change'])('every model for %s', (text) => {
  const target = parseTarget(text);
  const steps = randomWalk(11, 600).map((step, i) => ({
    ...step,
    row: [Math.sin(i), i % 7 === 0 ? Number.NaN : i, 1e6, i % 50 === 0 ? 1e12 : 0],
    imbalance: Math.cos(i),
  }));

  it('gives probabilities: each above 0, together 1', () => {
    const models = createModels(target, schemaOf(4));
    let outcomes = 0;
    prequential(target, models, steps, (_decision, _label, saidByModel) => {
      outcomes++;
      for (const p of saidByModel) {
        expect(Math.abs(p.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-12);
        expect(Math.min(...p)).toBeGreaterThan(0);
      }
    });
    expect(outcomes).toBeGreaterThan(300);
  });

  it('predicts without changing itself, and the same twice over', () => {
    const run = (asks: number): number[] => {
      const models = createModels(target, schemaOf(4)).map((model): Model => {
        const predict = (decision: Parameters<Model['predict']>[0], out: Float64Array): void => {
          for (let i = 0; i < asks; i++) model.predict(decision, out);
        };
        const { name, baseline, schemaHash } = model;
        return { name, baseline, schemaHash, predict, update: (d, l, p) => model.update(d, l, p) };
      });
      const all: number[] = [];
      prequential(target, models, steps, (_d, label, p) => all.push(label, ...p.flatMap((v) => [...v])));
      return all;
    };
    expect(run(3)).toEqual(run(1));
  });

  it('names the models, baselines first and the served one last', () => {
    const models = createModels(target, schemaOf(4));
    expect(models.map((model) => [model.name, model.baseline])).toEqual([
      ['majority', true],
      ['persistence', true],
      ['martingale', true],
      ['transition', true],
      ['imbalance-logistic', false],
      ['regime-softmax', false],
      ['dma-softmax', false],
      ['bayes-softmax', false],
    ]);
  });
});
