import { shapeText, type Value } from '../graph.ts';
import { maximum } from './arithmetic.ts';
import { concat, pad, slice } from './layout.ts';
import { matmul } from './linear.ts';
import { sum } from './reduce.ts';
import { expectDType, expectRank, node, permuted, reshaped } from './shapes.ts';

export interface ConvOptions {
  /** (C′): one number for each channel that comes out. Default none. */
  readonly bias?: Value;
  /** Vertical, horizontal; default 1. */
  readonly strides?: readonly [number, number];
  /** Zeros above, left, below, right; default none. */
  readonly pads?: readonly [number, number, number, number];
  readonly dilations?: readonly [number, number];
}

/** Places that a kernel finds along an axis. */
function placesAlong(size: number, kernel: number, stride: number, pads: number, dilation: number): number {
  return Math.floor((size + pads - dilation * (kernel - 1) - 1) / stride) + 1;
}

/**
 * Cross-correlation of (B, C, H, W) with weights (C′, C, kernel height, kernel width) to (B, C′, H′, W′).
 */
export function conv(x: Value, weights: Value, options: ConvOptions = {}): Value {
  const { bias, strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1] } = options;
  const { graph } = x;
  for (const [tensor, what] of [
    [x, 'conv: the tensor'],
    [weights, 'conv: the weights'],
  ] as const) {
    expectDType(tensor, 'float32', what);
    expectRank(tensor, 4, what);
  }
  const [batch, channels, height, width] = x.shape;
  const [outgoing, incoming, ...kernel] = weights.shape;
  const what = `conv: ${shapeText(x.shape)} with weights ${shapeText(weights.shape)}`;
  if (channels !== incoming) graph.fail(`${what}: axis 1 is ${channels} channels against ${incoming}; make them equal`);
  if (bias !== undefined && (bias.shape.length !== 1 || bias.shape[0] !== outgoing))
    graph.fail(`${what}: the bias is ${shapeText(bias.shape)}; it must be (${outgoing})`);
  const whole = (counts: readonly number[], least: number): boolean =>
    counts.every((n) => Number.isInteger(n) && n >= least);
  if (!whole(strides, 1) || !whole(dilations, 1) || !whole(pads, 0))
    graph.fail(
      `${what}: strides [${strides}] and dilations [${dilations}] must be whole and at least 1, pads [${pads}] whole and at least 0`,
    );
  const places = [height, width].map((size, i) =>
    placesAlong(size, kernel[i], strides[i], pads[i] + pads[i + 2], dilations[i]),
  );
  if (places.some((n) => !(n >= 1)))
    graph.fail(`${what}: the kernel is larger than what it goes over; take a smaller one, or pad`);
  const attributes = { strides: { ints: strides }, pads: { ints: pads }, dilations: { ints: dilations } };
  const y = node(
    'Conv',
    bias === undefined ? [x, weights] : [x, weights, bias],
    [batch, outgoing, ...places],
    attributes,
  );
  graph.record([x, weights, bias ?? null], [y], ([g], [needsX, needsWeights, needsBias]) => {
    // What the last stride left over below and on the right is not covered by any kernel, and so is zero.
    const rest = places.map((n, i) => {
      const covered = strides[i] * (n - 1) + dilations[i] * (kernel[i] - 1) + 1;
      return x.shape[i + 2] + pads[i] + pads[i + 2] - covered;
    });
    return [
      needsX ? node('ConvTranspose', [g!, weights], x.shape, { ...attributes, output_padding: { ints: rest } }) : null,
      needsWeights ? ofWeights(g!, x, weights, { strides, pads, dilations }) : null,
      needsBias ? sum(g!, [0, 2, 3]) : null,
    ];
  });
  return y;
}

/**
 * The weights' gradient: the outcome's gradient times what each weight met. As a convolution of the two, with batch and channels in each
 * other's place, it would be one node, and three times slower in ONNX Runtime.
 */
function ofWeights(grad: Value, x: Value, weights: Value, options: Required<Omit<ConvOptions, 'bias'>>): Value {
  const { strides, pads, dilations } = options;
  const { graph } = x;
  const [outgoing, channels, height, width] = weights.shape;
  const [batch, , ...places] = grad.shape;
  const framed = pad(x, [0, 0, pads[0], pads[1]], [0, 0, pads[2], pads[3]]);
  const met: Value[] = [];
  for (let i = 0; i < height; i++)
    for (let j = 0; j < width; j++) {
      const from = [i * dilations[0], j * dilations[1]];
      const to = from.map((first, axis) => first + (places[axis] - 1) * strides[axis] + 1);
      const bounds = [from, to, [2, 3], strides].map((list) => graph.integers(list));
      met.push(node('Slice', [framed, ...bounds], [batch, channels, ...places]));
    }
  const area = places[0] * places[1];
  const columns = reshaped(concat(met, 1), [batch, met.length * channels, area]);
  const products = matmul(reshaped(grad, [batch, outgoing, area]), permuted(columns, [0, 2, 1]));
  const sums = reshaped(sum(products, [0]), [outgoing, height, width, channels]);
  return permuted(sums, [0, 3, 1, 2]);
}

export interface PoolOptions {
  readonly kernel: readonly [number, number];
  readonly strides?: readonly [number, number];
  /** Above, left, below, right; what is padded is never the largest. Default none. */
  readonly pads?: readonly [number, number, number, number];
}

/**
 * Largest number under the kernel, (B, C, H, W) to (B, C, H′, W′): maxima of slices, so that its gradient is plain operators. Among equal
 * numbers the first has the gradient. Cost grows with the sides of the kernel, not with its area.
 */
export function maxPool(x: Value, { kernel, strides = [1, 1], pads = [0, 0, 0, 0] }: PoolOptions): Value {
  expectRank(x, 4, 'maxPool: the tensor');
  const lowest = -3.4028234663852886e38;
  const framed = pad(x, [0, 0, pads[0], pads[1]], [0, 0, pads[2], pads[3]], lowest);
  return [0, 1].reduce((rest, i) => {
    const axis = i + 2;
    const places = placesAlong(rest.shape[axis], kernel[i], strides[i], 0, 1);
    if (!(places >= 1))
      x.graph.fail(
        `maxPool: a kernel of ${kernel[i]} is larger than axis ${axis} of ${shapeText(x.shape)} with its padding; take a smaller one, or pad`,
      );
    const span = (places - 1) * strides[i] + 1;
    const shifted = Array.from({ length: kernel[i] }, (_, k) => slice(rest, axis, k, k + span, strides[i]));
    return shifted.reduce(maximum);
  }, framed);
}
