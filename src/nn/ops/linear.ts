import { ANY, type Shape, shapeText, type Value } from '../graph.ts';
import { broadcastShape, expectDType, expectRank, node, permuted, reshaped, summedTo } from './shapes.ts';

function joined(a: Value, b: Value, inner: number, other: number, what: string): void {
  if (inner === other || inner === ANY || other === ANY) return;
  a.graph.fail(
    `${what}: ${shapeText(a.shape)} times ${shapeText(b.shape)} sums over ${inner} columns of the first and ${other} rows of the second; ` +
      `these must be equal: transpose one, or change the layer's width`,
  );
}

/** Axes other than the last two change places with nothing; the last two with each other. */
function flipped(x: Value): Value {
  const last = x.shape.length - 1;
  return permuted(
    x,
    [...x.shape.keys()].map((i) => (i < last - 1 ? i : last - 1 + last - i)),
  );
}

/** All axes but the last made one. */
function asRows(x: Value): Value {
  const width = x.shape[x.shape.length - 1];
  return reshaped(x, [x.shape.slice(0, -1).reduce((n, size) => n * size, 1), width]);
}

/**
 * (…, M, K) times (…, K, N) to (…, M, N): leading axes are batches, broadcast. A second factor of two axes is shared by all batches, at the
 * price of one product.
 */
export function matmul(a: Value, b: Value): Value {
  expectDType(a, 'float32', 'matmul: the first factor');
  expectDType(b, 'float32', 'matmul: the second factor');
  if (a.shape.length < 2 || b.shape.length < 2)
    a.graph.fail(
      `matmul: ${shapeText(a.shape)} times ${shapeText(b.shape)}; both need two axes at least: reshape a vector to (1, n) or (n, 1)`,
    );
  joined(a, b, a.shape[a.shape.length - 1], b.shape[b.shape.length - 2], 'matmul');
  const batches = broadcastShape('matmul: the batches', headless(a), headless(b));
  const y = node('MatMul', [a, b], [...batches, a.shape[a.shape.length - 2], b.shape[b.shape.length - 1]]);
  const shared = b.shape.length === 2;
  a.graph.record([a, b], [y], ([g], [needsA, needsB]) => {
    if (shared) return sharedGradients(g!, a, b, needsA, needsB);
    return [
      needsA ? summedTo(matmul(g!, flipped(b)), a.shape) : null,
      needsB ? summedTo(matmul(flipped(a), g!), b.shape) : null,
    ];
  });
  return y;
}

/** (…, M, K) times the transpose of (…, N, K), with the same batches, to (…, M, N): neither its gradient nor it moves a number. */
export function matmulTransposed(a: Value, b: Value): Value {
  const y = a.graph.untracked(() => matmul(a, flipped(b)));
  a.graph.record([a, b], [y], ([g], [needsA, needsB]) => [
    needsA ? matmul(g!, b) : null,
    needsB ? matmul(flipped(g!), a) : null,
  ]);
  return y;
}

function headless(x: Value): Value {
  return { ...x, shape: x.shape.slice(0, -2) };
}

/** Of a product with one matrix for all batches: two plain products, without a transpose. */
function sharedGradients(g: Value, a: Value, b: Value, needsA: boolean, needsB: boolean): (Value | null)[] {
  const rows = asRows(g);
  return [
    needsA ? reshaped(gemm(rows, b, { transB: true }), a.shape) : null,
    needsB ? gemm(asRows(a), rows, { transA: true }) : null,
  ];
}

export interface GemmOptions {
  readonly bias?: Value;
  readonly transA?: boolean;
  readonly transB?: boolean;
}

/** A B + bias of matrices, each transposed where told. The bias is broadcast to (M, N); none by default. */
export function gemm(a: Value, b: Value, { bias, transA = false, transB = false }: GemmOptions = {}): Value {
  for (const [x, what] of [
    [a, 'gemm: A'],
    [b, 'gemm: B'],
  ] as const) {
    expectDType(x, 'float32', what);
    expectRank(x, 2, what);
  }
  const [m, k] = transA ? [a.shape[1], a.shape[0]] : a.shape;
  const [inner, n] = transB ? [b.shape[1], b.shape[0]] : b.shape;
  joined(a, b, k, inner, `gemm${transA ? ', A transposed' : ''}${transB ? ', B transposed' : ''}`);
  const shape: Shape = [m, n];
  if (bias !== undefined) {
    expectDType(bias, 'float32', 'gemm: the bias');
    const whole = broadcastShape('gemm: the bias and the product', bias, { ...a, shape });
    if (whole.length > 2 || whole[0] !== m || whole[1] !== n)
      a.graph.fail(
        `gemm: the bias ${shapeText(bias.shape)} is larger than the product ${shapeText(shape)}; it must be (${n}) or (1, ${n})`,
      );
  }
  const y = node('Gemm', bias === undefined ? [a, b] : [a, b, bias], shape, {
    transA: { int: Number(transA) },
    transB: { int: Number(transB) },
  });
  a.graph.record([a, b, bias ?? null], [y], ([g], [needsA, needsB, needsBias]) => [
    needsA ? (transA ? gemm(b, g!, { transA: transB, transB: true }) : gemm(g!, b, { transB: !transB })) : null,
    needsB ? (transB ? gemm(g!, a, { transA: true, transB: transA }) : gemm(a, g!, { transA: !transA })) : null,
    needsBias ? summedTo(g!, bias!.shape) : null,
  ]);
  return y;
}
