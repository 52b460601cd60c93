import { assert, gaussLegendre } from '../core/index.ts';
import { gradients } from './autodiff.ts';
import { Graph, type Value } from './graph.ts';
import type { ParameterLayout, Tap } from './net.ts';
import { buildNet, layoutOf, type NetShape } from './net-builder.ts';
import { type ServeSpec, scaledRows } from './net-graphs.ts';
import { encodeModel, type ModelOptions } from './onnx/encode.ts';
import { add, concat, gemm, mul, reshape, slice, sub, sum, transpose } from './ops/index.ts';
import { zeros } from './ops/shapes.ts';

export interface ExplainSpec extends NetShape {
  /** The flat vector that a trainer gives. */
  readonly weights: Float32Array;
  readonly scaler: ServeSpec['scaler'];
}

/** Stretches of the path in one run, and points of Gauss and Legendre in each, beside its two ends. */
export const STRETCHES = 8;
export const POINTS = 6;

/** Where things lie in what the graph reads and gives, counted in numbers from the start. */
export interface ExplainLayout {
  /** Of the input: the window is at 0. */
  readonly contrast: number;
  readonly from: number;
  readonly to: number;
  readonly input: number;
  /** Of the output: the slopes are at 0, those of each point of a stretch in turn, one stretch after the other. */
  readonly ends: number;
  readonly output: number;
}

export function explainLayout({ steps, features, outputs }: Omit<NetShape, 'net'>): ExplainLayout {
  const window = steps * features;
  const from = window + outputs;
  const ends = STRETCHES * POINTS * window;
  const last = { input: from + 2 * STRETCHES, output: ends + 2 * STRETCHES };
  return { contrast: window, from, to: from + STRETCHES, ends, ...last };
}

/**
 * Integrated gradients (Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks", ICML 2017) of one forecast along a few stretches
 * of the path, as one ONNX file. `input` is a window of unscaled rows (T × F, oldest first, NaN reads as the mean), a weight for each output
 * (what is explained is the outputs' sum by these weights), and where each stretch begins and ends, in [0, 1] (`explainLayout`).
 * `attribution` is, at the points of Gauss and Legendre of each stretch, the gradient times the way to go (stretches × points × T × F), then what the
 * net says at both ends of each stretch (stretches × 2). Whoever runs it weighs the points; where a net turns sharply, it takes shorter
 * stretches, and the ends tell where that is needed.
 *
 * The path leads straight from 0, the mean of the training rows, to the scaled window. A net that normalises each window by itself (BiN) says
 * the same of a window and of a hundredth of it, so that all would happen at the very start of the path; there the path leads from 0 to
 * the normalised window, whose numbers stand at the same places.
 */
export function explainGraph(spec: ExplainSpec, options: ModelOptions = {}): Uint8Array<ArrayBuffer> {
  const { steps, features, outputs, weights } = spec;
  const layout = layoutOf(spec);
  const graph = new Graph();
  if (weights.length !== layout.size)
    graph.fail(`there are ${weights.length} weights, and the net has ${layout.size}: they are of another net`);
  const places = explainLayout(spec);
  const input = graph.input('input', [places.input]);
  const rows = reshape(slice(input, 0, 0, places.contrast), [1, steps, features]);
  const contrast = reshape(slice(input, 0, places.contrast, places.from), [outputs, 1]);
  const x = transpose(spec.scaler === null ? rows : scaledRows(rows, spec.scaler), [1, 0, 2]); // (T, 1, F)
  const build = netOf(graph, spec, layout);
  const entrance = entranceOf(build, x);
  const alphas = pointsOf(slice(input, 0, places.from, places.to), slice(input, 0, places.to));
  const points = POINTS + 2;
  const path = mul(entrance ?? x, alphas); // (T, all points, F)
  const onPath: Tap = (kind, _, value) => (kind === 'entrance' ? path : value);
  const said = gemm(build(entrance === null ? path : zeros(path, path.shape), onPath), contrast); // (all points, 1)
  const [slopes] = gradients(sum(said), [path]);
  const apart = reshape(mul(slopes, entrance ?? x), [steps, STRETCHES, points, features]);
  const within = transpose(slice(apart, 2, 2), [1, 2, 0, 3]); // (stretches, points, T, F)
  const ends = slice(reshape(said, [STRETCHES, points]), 1, 0, 2); // (stretches, 2)
  graph.output('attribution', concat([reshape(within, [places.ends]), reshape(ends, [2 * STRETCHES])], 0));
  prune(graph);
  return encodeModel(graph, options);
}

/** The points of all stretches, (1, stretches · points, 1); the first two of a stretch are its ends. */
function pointsOf(from: Value, to: Value): Value {
  const { graph } = from;
  const points = POINTS + 2;
  const [first, last] = [from, to].map((ends) => reshape(ends, [STRETCHES, 1]));
  const along = graph.constant(Float32Array.from([0, 1, ...gaussLegendre(POINTS).nodes]), [1, points]);
  return reshape(add(first, mul(sub(last, first), along)), [1, STRETCHES * points, 1]);
}

/** Writes the net into the graph as often as it is called, with the same weights. */
function netOf(graph: Graph, spec: ExplainSpec, layout: ParameterLayout): (x: Value, tap: Tap) => Value {
  const known = new Map<string, Value>();
  const source = (named: ParameterLayout['specs'][number]): Value => {
    const { name, shape, offset } = named;
    const size = shape.reduce((n, axis) => n * axis, 1);
    const value = known.get(name) ?? graph.constant(spec.weights.slice(offset, offset + size), shape, name);
    known.set(name, value);
    return value;
  };
  // The mode that trains is the one whose recurrences can be differentiated.
  return (x, tap) => buildNet(spec, layout, source, { mode: 'train', x, tap }).outputs;
}

/** What the net reads of `x` where it normalises each window by itself; null where it reads `x` as it is. */
function entranceOf(build: (x: Value, tap: Tap) => Value, x: Value): Value | null {
  let entrance: Value | null = null;
  build(x, (kind, _, value) => {
    if (kind === 'entrance') {
      assert(
        entrance === null && value.shape.join() === x.shape.join(),
        'a net has one entrance, as large as its window',
      );
      entrance = value;
    }
    return value;
  });
  return entrance;
}

/** Leaves out the nodes and constants on which no output depends: of the net written to find its entrance, and of the norm before it. */
function prune(graph: Graph): void {
  const needed = new Set<Value>(graph.outputs.map(({ value }) => value));
  const kept = graph.nodes.toReversed().filter(({ inputs, outputs }) => {
    if (!outputs.some((output) => needed.has(output))) return false;
    for (const input of inputs) if (input !== null) needed.add(input);
    return true;
  });
  graph.nodes.splice(0, graph.nodes.length, ...kept.reverse());
  const constants = graph.constants.filter(({ value }) => needed.has(value));
  graph.constants.splice(0, graph.constants.length, ...constants);
}
