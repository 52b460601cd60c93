import { assert } from '../core/index.ts';
import { Graph, type Shape, shapeText, type Value } from './graph.ts';
import {
  type Initial,
  type NetBuilder,
  type NetFunction,
  ParameterLayout,
  type ParameterSpec,
  type Tap,
  type TapKind,
} from './net.ts';
import { node } from './ops/shapes.ts';

/** Where a parameter's numbers come from in the graph at hand. */
type Source = (spec: ParameterSpec) => Value;

/** Numbers that dropout sets to 0, drawn anew for every step. */
export interface Mask {
  readonly input: Value;
  /** Share of the numbers that are set to 0. */
  readonly share: number;
}

/** What a net finds under a name, and what it leaves there. */
export interface Carried {
  readonly name: string;
  readonly before: Value;
  after: Value | null;
}

/** Builds one graph of a net; `layout` collects its parameters, or says where they are where they are known. */
class GraphBuilder implements NetBuilder {
  readonly graph: Graph;
  readonly mode: NetBuilder['mode'];
  readonly batch: number;
  readonly streaming: boolean;
  readonly masks: Mask[] = [];
  readonly carried: Carried[] = [];
  readonly #source: Source;
  readonly #tap: Tap | null;
  readonly #known: ParameterLayout | null;
  /** Parameters that the net has asked for so far. */
  readonly asked = new ParameterLayout();
  readonly #places: string[] = [];

  constructor(
    graph: Graph,
    options: Pick<NetBuilder, 'mode' | 'batch' | 'streaming'>,
    known: ParameterLayout | null,
    source: Source,
    tap: Tap | null = null,
  ) {
    this.graph = graph;
    this.mode = options.mode;
    this.batch = options.batch;
    this.streaming = options.streaming;
    this.#known = known;
    this.#source = source;
    this.#tap = tap;
  }

  parameter(name: string, shape: Shape, initial: Initial, options: { decays?: boolean; maxNorm?: number } = {}): Value {
    if (shape.some((axis) => !Number.isInteger(axis) || axis < 1))
      this.graph.fail(
        `the parameter ${name} has shape ${shapeText(shape)}; every axis must be a whole number from 1 on`,
      );
    const { decays = true, maxNorm = null } = options;
    const spec = this.asked.add({ name: this.#placed(name), shape, initial, decays, maxNorm });
    const known = this.#known?.specs[this.asked.specs.length - 1];
    assert(
      this.#known === null || (known?.name === spec.name && shapeText(known.shape) === shapeText(shape)),
      `a net asks for the same parameters in every mode, and so for ${known?.name} where it asks for ${spec.name}`,
    );
    return this.#source(spec);
  }

  dropout(x: Value, share: number): Value {
    if (!(share >= 0 && share < 1)) this.graph.fail(`dropout: the share lies in [0, 1), and ${share} does not`);
    if (this.mode !== 'train' || this.#tap !== null || share === 0) return x;
    const input = this.graph.input(`mask.${this.masks.length}`, x.shape, 'bool');
    this.masks.push({ input, share });
    const { graph } = this;
    const kept = (of: Value): Value => {
      const scaled = node('Mul', [of, graph.scalar(1 / (1 - share))], of.shape);
      return node('Where', [input, scaled, graph.scalar(0)], of.shape);
    };
    const y = kept(x);
    graph.record([x], [y], ([g]) => [kept(g!)]);
    return y;
  }

  within<T>(place: string, build: () => T): T {
    this.#places.push(place);
    try {
      return this.graph.within(place, build);
    } finally {
      this.#places.pop();
    }
  }

  tap(kind: TapKind, name: string, value: Value): Value {
    if (this.#tap === null) return value;
    const instead = this.#tap(kind, this.#placed(name), value);
    assert(shapeText(instead.shape) === shapeText(value.shape), 'what stands in for a value has its shape');
    return instead;
  }

  state(name: string, shape: Shape): Value {
    assert(this.streaming, 'a net carries state where it is streaming');
    const placed = this.#placed(name);
    const before = this.graph.input(`state.${placed}`, shape);
    this.carried.push({ name: placed, before, after: null });
    return before;
  }

  carry(name: string, value: Value): void {
    const placed = this.#placed(name);
    const slot = this.carried.find((carried) => carried.name === placed);
    assert(slot !== undefined && slot.after === null, `${placed} is carried once, after it was asked for`);
    if (shapeText(slot.before.shape) !== shapeText(value.shape))
      this.graph.fail(
        `the state ${placed} has shape ${shapeText(slot.before.shape)}, and ${shapeText(value.shape)} is carried on`,
      );
    slot.after = value;
  }

  #placed(name: string): string {
    return [...this.#places, name].join('/');
  }
}

/** What a net reads and gives. */
export interface NetShape {
  readonly net: NetFunction;
  /** Rows in a window, and columns of a row. */
  readonly steps: number;
  readonly features: number;
  readonly outputs: number;
}

export interface BuiltNet {
  /** (B, outputs) */
  readonly outputs: Value;
  /** In the order of the layout. */
  readonly parameters: readonly Value[];
  readonly masks: readonly Mask[];
  readonly carried: readonly Carried[];
}

export interface BuildOptions {
  readonly mode: NetBuilder['mode'];
  /** (T, B, F) in the graph that is built. */
  readonly x: Value;
  readonly streaming?: boolean;
  /** Given where the net is explained: it sees what the net shows, and dropout does not act whatever the mode. */
  readonly tap?: Tap;
}

/** Writes the net into the graph of `x`. Throws `bad-argument` where it does not fit together, or gives what was not asked for. */
export function buildNet(shape: NetShape, layout: ParameterLayout, source: Source, options: BuildOptions): BuiltNet {
  const { mode, x, streaming = false, tap } = options;
  const parameters: Value[] = [];
  const tracked: Source = (spec) => {
    const value = source(spec);
    parameters.push(value);
    return value;
  };
  const builder = new GraphBuilder(x.graph, { mode, batch: x.shape[1], streaming }, layout, tracked, tap);
  const outputs = run(builder, shape, x);
  assert(parameters.length === layout.specs.length, 'a net asks for the same parameters in every mode');
  const unfinished = builder.carried.find(({ after }) => after === null);
  assert(unfinished === undefined, `the state ${unfinished?.name} is carried on`);
  return { outputs, parameters, masks: builder.masks, carried: builder.carried };
}

function run(builder: GraphBuilder, { net, outputs: wanted }: NetShape, x: Value): Value {
  const outputs = net(builder, x);
  const { shape } = outputs;
  if (shape.length !== 2 || shape[0] !== builder.batch || shape[1] !== wanted)
    x.graph.fail(
      `the net gives ${shapeText(shape)}; it must give ${shapeText([builder.batch, wanted])}: a row of outputs a window`,
    );
  return outputs;
}

/** The parameters that a net asks for. Throws `bad-argument` where the net does not fit together. */
export function layoutOf(shape: NetShape): ParameterLayout {
  return sketched(shape).layout;
}

/** The net for one window, with each parameter an input of its own: to count, not to run. */
export function sketched(shape: NetShape): { layout: ParameterLayout; graph: Graph } {
  const { steps, features } = shape;
  const graph = new Graph();
  for (const [name, size] of Object.entries({ steps, features, outputs: shape.outputs }))
    if (!Number.isInteger(size) || size < 1)
      graph.fail(`a net's ${name} are a whole number from 1 on, and not ${size}`);
  const source: Source = (spec) => graph.input(`parameter.${spec.name}`, spec.shape);
  const builder = new GraphBuilder(graph, { mode: 'evaluate', batch: 1, streaming: false }, null, source);
  const outputs = run(builder, shape, graph.input('x', [steps, 1, features]));
  graph.output('outputs', outputs);
  if (builder.asked.size === 0) graph.fail('the net has no parameters: there is nothing to train');
  return { layout: builder.asked, graph };
}
