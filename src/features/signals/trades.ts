import type { SignalDefinition } from '../signal.ts';
import { amihud } from './trades/amihud.ts';
import { hasbrouck } from './trades/hasbrouck.ts';
import { kyle } from './trades/kyle.ts';
import { largeTradeShare } from './trades/large-trade-share.ts';
import { permanentImpact } from './trades/permanent-impact.ts';
import { roll } from './trades/roll.ts';
import { runLength } from './trades/run-length.ts';
import { signAutocorrelation } from './trades/sign-autocorrelation.ts';
import { sweep } from './trades/sweep.ts';
import { tradeAge } from './trades/trade-age.ts';
import { tradeCountImbalance } from './trades/trade-count-imbalance.ts';
import { tradeFlow } from './trades/trade-flow.ts';
import { tradePriceSlope } from './trades/trade-price-slope.ts';
import { tradeRate } from './trades/trade-rate.ts';
import { tradeSize } from './trades/trade-size.ts';
import { tradeVolumeImbalance } from './trades/trade-volume-imbalance.ts';
import { volumeRate } from './trades/volume-rate.ts';
import { vpin } from './trades/vpin.ts';

/** In the order in which they are listed and explained. */
export const TRADES: readonly SignalDefinition[] = [
  tradeFlow,
  tradeCountImbalance,
  tradeRate,
  tradeVolumeImbalance,
  volumeRate,
  tradeSize,
  largeTradeShare,
  tradeAge,
  runLength,
  signAutocorrelation,
  sweep,
  tradePriceSlope,
  vpin,
  kyle,
  hasbrouck,
  permanentImpact,
  amihud,
  roll,
];
