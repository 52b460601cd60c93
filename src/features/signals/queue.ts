import type { SignalDefinition } from '../signal.ts';
import { arrivalRate } from './queue/arrival-rate.ts';
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
import { orderToTrade } from './queue/order-to-trade.ts';
import { queueAge } from './queue/queue-age.ts';
import { queueLength } from './queue/queue-length.ts';
import { queueRace } from './queue/queue-race.ts';
import { queueRefill } from './queue/queue-refill.ts';
import { touchFlicker } from './queue/touch-flicker.ts';

/** In the order in which they are listed and explained. */
export const QUEUE: readonly SignalDefinition[] = [
  eventRate,
  midAge,
  arrivalRate,
  cancelRate,
  executionRate,
  cancelToTrade,
  orderToTrade,
  queueRefill,
  queueLength,
  queueAge,
  touchFlicker,
  depletionTime,
  fillTime,
  queueRace,
  duration,
  hawkes,
  fleetingShare,
  orderLifetime,
];
