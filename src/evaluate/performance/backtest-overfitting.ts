import { BookcastError } from '../../core/index.ts';
import { cutEvenly } from '../protocol/labelled-rows.ts';

export interface OverfittingOptions {
  /** S, into how many runs of steps the curves are cut: even, 2 to 20; 16 by default, which makes 12,870 splits. */
  readonly parts?: number;
}

/** Of choosing the strategy with the best Sharpe ratio. */
export interface BacktestOverfitting {
  /** PBO: how often the one that is best in one half is at or below the median in the other. About one half where none has skill. */
  readonly probability: number;
  /** One a split: ln(ω / (1 − ω)) with ω = rank / (N + 1), the chosen one's rank in the other half. */
  readonly logits: Float64Array;
  /** Sharpe ratios (of a step) of the chosen one, a split: in the half it was chosen in, and in the other. */
  readonly chosenIn: Float64Array;
  readonly chosenOut: Float64Array;
  /** Of the regression of `chosenOut` on `chosenIn`: below 0 where the better it looked, the worse it became. NaN where they do not vary. */
  readonly degradationSlope: number;
  readonly degradationIntercept: number;
  /** How often the chosen one loses in the other half. */
  readonly lossProbability: number;
  readonly splits: number;
}

/**
 * The probability of backtest overfitting by combinatorially symmetric cross-validation (Bailey, Borwein, López de Prado and Zhu 2017).
 * `curves` holds what each strategy gained in the same steps of time. Equal ratios share the mean of their ranks; a curve that never
 * moves has the ratio 0. Throws `bad-argument` for fewer than two strategies, an odd number of parts, or fewer than two steps a part.
 */
export function backtestOverfitting(
  curves: readonly Float64Array[],
  { parts = 16 }: OverfittingOptions = {},
): BacktestOverfitting {
  const steps = curves[0]?.length ?? 0;
  check(curves, steps, parts);
  const sums = partSums(curves, steps, parts);
  const halves = halvesOf(parts);
  const logits = new Float64Array(halves.length);
  const chosenIn = new Float64Array(halves.length);
  const chosenOut = new Float64Array(halves.length);
  const inside = new Float64Array(curves.length);
  const outside = new Float64Array(curves.length);
  const all = 2 ** parts - 1;
  halves.forEach((mask, split) => {
    ratios(sums, mask, inside);
    ratios(sums, all - mask, outside);
    let best = 0;
    for (let k = 1; k < inside.length; k++) if (inside[k] > inside[best]) best = k;
    const share = meanRank(outside, best) / (curves.length + 1);
    logits[split] = Math.log(share / (1 - share));
    chosenIn[split] = inside[best];
    chosenOut[split] = outside[best];
  });
  const { slope, intercept } = line(chosenIn, chosenOut);
  return {
    probability: logits.filter((logit) => logit <= 0).length / halves.length,
    logits,
    chosenIn,
    chosenOut,
    degradationSlope: slope,
    degradationIntercept: intercept,
    lossProbability: chosenOut.filter((ratio) => ratio < 0).length / halves.length,
    splits: halves.length,
  };
}

function check(curves: readonly Float64Array[], steps: number, parts: number): void {
  const fail = (message: string): never => {
    throw new BookcastError('bad-argument', message, { strategies: curves.length, steps, parts });
  };
  if (curves.length < 2) fail(`overfitting is of a choice; got ${curves.length} strategies, give at least two`);
  if (curves.some((curve) => curve.length !== steps)) fail('all strategies must have the same steps of time');
  if (!Number.isInteger(parts) || parts < 2 || parts > 20 || parts % 2 !== 0) {
    fail(`${parts} parts cannot be halved in all ways; give an even number from 2 to 20`);
  }
  if (steps < 2 * parts) fail(`${steps} steps are too few for ${parts} parts of at least two; give fewer parts`);
}

/** A strategy's count, sum and sum of squares in each part, in units of its own size. */
interface PartSums {
  readonly parts: number;
  readonly count: Float64Array;
  /** strategies × parts. */
  readonly sum: Float64Array;
  readonly square: Float64Array;
}

function partSums(curves: readonly Float64Array[], steps: number, parts: number): PartSums {
  const cuts = cutEvenly(steps, parts);
  const count = Float64Array.from(cuts, ({ from, to }) => to - from);
  const sum = new Float64Array(curves.length * parts);
  const square = new Float64Array(curves.length * parts);
  curves.forEach((curve, k) => {
    let largest = 0;
    for (const value of curve) largest = Math.max(largest, Math.abs(value));
    const unit = largest === 0 ? 0 : 1 / largest;
    cuts.forEach(({ from, to }, part) => {
      for (let i = from; i < to; i++) {
        sum[k * parts + part] += curve[i] * unit;
        square[k * parts + part] += (curve[i] * unit) ** 2;
      }
    });
  });
  return { parts, count, sum, square };
}

/** All choices of half of the parts, as bits. */
function halvesOf(parts: number): number[] {
  const masks: number[] = [];
  for (let mask = 0; mask < 2 ** parts; mask++) {
    let bits = 0;
    for (let rest = mask; rest > 0; rest &= rest - 1) bits++;
    if (bits === parts / 2) masks.push(mask);
  }
  return masks;
}

function ratios({ parts, count, sum, square }: PartSums, mask: number, out: Float64Array): void {
  for (let k = 0; k < out.length; k++) {
    let n = 0;
    let total = 0;
    let squares = 0;
    for (let part = 0; part < parts; part++) {
      if (((mask >>> part) & 1) === 0) continue;
      n += count[part];
      total += sum[k * parts + part];
      squares += square[k * parts + part];
    }
    const mean = total / n;
    const variance = squares / n - mean * mean;
    out[k] = variance <= 1e-14 * (squares / n) ? 0 : mean / Math.sqrt(variance);
  }
}

/** From 1, the lowest, to N; equal ones share the mean of their ranks. */
function meanRank(values: Float64Array, which: number): number {
  let below = 0;
  let equal = 0;
  for (const value of values) {
    if (value < values[which]) below++;
    else if (value === values[which]) equal++;
  }
  return below + (equal + 1) / 2;
}

function line(x: Float64Array, y: Float64Array): { slope: number; intercept: number } {
  const n = x.length;
  let [meanX, meanY] = [0, 0];
  for (let i = 0; i < n; i++) {
    meanX += x[i] / n;
    meanY += y[i] / n;
  }
  let [xx, xy] = [0, 0];
  for (let i = 0; i < n; i++) {
    xx += (x[i] - meanX) ** 2;
    xy += (x[i] - meanX) * (y[i] - meanY);
  }
  const slope = xx > 0 ? xy / xx : Number.NaN;
  return { slope, intercept: meanY - slope * meanX };
}
