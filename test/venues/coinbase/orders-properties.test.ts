import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { type OrderBook, Side, SyncState } from '../../../src/market/index.ts';
import { NaiveVenue } from './naive-orders.ts';
import { listen, synced, URL, VERIFY } from './order-messages.ts';

/** The book's queues, best first: uuids by way of our numbers. */
function queuesOf(book: OrderBook, uuids: Map<number, string>, venue: NaiveVenue): unknown {
  return (['buy', 'sell'] as const).map((side) =>
    [...venue.queues[side].keys()]
      .sort((a, b) => a - b)
      .map((ticks) => {
        const ids = new Float64Array(1000);
        const lots = new Float64Array(1000);
        const count = book.queue(side === 'buy' ? Side.BID : Side.ASK, ticks, ids, lots);
        return [ticks, ...Array.from({ length: count }, (_, i) => [uuids.get(ids[i]), lots[i]])];
      }),
  );
}

function naiveQueues(venue: NaiveVenue): unknown {
  return (['buy', 'sell'] as const).map((side) =>
    [...venue.queues[side]]
      .sort(([a], [b]) => a - b)
      .map(([ticks, queue]) => [ticks, ...queue.map(({ uuid, lots }) => [uuid, lots])]),
  );
}

describe('against a venue of plain arrays', () => {
  it('keeps every queue, through lost, repeated and late messages, or says that it does not', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = new Random(seed);
        const venue = new NaiveVenue('BTC-USD', random);
        const ids = new Map<string, number>();
        const listener = listen(ids);
        const answers: object[] = [];
        let synced = 0;
        for (let n = 0; n < 200; n++) {
          for (const message of venue.step()) {
            if (random.bernoulli(0.01)) continue;
            listener.hear(message);
            if (random.bernoulli(0.01)) listener.hear(message);
          }
          if (random.bernoulli(0.05)) listener.hear(venue.heartbeat());
          if (random.bernoulli(0.1)) answers.push(venue.level3());
          if (answers.length > 0 && random.bernoulli(0.3)) {
            const wanted = listener.syncs[0].state !== SyncState.SYNCED;
            listener.answer(0, answers.shift(), wanted || random.bernoulli(0.1) ? URL : VERIFY);
          }
          const [sync] = listener.syncs;
          if (sync.state !== SyncState.SYNCED || sync.lastSequence !== venue.sequence) continue;
          synced++;
          const book = sync.book as OrderBook;
          const uuids = new Map([...ids].map(([key, id]) => [id, key.split(' ')[1]]));
          expect(queuesOf(book, uuids, venue), `seed ${seed}, step ${n}`).toEqual(naiveQueues(venue));
          expect(book.orderCount).toBe(venue.all().length);
          expect(Object.values(book.faults).filter((count) => count > 0)).toEqual([]);
        }
        expect(listener.told.filter((line) => line.startsWith('unreadable'))).toEqual([]);
        expect(listener.told.filter((line) => line.includes('CHECKSUM'))).toEqual([]);
        expect(synced).toBeGreaterThan(10);
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  it('takes any bytes without throwing', () => {
    const venue = new NaiveVenue('BTC-USD', new Random(1));
    const frames = Array.from({ length: 60 }, () => venue.step())
      .flat()
      .map((message) => JSON.stringify(message));
    fc.assert(
      fc.property(
        fc.constantFrom(...frames),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (text, edits, asAnswer) => {
          const bytes = Buffer.from(asAnswer ? JSON.stringify(venue.level3()) : text);
          for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
          const listener = synced();
          if (asAnswer) listener.answer(0, bytes.toString('latin1'), URL);
          else listener.hear(bytes);
          listener.take();
        },
      ),
      { numRuns: 500 },
    );
  });
});
