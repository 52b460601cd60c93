import type { SignalDefinition } from '../signal.ts';
import { ofi } from './order-flow/ofi.ts';
import { ofiComponents } from './order-flow/ofi-components.ts';
import { ofiImpact } from './order-flow/ofi-impact.ts';
import { ofiIntegrated } from './order-flow/ofi-integrated.ts';
import { ofiLog } from './order-flow/ofi-log.ts';
import { ofiMean } from './order-flow/ofi-mean.ts';
import { ofiNear } from './order-flow/ofi-near.ts';
import { ofiQuotes } from './order-flow/ofi-quotes.ts';
import { ofiRatio } from './order-flow/ofi-ratio.ts';
import { ofiWindow } from './order-flow/ofi-window.ts';

/** In the order in which they are listed and explained. */
export const ORDER_FLOW: readonly SignalDefinition[] = [
  ofi,
  ofiMean,
  ofiIntegrated,
  ofiWindow,
  ofiRatio,
  ofiLog,
  ofiComponents,
  ofiQuotes,
  ofiNear,
  ofiImpact,
];
