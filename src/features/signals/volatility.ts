import type { SignalDefinition } from '../signal.ts';
import { bipower } from './volatility/bipower.ts';
import { drawdown } from './volatility/drawdown.ts';
import { efficiencyRatio } from './volatility/efficiency-ratio.ts';
import { garmanKlass } from './volatility/garman-klass.ts';
import { hurst } from './volatility/hurst.ts';
import { jump } from './volatility/jump.ts';
import { kurtosis } from './volatility/kurtosis.ts';
import { parkinson } from './volatility/parkinson.ts';
import { rangePosition } from './volatility/range-position.ts';
import { pastReturn } from './volatility/return.ts';
import { returnAutocorrelation } from './volatility/return-autocorrelation.ts';
import { rogersSatchell } from './volatility/rogers-satchell.ts';
import { semivariance } from './volatility/semivariance.ts';
import { skewness } from './volatility/skewness.ts';
import { timeOfDay } from './volatility/time-of-day.ts';
import { twoScale } from './volatility/two-scale.ts';
import { varianceRatio } from './volatility/variance-ratio.ts';
import { volatility } from './volatility/volatility.ts';
import { volatilityOfVolatility } from './volatility/volatility-of-volatility.ts';
import { yangZhang } from './volatility/yang-zhang.ts';
import { zeroShare } from './volatility/zero-share.ts';

/** In the order in which they are listed and explained; neighbours mostly share what they are made of. */
export const VOLATILITY: readonly SignalDefinition[] = [
  pastReturn,
  volatility,
  bipower,
  jump,
  semivariance,
  skewness,
  kurtosis,
  efficiencyRatio,
  parkinson,
  garmanKlass,
  rogersSatchell,
  yangZhang,
  volatilityOfVolatility,
  twoScale,
  varianceRatio,
  hurst,
  zeroShare,
  returnAutocorrelation,
  drawdown,
  rangePosition,
  timeOfDay,
];
