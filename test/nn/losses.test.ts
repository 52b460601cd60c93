import { describe, expect, it } from 'vitest';
import { BookcastError } from '../../src/core/index.ts';
import { gradients } from '../../src/nn/autodiff.ts';
import { Graph } from '../../src/nn/graph.ts';
import { checkLoss, classWeights, meanLoss, targetWidth } from '../../src/nn/losses.ts';
import type { LossSpec } from '../../src/nn/training.ts';
import { relativeError, runGraph } from './support/run.ts';
import { REFERENCE } from './support/training-reference.ts';

interface Batch {
  readonly batch: number;
  readonly outputs: number;
  readonly logits: readonly number[];
  readonly y: readonly number[];
  readonly weights: readonly number[] | null;
}

async function lossAndGradient(spec: LossSpec, { batch, outputs, logits, y, weights }: Batch) {
  const graph = new Graph();
  const width = targetWidth(spec, outputs);
  const z = graph.input('z', [batch, outputs]);
  const loss = meanLoss(spec, z, graph.input('target', [batch, width]), graph.input('share', [batch, 1]));
  graph.output('loss', loss);
  graph.output('gradient', gradients(loss, [z])[0]);
  const target = new Float64Array(batch * width);
  y.forEach((label, i) => {
    if (spec.kind === 'quantile') target[i] = label;
    else target[i * outputs + label] = 1;
  });
  const factors = y.map((label, i) => (weights?.[i] ?? 1) * (classWeights(spec)?.[label] ?? 1));
  const total = factors.reduce((sum, factor) => sum + factor, 0);
  const found = await runGraph(graph, {
    z: { shape: [batch, outputs], data: Float64Array.from(logits) },
    target: { shape: [batch, width], data: target },
    share: { shape: [batch, 1], data: Float64Array.from(factors, (factor) => factor / total) },
  });
  return { loss: found.loss.data[0], gradient: found.gradient.data };
}

describe('losses', () => {
  it.each(REFERENCE.losses.map((reference, i) => [i, JSON.stringify(reference.spec), reference] as const))(
    'case %i agrees with PyTorch: %s',
    async (_i, _title, reference) => {
      const found = await lossAndGradient(reference.spec, reference);
      expect(found.loss).toBeCloseTo(reference.loss, 5);
      expect(Math.abs(found.loss / reference.loss - 1)).toBeLessThan(1e-5);
      expect(relativeError(found.gradient, reference.gradient)).toBeLessThan(1e-5);
    },
  );

  it.each<LossSpec>([
    { kind: 'cross-entropy' },
    { kind: 'focal', gamma: 0.5 },
    { kind: 'focal', gamma: 0 },
    { kind: 'brier' },
  ])('stays a number where outputs are huge: %j', async (spec) => {
    const logits = [1e4, -1e4, 0, -3e4, 3e4, 1e4];
    for (const y of [
      [0, 1],
      [1, 0],
    ]) {
      const { loss, gradient } = await lossAndGradient(spec, { batch: 2, outputs: 3, logits, y, weights: null });
      expect(Number.isFinite(loss)).toBe(true);
      expect([...gradient].every(Number.isFinite)).toBe(true);
    }
  });

  it.each([0.25, 0.5, 2])(
    'keeps its digits for a window that is nearly certain: focal with gamma %d',
    async (gamma) => {
      for (const lead of [3, 6, 9]) {
        const logits = [lead, 0, -1];
        const { loss, gradient } = await lossAndGradient(
          { kind: 'focal', gamma },
          { batch: 1, outputs: 3, logits, y: [0], weights: null },
        );
        // In float64, by way of 1 − p as the sum of the others, and central differences.
        const focal = (z: readonly number[]): number => {
          const others = Math.exp(z[1] - z[0]) + Math.exp(z[2] - z[0]);
          return (others / (1 + others)) ** gamma * Math.log1p(others);
        };
        const slope = logits.map((_, k) => {
          const moved = (by: number): number => focal(logits.map((z, i) => (i === k ? z + by : z)));
          return (moved(1e-5) - moved(-1e-5)) / 2e-5;
        });
        // ln p itself is rounded to a float32 near 0, to 1e-7 of 1 − p's size.
        const tolerance = 1e-6 + 3e-7 * Math.exp(lead);
        expect(Math.abs(loss / focal(logits) - 1)).toBeLessThan(tolerance);
        expect(relativeError(gradient, slope)).toBeLessThan(tolerance);
      }
    },
  );

  it('refuses what does not fit the net', () => {
    const refused: [LossSpec, number, RegExp][] = [
      [{ kind: 'cross-entropy' }, 1, /needs at least 2 outputs, one a class, and the net has 1/],
      [{ kind: 'cross-entropy', weights: [1, 2] }, 3, /2 class weights and the net 3 outputs/],
      [{ kind: 'cross-entropy', weights: [1, 0, 2] }, 3, /each above 0; found 0/],
      [{ kind: 'cross-entropy', adjust: [0, Number.NEGATIVE_INFINITY] }, 2, /each finite; found -Infinity/],
      [{ kind: 'focal', gamma: -1 }, 3, /gamma of a focal loss .* not -1/],
      [{ kind: 'quantile', quantiles: [0.5, 1] }, 2, /each in \(0, 1\); found 1/],
      [{ kind: 'quantile', quantiles: [0.5] }, 2, /1 quantiles and the net 2 outputs/],
    ];
    for (const [spec, outputs, message] of refused) {
      expect(() => checkLoss(spec, outputs), JSON.stringify(spec)).toThrow(message);
      expect(() => checkLoss(spec, outputs)).toThrow(BookcastError);
    }
    checkLoss({ kind: 'brier' }, 2);
    checkLoss({ kind: 'focal', gamma: 2, weights: [1, 2] }, 2);
  });

  it('names shapes that do not fit together', () => {
    const graph = new Graph();
    const z = graph.input('z', [4, 3]);
    const share = graph.input('share', [4, 1]);
    expect(() => meanLoss({ kind: 'brier' }, z, graph.input('target', [4, 2]), share)).toThrow(
      'loss: outputs (4, 3) and targets (4, 2) do not fit together',
    );
  });
});
