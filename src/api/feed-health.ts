import type { InstrumentHealth } from '../feed/index.ts';
import type { HealthMessage } from './contract.ts';

/** A supervisor's report as it goes over the wire; its `feed` is also that of `InstrumentStatus`. */
export function healthMessage(health: InstrumentHealth): HealthMessage {
  const { instrument, state, gaps, crossed, stale, unparsable, ...feed } = health;
  return { type: 'health', instrument, state, faults: { gaps, crossed, stale, unparsable }, feed };
}
