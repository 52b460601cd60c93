import { assert, BookcastError } from '../core/index.ts';

export type DType = 'float32' | 'int64' | 'bool';
/** A size that is known only when the graph runs: the batch of a graph that serves. A shape has at most one. */
export const ANY = -1;
export type Shape = readonly number[];

/** A tensor in a graph: not numbers, but where they will be. */
export interface Value {
  readonly graph: Graph;
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** As ONNX tells attributes apart. */
export type Attribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly string: string }
  | { readonly strings: readonly string[] };
export type Attributes = Readonly<Record<string, Attribute>>;

export interface Node {
  readonly op: string;
  /** Null where an optional input is left out. */
  readonly inputs: readonly (Value | null)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
  /** Of the operator: empty for the standard one, `ai.onnx.ml` for tree ensembles. */
  readonly domain: string;
}

export interface Constant {
  readonly value: Value;
  readonly data: Float32Array | BigInt64Array | Uint8Array;
}

/**
 * From the gradient of each output (null where nothing that is differentiated depends on it) to that of each input (null where there is
 * none). `needs` says which inputs' gradients are asked for: what is computed for others is time lost. Runs within `untracked`.
 */
export type Backward = (grads: readonly (Value | null)[], needs: readonly boolean[]) => readonly (Value | null)[];

/** What `gradients` walks backwards: one differentiable step, of one node or of many. */
export interface Step {
  readonly inputs: readonly (Value | null)[];
  readonly outputs: readonly Value[];
  readonly backward: Backward;
}

/** A tensor's type, before it has a name. */
export interface Type {
  readonly shape: Shape;
  readonly dtype?: DType;
}

/** Names that `Graph` gives to values of its own. */
const GENERATED = /^[cv]\d+$/;

/**
 * A computation in the making: nodes in the order in which they run, each a standard ONNX operator (opset 17). Shapes are checked as
 * nodes are added, so that a net that does not fit together fails where it is written, and not when it runs.
 */
export class Graph {
  readonly inputs: Value[] = [];
  readonly outputs: { readonly name: string; readonly value: Value }[] = [];
  readonly constants: Constant[] = [];
  readonly nodes: Node[] = [];
  readonly steps: Step[] = [];
  readonly #places: string[] = [];
  readonly #scalars = new Map<number, Value>();
  readonly #integers = new Map<string, Value>();
  #names = 0;
  #recording = true;

  /** Fed by whoever runs the graph. */
  input(name: string, shape: Shape, dtype: DType = 'float32'): Value {
    assert(!this.inputs.some((input) => input.name === name), `one input is called ${name}`);
    assert(!GENERATED.test(name), `an input is not called ${name}, as the graph names its own values`);
    const value = { graph: this, name, shape, dtype };
    this.inputs.push(value);
    return value;
  }

  /** Given back to whoever runs the graph. */
  output(name: string, value: Value): void {
    assert(value.graph === this, 'an output is of this graph');
    this.outputs.push({ name, value });
  }

  /** Numbers that are part of the graph. `bool` is a byte each. Not copied. */
  constant(data: Constant['data'], shape: Shape, name?: string): Value {
    assert(data.length === sizeOf(shape), 'a constant has as many numbers as its shape');
    assert(name === undefined || !GENERATED.test(name), `a constant is not called ${name}, as the graph names its own`);
    const dtype = data instanceof Float32Array ? 'float32' : data instanceof BigInt64Array ? 'int64' : 'bool';
    const value = { graph: this, name: name ?? this.#newName('c'), shape, dtype } as const;
    this.constants.push({ value, data });
    return value;
  }

  /** A constant of no axes, one for each number. */
  scalar(x: number): Value {
    const known = this.#scalars.get(x);
    if (known !== undefined) return known;
    const value = this.constant(Float32Array.of(x), []);
    this.#scalars.set(x, value);
    return value;
  }

  /** Indices, sizes and axes, as operators want them: one constant for each list. */
  integers(xs: readonly number[]): Value {
    const key = xs.join();
    const known = this.#integers.get(key);
    if (known !== undefined) return known;
    const value = this.constant(BigInt64Array.from(xs, BigInt), [xs.length]);
    this.#integers.set(key, value);
    return value;
  }

  /** Adds a node and returns its outputs. The caller has checked the shapes. */
  emit(
    op: string,
    inputs: readonly (Value | null)[],
    outputs: readonly Type[],
    attributes: Attributes = {},
    domain = '',
  ): Value[] {
    for (const input of inputs) assert(input === null || input.graph === this, 'a node reads values of its own graph');
    const values = outputs.map(({ shape, dtype = 'float32' }) => ({
      graph: this,
      name: this.#newName('v'),
      shape,
      dtype,
    }));
    // Lists are copied, since whoever holds one may go on to change it.
    this.nodes.push({ op, inputs: [...inputs], outputs: [...values], attributes, domain });
    return values;
  }

  /** Tells how gradients come back through what was just added. Does nothing within `untracked`, or where no outcome is float32. */
  record(inputs: readonly (Value | null)[], outputs: readonly Value[], backward: Backward): void {
    if (this.#recording && outputs.some(({ dtype }) => dtype === 'float32'))
      this.steps.push({ inputs: [...inputs], outputs: [...outputs], backward });
  }

  /** What `build` adds is not differentiated: whoever calls it records a gradient of its own, or wants none. */
  untracked<T>(build: () => T): T {
    const before = this.#recording;
    this.#recording = false;
    try {
      return build();
    } finally {
      this.#recording = before;
    }
  }

  /** Names the part of the net that `build` adds, for messages: `encoder / attention 1`. */
  within<T>(place: string, build: () => T): T {
    this.#places.push(place);
    try {
      return build();
    } finally {
      this.#places.pop();
    }
  }

  /** Throws `bad-argument` naming the part of the net. */
  fail(what: string): never {
    const place = this.#places.join(' / ');
    throw new BookcastError('bad-argument', place === '' ? what : `${place}: ${what}`, { place });
  }

  #newName(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }
}

/** Numbers in a tensor of this shape, which must be known. */
export function sizeOf(shape: Shape): number {
  assert(!shape.includes(ANY), 'the size of a tensor is known');
  return shape.reduce((n, axis) => n * axis, 1);
}

/** For messages: `(50, 64, 128)`, `any` for a size that is not known. */
export function shapeText(shape: Shape): string {
  return `(${shape.map((axis) => (axis === ANY ? 'any' : axis)).join(', ')})`;
}
