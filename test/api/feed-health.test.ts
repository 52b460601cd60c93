import { Value } from 'typebox/value';
import { expect, it } from 'vitest';
import { HealthMessageSchema, InstrumentStatusSchema } from '../../src/api/contract.ts';
import { healthMessage } from '../../src/api/index.ts';
import type { InstrumentHealth } from '../../src/feed/index.ts';
import { status } from './fake-market.ts';

const REPORT: InstrumentHealth = {
  instrument: 'kraken:BTC/USD',
  state: 'gapped',
  proof: 'checksum',
  lastSequence: null,
  ageMs: 51,
  gaps: 1,
  crossed: 2,
  checksums: 3,
  stale: 4,
  overflow: 5,
  disconnects: 6,
  unparsable: 7,
  resyncs: 8,
  missingTrades: 9,
  skewMs: null,
  messagesPerSecond: 10.5,
  eventsPerSecond: 11.25,
  bytesPerSecond: 12_000,
};

it("turns a supervisor's report into a message and loses nothing of it", () => {
  const message = healthMessage(REPORT);
  expect([...Value.Errors(HealthMessageSchema, message)]).toEqual([]);
  const { type, faults, feed, ...rest } = message;
  expect(type).toBe('health');
  expect({ ...rest, ...faults, ...feed }).toEqual(REPORT);
  expect([...Value.Errors(InstrumentStatusSchema, status('kraken:BTC/USD', { feed }))]).toEqual([]);
});
