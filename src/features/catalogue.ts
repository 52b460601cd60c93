import type { SignalDefinition } from './signal.ts';
import { CROSS } from './signals/cross.ts';
import { FAIR_VALUE } from './signals/fair-value.ts';
import { LIQUIDITY } from './signals/liquidity.ts';
import { ORDER_FLOW } from './signals/order-flow.ts';
import { QUEUE } from './signals/queue.ts';
import { TRADES } from './signals/trades.ts';
import { VOLATILITY } from './signals/volatility.ts';

/** Every signal, family by family. */
export const CATALOGUE: readonly SignalDefinition[] = Object.freeze([
  ...ORDER_FLOW,
  ...FAIR_VALUE,
  ...LIQUIDITY,
  ...QUEUE,
  ...TRADES,
  ...VOLATILITY,
  ...CROSS,
]);
