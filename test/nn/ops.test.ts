import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gradients } from '../../src/nn/autodiff.ts';
import { type DType, Graph, type Value } from '../../src/nn/graph.ts';
import * as ops from '../../src/nn/ops/index.ts';
import { interpret } from './support/interpreter.ts';
import { relativeError, runGraph } from './support/run.ts';
import type { Tensor } from './support/tensor.ts';

interface Case {
  readonly name: string;
  readonly op: string;
  /** "$0" stands for the first input. */
  readonly args: readonly unknown[];
  readonly inputs: readonly { shape: number[]; dtype: DType; data: number[] }[];
  readonly outputs: readonly { shape: number[]; data: number[]; weights: number[] }[];
  readonly gradients: readonly (number[] | null)[];
}

/** Written by scripts/nn_reference.py: a header, then a case a line. */
const FOLDER = join(import.meta.dirname, '../fixtures/nn');

const calls = ops as unknown as Record<string, (...args: unknown[]) => Value | Value[]>;

function resolve(arg: unknown, inputs: readonly Value[]): unknown {
  if (typeof arg === 'string') return inputs[Number(arg.slice(1))];
  if (Array.isArray(arg)) return arg.map((part) => resolve(part, inputs));
  if (arg === null) return undefined;
  if (typeof arg === 'object')
    return Object.fromEntries(Object.entries(arg).map(([key, part]) => [key, resolve(part, inputs)]));
  return arg;
}

/** The operator, the loss and its gradients by inputs that have one and are asked for, as one graph: outputs `y0`, …, `g0`, …. */
function build(reference: Case, asked = (_: number): boolean => true): { graph: Graph; feeds: Record<string, Tensor> } {
  const graph = new Graph();
  const inputs = reference.inputs.map(({ shape, dtype }, i) => graph.input(`x${i}`, shape, dtype));
  const result = calls[reference.op](...reference.args.map((arg) => resolve(arg, inputs)));
  const ys = Array.isArray(result) ? result : [result];
  ys.forEach((y, i) => {
    graph.output(`y${i}`, y);
  });
  const parts = ys.map((y, i) => {
    const { shape, weights } = reference.outputs[i];
    return ops.sum(ops.mul(y, graph.constant(Float32Array.from(weights), shape)));
  });
  const loss = parts.reduce(ops.add);
  const wanted = inputs.filter((_, i) => reference.gradients[i] !== null && asked(i));
  const grads = gradients(loss, wanted);
  wanted.forEach(({ name }, i) => {
    graph.output(name.replace('x', 'g'), grads[i]);
  });
  const feeds = reference.inputs.map(
    ({ shape, data }, i) => [`x${i}`, { shape, data: Float64Array.from(data) }] as const,
  );
  return { graph, feeds: Object.fromEntries(feeds) };
}

/** All outputs that are wrong, with the error. */
function wrong(reference: Case, found: Record<string, Tensor>, tolerance: number): string[] {
  return Object.entries(found).flatMap(([name, tensor]) => {
    const i = Number(name.slice(1));
    const shape = name.startsWith('y') ? reference.outputs[i].shape : reference.inputs[i].shape;
    const data = name.startsWith('y') ? reference.outputs[i].data : reference.gradients[i]!;
    const error = relativeError(tensor.data, data);
    const fits = String(tensor.shape) === String(shape) && error <= tolerance;
    return fits ? [] : [`${name} (${tensor.shape}), relative error ${error}: ${tensor.data} instead of ${data}`];
  });
}

const FILES = ['elementwise', 'linear', 'reductions', 'layout', 'convolutions'];

describe.each(FILES)('%s, beside PyTorch in float64', (file) => {
  const [, ...lines] = readFileSync(join(FOLDER, `${file}.jsonl`), 'utf8')
    .trim()
    .split('\n');
  const each = lines.map((line) => JSON.parse(line) as Case).map((reference) => [reference.name, reference] as const);

  it.each(each)('%s', async (_, reference) => {
    const { graph, feeds } = build(reference);
    // Constants are float32 in the graph, and so not quite what they are in PyTorch.
    expect(wrong(reference, interpret(graph, feeds), 1e-7)).toEqual([]);
    expect(wrong(reference, await runGraph(graph, feeds), 1e-5)).toEqual([]);
  });

  it.each(each)('%s, each gradient asked for alone', (_, reference) => {
    for (const i of reference.inputs.keys()) {
      const { graph, feeds } = build(reference, (other) => other === i);
      expect(wrong(reference, interpret(graph, feeds), 1e-7)).toEqual([]);
    }
  });
});

describe('comparisons and integers', () => {
  const numbers = { shape: [4], data: Float64Array.of(1, 2, 3, -7) };
  const others = { shape: [4], data: Float64Array.of(2, 2, 2, 2) };

  it.each<[string, (a: Value, b: Value) => Value, number[]]>([
    ['equal', ops.equal, [0, 1, 0, 0]],
    ['greater', ops.greater, [0, 0, 1, 0]],
    ['greaterOrEqual', ops.greaterOrEqual, [0, 1, 1, 0]],
    ['less', ops.less, [1, 0, 0, 1]],
    ['lessOrEqual', ops.lessOrEqual, [1, 1, 0, 1]],
    ['equal, of truths', (a, b) => ops.equal(ops.less(a, b), ops.less(b, a)), [0, 1, 0, 0]],
    ['sums of integers', (a, b) => ops.sub(ops.add(a, b), ops.mul(a, b)), [1, 0, -1, 9]],
    ['div of integers, cut towards 0', (a, b) => ops.div(a, b), [0, 1, 1, -3]],
    ['concat of integers', (a, b) => ops.slice(ops.concat([a, b], 0), 0, 2, 6), [3, -7, 2, 2]],
    ['split of integers', (a) => ops.concat(ops.split(a, 0, [1, 3]).reverse(), 0), [2, 3, -7, 1]],
    [
      'reshape and transpose of integers',
      (a) => ops.reshape(ops.transpose(ops.reshape(a, [2, 2])), [4]),
      [1, 3, 2, -7],
    ],
    ['gather of integers', (a, b) => ops.gather(a, b), [3, 3, 3, 3]],
  ])('%s', async (_, build, expected) => {
    const graph = new Graph();
    const [a, b] = ['a', 'b'].map((name) => graph.input(name, [4], 'int64'));
    graph.output('y', ops.cast(build(a, b), 'float32'));
    expect(graph.steps).toHaveLength(0);
    expect([...(await runGraph(graph, { a: numbers, b: others })).y.data]).toEqual(expected);
  });

  it('choose by a condition, gradients included', async () => {
    const graph = new Graph();
    const [x, y] = [graph.input('x', [2, 3]), graph.input('y', [3])];
    const chosen = ops.where(ops.greater(x, graph.scalar(0)), x, y);
    const [ofX, ofY] = gradients(ops.sum(ops.mul(chosen, chosen)), [x, y]);
    graph.output('chosen', chosen);
    graph.output('by x', ofX);
    graph.output('by y', ofY);
    const feeds = {
      x: { shape: [2, 3], data: Float64Array.of(1, -1, 2, -2, 3, -3) },
      y: { shape: [3], data: Float64Array.of(5, 6, 7) },
    };
    for (const found of [interpret(graph, feeds), await runGraph(graph, feeds)]) {
      expect([...found.chosen.data]).toEqual([1, 6, 2, 5, 3, 7]);
      expect([...found['by x'].data]).toEqual([2, 0, 4, 0, 6, 0]);
      expect([...found['by y'].data]).toEqual([10, 12, 14]);
    }
  });
});
