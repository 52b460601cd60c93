import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gradients } from '../../src/nn/autodiff.ts';
import { Graph, sizeOf, type Value } from '../../src/nn/graph.ts';
import * as ops from '../../src/nn/ops/index.ts';
import { differences, interpret } from './support/interpreter.ts';
import { relativeError, runGraph } from './support/run.ts';
import { make, type Tensor } from './support/tensor.ts';

/** Draws numbers for a graph from those that fast-check shrinks. */
class Draw {
  readonly #numbers: readonly number[];
  #next = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  below(n: number): number {
    return this.#numbers[this.#next++ % this.#numbers.length] % n;
  }

  of<T>(xs: readonly T[]): T {
    return xs[this.below(xs.length)];
  }
}

/** A graph that grows: tensors to go on from, and the numbers that it will be fed. */
class Growth {
  readonly graph = new Graph();
  readonly feeds: Record<string, Tensor> = {};
  readonly draw: Draw;

  constructor(draw: Draw) {
    this.draw = draw;
  }

  /** Numbers between −1 and 1, on a grid that float32 holds. */
  input(shape: readonly number[]): Value {
    const name = `x${this.graph.inputs.length}`;
    this.feeds[name] = make(shape, () => (this.draw.below(255) - 127) / 128);
    return this.graph.input(name, shape);
  }

  /** A shape that can be broadcast with this one: some axes 1, some in front left out. */
  partner(shape: readonly number[]): number[] {
    return shape.slice(this.draw.below(shape.length + 1)).map((size) => (this.draw.below(3) === 0 ? 1 : size));
  }
}

type Grow = (growth: Growth, x: Value) => Value;

const axisOf = ({ draw }: Growth, x: Value): number => draw.below(x.shape.length);

/**
 * Between −1 and 1 again, so that numbers do not explode on the way; gently, since near ±1 the slope of tanh is the difference of two
 * numbers that are nearly equal, and float32 does not hold it to 1e-5.
 */
const tamed = (x: Value): Value => ops.tanh(ops.mul(x, x.graph.scalar(0.25)));

const STEPS: Record<string, Grow> = {
  add: (growth, x) => ops.add(x, growth.input(growth.partner(x.shape))),
  'sub from': (growth, x) => ops.sub(growth.input(growth.partner(x.shape)), x),
  mul: (growth, x) => ops.mul(x, growth.input(growth.partner(x.shape))),
  square: (_, x) => tamed(ops.square(x)),
  'mul by itself': (_, x) => tamed(ops.mul(x, x)),
  'div by what is positive': (growth, x) => ops.div(x, ops.exp(growth.input(growth.partner(x.shape)))),
  exp: (_, x) => ops.exp(ops.tanh(x)),
  'log of what is positive': (_, x) => ops.log(ops.add(ops.square(x), x.graph.scalar(1))),
  'sqrt of what is positive': (_, x) => ops.sqrt(ops.add(ops.square(x), x.graph.scalar(0.5))),
  reciprocal: (_, x) => ops.reciprocal(ops.exp(tamed(x))),
  pow: (_, x) => ops.pow(ops.add(ops.sigmoid(x), x.graph.scalar(0.5)), 1.5),
  sigmoid: (_, x) => ops.sigmoid(x),
  gelu: (_, x) => ops.gelu(x),
  softplus: (_, x) => tamed(ops.softplus(x)),
  neg: (_, x) => ops.neg(x),
  'where by a sign': (growth, x) => {
    const side = growth.input(growth.partner(x.shape));
    // The condition depends on an input, not on what is differentiated: the loss stays smooth.
    return ops.where(ops.greater(ops.stopGradient(side), x.graph.scalar(0.003)), x, ops.square(x));
  },
  'matmul by a matrix': (growth, x) => tamed(ops.matmul(x, growth.input([x.shape.at(-1)!, 1 + growth.draw.below(3)]))),
  'matmul of batches': (growth, x) => {
    const batch = growth.partner(x.shape.slice(0, -2));
    return tamed(ops.matmul(growth.input([...batch, 1 + growth.draw.below(3), x.shape.at(-2)!]), x));
  },
  gemm: (growth, x) => {
    const flat = ops.reshape(x, [x.shape[0], -1]);
    const [transA, transB] = [growth.draw.below(2) === 1, growth.draw.below(2) === 1];
    const [m, k] = transA ? [...flat.shape].reverse() : flat.shape;
    const n = 1 + growth.draw.below(3);
    const weights = growth.input(transB ? [n, k] : [k, n]);
    return tamed(ops.gemm(flat, weights, { transA, transB, bias: growth.input(growth.partner([m, n])) }));
  },
  sum: (growth, x) => tamed(ops.sum(ops.mul(x, x.graph.scalar(0.125)), [axisOf(growth, x)], true)),
  mean: (growth, x) => ops.mean(x, [axisOf(growth, x)], true),
  softmax: (growth, x) => ops.softmax(x, axisOf(growth, x)),
  logSoftmax: (growth, x) => tamed(ops.logSoftmax(x, axisOf(growth, x))),
  layerNorm: (growth, x) => {
    const width = x.shape.at(-1)!;
    return tamed(ops.layerNorm(x, growth.input([width]), growth.input([width]), { epsilon: 0.1 }));
  },
  reshape: (_, x) => ops.reshape(x, [-1, x.shape[0]]),
  transpose: (growth, x) => {
    const by = 1 + growth.draw.below(x.shape.length);
    return ops.transpose(
      x,
      x.shape.map((_, i) => (i + by) % x.shape.length),
    );
  },
  slice: (growth, x) => {
    const axis = axisOf(growth, x);
    const from = growth.draw.below(x.shape[axis]);
    return ops.slice(x, axis, from, undefined, 1 + growth.draw.below(2));
  },
  concat: (growth, x) => {
    const axis = axisOf(growth, x);
    return ops.concat([x, growth.input(x.shape.with(axis, 1)), ops.square(x)], axis);
  },
  'split and multiply': (growth, x) => {
    const axis = axisOf(growth, x);
    if (x.shape[axis] < 2) return x;
    const [first, , last] = ops.split(x, axis, x.shape[axis] === 2 ? [1, 1] : [1, x.shape[axis] - 2, 1]);
    return ops.add(ops.mul(x, first), last ?? first);
  },
  broadcastTo: (_, x) => ops.broadcastTo(x, [2, ...x.shape]),
  'squeeze and unsqueeze': (growth, x) => {
    const axis = axisOf(growth, x);
    return ops.squeeze(ops.unsqueeze(x, [axis, -1]), [axis]);
  },
  pad: (growth, x) => {
    const before = x.shape.map(() => growth.draw.below(2));
    return ops.pad(x, before, before.toReversed(), 0.25);
  },
  gather: (growth, x) => {
    const axis = axisOf(growth, x);
    const rows = Array.from({ length: 3 }, () => growth.draw.below(x.shape[axis]));
    return ops.gather(x, x.graph.integers(rows), axis);
  },
  conv: (growth, x) => {
    const image = ops.reshape(x, [1, 1, x.shape[0], -1]);
    const kernel = image.shape.slice(2).map((size) => 1 + growth.draw.below(Math.min(size, 3)));
    const strides = [1 + growth.draw.below(2), 1 + growth.draw.below(3)] as const;
    const pads = [0, 1, 2, 3].map(() => growth.draw.below(2)) as [number, number, number, number];
    return tamed(ops.conv(image, growth.input([2, 1, ...kernel]), { bias: growth.input([2]), strides, pads }));
  },
};

/** Of the same numbers in fewer axes, where a graph has grown too large for loops over every number. */
function kept(x: Value): Value {
  const small = sizeOf(x.shape) <= 48 ? x : ops.slice(ops.reshape(x, [-1]), 0, 0, 24);
  return small.shape.length < 2 || small.shape.length > 4 ? ops.reshape(small, [small.shape[0] ?? 1, -1]) : small;
}

function grow(steps: readonly string[], numbers: readonly number[]): Growth {
  const growth = new Growth(new Draw(numbers));
  let x = growth.input([1 + growth.draw.below(3), 1 + growth.draw.below(4)]);
  const way: Value[] = [x];
  for (const step of steps) {
    x = kept(STEPS[step](growth, x));
    way.push(x);
  }
  // Also something from the middle, so that gradients come back along more than one way.
  const middle = growth.draw.of(way);
  growth.graph.output(
    'loss',
    ops.add(ops.mean(ops.square(ops.add(x, x.graph.scalar(0.5)))), ops.mean(ops.sigmoid(middle))),
  );
  return growth;
}

const words = fc.tuple(
  fc.array(fc.constantFrom(...Object.keys(STEPS)), { minLength: 1, maxLength: 7 }),
  fc.array(fc.nat({ max: 5040 }), { minLength: 40, maxLength: 40 }),
);

/** A graph of its own for the loss alone: what central differences run many times. */
async function check(steps: readonly string[], numbers: readonly number[]): Promise<void> {
  const { graph, feeds } = grow(steps, numbers);
  const alone = grow(steps, numbers).graph;
  const [{ value: loss }] = graph.outputs;
  gradients(loss, graph.inputs).forEach((g, i) => {
    graph.output(`d ${graph.inputs[i].name}`, g);
  });
  const [exact, fast] = [interpret(graph, feeds), await runGraph(graph, feeds)];
  expect(relativeError(fast.loss.data, exact.loss.data)).toBeLessThan(1e-5);
  const slopes = graph.inputs.map(({ name }) => differences(alone, feeds, 'loss', name));
  const size = Math.hypot(...slopes.flatMap((slope) => [...slope]));
  graph.inputs.forEach(({ name }, i) => {
    const off = (found: Tensor): number => Math.hypot(...found.data.map((x, j) => x - slopes[i][j]));
    expect(off(exact[`d ${name}`]), `${name}, interpreter`).toBeLessThan(1e-6 * Math.max(size, 1e-3));
    // Where terms cancel, float32 leaves an error of the size of the terms, and not of what is left of them.
    expect(off(fast[`d ${name}`]), `${name}, ONNX Runtime`).toBeLessThan(1e-5 * Math.max(size, 0.05));
  });
}

describe('graphs at random', () => {
  it('have the gradients that central differences find', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(words, ([steps, numbers]) => check(steps, numbers)),
      { numRuns: 150, seed: 5 },
    );
  });

  it.each(Object.keys(STEPS))('of %s alone, too', async (step) => {
    await fc.assert(
      fc.asyncProperty(words, ([, numbers]) => check([step], numbers)),
      { numRuns: 5, seed: 7 },
    );
  });
});
