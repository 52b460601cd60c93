import type { SignalDefinition } from '../signal.ts';
import { arrivalRate } from './queue/arrival-rate.ts';
import { burstiness } from './queue/burstiness.ts';
import { cancelRate } from './queue/cancel-rate.ts';
import { cancelToTrade } from './queue/cancel-to-trade.ts';
import { depletionTime } from './queue/depletion-time.ts';
import { duration } from './queue/duration.ts';
import { eventRate } from './queue/event-rate.ts';
import { executionRate } from './queue/execution-rate.ts';
import { fillTime } from './queue/fill-time.ts';
import { fleetingShare } from './queue/fleeting-share.ts';
import { hawkes } from './queue/hawkes.ts';
import { midAge } from './queue/mid-age.ts';
import { orderLifetime } from './queue/order-lifetime.ts';
import { orderSize } from './queue/order-size.ts';
import { orderToTrade } from './queue/order-to-trade.ts';
import { queueAge } from './queue/queue-age.ts';
import { queueLength } from './queue/queue-length.ts';
import { queueRace } from './queue/queue-race.ts';
import { queueRefill } from './queue/queue-refill.ts';
import { queueVolatility } from './queue/queue-volatility.ts';
import { touchFlicker } from './queue/touch-flicker.ts';
import { touchShare } from './queue/touch-share.ts';

/** In the order in which they are listed and explained. */
export const QUEUE: readonly SignalDefinition[] = [
  eventRate,
  midAge,
  arrivalRate,
  cancelRate,
  executionRate,
  cancelToTrade,
  orderToTrade,
  touchShare,
  orderSize,
  queueRefill,
  queueLength,
  queueAge,
  queueVolatility,
  touchFlicker,
  depletionTime,
  fillTime,
  queueRace,
  duration,
  burstiness,
  hawkes,
  fleetingShare,
  orderLifetime,
];
