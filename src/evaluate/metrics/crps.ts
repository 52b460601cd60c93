import { assert } from '../../core/index.ts';
import { logGammaRatio, studentTCdf } from '../../models/index.ts';

/**
 * Continuous ranked probability score of a Student-t forecast (location, scale above 0, more than one degree of freedom) at the outcome `y`, in the
 * unit of `y`: the integral of the squared distance of the forecast's distribution function from the outcome's step, or twice the pinball
 * loss in the mean over all quantiles. Lower is better; of a forecast that is a point it is the absolute error. Closed form: Jordan, Krüger
 * and Lerch, "Evaluating probabilistic forecasts with scoringRules", Journal of Statistical Software 2019, appendix A.
 */
export function studentCrps(y: number, location: number, scale: number, freedom: number): number {
  assert(scale > 0 && freedom > 1, 'a forecast with a mean has a scale and more than one degree of freedom');
  const z = (y - location) / scale;
  const density = Math.exp(
    logGammaRatio(freedom / 2) -
      0.5 * Math.log(freedom * Math.PI) -
      ((freedom + 1) / 2) * Math.log1p((z * z) / freedom),
  );
  // B(½, ν − ½) / B(½, ν / 2)².
  const ratio = Math.exp(2 * logGammaRatio(freedom / 2) - logGammaRatio(freedom - 0.5)) / Math.sqrt(Math.PI);
  const spread = ((2 * Math.sqrt(freedom)) / (freedom - 1)) * ratio;
  const sharp = (2 * density * (freedom + z * z)) / (freedom - 1);
  return scale * (z * (2 * studentTCdf(z, freedom) - 1) + sharp - spread);
}
