import type { SignalDefinition } from '../signal.ts';
import { convexity } from './liquidity/convexity.ts';
import { depth } from './liquidity/depth.ts';
import { depthWithin } from './liquidity/depth-within.ts';
import { effectiveSpread } from './liquidity/effective-spread.ts';
import { entropy } from './liquidity/entropy.ts';
import { herfindahl } from './liquidity/herfindahl.ts';
import { imbalance } from './liquidity/imbalance.ts';
import { imbalanceWithin } from './liquidity/imbalance-within.ts';
import { levelGap } from './liquidity/level-gap.ts';
import { pointOfControl } from './liquidity/point-of-control.ts';
import { priceImpact } from './liquidity/price-impact.ts';
import { profileBalance } from './liquidity/profile-balance.ts';
import { realisedSpread } from './liquidity/realised-spread.ts';
import { resiliency } from './liquidity/resiliency.ts';
import { slope } from './liquidity/slope.ts';
import { spread } from './liquidity/spread.ts';
import { spreadRelative } from './liquidity/spread-relative.ts';
import { topShare } from './liquidity/top-share.ts';
import { tradeCost } from './liquidity/trade-cost.ts';

/** In the order in which they are listed and explained. */
export const LIQUIDITY: readonly SignalDefinition[] = [
  spread,
  spreadRelative,
  effectiveSpread,
  realisedSpread,
  priceImpact,
  depth,
  depthWithin,
  imbalance,
  imbalanceWithin,
  topShare,
  herfindahl,
  entropy,
  slope,
  convexity,
  levelGap,
  tradeCost,
  resiliency,
  pointOfControl,
  profileBalance,
];
