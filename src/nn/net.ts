import { assert, Random } from '../core/index.ts';
import { type Graph, type Shape, sizeOf, type Value } from './graph.ts';

/**
 * How a parameter begins: `uniform` in ± bound; `normal` with this deviation; or one number everywhere. Layers say which, after the
 * paper or the usual practice for them.
 */
export type Initial = { readonly uniform: number } | { readonly normal: number } | { readonly fill: number };

export interface ParameterSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly initial: Initial;
  /** False where weight decay does not apply: biases, gains of norms. */
  readonly decays: boolean;
  /** Largest norm of a column after a step (Srivastava 2014, section 5.1), or null. */
  readonly maxNorm: number | null;
  /** Where its numbers begin in the flat vector of all parameters. */
  readonly offset: number;
}

/** All parameters of a net, in one flat vector, in the order in which the net asks for them. */
export class ParameterLayout {
  readonly specs: ParameterSpec[] = [];
  /** Numbers in all. */
  size = 0;

  add(spec: Omit<ParameterSpec, 'offset'>): ParameterSpec {
    assert(!this.specs.some(({ name }) => name === spec.name), `one parameter is called ${spec.name}`);
    const placed = { ...spec, offset: this.size };
    this.specs.push(placed);
    this.size += sizeOf(spec.shape);
    return placed;
  }

  /** The vector to begin with: the same for the same seed, whatever the machine. */
  initialise(seed: number): Float32Array {
    const random = new Random(seed);
    const flat = new Float32Array(this.size);
    for (const { shape, initial, offset } of this.specs) {
      const end = offset + sizeOf(shape);
      if ('fill' in initial) flat.fill(initial.fill, offset, end);
      else if ('uniform' in initial)
        for (let i = offset; i < end; i++) flat[i] = initial.uniform * (2 * random.float() - 1);
      else for (let i = offset; i < end; i++) flat[i] = initial.normal * random.normal();
    }
    return flat;
  }
}

/**
 * What explanations look at: the `entrance`, (T, B, F), is what a net reads instead of its window where it normalises each window by itself;
 * an `attention` map is (B, heads, T, S) and sums to 1 over S, or (T, B, 1) and
 * sums to 1 over T; it is called `rows` or `columns`, after what attends to what.
 */
export type TapKind = 'entrance' | 'attention';

/** What the net goes on with instead of `value`, which has its shape. */
export type Tap = (kind: TapKind, name: string, value: Value) => Value;

/**
 * What a net is written with. The same net function runs once for each graph: with `mode` `train` (dropout acts, recurrences are
 * unrolled so that they can be differentiated), `evaluate` (no dropout, any batch, weights fed) or `serve` (weights are constants, one
 * ONNX operator a recurrence).
 */
export interface NetBuilder {
  readonly graph: Graph;
  readonly mode: 'train' | 'evaluate' | 'serve';
  /** Windows in a batch; `ANY` in a graph that serves batches of any size. */
  readonly batch: number;
  /** True in a graph that reads one row a step and carries its state from row to row: `state` and `carry` act. */
  readonly streaming: boolean;
  /** A trainable tensor; asked for in the same order in every mode. Its name is prefixed with the places that it stands within. */
  parameter(name: string, shape: Shape, initial: Initial, options?: { decays?: boolean; maxNorm?: number }): Value;
  /** `x` with a share of its numbers set to 0 and the others scaled up (training only), by a mask that the trainer feeds from its seed. */
  dropout(x: Value, share: number): Value;
  /** Names a part of the net: for parameters and messages. */
  within<T>(place: string, build: () => T): T;
  /**
   * Shows `value` to whoever explains the net, under a name prefixed like a parameter's, and returns what the net goes on with: `value`, or
   * what an explanation puts in its place.
   */
  tap(kind: TapKind, name: string, value: Value): Value;
  /**
   * State that a net carries from row to row when it is served as a stream: returns what the last step left (zeros at first). Its name is
   * prefixed like a parameter's. Only where `streaming` holds.
   */
  state(name: string, shape: Shape): Value;
  /** What the next step finds under that name, in the same shape. */
  carry(name: string, value: Value): void;
}

/** `x` is (T, B, F): time, batch, features. Returns (B, outputs): logits, or what the loss takes. */
export type NetFunction = (net: NetBuilder, x: Value) => Value;
