/**
 * How badly a class fits a forecast, in [0, 1]; smaller is better.
 *
 * - `lac`: 1 − p[k] (Sadinle, Lei and Wasserman, "Least ambiguous set-valued classifiers with bounded error levels", JASA
 *   2019): the smallest sets on average.
 * - `aps`: the probability of the classes before k, by falling probability, and a share `u` of its own (Romano, Sesia and
 *   Candès, "Classification with valid and adaptive coverage", NeurIPS 2020): sets that widen where the forecast is unsure.
 */
export type Conformity = 'lac' | 'aps';

/** Scores of all classes into `out`. Of two equal probabilities the class of the lower number stands first. */
export function conformityScores(kind: Conformity, probabilities: Float64Array, u: number, out: Float64Array): void {
  const classes = out.length;
  for (let k = 0; k < classes; k++) {
    const own = probabilities[k];
    if (kind === 'lac') {
      out[k] = 1 - own;
      continue;
    }
    let before = 0;
    for (let j = 0; j < classes; j++) {
      const other = probabilities[j];
      if (other > own || (other === own && j < k)) before += other;
    }
    out[k] = before + u * own;
  }
}

/**
 * A uniform number in (0, 1) that belongs to a decision: a hash of its number (SplitMix32's finaliser, twice), so that it needs
 * no state, and is the same when the decision's label arrives and when a run is repeated from the middle.
 */
export function uniformOf(seed: number, index: number): number {
  const high = Math.floor(index / 4294967296) | 0;
  const word = mixed(mixed(seed | 0) ^ mixed(high) ^ (index | 0));
  return ((word >>> 0) + 0.5) / 4294967296;
}

function mixed(word: number): number {
  let z = (word + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return z ^ (z >>> 15);
}
