import { shapeText, type Value } from '../graph.ts';
import type { NetBuilder } from '../net.ts';
import { add, div, exp, mul, sqrt, square, sub, sum } from '../ops/index.ts';
import { windowOf } from './window.ts';

/** Below a deviation of 1e-4 a series counts as constant, and comes out near 0. */
const EPSILON = 1e-8;

/**
 * Bilinear input normalisation: each window is normalised over time and over features, and the two are mixed (Tran, Kanniainen, Gabbouj and
 * Iosifidis, "Data normalization for bilinear structures in high-frequency financial time-series", ICPR 2020; Neural Processing Letters 2021).
 * (T, B, F) to (T, B, F), with 2T + 2F + 2 parameters. Gains begin at 1. The paper keeps the two weights of the mixture from falling below 0 by
 * setting them back; here they are exponentials, ½ at first, which cannot.
 */
export function biNorm(net: NetBuilder, place: string, x: Value): Value {
  return net.within(place, () => {
    const [steps, , features] = windowOf(x, 'BiN');
    if (steps < 2 || features < 2)
      x.graph.fail(
        `BiN: ${shapeText(x.shape)} has ${steps} steps on axis 0 and ${features} features on axis 2; a deviation needs two of each at least`,
      );
    const part = (name: string, axis: number, shape: readonly number[]): Value => {
      const gain = net.parameter(`${name} gain`, shape, { fill: 1 }, { decays: false });
      const bias = net.parameter(`${name} bias`, shape, { fill: 0 }, { decays: false });
      return add(mul(standardised(x, axis), gain), bias); // (T, B, F)
    };
    const overTime = part('time', 0, [features]);
    const overFeatures = part('features', 2, [steps, 1, 1]);
    const half = { fill: Math.log(0.5) };
    const ofTime = exp(net.parameter('time weight', [1], half, { decays: false }));
    const ofFeatures = exp(net.parameter('features weight', [1], half, { decays: false }));
    return net.tap('entrance', 'normalised', add(mul(overTime, ofTime), mul(overFeatures, ofFeatures)));
  });
}

/** To mean 0 and (unbiased) variance 1 along one axis. */
function standardised(x: Value, axis: number): Value {
  const { graph } = x;
  const n = x.shape[axis];
  const centred = sub(x, mul(sum(x, [axis], true), graph.scalar(1 / n)));
  const variance = mul(sum(square(centred), [axis], true), graph.scalar(1 / (n - 1)));
  return div(centred, sqrt(add(variance, graph.scalar(EPSILON))));
}
