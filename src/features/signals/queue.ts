import type { SignalDefinition } from '../signal.ts';
import { eventRate } from './queue/event-rate.ts';
import { midAge } from './queue/mid-age.ts';

/** In the order in which they are listed and explained. */
export const QUEUE: readonly SignalDefinition[] = [eventRate, midAge];
