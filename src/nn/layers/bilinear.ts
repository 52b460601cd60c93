import { shapeText, type Value } from '../graph.ts';
import type { NetBuilder } from '../net.ts';
import { add, gemm, mul, reshape, sigmoid, softmax, sub } from '../ops/index.ts';
import { product, windowOf } from './window.ts';

/** Largest norm of a column of weights (Tran et al. 2019, section V). */
const MAX_NORM = 10;

/** Begins uniform as He et al. 2015 have it for ReLU, by the numbers that go in. */
function mixer(net: NetBuilder, name: string, from: number, to: number): Value {
  return net.parameter(name, [from, to], { uniform: Math.sqrt(6 / from) }, { maxNorm: MAX_NORM });
}

function mixFeatures(x: Value, weight: Value): Value {
  const [steps, batch, features] = x.shape;
  const rows = reshape(x, [product([steps, batch]), features]);
  return reshape(gemm(rows, weight), [steps, batch, weight.shape[1]]); // (T, B, F')
}

function mixTime(x: Value, weight: Value): Value {
  const [steps, batch, features] = x.shape;
  const columns = reshape(x, [steps, product([batch, features])]);
  return reshape(gemm(weight, columns, { transA: true }), [weight.shape[1], batch, features]); // (T', B, F)
}

/**
 * W₁ X W₂ + B: a map of features and a map of time, each for itself (Tran et al. 2019, equation 3, without the bend): (T, B, F) to (`steps`, B,
 * `features`).
 */
export function bilinear(net: NetBuilder, place: string, x: Value, features: number, steps: number): Value {
  return net.within(place, () => {
    const [rows, , columns] = windowOf(x, 'bilinear');
    const ofFeatures = mixer(net, 'features', columns, features); // (F, F')
    const ofTime = mixer(net, 'time', rows, steps); // (T, T')
    const bias = net.parameter('bias', [steps, 1, features], { fill: 0 }, { decays: false });
    // Either product may come first: the cheaper order is taken.
    const featuresFirst = rows * features * (columns + steps) <= steps * columns * (rows + features);
    const mixed = featuresFirst
      ? mixTime(mixFeatures(x, ofFeatures), ofTime)
      : mixFeatures(mixTime(x, ofTime), ofFeatures);
    return add(mixed, bias); // (T', B, F')
  });
}

/**
 * Temporal attention augmented bilinear layer (Tran, Iosifidis, Kanniainen and Gabbouj, "Temporal attention-augmented bilinear network for
 * financial time-series data analysis", IEEE TNNLS 30, 2019, equations 7 to 11): (T, B, F) to (`steps`, B, `features`), without a bend. The
 * attention matrix has 1/T on its diagonal for good, and begins there. The paper cuts the share of attention to [0, 1]; here it is the sigmoid of
 * a parameter, ½ at first.
 */
export function tabl(net: NetBuilder, place: string, x: Value, features: number, steps: number): Value {
  return net.within(place, () => {
    const { graph } = net;
    const [rows, , columns] = windowOf(x, 'TABL');
    if (rows < 2)
      graph.fail(
        `TABL: ${shapeText(x.shape)} has one step on axis 0; there is nothing to attend to: give it two at least`,
      );
    const inner = mixFeatures(x, mixer(net, 'features', columns, features)); // (T, B, F')
    const attention = net.parameter('attention', [rows, rows], { fill: 1 / rows }, { maxNorm: MAX_NORM });
    const square = rows * rows;
    const diagonal = Float32Array.from({ length: square }, (_, i) => (i % (rows + 1) === 0 ? 1 / rows : 0));
    const elsewhere = diagonal.map((share) => (share === 0 ? 1 : 0));
    const weights = add(
      mul(attention, graph.constant(elsewhere, [rows, rows])),
      graph.constant(diagonal, [rows, rows]),
    );
    const mask = softmax(mixTime(inner, weights), 0); // (T, B, F')
    const ofTime = mixer(net, 'time', rows, steps); // (T, T')
    const share = sigmoid(net.parameter('share', [1], { fill: 0 }, { decays: false }));
    const attended = mul(inner, add(mul(mask, share), sub(graph.scalar(1), share))); // λ X̄ ∘ A + (1 − λ) X̄
    const bias = net.parameter('bias', [steps, 1, features], { fill: 0 }, { decays: false });
    return add(mixTime(attended, ofTime), bias); // (T', B, F')
  });
}
