import { assert } from '../../core/index.ts';

/** From here on the asymptotic series is exact to rounding. */
const SERIES_FROM = 20;

/**
 * ln Γ(z + ½) − ln Γ(z) for z > 0, to about 1e-14: the asymptotic series (Tricomi and Erdélyi 1951) where z is large, and Γ(z + 1) = z Γ(z) from
 * there downwards.
 */
export function logGammaRatio(z: number): number {
  let shift = 0;
  let at = z;
  for (; at < SERIES_FROM; at++) shift += Math.log(at / (at + 0.5));
  const r = 1 / (at * at);
  return shift + 0.5 * Math.log(at) - (1 / 8 - (1 / 192 - (1 / 640 - (17 / 14336) * r) * r) * r) / at;
}

/** Probability that a Student-t variable with `dof` > 0 degrees of freedom, location 0 and scale 1 is at most `t`. About 1e-12 exact. */
export function studentTCdf(t: number, dof: number): number {
  assert(dof > 0, 'there are degrees of freedom');
  if (Number.isNaN(t)) return Number.NaN;
  const tail = 0.5 * incompleteBetaHalf(dof / 2, dof / (dof + t * t), (t * t) / (dof + t * t));
  return t > 0 ? 1 - tail : tail;
}

/** I_x(a, ½), the regularised incomplete beta function; y = 1 − x comes along so that nothing is lost near 1. */
function incompleteBetaHalf(a: number, x: number, y: number): number {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  // x^a y^½ / B(a, ½), with Γ(½) = √π.
  const front = Math.exp(logGammaRatio(a) - 0.5 * Math.log(Math.PI) + a * Math.log1p(-y) + 0.5 * Math.log(y));
  if (x < (a + 1) / (a + 2.5)) return (front * betaFraction(a, 0.5, x)) / a;
  return 1 - (front * betaFraction(0.5, a, y)) / 0.5;
}

/** The continued fraction of the incomplete beta function (DLMF 8.17.22) by Lentz's method. */
function betaFraction(a: number, b: number, x: number): number {
  const least = 1e-300;
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1), least);
  let value = d;
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d, least);
    c = nonZero(1 + even / c, least);
    value *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d, least);
    c = nonZero(1 + odd / c, least);
    value *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return value;
}

function nonZero(value: number, least: number): number {
  return Math.abs(value) < least ? least : value;
}
