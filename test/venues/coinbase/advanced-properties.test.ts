import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LadderBook, SyncState } from '../../../src/market/index.ts';
import { coinbaseProtocol } from '../../../src/venues/coinbase/index.ts';
import { book as bookEvent, envelope, level, snapshot, trade } from './advanced-messages.ts';
import { naiveAdvanced, naiveBook, naiveLevels } from './oracle.ts';
import { Listener, levelsOf, product } from './support.ts';

const NAMES = ['BTC-USD', 'ETH-USD'];
const [BTC, ETH] = NAMES.map((name) => product(name));

const listen = (...products: ReturnType<typeof product>[]): Listener => new Listener(coinbaseProtocol(), products);

/** A message with the keys of each object in another order. */
function shuffled(value: unknown, draw: () => number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, draw));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [draw(), key, shuffled(item, draw)] as const);
  return Object.fromEntries(entries.sort((a, b) => a[0] - b[0]).map(([, key, item]) => [key, item]));
}

/** Decimal text as the venue may write it: with trailing zeros, or without. */
const decimal = (min: number, max: number, decimals: number): fc.Arbitrary<string> =>
  fc.tuple(fc.integer({ min, max }), fc.boolean()).map(([value, padded]) => {
    const digits = String(value).padStart(decimals + 1, '0');
    const text = `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
    return padded ? text : text.replace(/\.?0+$/, '');
  });

/** Bids up to 15.00, asks from 15.01 on: the book never crosses. */
const changes = fc.array(
  fc.boolean().chain((isBid) =>
    fc.record({
      isBid: fc.constant(isBid),
      price: isBid ? decimal(1, 1500, 2) : decimal(1501, 3000, 2),
      size: fc.oneof(fc.constant('0'), decimal(1, 10 ** 12, 8)),
    }),
  ),
  { maxLength: 12 },
);

describe('the decoder', () => {
  it('gives the naive book, in whatever form the JSON is written', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            kind: fc.constantFrom('update', 'update', 'update', 'snapshot'),
            changes,
            id: fc.constantFrom('BTC-USD', 'ETH-USD'),
          }),
          {
            minLength: 2,
            maxLength: 12,
          },
        ),
        fc.constantFrom(0, 1, '\n\t'),
        fc.boolean(),
        fc.infiniteStream(fc.nat()),
        (messages, space, shuffle, stream) => {
          const listener = listen(BTC, ETH);
          const naive = [naiveBook(), naiveBook()];
          messages.forEach(({ kind, changes: list, id }, n) => {
            const updates = list.map(({ isBid, price, size }) => level(isBid ? 'bid' : 'offer', price, size));
            const frame = envelope(n, 'l2_data', [
              bookEvent(n < 2 ? 'snapshot' : kind, n < 2 ? NAMES[n] : id, ...updates),
            ]);
            const draw = (): number => stream.next().value;
            const text = JSON.stringify(shuffle ? shuffled(frame, draw) : frame, null, space as string);
            listener.hear(text);
            naive.forEach((book, i) => {
              naiveAdvanced(book, NAMES[i], { price: 2, size: 8 }, text);
            });
          });
          expect(listener.told).toEqual([]);
          naive.forEach((book, i) => {
            const sync = listener.syncs[i];
            expect(sync.state).toBe(SyncState.SYNCED);
            expect(levelsOf(sync.book as LadderBook)).toEqual(naiveLevels(book));
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  it('takes any bytes without throwing, and no rows out of what is no JSON', () => {
    const frames = [
      envelope(0, 'l2_data', [snapshot('BTC-USD'), bookEvent('update', 'BTC-USD', level('bid', '99', '1'))]),
      envelope(0, 'market_trades', [{ type: 'update', trades: [trade('12', 'BUY'), trade('11', 'SELL')] }]),
      envelope(0, 'heartbeats', [{ current_time: 'x', heartbeat_counter: 1 }]),
      { type: 'error', message: 'x' },
    ].map((frame) => JSON.stringify(frame));
    fc.assert(
      fc.property(
        fc.constantFrom(...frames),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }),
        fc.nat(),
        (text, edits, cut) => {
          const bytes = Buffer.from(text);
          for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
          const frame = bytes.subarray(0, cut % 3 === 0 ? cut % (bytes.length + 1) : bytes.length);
          const listener = listen(BTC).hear(Buffer.from(frame));
          let isJson = true;
          try {
            JSON.parse(frame.toString());
          } catch {
            isJson = false;
          }
          const rows = listener.take().filter((row) => !row.startsWith('FAULT'));
          if (!isJson) {
            expect(rows).toEqual([]);
            expect(listener.told.some((line) => line.startsWith('unreadable'))).toBe(true);
          }
        },
      ),
      { numRuns: 1500 },
    );
  });
});
