import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';
import { PairedLosses, Scoreboard } from '../../src/evaluate/index.ts';
import {
  createModels,
  emptyDecision,
  LogisticModel,
  MajorityModel,
  MartingaleModel,
  type Model,
  parseTarget,
} from '../../src/models/index.ts';
import { prequential, randomWalk, type Step, schemaOf } from './support.ts';

/** Mean log-loss of each model over the labels from number `from` on. */
function losses(text: string, models: readonly Model[], steps: readonly Step[], from = 0): number[] {
  const target = parseTarget(text);
  const board = new Scoreboard(models.length, target.classes.length);
  let seen = 0;
  prequential(target, models, steps, (_d, label, said) => {
    if (seen++ < from) return;
    said.forEach((p, m) => {
      board.add(m, label, p);
    });
  });
  return models.map((_, m) => board.score(m).logLoss!);
}

/** A mid whose next change is up with probability 1 / (1 + exp(−2 · slope · signal)), and a row of the signal and noise. */
function drivenWalk(seed: number, n: number, slopeAt: (i: number) => number, noise = 10): Step[] {
  const random = new Random(seed);
  let midTicks = 5000;
  return Array.from({ length: n }, (_, i) => {
    const signal = random.normal();
    const step = { tsNs: i * 1e6, midTicks, row: [signal, ...Array.from({ length: noise }, () => random.normal())] };
    midTicks += random.bernoulli(1 / (1 + Math.exp(-2 * slopeAt(i) * signal))) ? 0.5 : -0.5;
    return step;
  });
}

describe('LogisticModel', () => {
  it('comes close to the entropy of labels whose law is a logistic of one of its signals', () => {
    const target = parseTarget('next-change');
    const steps = drivenWalk(1, 20_000, () => 1);
    const random = new Random(99);
    let entropy = 0;
    for (let i = 0; i < 100_000; i++) {
      const p = 1 / (1 + Math.exp(-2 * random.normal()));
      entropy -= (p * Math.log(p) + (1 - p) * Math.log(1 - p)) / 100_000;
    }
    const [loss] = losses(
      'next-change',
      [new LogisticModel({ name: 'm', target, featureCount: 11, schemaHash: 'test' })],
      steps,
      5000,
    );
    expect(loss).toBeLessThan(entropy + 0.01);
    expect(loss).toBeGreaterThan(entropy - 0.02);
  });

  it('learns fast: it beats the class frequencies within a few hundred labels', () => {
    const target = parseTarget('next-change');
    let better = 0;
    for (let seed = 0; seed < 20; seed++) {
      const models = [
        new LogisticModel({ name: 'm', target, featureCount: 31, schemaHash: 'test' }),
        new MajorityModel(target),
      ];
      const [ours, majority] = losses(
        'next-change',
        models,
        drivenWalk(seed, 500, () => 0.7, 30),
      );
      if (ours < majority) better++;
    }
    expect(better).toBe(20);
  });

  it('follows a relation that turns around, where it forgets', () => {
    const target = parseTarget('next-change');
    const steps = drivenWalk(3, 12_000, (i) => (i < 6000 ? 1 : -1));
    const models = [0.999, 1].map(
      (forgetting) => new LogisticModel({ name: 'm', target, featureCount: 11, schemaHash: 'test', forgetting }),
    );
    const [forgetful, stubborn] = losses('next-change', models, steps, 7500);
    expect(forgetful).toBeLessThan(0.6);
    expect(stubborn).toBeGreaterThan(forgetful + 0.05);
  });

  it('learns across a horizon although labels come late and overlap', () => {
    const target = parseTarget('events:10');
    // The signal drives the next step, so a tenth of the move ahead; its running sum would be of no use.
    const [ours, majority] = losses(
      'events:10',
      [new LogisticModel({ name: 'm', target, featureCount: 11, schemaHash: 'test' }), new MajorityModel(target)],
      drivenWalk(4, 20_000, () => 2),
      2000,
    );
    expect(majority - ours).toBeGreaterThan(0.01);
  });

  it('takes a missing signal for its mean: no answer is lost, and no other signal suffers', () => {
    const target = parseTarget('next-change');
    const steps = drivenWalk(5, 3000, () => 1);
    const gaps = steps.map((step, i) => ({
      ...step,
      row: step.row!.map((v, j) => (j > 0 && i % 3 > 0 ? Number.NaN : v)),
    }));
    const absent = steps.map((step) => ({ ...step, row: step.row!.map((v, j) => (j > 5 ? Number.NaN : v)) }));
    const model = () => [new LogisticModel({ name: 'm', target, featureCount: 11, schemaHash: 'test' })];
    const [whole] = losses('next-change', model(), steps, 500);
    expect(Math.abs(losses('next-change', model(), gaps, 500)[0] - whole)).toBeLessThan(0.02);
    expect(Math.abs(losses('next-change', model(), absent, 500)[0] - whole)).toBeLessThan(0.02);
  });

  it('attributes a forecast to its inputs: the one signal that drives the price, and none of the noise', () => {
    const target = parseTarget('next-change');
    const model = new LogisticModel({ name: 'm', target, featureCount: 11, schemaHash: 'test' });
    const steps = drivenWalk(7, 5000, () => 1);
    losses('next-change', [model], steps);
    const decision = emptyDecision(Float64Array.of(1.5, ...Array.from({ length: 10 }, () => 0.3)));
    const [up, down, sds] = [0, 1, 2].map(() => new Float64Array(model.inputs));
    model.attribute(decision, 0, down, sds);
    model.attribute(decision, 1, up, sds);
    // Bias and the core inputs come before the signals; the two classes share what there is to say.
    expect(model.inputs).toBe(15);
    expect(up.indexOf(Math.max(...up))).toBe(4);
    expect(up[4]).toBeGreaterThan(5 * sds[4]);
    for (let i = 0; i < 15; i++) expect(down[i]).toBeCloseTo(-up[i], 12);
    const out = new Float64Array(2);
    model.predict(decision, out);
    const logit = up.reduce((a, b) => a + b) - down.reduce((a, b) => a + b);
    // Moderated, a little less sure than the contributions' sum.
    expect(Math.log(out[1] / out[0])).toBeLessThan(logit);
    expect(Math.log(out[1] / out[0])).toBeGreaterThan(0.9 * logit);
  });

  it('is the same bit for bit, run again', () => {
    const run = (): number[] =>
      losses(
        'events:10',
        createModels(parseTarget('events:10'), schemaOf(11)),
        drivenWalk(6, 3000, () => 1),
      );
    expect(run()).toEqual(run());
  });

  it('does not beat the martingale on a random walk, over 100 seeds', () => {
    for (const text of ['events:10', 'next-change']) {
      const target = parseTarget(text);
      let better = 0;
      let worse = 0;
      const seeds = 100;
      for (let seed = 0; seed < seeds; seed++) {
        const random = new Random(seed + 5000);
        const recent: number[] = [];
        // What a book offers when it knows nothing of the future: noise, and past moves.
        const steps = randomWalk(seed, 1200).map((step) => {
          recent.push(step.midTicks);
          const past = (k: number): number => step.midTicks - recent[Math.max(0, recent.length - 1 - k)];
          return {
            ...step,
            imbalance: 2 * random.float() - 1,
            row: [past(1), past(5), past(20), Math.abs(past(5)), random.normal(), random.normal()],
          };
        });
        const models = [
          new MartingaleModel(target),
          new LogisticModel({ name: 'm', target, featureCount: 6, schemaHash: 'test' }),
        ];
        const board = new Scoreboard(models.length, target.classes.length);
        const paired = new PairedLosses(1, [0]);
        const each = new Float64Array(models.length);
        const stream = prequential(target, models, steps, (_d, label, said) => {
          said.forEach((p, m) => {
            each[m] = board.add(m, label, p);
          });
          paired.add(each);
        });
        const { interval } = paired.gains(stream.meanSpan, random, 500)[0];
        expect(interval).not.toBeNull();
        if (interval !== null && interval.low > 0) better++;
        if (interval !== null && interval.high < 0) worse++;
      }
      // 2.5 % would come out better by chance if nothing were lost by learning; 8 of 100 happen once in 250 such tests.
      expect(better).toBeLessThan(8);
      // Learning nothing costs something: it is to be seen.
      expect(worse).toBeGreaterThan(better);
    }
  });
});
