import { shapeText, sizeOf, type Value } from '../graph.ts';
import { mul, sub } from './arithmetic.ts';
import { exp } from './elementwise.ts';
import { gemm } from './linear.ts';
import { sum } from './reduce.ts';
import { axisOf, expectDType, node, reshaped, summedTo } from './shapes.ts';

/** e^x / Σ e^x along `axis`. */
export function softmax(x: Value, axis = -1): Value {
  const along = softmaxAxis(x, axis, 'softmax');
  const y = node('Softmax', [x], x.shape, { axis: { int: along } });
  x.graph.record([x], [y], ([g]) => {
    const product = mul(g!, y);
    return [sub(product, mul(y, sum(product, [along], true)))];
  });
  return y;
}

/** ln softmax(x) along `axis`, exact also where the softmax is nearly 0. */
export function logSoftmax(x: Value, axis = -1): Value {
  const along = softmaxAxis(x, axis, 'logSoftmax');
  const y = node('LogSoftmax', [x], x.shape, { axis: { int: along } });
  x.graph.record([x], [y], ([g]) => [sub(g!, mul(exp(y), sum(g!, [along], true)))]);
  return y;
}

function softmaxAxis(x: Value, axis: number, what: string): number {
  expectDType(x, 'float32', `${what}: the tensor`);
  return axisOf(x, axis, what);
}

/**
 * (x − mean) / √(variance + epsilon) · gain + bias over the last axis of `width`; gain and bias are (width). Ba, Kiros and Hinton 2016,
 * equation 4. The gradient is derived by hand: the means that it needs are products of a matrix with a vector.
 */
export function layerNorm(x: Value, gain: Value, bias: Value, { epsilon = 1e-5 }: { epsilon?: number } = {}): Value {
  const { graph } = x;
  expectDType(x, 'float32', 'layerNorm: the tensor');
  const last = axisOf(x, -1, 'layerNorm');
  const width = x.shape[last];
  for (const [part, what] of [
    [gain, 'gain'],
    [bias, 'bias'],
  ] as const) {
    expectDType(part, 'float32', `layerNorm: the ${what}`);
    if (part.shape.length !== 1 || part.shape[0] !== width)
      graph.fail(
        `layerNorm: the ${what} is ${shapeText(part.shape)} and the tensor ${shapeText(x.shape)}; the ${what} must be (${width}), one ` +
          'number for each along the last axis',
      );
  }
  const kept = [...x.shape.slice(0, -1), 1];
  const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } };
  const outputs = [{ shape: x.shape }, { shape: kept }, { shape: kept }];
  const [y, mean, inverse] = graph.emit('LayerNormalization', [x, gain, bias], outputs, attributes);
  graph.record([x, gain, bias], [y], ([g], [needsX, needsGain, needsBias]) => {
    const ofBias = needsBias ? summedTo(g!, bias.shape) : null;
    if (!needsX && !needsGain) return [null, null, ofBias];
    const centred = sub(x, mean);
    const product = mul(g!, centred);
    const rows = sizeOf(kept);
    const matrix = (value: Value): Value => reshaped(value, [rows, width]);
    const ofGain = needsGain
      ? reshaped(gemm(reshaped(inverse, [1, rows]), matrix(product)), gain.shape) // Σ g (x − mean) / σ
      : null;
    if (!needsX) return [null, ofGain, ofBias];
    const weights = reshaped(mul(gain, graph.scalar(1 / width)), [width, 1]);
    const meanOf = (value: Value): Value => reshaped(gemm(matrix(value), weights), kept); // of value · gain
    const along = mul(meanOf(product), mul(inverse, inverse));
    const inner = sub(sub(mul(g!, gain), mul(centred, along)), meanOf(g!));
    return [mul(inner, inverse), ofGain, ofBias];
  });
  return y;
}
