import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { emptyDecision, LinearModel, type Outcome, parseContinuousTarget } from '../../../src/models/index.ts';

const target = parseContinuousTarget('log-wait');

/** y = 1 + 2 x₀ + noise; teaches `model` and returns its mean absolute error over the last half. */
function taught(model: LinearModel, seed: number, from = 0, to = 4000): number {
  const random = new Random(seed);
  const decision = emptyDecision(new Float64Array(3));
  const out = new Float64Array(3);
  let error = 0;
  for (let i = 0; i < to; i++) {
    for (let f = 0; f < 3; f++) decision.row[f] = random.normal();
    decision.span = 1;
    const y = 1 + 2 * decision.row[0] + 0.1 * random.normal();
    if (i < from) continue;
    model.predict(decision, Number.NaN, out);
    if (i >= 2000) error += Math.abs(y - out[0]) / 2000;
    model.update(decision, Number.NaN, y as Outcome);
  }
  return error;
}

describe('LinearModel', () => {
  it('learns a number from the row, which the baselines without skill do not look at', () => {
    const make = (inputs: 'mean' | 'last' | 'row') =>
      new LinearModel({ name: inputs, target, featureCount: 3, inputs });
    const [mean, last, row] = (['mean', 'last', 'row'] as const).map(make);
    expect([mean, last, row].map(({ baseline }) => baseline)).toEqual([true, true, false]);
    expect(taught(row, 1)).toBeLessThan(0.25);
    expect(taught(mean, 1)).toBeGreaterThan(1.4);
    expect(taught(last, 1)).toBeGreaterThan(1.4);
  });

  it('takes the imbalance of this moment for the last one', () => {
    const now = new LinearModel({
      name: 'now',
      target: parseContinuousTarget('imbalance@events:5'),
      featureCount: 0,
      inputs: 'last',
    });
    const random = new Random(3);
    const decision = emptyDecision(new Float64Array(0));
    const out = new Float64Array(3);
    let error = 0;
    for (let i = 0; i < 2000; i++) {
      decision.imbalance = 2 * random.float() - 1;
      decision.span = 1;
      now.predict(decision, Number.NaN, out);
      if (i >= 1000) error += Math.abs(out[0] - 0.8 * decision.imbalance) / 1000;
      now.update(decision, Number.NaN, (0.8 * decision.imbalance) as Outcome);
    }
    expect(error).toBeLessThan(0.02);
  });

  it('goes on bit for bit after it was saved and restored', () => {
    const make = () => new LinearModel({ name: 'm', target, featureCount: 3, inputs: 'row' });
    const [whole, part] = [make(), make()];
    taught(whole, 5, 0, 300);
    part.restore(whole.save());
    taught(whole, 6, 0, 300);
    taught(part, 6, 0, 300);
    expect(part.save()).toEqual(whole.save());
  });
});
