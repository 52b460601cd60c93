import { describe, expect, it } from 'vitest';
import { BookcastError, Random } from '../../src/core/index.ts';
import { createTrainer, decodeTrainerState, encodeTrainerState, type TrainerSpec } from '../../src/nn/index.ts';
import { linearNet, smallNet } from './support/nets.ts';
import { relativeError } from './support/run.ts';

const SPEC: TrainerSpec = {
  net: smallNet(3, 0.3),
  steps: 4,
  features: 5,
  outputs: 3,
  batch: 8,
  loss: { kind: 'cross-entropy' },
  optimiser: { kind: 'adamw', decay: 0.01 },
  clipNorm: 1,
  ema: 0.9,
  seed: 7,
};

function windows(seed: number, batch = SPEC.batch): { x: Float32Array; y: Int32Array } {
  const random = new Random(seed);
  const x = Float32Array.from({ length: SPEC.steps * batch * SPEC.features }, () => random.normal());
  return { x, y: Int32Array.from({ length: batch }, () => random.below(3)) };
}

/** The first `count` windows of a batch, in a batch of their own. */
function cut(x: Float32Array, batch: number, count: number): Float32Array {
  const { steps, features } = SPEC;
  const less = new Float32Array(steps * count * features);
  for (let t = 0; t < steps; t++)
    less.set(x.subarray(t * batch * features, (t * batch + count) * features), t * count * features);
  return less;
}

async function trained(spec: TrainerSpec, steps: number, from?: Uint8Array): Promise<Uint8Array> {
  const trainer = await createTrainer(spec);
  if (from !== undefined) trainer.restore(decodeTrainerState(from));
  const { step } = trainer.state();
  for (let i = step; i < step + steps; i++) {
    const { x, y } = windows(i);
    // Every third batch is a smaller one.
    await trainer.step(x, y, i % 3 === 2 ? 5 : 8, 0.01);
  }
  const bytes = encodeTrainerState(trainer.state());
  await trainer.close();
  return bytes;
}

describe('a trainer', () => {
  it.each<[string, TrainerSpec]>([
    ['AdamW, dropout, average, clipping', SPEC],
    ['SGD with momentum', { ...SPEC, optimiser: { kind: 'sgd', momentum: 0.9 } }],
  ])('goes on from saved bytes to the very same bytes: %s', async (_title, spec) => {
    const whole = await trained(spec, 12);
    const half = await trained(spec, 5);
    expect(await trained(spec, 7, half)).toEqual(whole);
    expect(whole).not.toEqual(half);
  });

  it('comes to the same bytes from the same seed, and to others from another', async () => {
    const bytes = await trained(SPEC, 6);
    expect(await trained(SPEC, 6)).toEqual(bytes);
    expect(await trained({ ...SPEC, seed: 8 }, 6)).not.toEqual(bytes);
  });

  it('draws other masks at each step, from the seed', async () => {
    const { x, y } = windows(1);
    const losses = async (seed: number): Promise<number[]> => {
      // Rate 0: the weights stay, and only the masks differ between steps.
      const trainer = await createTrainer({ ...SPEC, optimiser: { kind: 'sgd' }, seed });
      trainer.restore({
        ...trainer.state(),
        parameters: Float32Array.from({ length: trainer.parameters }, (_, i) => Math.sin(i)),
      });
      const found: number[] = [];
      for (let i = 0; i < 4; i++) found.push((await trainer.step(x, y, 8, 0)).loss);
      await trainer.close();
      return found;
    };
    const first = await losses(1);
    expect(new Set(first).size).toBe(4);
    expect(await losses(1)).toEqual(first);
    expect(new Set([...first, ...(await losses(2))]).size).toBe(8);
  });

  it('counts a smaller last batch as a batch of that size, whatever stands behind it', async () => {
    const plain: TrainerSpec = { ...SPEC, net: smallNet(3), optimiser: { kind: 'sgd' } };
    const { x, y } = windows(3);
    const weights = Float32Array.from(y, (_, i) => 0.5 + (i % 3));
    const small = await createTrainer({ ...plain, batch: 3 });
    const exact = await small.step(cut(x, 8, 3), y, 3, 0.5, weights);
    for (const junk of [0, 1e30, Number.NaN, Number.POSITIVE_INFINITY]) {
      const large = await createTrainer(plain);
      const padded = x.slice();
      for (let i = 0; i < x.length; i++) if (Math.floor(i / SPEC.features) % 8 >= 3) padded[i] = junk;
      const before = padded.slice();
      const found = await large.step(padded, y, 3, 0.5, weights);
      expect(found.loss).toBeCloseTo(exact.loss, 6);
      expect(Math.abs(found.gradientNorm / exact.gradientNorm - 1)).toBeLessThan(1e-6);
      expect(relativeError(large.weights(), small.weights())).toBeLessThan(1e-7);
      expect(padded).toEqual(before);
      await large.close();
    }
    await small.close();
  });

  it('leaves out windows that weigh 0, and weighs others', async () => {
    const plain: TrainerSpec = { ...SPEC, net: smallNet(3), optimiser: { kind: 'sgd' } };
    const { x, y } = windows(4);
    const [some, few] = await Promise.all([createTrainer(plain), createTrainer({ ...plain, batch: 2 })]);
    await some.step(x, y, 8, 0.5, Float32Array.of(3, 3, 0, 0, 0, 0, 0, 0));
    await few.step(cut(x, 8, 2), y, 2, 0.5);
    expect(relativeError(some.weights(), few.weights())).toBeLessThan(1e-7);
    await Promise.all([some.close(), few.close()]);
  });

  it.each([
    ['numbers that are not finite', Number.NaN],
    ['a gradient that overflows', 3e38],
  ])('changes nothing for %s, and goes on', async (_title, bad) => {
    const trainer = await createTrainer({ ...SPEC, net: linearNet(3) });
    const { x, y } = windows(5);
    await trainer.step(x, y, 8, 0.01);
    const before = encodeTrainerState(trainer.state());
    const broken = x.slice();
    // In the last row, which this net reads.
    broken[broken.length - 1] = bad;
    const { loss } = await trainer.step(broken, y, 8, 0.01);
    expect(Number.isFinite(loss)).toBe(false);
    expect(encodeTrainerState(trainer.state())).toEqual(before);
    expect(Number.isFinite((await trainer.step(x, y, 8, 0.01)).loss)).toBe(true);
    expect(trainer.state().step).toBe(2);
    await trainer.close();
  });

  it('changes nothing for a loss that overflows where its gradient does not', async () => {
    const spec: TrainerSpec = { ...SPEC, net: linearNet(3), batch: 1, steps: 1, features: 1 };
    const trainer = await createTrainer(spec);
    const far = { ...trainer.state(), parameters: Float32Array.of(0, 0, 0, 3e38, -3e38, 0) };
    trainer.restore(far);
    const { loss, gradientNorm } = await trainer.step(new Float32Array(1), Int32Array.of(1), 1, 0.01);
    expect([loss, Number.isFinite(gradientNorm)]).toEqual([Number.POSITIVE_INFINITY, true]);
    expect(trainer.state()).toEqual(far);
    await trainer.close();
  });

  it('predicts with the average of its weights, which begins where they do', async () => {
    const trainer = await createTrainer(SPEC);
    const begin = trainer.state().parameters;
    expect(trainer.weights()).toEqual(begin);
    const { x, y } = windows(1);
    await trainer.step(x, y, 8, 0.1);
    // The first step keeps 2 / 11 of the average: the smaller of that and of 0.9.
    const { parameters, average } = trainer.state();
    expect(trainer.weights()).toEqual(average);
    const expected = begin.map((before, i) => (2 * before + 9 * parameters[i]) / 11);
    expect(relativeError(average, expected)).toBeLessThan(1e-6);
    await trainer.close();
  });

  it('drives the loss on a few windows to nearly nothing', async () => {
    const trainer = await createTrainer({ ...SPEC, net: smallNet(3), optimiser: { kind: 'adam' } });
    const { x, y } = windows(6);
    let loss = Number.NaN;
    for (let i = 0; i < 400; i++) ({ loss } = await trainer.step(x, y, 8, 0.03));
    expect(loss).toBeLessThan(0.01);
    await trainer.close();
  });

  it('learns quantiles of what it is shown', async () => {
    const quantiles = [0.1, 0.5, 0.9];
    const spec: TrainerSpec = {
      ...{ net: linearNet(3), steps: 1, features: 1, outputs: 3, batch: 100, seed: 1 },
      loss: { kind: 'quantile', quantiles },
      optimiser: { kind: 'adam' },
    };
    const trainer = await createTrainer(spec);
    const y = Float32Array.from({ length: 100 }, (_, i) => i / 100);
    for (let i = 0; i < 500; i++) await trainer.step(new Float32Array(100), y, 100, 0.01);
    const biases = trainer.weights().subarray(3);
    quantiles.forEach((quantile, i) => {
      expect(Math.abs(biases[i] - quantile)).toBeLessThan(0.03);
    });
    await trainer.close();
  });

  it('refuses a state of another net or optimiser', async () => {
    const trainer = await createTrainer(SPEC);
    const state = trainer.state();
    const refused = [
      [{ ...state, parameters: state.parameters.subarray(1) }, /71 numbers in "parameters" and this training 72/],
      [{ ...state, second: new Float32Array(0) }, /0 numbers in "second" .* another net, optimiser or average/],
      [{ ...state, step: -1 }, /of step -1/],
    ] as const;
    for (const [other, message] of refused) {
      expect(() => trainer.restore(other)).toThrow(message);
      expect(() => trainer.restore(other)).toThrow(BookcastError);
    }
    expect(trainer.state()).toEqual(state);
    await trainer.close();
  });

  it('names a class that the net does not have, and weights that are none', async () => {
    const trainer = await createTrainer(SPEC);
    const { x, y } = windows(1);
    const wrong = y.slice();
    wrong[4] = 3;
    await expect(trainer.step(x, wrong, 8, 0.01)).rejects.toThrow(
      'window 4 of the batch has the class 3, and the net has the classes 0 to 2',
    );
    await expect(trainer.step(x, y, 8, 0.01, new Float32Array(8))).rejects.toThrow('not all of them 0');
    await expect(trainer.step(x, y, 8, 0.01, new Float32Array(8).fill(-1))).rejects.toThrow('numbers from 0 on');
    await expect(trainer.step(x, y, 9, 0.01)).rejects.toThrow('assertion failed');
    expect(trainer.state().step).toBe(0);
    await trainer.close();
  });

  it.each<[Partial<TrainerSpec>, RegExp]>([
    [{ batch: 0 }, /a batch is a whole number of windows from 1 on, and not 0/],
    [{ clipNorm: 0 }, /above 0, and not 0/],
    [{ ema: 1 }, /in \(0, 1\), and not at 1/],
    [{ seed: 0.5 }, /a seed is a whole number/],
    [{ outputs: 4 }, /the net gives \(1, 3\); it must give \(1, 4\)/],
    [{ steps: 0 }, /a net's steps are a whole number from 1 on, and not 0/],
    [{ loss: { kind: 'focal', gamma: Number.NaN } }, /gamma/],
  ])('refuses %j before the runtime is loaded', async (change, message) => {
    const load = (): never => {
      throw new Error('must not be loaded');
    };
    await expect(createTrainer({ ...SPEC, ...change }, load)).rejects.toThrow(message);
  });
});
