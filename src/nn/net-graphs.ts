import { gradients } from './autodiff.ts';
import { ANY, Graph, type Value } from './graph.ts';
import { meanLoss, targetWidth } from './losses.ts';
import type { ParameterLayout } from './net.ts';
import { type BuiltNet, buildNet, layoutOf, type NetShape } from './net-builder.ts';
import { encodeModel, type ModelOptions } from './onnx/encode.ts';
import { node, reshaped } from './ops/shapes.ts';
import { averaged, clipped, type Flat, joined, normsKept, type Optimiser, split } from './optimisers.ts';
import type { TrainerSpec } from './training.ts';

/** Share of the average that stays, fed each step. */
export const KEEP = 'keep';

/** A graph that trains, and what it has to be fed with beside the windows. */
export interface TrainGraph {
  readonly graph: Graph;
  readonly masks: BuiltNet['masks'];
  /** Names of the inputs of one number each. */
  readonly scalars: readonly string[];
  /** Names of the flat vectors: each is an input, and the output of that name with `.next`. */
  readonly vectors: readonly string[];
}

/**
 * One training step: `x` (T, B, F), `target` (B, classes or 1), `share` (B, 1), masks, scalars and the flat vectors in; `loss`,
 * `gradient_norm` and the vectors after the step out.
 */
export function trainGraph(spec: TrainerSpec, layout: ParameterLayout, optimiser: Optimiser): TrainGraph {
  const { steps, batch, features, outputs, loss } = spec;
  const graph = new Graph();
  const x = graph.input('x', [steps, batch, features]);
  const target = graph.input('target', [batch, targetWidth(loss, outputs)]);
  const share = graph.input('share', [batch, 1]);
  const scalarNames = [...Object.keys(optimiser.scalars(1, 0)), ...(spec.ema === undefined ? [] : [KEEP])];
  const scalars = Object.fromEntries(scalarNames.map((name) => [name, graph.input(name, [])]));
  const names = vectorNames(optimiser, spec.ema !== undefined);
  const vectors = Object.fromEntries(names.map((name) => [name, graph.input(name, [layout.size])]));
  const net = buildNet(spec, layout, parametersOf(graph, vectors.parameters, layout), { mode: 'train', x });
  const mean = meanLoss(loss, net.outputs, target, share);
  const grads = gradients(mean, net.parameters);
  const whole = joined(grads.map((grad, i) => reshaped(grad, [sizeOfSpec(layout, i)])));
  const { norm, gradient } = clipped(whole, spec.clipNorm ?? null);
  const before: Flat = {
    parameters: vectors.parameters,
    first: vectors.first ?? null,
    second: vectors.second ?? null,
  };
  const after = optimiser.update(before, gradient, scalars);
  const parameters = normsKept(after.parameters, layout);
  graph.output('loss', mean);
  graph.output('gradient_norm', norm);
  graph.output('parameters.next', parameters);
  if (after.first !== null) graph.output('first.next', after.first);
  if (after.second !== null) graph.output('second.next', after.second);
  if (spec.ema !== undefined) graph.output('average.next', averaged(vectors.average, parameters, scalars[KEEP]));
  return { graph, masks: net.masks, scalars: scalarNames, vectors: names };
}

function vectorNames({ moments }: Optimiser, averages: boolean): string[] {
  return ['parameters', ...['first', 'second'].slice(0, moments), ...(averages ? ['average'] : [])];
}

function sizeOfSpec(layout: ParameterLayout, i: number): number {
  return (layout.specs[i + 1]?.offset ?? layout.size) - layout.specs[i].offset;
}

/** Each parameter in its shape, cut from the flat vector. */
function parametersOf(graph: Graph, flat: Value, layout: ParameterLayout): (spec: { readonly name: string }) => Value {
  const parts = split(graph, flat, layout.specs);
  const shaped = new Map(layout.specs.map((spec, i) => [spec.name, reshaped(parts[i], spec.shape)]));
  return ({ name }) => shaped.get(name)!;
}

/** What becomes of a net's outputs: probabilities, or nothing. */
export type Activation = 'softmax' | 'none';

/** The net without dropout, for batches of one size: `x` (T, B, F) and `parameters` in, `outputs` (B, outputs) out. */
export function evaluateGraph(shape: NetShape, layout: ParameterLayout, batch: number, activation: Activation): Graph {
  const graph = new Graph();
  const x = graph.input('x', [shape.steps, batch, shape.features]);
  const flat = graph.input('parameters', [layout.size]);
  const { outputs } = buildNet(shape, layout, parametersOf(graph, flat, layout), { mode: 'evaluate', x });
  graph.output('outputs', activated(outputs, activation));
  return graph;
}

function activated(outputs: Value, activation: Activation): Value {
  return activation === 'none' ? outputs : node('Softmax', [outputs], outputs.shape, { axis: { int: -1 } });
}

export interface ServeSpec extends NetShape {
  /** The flat vector that a trainer gives. */
  readonly weights: Float32Array;
  readonly activation: Activation;
  /** Each column less its mean, by its deviation, cut to ± `clip`; null where rows come scaled. */
  readonly scaler: { readonly mean: Float32Array; readonly deviation: Float32Array; readonly clip: number } | null;
  /**
   * True for a file that reads one row a run and carries its state: beside `input` (1, 1, F) it has an input `state.NAME` and an output
   * `next.NAME` for all that the net carries. Zeros at first.
   */
  readonly streaming?: boolean;
}

/**
 * The file that serves: `input` (batch, T, F), unscaled, in; `probabilities` (batch, outputs), or `outputs` where there is no
 * activation, out. NaN reads as the mean.
 */
export function serveGraph(spec: ServeSpec, options: ModelOptions = {}): Uint8Array<ArrayBuffer> {
  const { steps, features, weights, activation, streaming = false } = spec;
  const layout = layoutOf(spec);
  const graph = new Graph();
  if (weights.length !== layout.size)
    graph.fail(`there are ${weights.length} weights, and the net has ${layout.size}: they are of another net`);
  const input = graph.input('input', streaming ? [1, 1, features] : [ANY, steps, features]);
  const scaled = spec.scaler === null ? input : scaledRows(input, spec.scaler);
  const x = streaming ? scaled : node('Transpose', [scaled], [steps, ANY, features], { perm: { ints: [1, 0, 2] } });
  const source = (named: ParameterLayout['specs'][number]): Value => {
    const end = named.offset + named.shape.reduce((n, axis) => n * axis, 1);
    return graph.constant(weights.slice(named.offset, end), named.shape, named.name);
  };
  const net = buildNet(spec, layout, source, { mode: 'serve', x, streaming });
  graph.output(activation === 'none' ? 'outputs' : 'probabilities', activated(net.outputs, activation));
  for (const { name, after } of net.carried) graph.output(`next.${name}`, after!);
  return encodeModel(graph, options);
}

/** Unscaled rows, as `scaler` says; NaN reads as the mean. */
export function scaledRows(input: Value, { mean, deviation, clip }: NonNullable<ServeSpec['scaler']>): Value {
  const { graph, shape } = input;
  const width = shape[2];
  if (mean.length !== width || deviation.length !== width)
    graph.fail(`the scaler is for ${mean.length} columns, and the net reads ${width}`);
  const centred = node('Sub', [input, graph.constant(mean, [width])], shape);
  const scaled = node('Div', [centred, graph.constant(deviation, [width])], shape);
  const unknown = node('IsNaN', [scaled], shape, {}, 'bool');
  const known = node('Where', [unknown, graph.scalar(0), scaled], shape);
  return node('Clip', [known, graph.scalar(-clip), graph.scalar(clip)], shape);
}
