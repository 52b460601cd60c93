import { describe, expect, it } from 'vitest';
import { FixedShare, Forecaster, type ForecasterHooks } from '../../../src/forecast/index.ts';
import { LogisticModel, MajorityModel, type Model, parseTarget, type Target } from '../../../src/models/index.ts';
import { openSim } from '../../../src/venues/sim/index.ts';

/** Holds for ever that the mid goes where the best level is longer, or where it is shorter. */
function convinced(name: string, lean: number): Model {
  return {
    name,
    baseline: false,
    schemaHash: null,
    predict({ imbalance }, out) {
      out[1] = 0.5 + lean * Math.sign(imbalance);
      out[0] = 1 - out[1];
    },
    update: () => {},
  };
}

/** One for either regime, and two that learn which it is, and forget. */
function members(target: Target): Model[] {
  const online = [0.99, 0.997].map(
    (forgetting) => new LogisticModel({ name: `${forgetting}`, target, featureCount: 0, schemaHash: null, forgetting }),
  );
  return [new MajorityModel(target), convinced('follow', 0.3), convinced('fade', -0.3), ...online];
}

describe('fixed-share on the switching simulator', () => {
  it.each(['next-change', 'next-change:once'])('has a smaller log-loss than every member: %s', async (text) => {
    const target = parseTarget(text);
    for (const seed of [1, 2]) {
      const source = openSim({ mode: 'switching', seed, messages: 20_000 });
      const models = members(target);
      const losses = new Float64Array(models.length + 1);
      let labels = 0;
      const served: number[] = [];
      const hooks: ForecasterHooks = {
        onForecast: ({ probabilities }) => served.push(probabilities[models.length][0]),
        onOutcome: ({ index }, label, said) => {
          labels++;
          // What was said at that decision, also where those in between have no label of their own.
          if (said[models.length][0] !== served[index]) throw new Error(`not what was said at ${index}`);
          for (let m = 0; m < said.length; m++) losses[m] -= Math.log(said[m][label]);
        },
      };
      const combiner = new FixedShare({ members: models.length, classes: 2 });
      const forecaster = new Forecaster(source.instrument, target, hooks, { models, combiner });
      for await (const batch of source.batches()) forecaster.apply(batch);
      expect(labels).toBeGreaterThan(1500);
      // By more than a hundredth of a nat a label.
      const margin = losses.slice(0, -1).map((loss) => (loss - losses[models.length]) / labels);
      expect(Math.min(...margin)).toBeGreaterThan(0.01);
    }
  });
});
