import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EventBatch, Side, SyncState } from '../../../src/market/index.ts';
import { Bench, feedOf, snapshot, trade, update, type WireLevel } from './support.ts';

const BTC = feedOf('BTC-USDT', '0.05', '0.001');

/** Price and size text of whole steps, with and without zeros at the end. */
const price = (from: number, to: number): fc.Arbitrary<string> =>
  fc.tuple(fc.integer({ min: from, max: to }), fc.boolean()).map(([ticks, padded]) => {
    const cents = String(ticks * 5).padStart(3, '0');
    const text = `${cents.slice(0, -2)}.${cents.slice(-2)}`;
    return padded ? text : text.replace(/\.?0+$/, '');
  });
const size = fc.oneof(
  fc.constant('0'),
  fc
    .integer({ min: 1, max: 10 ** 9 })
    .map((lots) => `${Math.floor(lots / 1000)}.${String(lots % 1000).padStart(3, '0')}`),
);
const bids = fc.array(fc.tuple(price(1, 400), size), { maxLength: 12 });
const asks = fc.array(fc.tuple(price(401, 800), size), { maxLength: 12 });

describe('whatever a market does', () => {
  it('the book is what plain maps of text say', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ isNew: fc.boolean(), bids, asks, hole: fc.nat(50) }), { minLength: 1, maxLength: 12 }),
        (steps) => {
          const bench = new Bench(BTC);
          const maps = [new Map<string, string>(), new Map<string, string>()];
          let seqId = 100;
          for (const [i, step] of steps.entries()) {
            const isSnapshot = i === 0 || (step.isNew && i % 4 === 0);
            if (isSnapshot) for (const map of maps) map.clear();
            const frame = { bids: step.bids, asks: step.asks, seqId: seqId + step.hole };
            bench.receive(isSnapshot ? snapshot(frame) : update(seqId, frame));
            seqId = frame.seqId;
            maps.forEach((map, side) => {
              for (const [at, much] of side === Side.BID ? step.bids : step.asks) apply(map, at, much);
            });
            expect(bench.syncs[0]).toMatchObject({ state: SyncState.SYNCED, lastSequence: seqId });
            for (const side of [Side.BID, Side.ASK]) expect(bench.levels(side)).toEqual(sorted(maps[side], side));
          }
          expect(bench.sink.unread).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('any bytes leave whole messages, or a counted fault, and are read alike wherever they stand', () => {
    const levels: WireLevel[] = [
      ['10', '1'],
      ['11', '2'],
    ];
    const frames = [snapshot({ seqId: 9, bids: levels }), update(9, { seqId: 12, asks: levels }), trade()].map(
      (frame) => Buffer.from(JSON.stringify(frame)),
    );
    const damage = fc.record({ at: fc.nat(), remove: fc.nat(9), put: fc.uint8Array({ maxLength: 6 }) });
    fc.assert(
      fc.property(
        fc.constantFrom(...frames),
        fc.array(damage, { maxLength: 3 }),
        fc.uint8Array(),
        (frame, cuts, noise) => {
          let bytes: Buffer = frame;
          for (const { at, remove, put } of cuts) {
            const place = at % (bytes.length + 1);
            bytes = Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + remove)]);
          }
          for (const message of [bytes, Buffer.from(noise)]) {
            const [bench, amid] = [new Bench(BTC), new Bench(BTC)];
            for (const one of [bench, amid]) {
              one.receive(snapshot({ seqId: 9, bids: [['1', '1']], asks: [['90', '1']] }));
            }
            bench.conversation.receive(message, 0, message.length, 7);
            amid.receive(message, 7);
            // Whole messages, or `finish` would throw.
            const rows = bench.sink.take();
            expect(bytesOf(rows)).toEqual(bytesOf(amid.batch));
            expect(bench.sink.unread).toEqual(amid.sink.unread);
            bench.conversation.answer(0, message, 8);
            bench.sink.take();
            for (const [, why, offset] of bench.sink.unread) {
              expect(why).not.toBe('');
              expect(offset >= 0 && offset <= message.length).toBe(true);
            }
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

function bytesOf(batch: EventBatch | null): Buffer | null {
  return batch === null ? null : Buffer.from(batch.buffer);
}

/** By what the text is worth: `1.5` and `1.50` are one price. */
function apply(map: Map<string, string>, at: string, much: string): void {
  const name = String(stepsOf(at, 2) / 5);
  if (Number(much) === 0) map.delete(name);
  else map.set(name, String(stepsOf(much, 3)));
}

/** Digits as they stand, without any arithmetic of fractions. */
function stepsOf(text: string, decimals: number): number {
  const [whole, fraction = ''] = text.split('.');
  return Number(whole + fraction.padEnd(decimals, '0'));
}

function sorted(map: ReadonlyMap<string, string>, side: Side): string[] {
  const sign = side === Side.BID ? -1 : 1;
  return [...map].sort((a, b) => sign * (Number(a[0]) - Number(b[0]))).map(([ticks, lots]) => `${ticks} x ${lots}`);
}
