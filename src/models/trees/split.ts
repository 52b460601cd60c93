import { MISSING_BIN } from './bins.ts';

/** What a split must keep to. */
export interface SplitRules {
  /** λ of Chen and Guestrin 2016. */
  readonly l2: number;
  /** Least sum of hessians in a child. */
  readonly minWeight: number;
  /** Least rows in a child. */
  readonly minSamples: number;
  /** Least gain of a split; it must be greater than this. */
  readonly minGain: number;
}

/** The best split so far of a leaf. */
export interface Split {
  gain: number;
  /** −1 where there is none. */
  feature: number;
  /** Rows in this bin or one below go left. The last bin where all that is not missing goes left. */
  bin: number;
  missingLeft: boolean;
  /** Whether the feature is missing in a row of the leaf; if not, `missingLeft` means nothing. */
  missing: boolean;
  /** Sums of the left child. */
  gLeft: number;
  hLeft: number;
}

/** Sums of a leaf's rows, and the values that monotone splits above it leave to it. */
export interface LeafSums {
  readonly g: number;
  readonly h: number;
  readonly rows: number;
  readonly lower: number;
  readonly upper: number;
}

/** One feature of a leaf's histogram. */
export interface FeatureHistogram {
  readonly sums: Float64Array;
  /** Where the feature's 256 pairs begin in `sums`. */
  readonly at: number;
  /** Bins of values; the missing ones stand at `MISSING_BIN`. */
  readonly bins: number;
  readonly feature: number;
  /** Whether the feature is missing in any row of training. */
  readonly missing: boolean;
  /** 1 or −1 where the value must not fall, or rise, with the feature; else 0. */
  readonly monotone: number;
}

export function noSplit(minGain: number): Split {
  return { gain: minGain, feature: -1, bin: 0, missingLeft: false, missing: false, gLeft: 0, hLeft: 0 };
}

/** The value of a leaf that minimises the second-order loss, −G / (H + λ), within bounds (Chen and Guestrin 2016, equation 5). */
export function leafValue(g: number, h: number, l2: number, lower: number, upper: number): number {
  const value = h + l2 > 0 ? -g / (h + l2) : 0;
  return value < lower ? lower : value > upper ? upper : value;
}

/** How far a leaf of that value lowers the loss, times 2: −2 G w − (H + λ) w², which is G² / (H + λ) at the best value. */
function leafScore(g: number, h: number, l2: number, value: number): number {
  return -(2 * g + (h + l2) * value) * value;
}

/**
 * Looks at all splits of one feature, missing values sent right and then left (Chen and Guestrin 2016, algorithm 3), and keeps in `best`
 * the first of the greatest gain: the sum of the children's G² / (H + λ) less the leaf's (equation 7, times 2). Rows are not counted:
 * the caller checks `minSamples`, or calls `scanStrictly`.
 */
export function scan(of: FeatureHistogram, leaf: LeafSums, rules: SplitRules, best: Split): void {
  const { sums, at } = of;
  const { g, h } = leaf;
  const { l2, minWeight } = rules;
  const own = (g * g) / (h + l2);
  const hMissing = of.missing ? sums[at + 2 * MISSING_BIN + 1] : 0;
  // A histogram got by subtraction keeps some rounding where there are no rows.
  const some = hMissing > 1e-9 * h;
  for (let side = 0; side < (some ? 2 : 1); side++) {
    // Where nothing is missing, the last bin would leave nobody on the right; missing values on the left of it are all rows.
    const end = at + 2 * (of.bins - (some && side === 0 ? 0 : 1));
    let gLeft = side === 0 ? 0 : sums[at + 2 * MISSING_BIN];
    let hLeft = side === 0 ? 0 : hMissing;
    let most = best.gain + own;
    let found = -1;
    let [gFound, hFound] = [0, 0];
    for (let i = at; i < end; i += 2) {
      gLeft += sums[i];
      hLeft += sums[i + 1];
      if (hLeft < minWeight) continue;
      const hRight = h - hLeft;
      if (hRight < minWeight) break;
      const gRight = g - gLeft;
      const a = hLeft + l2;
      const b = hRight + l2;
      const score = (gLeft * gLeft * b + gRight * gRight * a) / (a * b);
      if (score > most) {
        most = score;
        found = i;
        gFound = gLeft;
        hFound = hLeft;
      }
    }
    if (found >= 0) keep(best, most - own, of.feature, (found - at) / 2, side, some, gFound, hFound);
  }
}

/** As `scan`, with rows counted by bin (`counts`, of this feature) and the rules of monotone features. */
export function scanStrictly(
  of: FeatureHistogram,
  counts: Int32Array | null,
  leaf: LeafSums,
  rules: SplitRules,
  best: Split,
): void {
  const { sums, at, monotone } = of;
  const { g, h, lower, upper } = leaf;
  const { l2, minWeight } = rules;
  const minSamples = counts === null ? 0 : rules.minSamples;
  const own = leafScore(g, h, l2, leafValue(g, h, l2, lower, upper));
  const missing = at + 2 * MISSING_BIN;
  const nMissing = counts?.[MISSING_BIN] ?? 0;
  const some = counts === null ? of.missing && sums[missing + 1] > 1e-9 * h : nMissing > 0;
  for (let side = 0; side < (some ? 2 : 1); side++) {
    const bins = of.bins - (some && side === 0 ? 0 : 1);
    let gLeft = side === 0 ? 0 : sums[missing];
    let hLeft = side === 0 ? 0 : sums[missing + 1];
    let nLeft = side === 0 ? 0 : nMissing;
    for (let bin = 0; bin < bins; bin++) {
      const i = at + 2 * bin;
      gLeft += sums[i];
      hLeft += sums[i + 1];
      nLeft += counts === null ? 0 : counts[bin];
      const [gRight, hRight] = [g - gLeft, h - hLeft];
      if (hLeft < minWeight || nLeft < minSamples) continue;
      if (hRight < minWeight || (counts !== null && leaf.rows - nLeft < minSamples)) break;
      const left = leafValue(gLeft, hLeft, l2, lower, upper);
      const right = leafValue(gRight, hRight, l2, lower, upper);
      if (monotone * (right - left) < 0) continue;
      const gain = leafScore(gLeft, hLeft, l2, left) + leafScore(gRight, hRight, l2, right) - own;
      if (gain > best.gain) keep(best, gain, of.feature, bin, side, some, gLeft, hLeft);
    }
  }
}

function keep(
  best: Split,
  gain: number,
  feature: number,
  bin: number,
  side: number,
  missing: boolean,
  gLeft: number,
  hLeft: number,
): void {
  best.gain = gain;
  best.feature = feature;
  best.bin = bin;
  best.missingLeft = side === 1;
  best.missing = missing;
  best.gLeft = gLeft;
  best.hLeft = hLeft;
}
