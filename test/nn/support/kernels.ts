import type { Attribute, Attributes } from '../../../src/nn/graph.ts';
import { indices, make, read, readInside, sizeOf, type Tensor, together } from './tensor.ts';

/**
 * What each ONNX operator does (github.com/onnx/onnx, docs/Operators.md, opset 17), in float64 and in plain loops: the oracle. It knows
 * only as much of an operator as the graphs of this project use.
 */
type Kernel = (inputs: Tensor[], attributes: Attributes, outputs: number) => Tensor[];

function setting<T>(attributes: Attributes, name: string, fallback: T): T {
  const found = attributes[name] as Attribute | undefined;
  return found === undefined ? fallback : (Object.values(found)[0] as T);
}

function elementwise(f: (...xs: number[]) => number): Kernel {
  return (inputs) => [
    make(together(...inputs.map(({ shape }) => shape)), (index) => f(...inputs.map((x) => read(x, index)))),
  ];
}

/** Series near 0 (Abramowitz and Stegun 7.1.6), continued fraction far from it (7.1.14). */
export function erf(x: number): number {
  const z = Math.abs(x);
  if (z < 3) {
    let term = z;
    let total = z;
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(total); n++) {
      term *= (2 * z * z) / (2 * n + 1);
      total += term;
    }
    return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) * total;
  }
  let fraction = z;
  for (let n = 60; n >= 1; n--) fraction = z + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-z * z) / (fraction * Math.sqrt(Math.PI)));
}

const matmul: Kernel = ([a, b]) => {
  const [m, k] = a.shape.slice(-2);
  const n = b.shape[b.shape.length - 1];
  const batches = together(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const along = (x: Tensor, batch: number[], last: number[]): number =>
    read(x, [...batch.slice(batch.length - x.shape.length + 2), ...last]);
  return [
    make([...batches, m, n], (index) => {
      const batch = index.slice(0, -2);
      const [row, column] = index.slice(-2);
      let total = 0;
      // `read` takes an index on an axis of size 1 for 0, so that a sum over one column is one product.
      for (let i = 0; i < k; i++) total += along(a, batch, [row, i]) * along(b, batch, [i, column]);
      return total;
    }),
  ];
};

const gemm: Kernel = ([a, b, c], attributes) => {
  const transA = setting<number>(attributes, 'transA', 0) === 1;
  const transB = setting<number>(attributes, 'transB', 0) === 1;
  const [m, k] = transA ? [...a.shape].reverse() : a.shape;
  const n = b.shape[transB ? 0 : 1];
  return [
    make([m, n], ([i, j]) => {
      let total = c === undefined ? 0 : read(c, [i, j]);
      for (let l = 0; l < k; l++) total += read(a, transA ? [l, i] : [i, l]) * read(b, transB ? [j, l] : [l, j]);
      return total;
    }),
  ];
};

/** Groups of numbers that are reduced to one. */
function groups(x: Tensor, axes: readonly number[]): { kept: number[]; at: (index: readonly number[]) => number[] } {
  const kept = x.shape.map((size, i) => (axes.includes(i) ? 1 : size));
  const inner = indices(x.shape.map((size, i) => (axes.includes(i) ? size : 1)));
  return {
    kept,
    at: (index) =>
      inner.map((step) =>
        read(
          x,
          step.map((i, axis) => i + index[axis]),
        ),
      ),
  };
}

function reduction(f: (xs: number[]) => number): Kernel {
  return ([x, listed], attributes) => {
    const axes = listed === undefined ? setting<readonly number[]>(attributes, 'axes', []) : [...listed.data];
    const { kept, at } = groups(x, axes);
    const full = make(kept, (index) => f(at(index)));
    const shape = setting<number>(attributes, 'keepdims', 1) === 1 ? kept : kept.filter((_, i) => !axes.includes(i));
    return [{ shape, data: full.data }];
  };
}

function softmax(logarithm: boolean): Kernel {
  return ([x], attributes) => {
    const axis = setting(attributes, 'axis', -1);
    const along = groups(x, [axis < 0 ? axis + x.shape.length : axis]);
    const sums = make(along.kept, (index) => {
      const xs = along.at(index);
      const largest = Math.max(...xs);
      return largest + Math.log(xs.reduce((total, one) => total + Math.exp(one - largest), 0));
    });
    return [
      make(x.shape, (index) =>
        logarithm ? read(x, index) - read(sums, index) : Math.exp(read(x, index) - read(sums, index)),
      ),
    ];
  };
}

const layerNormalization: Kernel = ([x, gain, bias], attributes) => {
  const { kept, at } = groups(x, [x.shape.length - 1]);
  const meanOf = (xs: number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;
  const mean = make(kept, (index) => meanOf(at(index)));
  const inverse = make(kept, (index) => {
    const variance = meanOf(at(index).map((one) => (one - read(mean, index)) ** 2));
    return 1 / Math.sqrt(variance + setting(attributes, 'epsilon', 1e-5));
  });
  const y = make(x.shape, (index) => {
    const normal = (read(x, index) - read(mean, index)) * read(inverse, index);
    return normal * read(gain, index) + read(bias, index);
  });
  return [y, mean, inverse];
};

const reshape: Kernel = ([x, to]) => {
  const rest = x.data.length / sizeOf([...to.data].filter((size) => size !== -1));
  const shape = [...to.data].map((size) => (size === -1 ? rest : size));
  if (sizeOf(shape) !== x.data.length) throw new Error(`reshape ${x.shape} to ${shape}`);
  return [{ shape, data: x.data }];
};

const transpose: Kernel = ([x], attributes) => {
  const order = setting<readonly number[]>(attributes, 'perm', []);
  return [
    make(
      order.map((axis) => x.shape[axis]),
      (index) =>
        read(
          x,
          x.shape.map((_, axis) => index[order.indexOf(axis)]),
        ),
    ),
  ];
};

const slice: Kernel = ([x, starts, ends, axes, steps]) => {
  const [from, count, step] = [x.shape.map(() => 0), [...x.shape], x.shape.map(() => 1)];
  axes.data.forEach((axis, i) => {
    from[axis] = starts.data[i];
    step[axis] = steps.data[i];
    count[axis] = Math.ceil((ends.data[i] - starts.data[i]) / steps.data[i]);
  });
  return [
    make(count, (index) =>
      read(
        x,
        index.map((place, axis) => from[axis] + place * step[axis]),
      ),
    ),
  ];
};

const split: Kernel = ([x, sizes], attributes) => {
  const axis = setting(attributes, 'axis', 0);
  let from = 0;
  return [...sizes.data].map((size) => {
    const start = from;
    from += size;
    return make(x.shape.with(axis, size), (index) => read(x, index.with(axis, start + index[axis])));
  });
};

const concat: Kernel = (parts, attributes) => {
  const axis = setting(attributes, 'axis', 0);
  const total = parts.reduce((sum, part) => sum + part.shape[axis], 0);
  return [
    make(parts[0].shape.with(axis, total), (index) => {
      let place = index[axis];
      const part = parts.find(({ shape }) => {
        if (place < shape[axis]) return true;
        place -= shape[axis];
        return false;
      });
      return read(part!, index.with(axis, place));
    }),
  ];
};

const pad: Kernel = ([x, pads, fill]) => {
  const rank = x.shape.length;
  const shape = x.shape.map((size, i) => size + pads.data[i] + pads.data[rank + i]);
  return [
    make(shape, (index) => {
      const place = index.map((i, axis) => i - pads.data[axis]);
      return place.every((i, axis) => i >= 0 && i < x.shape[axis]) ? read(x, place) : fill.data[0];
    }),
  ];
};

const gather: Kernel = ([x, rows], attributes) => {
  const axis = setting(attributes, 'axis', 0);
  const rank = rows.shape.length;
  return [
    make(x.shape.toSpliced(axis, 1, ...rows.shape), (index) => {
      const row = read(rows, index.slice(axis, axis + rank));
      return read(x, index.toSpliced(axis, rank, row < 0 ? row + x.shape[axis] : row));
    }),
  ];
};

const scatterRows: Kernel = ([data, rows, updates]) => {
  const result = { shape: data.shape, data: data.data.slice() };
  const width = sizeOf(data.shape.slice(1));
  rows.data.forEach((row, i) => {
    const first = (row < 0 ? row + data.shape[0] : row) * width;
    for (let j = 0; j < width; j++) result.data[first + j] += updates.data[i * width + j];
  });
  return [result];
};

const conv: Kernel = ([x, weights, bias], attributes) => {
  const [strides, pads, dilations] = ['strides', 'pads', 'dilations'].map((name) =>
    setting<number[]>(attributes, name, []),
  );
  const places = [0, 1].map((i) => {
    const room = x.shape[i + 2] + pads[i] + pads[i + 2] - dilations[i] * (weights.shape[i + 2] - 1) - 1;
    return Math.floor(room / strides[i]) + 1;
  });
  const offsets = indices(weights.shape.slice(1));
  return [
    make([x.shape[0], weights.shape[0], ...places], ([sample, channel, row, column]) => {
      let total = bias === undefined ? 0 : bias.data[channel];
      for (const [from, i, j] of offsets) {
        const place = [row * strides[0] - pads[0] + i * dilations[0], column * strides[1] - pads[1] + j * dilations[1]];
        total += readInside(x, [sample, from, ...place]) * read(weights, [channel, from, i, j]);
      }
      return total;
    }),
  ];
};

const convTranspose: Kernel = ([x, weights], attributes) => {
  const [strides, pads, dilations, extra] = ['strides', 'pads', 'dilations', 'output_padding'].map((name) =>
    setting<number[]>(attributes, name, []),
  );
  const sizes = [0, 1].map(
    (i) =>
      strides[i] * (x.shape[i + 2] - 1) +
      extra[i] +
      dilations[i] * (weights.shape[i + 2] - 1) +
      1 -
      pads[i] -
      pads[i + 2],
  );
  const y = make([x.shape[0], weights.shape[1], ...sizes], () => 0);
  for (const [sample, from, row, column] of indices(x.shape))
    for (const [to, i, j] of indices(weights.shape.slice(1))) {
      const place = [row * strides[0] - pads[0] + i * dilations[0], column * strides[1] - pads[1] + j * dilations[1]];
      if (place.some((at, axis) => at < 0 || at >= sizes[axis])) continue;
      y.data[((sample * y.shape[1] + to) * sizes[0] + place[0]) * sizes[1] + place[1]] +=
        read(x, [sample, from, row, column]) * read(weights, [from, to, i, j]);
    }
  return [y];
};

export const KERNELS: Readonly<Record<string, Kernel>> = {
  Add: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Mul: elementwise((a, b) => a * b),
  Div: elementwise((a, b) => a / b),
  Max: elementwise(Math.max),
  Min: elementwise(Math.min),
  Pow: elementwise((a, b) => a ** b),
  Neg: elementwise((x) => -x),
  Exp: elementwise(Math.exp),
  Log: elementwise(Math.log),
  Sqrt: elementwise(Math.sqrt),
  Reciprocal: elementwise((x) => 1 / x),
  Abs: elementwise(Math.abs),
  Sign: elementwise(Math.sign),
  Tanh: elementwise(Math.tanh),
  Sigmoid: elementwise((x) => 1 / (1 + Math.exp(-x))),
  Relu: elementwise((x) => Math.max(x, 0)),
  Softplus: elementwise((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  Erf: elementwise(erf),
  Equal: elementwise((a, b) => Number(a === b)),
  Greater: elementwise((a, b) => Number(a > b)),
  GreaterOrEqual: elementwise((a, b) => Number(a >= b)),
  Less: elementwise((a, b) => Number(a < b)),
  LessOrEqual: elementwise((a, b) => Number(a <= b)),
  Where: elementwise((condition, a, b) => (condition !== 0 ? a : b)),
  Cast: ([x], attributes) => {
    const to = setting(attributes, 'to', 1);
    return elementwise(to === 1 ? (one) => one : to === 7 ? Math.trunc : (one) => Number(one !== 0))([x], {}, 1);
  },
  Identity: elementwise((x) => x),
  MatMul: matmul,
  Gemm: gemm,
  ReduceSum: reduction((xs) => xs.reduce((a, b) => a + b, 0)),
  ReduceMean: reduction((xs) => xs.reduce((a, b) => a + b, 0) / xs.length),
  ReduceMax: reduction((xs) => Math.max(...xs)),
  Softmax: softmax(false),
  LogSoftmax: softmax(true),
  LayerNormalization: layerNormalization,
  Reshape: reshape,
  Transpose: transpose,
  Slice: slice,
  Split: split,
  Concat: concat,
  Pad: pad,
  Expand: ([x, to]) => [make(together(x.shape, [...to.data]), (index) => read(x, index))],
  Gather: gather,
  ScatterND: scatterRows,
  OneHot: ([rows, depth, values]) => [
    make(
      [...rows.shape, depth.data[0]],
      (index) => values.data[Number(read(rows, index.slice(0, -1)) === index[index.length - 1])],
    ),
  ],
  ConstantOfShape: ([shape]) => [make([...shape.data], () => 0)],
  Conv: conv,
  ConvTranspose: convTranspose,
};
