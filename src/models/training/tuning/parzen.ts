import type { Random } from '../../../core/index.ts';
import { bounds, type Dimension, fromScale, toScale } from './space.ts';

/** A density over one setting, estimated from values of it that were tried. */
export interface Parzen {
  draw(random: Random): unknown;
  logDensity(value: unknown): number;
}

/** Estimates the density of a setting's values. With no values it is the even one. */
export function parzen(dimension: Dimension, values: readonly unknown[]): Parzen {
  return dimension.kind === 'values'
    ? shares(dimension.values, values)
    : mixture(dimension, values as readonly number[]);
}

/** How often each value was tried, and once more each (Laplace's rule), so that none is ever ruled out. */
function shares(all: readonly unknown[], values: readonly unknown[]): Parzen {
  const texts = all.map((value) => JSON.stringify(value));
  const counts = texts.map(() => 1);
  for (const value of values) counts[texts.indexOf(JSON.stringify(value))]++;
  const total = counts.reduce((sum, count) => sum + count, 0);
  return {
    draw: (random) => {
      let left = random.below(total);
      let i = 0;
      while (left >= counts[i]) left -= counts[i++];
      return all[i];
    },
    logDensity: (value) => Math.log(counts[texts.indexOf(JSON.stringify(value))] / total),
  };
}

/**
 * Normal densities cut to the range, one at each value, as wide as the way to the further of its two neighbours (the range's ends are
 * neighbours too), but no narrower than the range over 1 + their number, or over 100; and a wide one at the middle that stands for what
 * is not known (Bergstra et al. 2011, section 4.2; the bounds on the width as in their Hyperopt).
 */
function mixture(dimension: Dimension & { kind: 'range' }, values: readonly number[]): Parzen {
  const [from, to] = bounds(dimension);
  const range = to - from;
  const at = values.map((value) => toScale(dimension, value)).sort((a, b) => a - b);
  const least = range / Math.min(100, at.length + 1);
  const parts = at.map((mean, i) => {
    const before = i === 0 ? from : at[i - 1];
    const after = i === at.length - 1 ? to : at[i + 1];
    return { mean, sd: Math.min(range, Math.max(least, mean - before, after - mean)) };
  });
  parts.push({ mean: (from + to) / 2, sd: range });
  const masses = parts.map(({ mean, sd }) => normalCdf((to - mean) / sd) - normalCdf((from - mean) / sd));
  return {
    draw: (random) => {
      const { mean, sd } = parts[random.below(parts.length)];
      for (;;) {
        const x = mean + sd * random.normal();
        if (x >= from && x <= to) return fromScale(dimension, x);
      }
    },
    logDensity: (value) => {
      const x = toScale(dimension, value as number);
      let sum = 0;
      parts.forEach(({ mean, sd }, i) => {
        sum += Math.exp(-0.5 * ((x - mean) / sd) ** 2) / (sd * masses[i]);
      });
      return Math.log(sum / (parts.length * Math.sqrt(2 * Math.PI)));
    },
  };
}

/** Abramowitz and Stegun (1964), formula 7.1.26; the error is below 1.5e-7. */
function normalCdf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - poly * Math.exp(-x * x);
  return 0.5 * (1 + (z < 0 ? -erf : erf));
}
