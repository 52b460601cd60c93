import { describe, expect, it } from 'vitest';
import { createTrainer } from '../../src/nn/index.ts';
import { ParameterLayout } from '../../src/nn/net.ts';
import { optimiserOf } from '../../src/nn/optimisers.ts';
import type { OptimiserSpec } from '../../src/nn/training.ts';
import { linearNet } from './support/nets.ts';
import { relativeError } from './support/run.ts';
import { REFERENCE } from './support/training-reference.ts';

const { features, classes, weights, batches, cases } = REFERENCE.training;

describe('optimisers', () => {
  it.each(cases.map((reference) => [JSON.stringify(reference.spec), reference] as const))(
    'take the steps of PyTorch, smaller batches included: %s',
    async (_title, { spec, rate, seen }) => {
      const { maxNorm, ...options } = spec;
      const trainer = await createTrainer({
        net: linearNet(classes, maxNorm),
        steps: 1,
        features,
        outputs: classes,
        batch: 6,
        loss: { kind: 'cross-entropy' },
        seed: 1,
        ...options,
      });
      const begin = trainer.state();
      const parameters = Float32Array.from(weights);
      trainer.restore({ ...begin, parameters, average: begin.average.length === 0 ? begin.average : parameters });
      for (let step = 0; step <= seen[seen.length - 1].step; step++) {
        const { x, y } = batches[step % batches.length];
        // What stands behind the windows that count must not be looked at.
        const padded = new Float32Array(6 * features).fill(Number.NaN);
        padded.set(x);
        const { loss, gradientNorm } = await trainer.step(padded, Int32Array.from(y), y.length, rate);
        const reference = seen.find((point) => point.step === step);
        if (reference === undefined) continue;
        expect(Math.abs(loss / reference.loss - 1)).toBeLessThan(1e-5);
        expect(Math.abs(gradientNorm / reference.norm - 1)).toBeLessThan(2e-5);
        expect(relativeError(trainer.weights(), reference.weights)).toBeLessThan(1e-5);
      }
      await trainer.close();
    },
  );

  it('refuses numbers that make no optimiser', () => {
    const layout = new ParameterLayout();
    const refused: [OptimiserSpec, RegExp][] = [
      [{ kind: 'sgd', momentum: 1 }, /momentum lies in \[0, 1\), and 1 does not/],
      [{ kind: 'adam', beta1: -0.1 }, /beta1 lies in/],
      [{ kind: 'adam', beta2: Number.NaN }, /beta2 lies in/],
      [{ kind: 'adamw', decay: -1 }, /decay lies in \[0, Infinity\)/],
      [{ kind: 'adam', epsilon: -1 }, /epsilon lies in/],
    ];
    for (const [spec, message] of refused) expect(() => optimiserOf(spec, layout)).toThrow(message);
  });
});
