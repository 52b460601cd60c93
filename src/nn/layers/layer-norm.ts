import { shapeText, type Value } from '../graph.ts';
import type { NetBuilder } from '../net.ts';
import { add, layerNorm as layerNormOp, mean, mul, reciprocal, reshape, sqrt, square, sub, sum } from '../ops/index.ts';
import { product, windowOf } from './window.ts';

const EPSILON = 1e-5;

/** Ba, Kiros and Hinton 2016 over the last axis, with a gain (1 at first) and a bias (0 at first) for each number along it. */
export function layerNorm(net: NetBuilder, place: string, x: Value): Value {
  return net.within(place, () => {
    const width = x.shape[x.shape.length - 1];
    const gain = net.parameter('gain', [width], { fill: 1 }, { decays: false });
    const bias = net.parameter('bias', [width], { fill: 0 }, { decays: false });
    return layerNormOp(x, gain, bias, { epsilon: EPSILON });
  });
}

/** The same over time: each feature of a window on its own, (T, B, F) to (T, B, F), with a gain and a bias for each step. */
export function layerNormOverTime(net: NetBuilder, place: string, x: Value): Value {
  return net.within(place, () => {
    const [steps, batch, features] = windowOf(x, 'layer norm over time');
    const columns = reshape(x, [steps, product([batch, features])]); // (T, B·F)
    return reshape(normalisedAlong(net, columns, 0), x.shape);
  });
}

/** The same over channels: each place of a picture (B, C, H, W) on its own, with a gain and a bias for each channel. */
export function layerNormOverChannels(net: NetBuilder, place: string, x: Value): Value {
  return net.within(place, () => {
    if (x.shape.length !== 4)
      x.graph.fail(`layer norm over channels reads (B, C, H, W); it was given ${shapeText(x.shape)}: reshape it`);
    const [batch, channels, height, width] = x.shape;
    return reshape(normalisedAlong(net, reshape(x, [batch, channels, height * width]), 1), x.shape);
  });
}

/**
 * To mean 0 and variance 1 along one axis, then times a gain and plus a bias for each place on it. Its gradient is derived by hand, so that few
 * passes over the numbers are made.
 */
function normalisedAlong(net: NetBuilder, x: Value, axis: number): Value {
  const { graph } = x;
  const size = x.shape[axis];
  const wide = x.shape.map((n, i) => (i === axis ? n : 1));
  const gain = reshape(net.parameter('gain', [size], { fill: 1 }, { decays: false }), wide);
  const bias = reshape(net.parameter('bias', [size], { fill: 0 }, { decays: false }), wide);
  const { normal, inverse, y } = graph.untracked(() => {
    const centred = sub(x, mean(x, [axis], true));
    const variance = mean(square(centred), [axis], true);
    const inverse = reciprocal(sqrt(add(variance, graph.scalar(EPSILON))));
    const normal = mul(centred, inverse);
    return { normal, inverse, y: add(mul(normal, gain), bias) };
  });
  const others = x.shape.flatMap((_, i) => (i === axis ? [] : [i]));
  graph.record([x, gain, bias], [y], ([g]) => {
    const ofGain = sum(mul(g!, normal), others, true);
    const ofBias = sum(g!, others, true);
    const ofNormal = mul(g!, gain);
    const along = mean(mul(ofNormal, normal), [axis], true);
    const ofX = mul(sub(sub(ofNormal, mean(ofNormal, [axis], true)), mul(normal, along)), inverse);
    return [ofX, ofGain, ofBias];
  });
  return y;
}
