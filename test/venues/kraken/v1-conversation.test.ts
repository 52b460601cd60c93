import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Effect, EventFlag, EventKind, Side, SyncState } from '../../../src/market/index.ts';
import { V1Conversation } from '../../../src/venues/kraken/v1-conversation.ts';
import { applyAll, checksumOfText, DAY, pairOf, Sink, syncOf, type WireLevel } from './support.ts';

const SC = pairOf('SC/EUR', 6, 1000);
const T0 = DAY * 86_400;

const level = ([price, size]: WireLevel, at = 0.5): string => `["${price}","${size}","${(T0 + at).toFixed(6)}"]`;
const BIDS: WireLevel[] = [
  ['0.042990', '100.00000000'],
  ['0.042980', '0.05000000'],
];
const ASKS: WireLevel[] = [['0.043210', '4506.95535554']];
const list = (levels: readonly WireLevel[], at?: number): string => levels.map((one) => level(one, at)).join();
const SNAPSHOT = `[1920,{"as":[${list(ASKS, 1.25)}],"bs":[${list(BIDS)}]},"book-1000","SC/EUR"]`;

function open(): { sink: Sink; hear(text: string | Uint8Array): void; conversation: V1Conversation } {
  const sink = new Sink(2);
  const conversation = new V1Conversation([SC, pairOf('XMR/USD', 2)], sink);
  const hear = (text: string | Uint8Array): void => {
    const bytes = Buffer.concat([Buffer.from('[['), Buffer.from(text as string), Buffer.from(']')]);
    conversation.receive(bytes, 2, bytes.length - 1, 5e9);
  };
  return { sink, hear, conversation };
}

describe('Kraken v1', () => {
  it('tells a snapshot, changes of one side and of both, in the order of the text', () => {
    const { sink, hear } = open();
    const sync = syncOf(SC);
    hear(`[1920,{"b":[${list(BIDS)}],"c":"1"},"book-1000","SC/EUR"]`);
    expect(sink.take()).toBeNull();
    hear(SNAPSHOT);
    const one: WireLevel = ['0.043000', '7.00000000'];
    hear(`[1920,{"b":[${level(one)}],"c":"${checksumOfText([...BIDS, one], ASKS)}"},"book-1000","SC/EUR"]`);
    const [, deep] = BIDS;
    const both = `[1920,{"a":[${level(['0.043100', '3.00000000'], 9.5)},${level(['0.043100', '0.00000000'], 9.75)}]},{"b":[${level(['0.043000', '0.00000000'])},["${BIDS[0][0]}","9.00000000","${T0}.5","r"]],"c":"${checksumOfText([[BIDS[0][0], '9.00000000'], deep], ASKS)}"},"book-1000","SC/EUR"]`;
    hear(both);
    const batch = sink.take()!;
    expect(applyAll(sync, batch)).toEqual([Effect.RESYNCED, Effect.CHANGED, Effect.CHANGED]);
    expect(sync.faults.checksums).toBe(0);
    expect(sync.levels.bestBidLots).toBe(9e8);
    expect([batch.kind[0], batch.flags[0], batch.sequence[0]]).toEqual([EventKind.SNAPSHOT, EventFlag.RESTART, 1]);
    // The newest of the levels' times, exactly.
    expect([batch.tsEventNs[0], batch.tsEventNs.at(-1), batch.tsRecvNs[0]]).toEqual([1.25e9, 9.75e9, 5e9]);
    // A snapshot without a checksum has no such row.
    expect([...batch.kind].filter((kind) => kind === EventKind.CHECKSUM)).toHaveLength(2);
  });

  it('loses the book where the checksum differs', () => {
    const { sink, hear } = open();
    const sync = syncOf(SC);
    hear(SNAPSHOT);
    hear(`[1920,{"b":[${list(BIDS)}],"c":"1"},"book-1000","SC/EUR"]`);
    expect(applyAll(sync, sink.take())).toEqual([Effect.RESYNCED, Effect.LOST]);
    expect(sync.state).toBe(SyncState.GAPPED);
  });

  it('tells trades, with the taker’s side and without an id', () => {
    const { sink, hear } = open();
    const trade = (side: string): string => `["354.11000000","0.89594024","${T0 + 3}.557535","${side}","l",""]`;
    hear(`[993, [${trade('s')}, ${trade('b')}], "trade", "XMR/USD"]`);
    const batch = sink.take(1)!;
    const row = (i: number): unknown[] => [
      batch.kind[i],
      batch.side[i],
      batch.priceTicks[i],
      batch.sizeLots[i],
      batch.orderId[i],
    ];
    expect([row(0), row(1)]).toEqual([
      [EventKind.TRADE, Side.ASK, 35411, 89594024, 0],
      [EventKind.TRADE, Side.BID, 35411, 89594024, 0],
    ]);
    expect(batch.tsEventNs[0]).toBe(3557535000);
    hear(`[993,[${trade('x')}],"trade","XMR/USD"]`);
    hear(`[993,[["354.11"]],"trade","XMR/USD"]`);
    hear(`[993,[${trade('b').replace('354.11000', '354.11100')}],"trade","XMR/USD"]`);
    expect(sink.unread.map(([i, why]) => [i, why])).toEqual([
      [1, 'a trade without its time and side'],
      [1, 'fewer than 4 fields'],
      [1, 'a price of "354.11100000", expected exact steps of 0.01'],
    ]);
    expect([sink.take(1), sink.said]).toEqual([null, []]);
  });

  it('passes on heartbeats and refusals, and over what it was not asked for', () => {
    const { sink, hear, conversation } = open();
    hear('{"event":"heartbeat"}');
    hear('{"connectionID":17843232920108168701,"event":"systemStatus","status":"online","version":"1.8.3"}');
    hear(
      '{"channelID":1664,"channelName":"book-1000","event":"subscriptionStatus","pair":"WAVES/EUR","status":"subscribed"}',
    );
    hear(
      '{"errorMessage":"Currency pair not supported XBT/USX","event":"subscriptionStatus","pair":"XBT/USX","status":"error"}',
    );
    hear(SNAPSHOT.replace('SC/EUR', 'SC/EUX'));
    hear(SNAPSHOT.replace('book-1000', 'spread'));
    hear('[7]');
    expect(sink.said).toEqual(['heartbeat']);
    expect(sink.refusals.map(([, error]) => error.code)).toEqual(['not-found']);
    expect([sink.take(), sink.unread]).toEqual([null, []]);
    expect([conversation.greeting(), conversation.resync()]).toEqual([[], { by: 'messages', messages: [] }]);
    conversation.answer();
  });

  it('says of what cannot be read why, and whose book may lack it', () => {
    const change = `[1920,{"b":[${list(BIDS)}],"c":"1"},"book-1000","SC/EUR"]`;
    const cases: [string, number | null, string][] = [
      ['7', null, 'expected an array'],
      ['{"event":"heartbeat"', null, 'expected a comma or the end of a list'],
      ['{"event":"heartbeat"}]', null, 'text behind the message'],
      [change.replace(',"c":"1"', ''), 0, 'a change without a checksum'],
      [change.replace('"c":"1"', '"c":1'), 0, 'expected text in quotes'],
      [change.replace('"c":"1"', '"c":"4294967296"'), 0, 'a checksum that is no number of 32 bits'],
      [change.replace('.500000', '.5x'), 0, 'a time that is none'],
      [change.replace('0.042990', '0.0429901'), 0, 'a price of "0.0429901", expected exact steps of 0.000001'],
      [change.replace(/\["0.042990".*?\]/, '["0.042990","1"]'), 0, 'fewer than 3 fields'],
      [change.replace('"b":[', '"b":[7,'), 0, 'expected an array'],
      [change.replace('"b":[', '"b":7,"x":['), 0, 'expected an array'],
      ['[1920,[],"book-1000","SC/EUR"]', 0, 'expected an object'],
    ];
    for (const [text, index, why] of cases) {
      const { sink, hear } = open();
      hear(SNAPSHOT);
      sink.take();
      hear(text);
      expect(
        sink.unread.map(([i, reason]) => [i, reason]),
        text,
      ).toEqual([[index, why]]);
      expect(sink.said, text).toEqual([`GAP ${index ?? 'all'}: a message that could not be read: ${why}`]);
      expect([...sink.take()!.kind], text).toEqual([EventKind.FAULT]);
    }
  });

  it('never throws, whatever the bytes', () => {
    const texts = [
      SNAPSHOT,
      `[1920,{"a":[${list(ASKS)}]},{"b":[${list(BIDS)}],"c":"1"},"book-1000","SC/EUR"]`,
      `[993,[["354.11","0.8","${T0}.5","s","l",""]],"trade","XMR/USD"]`,
      '{"event":"x","status":"error"}',
    ];
    const mutated = fc
      .tuple(fc.constantFrom(...texts), fc.nat(400), fc.uint8Array({ maxLength: 3 }), fc.nat(5))
      .map(([text, at, more, drop]) => {
        const bytes = Buffer.from(text);
        const from = at % bytes.length;
        return Buffer.concat([bytes.subarray(0, from), more, bytes.subarray(from + drop)]);
      });
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.uint8Array({ maxLength: 50 }), mutated), { maxLength: 8 }), (frames) => {
        const { sink, hear } = open();
        hear(SNAPSHOT);
        for (const frame of frames) hear(frame);
        applyAll(syncOf(SC), sink.take());
        sink.take(1);
      }),
      { numRuns: 1500 },
    );
  });
});
