import type { EquityPoint } from '../../../src/backtest/index.ts';
import { Random } from '../../../src/core/index.ts';

/** Uniform noise in [−½, ½) of a linear congruential generator, so that any language makes the same numbers. */
export function plainNoise(seed: number, n: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: n }, () => {
    state = Number((1103515245n * BigInt(state) + 12345n) % 2147483648n);
    return state / 2147483648 - 0.5;
  });
}

/** x_t = φ x_{t−1} + noise. */
export function plainAutoregression(seed: number, n: number, phi: number): Float64Array {
  let last = 0;
  return plainNoise(seed, n).map((noise) => {
    last = phi * last + noise;
    return last;
  });
}

export function normalSteps(seed: number, n: number, mean = 0, deviation = 1): Float64Array {
  const random = new Random(seed);
  return Float64Array.from({ length: n }, () => mean + deviation * random.normal());
}

/** The curve that gains `net` step by step; before costs it gains `cost` more in each. */
export function curveOf(net: ArrayLike<number>, stepNs = 1e9, cost = 0): EquityPoint[] {
  const points: EquityPoint[] = [{ ns: 5e9, midTicks: 100, positionLots: 0, net: 0, gross: 0 }];
  for (let i = 0; i < net.length; i++) {
    const last = points[i];
    points.push({ ...last, ns: last.ns + stepNs, net: last.net + net[i], gross: last.gross + net[i] + cost });
  }
  return points;
}
