import type { Family } from '../../../src/features/index.ts';
import { fairValueOracle } from './fair-value.ts';
import type { Oracle } from './history.ts';
import { liquidityOracle } from './liquidity.ts';
import { orderFlowOracle } from './order-flow.ts';
import { queueOracle } from './queue.ts';
import { tradesOracle } from './trades.ts';
import { volatilityOracle } from './volatility.ts';

/**
 * Each family's signals recomputed from nothing but their definitions: whole history, explicit weights, no state. Signals of
 * the family `cross` need two histories and are tested apart.
 */
export const ORACLES: Readonly<Record<Exclude<Family, 'cross'>, Oracle>> = {
  'order-flow': orderFlowOracle,
  'fair-value': fairValueOracle,
  liquidity: liquidityOracle,
  queue: queueOracle,
  trades: tradesOracle,
  volatility: volatilityOracle,
};
