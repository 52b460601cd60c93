import type { SignalDefinition } from '../signal.ts';
import { basis } from './cross/basis.ts';
import { leadLag } from './cross/lead-lag.ts';
import { peerCorrelation } from './cross/peer-correlation.ts';
import { peerImbalance } from './cross/peer-imbalance.ts';
import { peerOfi } from './cross/peer-ofi.ts';
import { peerReturn } from './cross/peer-return.ts';
import { peerTradeFlow } from './cross/peer-trade-flow.ts';

/** In the order in which they are listed and explained. */
export const CROSS: readonly SignalDefinition[] = [
  peerReturn,
  peerOfi,
  peerTradeFlow,
  peerImbalance,
  basis,
  leadLag,
  peerCorrelation,
];
