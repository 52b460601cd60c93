import { BookcastError } from '../core/index.ts';
import { type Graph, sizeOf, type Value } from './graph.ts';
import type { ParameterLayout, ParameterSpec } from './net.ts';
import { node } from './ops/shapes.ts';
import type { OptimiserSpec } from './training.ts';

/** The flat vectors that a step starts from, or ends with. */
export interface Flat {
  readonly parameters: Value;
  readonly first: Value | null;
  readonly second: Value | null;
}

/** How a gradient becomes a step, written once into the graph and fed a few numbers a step. */
export interface Optimiser {
  /** Vectors that it keeps beside the parameters: none, the first moment, or both. */
  readonly moments: 0 | 1 | 2;
  /** Numbers to feed at step `step`, from 1 on. */
  scalars(step: number, rate: number): Readonly<Record<string, number>>;
  update(flat: Flat, gradient: Value, scalars: Readonly<Record<string, Value>>): Flat;
}

/** Throws `bad-argument` for numbers that make no optimiser. */
export function optimiserOf(spec: OptimiserSpec, layout: ParameterLayout): Optimiser {
  if (spec.kind === 'sgd') return sgd(within('momentum', spec.momentum ?? 0, 0, 1));
  const beta1 = within('beta1', spec.beta1 ?? 0.9, 0, 1);
  const beta2 = within('beta2', spec.beta2 ?? 0.999, 0, 1);
  const epsilon = within('epsilon', spec.epsilon ?? 1e-8, 0, 1);
  const decay = spec.kind === 'adamw' ? within('decay', spec.decay, 0, Number.POSITIVE_INFINITY) : 0;
  return adam(beta1, beta2, epsilon, decay === 0 ? null : decayOf(layout, decay));
}

/** Of each parameter: the decay, or 0 where it does not decay. */
function decayOf(layout: ParameterLayout, decay: number): Float32Array {
  const vector = new Float32Array(layout.size);
  for (const { decays, offset, shape } of layout.specs) if (decays) vector.fill(decay, offset, offset + sizeOf(shape));
  return vector;
}

/** As in PyTorch: v ← μ v + g, p ← p − rate · v. */
function sgd(momentum: number): Optimiser {
  return {
    moments: momentum === 0 ? 0 : 1,
    scalars: (_step, rate) => ({ rate }),
    update({ parameters, first }, gradient, { rate }) {
      const { graph, shape } = parameters;
      const velocity =
        first === null ? gradient : node('Add', [node('Mul', [first, graph.scalar(momentum)], shape), gradient], shape);
      const moved = node('Sub', [parameters, node('Mul', [velocity, rate], shape)], shape);
      return { parameters: moved, first: first === null ? null : velocity, second: null };
    },
  };
}

/**
 * Kingma and Ba 2015, algorithm 1; with `decay`, Loshchilov and Hutter 2019, algorithm 2 with the rate as its schedule multiplier, as in
 * PyTorch.
 */
function adam(beta1: number, beta2: number, epsilon: number, decay: Float32Array | null): Optimiser {
  return {
    moments: 2,
    scalars: (step, rate) => ({
      rate,
      correctedRate: rate / (1 - beta1 ** step),
      correction: 1 / Math.sqrt(1 - beta2 ** step),
    }),
    update({ parameters, first, second }, gradient, { rate, correctedRate, correction }) {
      const { graph, shape } = parameters;
      const times = (x: Value, factor: Value): Value => node('Mul', [x, factor], shape);
      const plus = (x: Value, y: Value): Value => node('Add', [x, y], shape);
      const mean = plus(times(first!, graph.scalar(beta1)), times(gradient, graph.scalar(1 - beta1)));
      const squares = times(times(gradient, gradient), graph.scalar(1 - beta2));
      const variance = plus(times(second!, graph.scalar(beta2)), squares);
      const deviation = plus(times(node('Sqrt', [variance], shape), correction), graph.scalar(epsilon));
      const move = times(node('Div', [mean, deviation], shape), correctedRate);
      const kept = decay === null ? parameters : decayed(parameters, decay, rate);
      return { parameters: node('Sub', [kept, move], shape), first: mean, second: variance };
    },
  };
}

function decayed(parameters: Value, decay: Float32Array, rate: Value): Value {
  const { graph, shape } = parameters;
  const lost = node('Mul', [graph.constant(decay, shape), rate], shape);
  return node('Sub', [parameters, node('Mul', [parameters, lost], shape)], shape);
}

/** The gradient's norm, and the gradient cut to a norm of at most `limit` (Pascanu et al. 2013; PyTorch's formula). */
export function clipped(gradient: Value, limit: number | null): { norm: Value; gradient: Value } {
  const { graph, shape } = gradient;
  const squares = node('ReduceSumSquare', [gradient], [], { keepdims: { int: 0 } });
  const norm = node('Sqrt', [squares], []);
  if (limit === null) return { norm, gradient };
  const room = node('Div', [graph.scalar(limit), node('Add', [norm, graph.scalar(1e-6)], [])], []);
  const factor = node('Min', [room, graph.scalar(1)], []);
  return { norm, gradient: node('Mul', [gradient, factor], shape) };
}

/** The vector with every column of a parameter that has a largest norm scaled down to it (Srivastava et al. 2014, section 5.1). */
export function normsKept(parameters: Value, layout: ParameterLayout): Value {
  if (layout.specs.every(({ maxNorm }) => maxNorm === null)) return parameters;
  const { graph } = parameters;
  const parts = split(graph, parameters, layout.specs);
  const kept = layout.specs.map(({ maxNorm, shape }, i) => {
    if (maxNorm === null) return parts[i];
    const columns = shape[shape.length - 1];
    const matrix = node('Reshape', [parts[i], graph.integers([-1, columns])], [sizeOf(shape) / columns, columns]);
    const norm = node('ReduceL2', [matrix], [1, columns], { axes: { ints: [0] }, keepdims: { int: 1 } });
    const longer = node('Max', [norm, graph.scalar(maxNorm)], [1, columns]);
    const factor = node('Div', [graph.scalar(maxNorm), longer], [1, columns]);
    const scaled = node('Mul', [matrix, factor], matrix.shape);
    return node('Reshape', [scaled, graph.integers([-1])], parts[i].shape);
  });
  return joined(kept);
}

/** The flat vector cut into the parameters, each still flat. */
export function split(graph: Graph, flat: Value, specs: readonly ParameterSpec[]): readonly Value[] {
  if (specs.length === 1) return [flat];
  const sizes = specs.map(({ shape }) => sizeOf(shape));
  return graph.emit(
    'Split',
    [flat, graph.integers(sizes)],
    sizes.map((size) => ({ shape: [size] })),
    { axis: { int: 0 } },
  );
}

/** Flat parts in one vector. */
export function joined(parts: readonly Value[]): Value {
  if (parts.length === 1) return parts[0];
  const size = parts.reduce((n, part) => n + sizeOf(part.shape), 0);
  return node('Concat', [parts[0], ...parts.slice(1)], [size], { axis: { int: 0 } });
}

/** `average` moved towards the parameters; `keep` is the share of it that stays. */
export function averaged(average: Value, parameters: Value, keep: Value): Value {
  const { shape } = average;
  const away = node('Sub', [average, parameters], shape);
  return node('Add', [parameters, node('Mul', [away, keep], shape)], shape);
}

function within(name: string, x: number, from: number, to: number): number {
  if (x >= from && x < to) return x;
  throw new BookcastError('bad-argument', `the optimiser's ${name} lies in [${from}, ${to}), and ${x} does not`);
}
