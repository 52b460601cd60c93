import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeedInstrument } from '../../../src/feed/index.ts';
import { Effect, EventFlag, EventKind, Side, SyncState } from '../../../src/market/index.ts';
import { V2Conversation } from '../../../src/venues/kraken/v2-conversation.ts';
import { applyAll, bookFrame, checksumOfText, GOLDEN, pairOf, Sink, syncOf, type WireLevel } from './support.ts';

const BTC = pairOf('BTC/USD');
const MATIC = pairOf('MATIC/USD', 4);
const SNAPSHOT = bookFrame({ type: 'snapshot', ...GOLDEN });
/** Where its first level stands. */
const LEVELS = SNAPSHOT.indexOf('{"price"');

function open(...instruments: FeedInstrument[]): {
  sink: Sink;
  conversation: V2Conversation;
  hear(text: string | Uint8Array): void;
} {
  const pairs = instruments.length === 0 ? [BTC] : instruments;
  const sink = new Sink(pairs.length);
  const conversation = new V2Conversation(pairs, sink);
  const hear = (text: string | Uint8Array): void => {
    // In the middle of other bytes, as it may stand.
    const bytes = Buffer.concat([Buffer.from('xx'), Buffer.from(text as string), Buffer.from('"]}')]);
    conversation.receive(bytes, 2, bytes.length - 3, 6.4e13);
  };
  return { sink, conversation, hear };
}

/** The golden book after one ask changed, as text. */
function changed(size: string): { frame: string; asks: WireLevel[] } {
  const asks = GOLDEN.asks.map(([price, old]): WireLevel => [price, price === '45285.2' ? size : old]);
  const checksum = checksumOfText(GOLDEN.bids, asks);
  return { frame: bookFrame({ type: 'update', asks: [['45285.2', size]], checksum }), asks };
}

describe('Kraken v2: what is said', () => {
  it('subscribes all pairs to trades and books, and one anew to resync it', () => {
    const { conversation } = open(BTC, MATIC);
    expect(conversation.greeting().map(({ text }) => JSON.parse(text))).toEqual([
      { method: 'subscribe', params: { channel: 'trade', symbol: ['BTC/USD', 'MATIC/USD'], snapshot: false } },
      {
        method: 'subscribe',
        params: { channel: 'book', symbol: ['BTC/USD', 'MATIC/USD'], depth: 10, snapshot: true },
      },
    ]);
    const resync = conversation.resync(1);
    expect(resync.by === 'messages' && resync.messages.map(({ text }) => JSON.parse(text))).toEqual([
      { method: 'unsubscribe', params: { channel: 'book', symbol: ['MATIC/USD'], depth: 10 } },
      { method: 'subscribe', params: { channel: 'book', symbol: ['MATIC/USD'], depth: 10, snapshot: true } },
    ]);
    conversation.answer();
  });
});

describe('Kraken v2: books', () => {
  it('come as the venue’s own example, and keep its checksum', () => {
    const { sink, hear } = open();
    hear(SNAPSHOT);
    const batch = sink.take()!;
    expect(batch.length).toBe(22);
    expect([batch.kind[0], batch.flags[0], batch.sequence[0]]).toEqual([EventKind.SNAPSHOT, EventFlag.RESTART, 1]);
    expect([batch.kind[1], batch.side[1], batch.priceTicks[1], batch.sizeLots[1]]).toEqual([
      EventKind.LEVEL,
      Side.BID,
      452835,
      1e7,
    ]);
    expect([batch.kind[21], batch.flags[21], batch.sizeLots[21]]).toEqual([
      EventKind.CHECKSUM,
      EventFlag.MESSAGE_END,
      3310070434,
    ]);
    const eventNs = ((17 * 60 + 35) * 60 + 55) * 1e9 + 440295e3;
    expect(new Set(batch.tsEventNs)).toEqual(new Set([eventNs]));
    expect(new Set(batch.tsRecvNs)).toEqual(new Set([6.4e13]));
    const sync = syncOf(BTC);
    expect(applyAll(sync, batch)).toEqual([Effect.RESYNCED]);
    expect(sync.faults.checksums).toBe(0);
  });

  it('chain by numbers of our own: the snapshot, its changes, and a snapshot anew', () => {
    const { sink, hear } = open();
    const sync = syncOf(BTC);
    const change = changed('0.50000000').frame;
    hear(change);
    // Before the snapshot there is no book to change.
    expect(sink.take()).toBeNull();
    hear(SNAPSHOT);
    hear(change);
    hear(SNAPSHOT);
    const batch = sink.take()!;
    const heads = [...batch.kind.keys()].filter(
      (i) => batch.kind[i] === EventKind.SNAPSHOT || batch.kind[i] === EventKind.DELTA,
    );
    expect(heads.map((i) => [batch.kind[i], batch.sequence[i], batch.orderId[i], batch.flags[i]])).toEqual([
      [EventKind.SNAPSHOT, 1, 0, EventFlag.RESTART],
      [EventKind.DELTA, 2, 1, 0],
      [EventKind.SNAPSHOT, 3, 0, 0],
    ]);
    expect(applyAll(sync, batch)).toEqual([Effect.RESYNCED, Effect.CHANGED, Effect.RESYNCED]);
    expect(sync.levels.lotsAt(Side.ASK, 452852)).toBe(100_000);
  });

  it('push levels out that are not named: the book is cut to its depth before the checksum is compared', () => {
    const { sink, hear } = open();
    const sync = syncOf(BTC);
    hear(SNAPSHOT);
    const better: WireLevel = ['45284.0', '0.30000000'];
    const bids = [better, ...GOLDEN.bids];
    hear(bookFrame({ type: 'update', bids: [better], checksum: checksumOfText(bids, GOLDEN.asks) }));
    // It goes again, and the venue names what takes its place.
    const back: WireLevel = ['45276.6', '0.15445238'];
    hear(bookFrame({ type: 'update', bids: [['45284.0', '0.00000000'], back], checksum: GOLDEN.checksum }));
    expect(applyAll(sync, sink.take())).toEqual([Effect.RESYNCED, Effect.CHANGED, Effect.CHANGED]);
    expect(sync.levels.levelCount(Side.BID)).toBe(10);
  });

  it('are lost where their checksum differs', () => {
    const { sink, hear } = open();
    const sync = syncOf(BTC);
    hear(SNAPSHOT);
    hear(bookFrame({ type: 'update', bids: [['45283.5', '0.20000000']], checksum: GOLDEN.checksum }));
    expect(applyAll(sync, sink.take())).toEqual([Effect.RESYNCED, Effect.LOST]);
    expect([sync.state, sync.faults.checksums]).toEqual([SyncState.GAPPED, 1]);
  });

  it('are read whatever the order of keys, the spaces between, and sides that are left out', () => {
    const { sink, hear } = open();
    const sync = syncOf(BTC);
    const side = (levels: readonly WireLevel[]): string =>
      levels.map(([price, size]) => ` { "qty" : ${size} , "price" : ${price} }`).join();
    hear(`{ "data" : [ {"checksum": ${GOLDEN.checksum}, "more": {"a": [1, "x"]}, "asks": [${side(GOLDEN.asks)} ],
      "bids":[${side(GOLDEN.bids)}], "symbol": "BTC/USD" } ], "type": "snapshot", "time": null, "channel": "book" } `);
    hear(`{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","checksum":${GOLDEN.checksum}}]}`);
    const batch = sink.take()!;
    // Without a time of the venue's, ours stands.
    expect(batch.tsEventNs[0]).toBe(6.4e13);
    expect(applyAll(sync, batch)).toEqual([Effect.RESYNCED, Effect.CHANGED]);
  });

  it('of several pairs in one message go each their way, and one that cannot be read takes no other with it', () => {
    const { sink, hear } = open(BTC, MATIC);
    const one = (symbol: string, price: string): string =>
      `{"symbol":"${symbol}","bids":[{"price":${price},"qty":1.00000000}],"asks":[],"checksum":1}`;
    const data = [one('ETH/USD', '1.0'), one('BTC/USD', '1.05'), one('MATIC/USD', '0.5142')];
    hear(`{"channel":"book","type":"snapshot","data":[${data}]}`);
    expect(sink.take(0)!.kind).toEqual(Uint8Array.of(EventKind.FAULT));
    expect(sink.take(1)!.priceTicks[1]).toBe(5142);
    expect(sink.unread).toEqual([[0, 'a price of "1.05", expected exact steps of 0.1', expect.any(Number)]]);
    expect(sink.said).toEqual([
      'GAP 0: a message that could not be read: a price of "1.05", expected exact steps of 0.1',
    ]);
  });

  it('number what could be read only', () => {
    const { sink, hear } = open();
    hear(SNAPSHOT);
    hear(SNAPSHOT.replace('"snapshot"', '"update"').replace('0.18772827', '-1'));
    hear(changed('0.70000000').frame);
    const batch = sink.take()!;
    expect([...batch.kind].filter((kind) => kind === EventKind.FAULT)).toHaveLength(1);
    expect(batch.sequence.at(-1)).toBe(2);
  });

  it('leave out a price beyond what a column holds, and refuse other numbers that are none', () => {
    const { sink, hear } = open();
    const levels = (price: string, size: string): string =>
      bookFrame({ type: 'snapshot', bids: [[price, size]], checksum: 7 });
    hear(levels('999999999.9', '1'));
    expect([...sink.take()!.kind]).toEqual([EventKind.SNAPSHOT, EventKind.CHECKSUM]);
    for (const [price, size] of [
      ['0', '1'],
      ['-1', '1'],
      ['1e3', '1'],
      ['1', '-1'],
      ['1', '1e-8'],
      ['1', '0.000000001'],
      ['1', '99999999999'],
    ]) {
      hear(levels(price, size));
    }
    expect(sink.unread.map(([, why]) => why)).toEqual([
      'a price of "0", expected exact steps of 0.1',
      'a price of "-1", expected exact steps of 0.1',
      'a price of "1e3", expected exact steps of 0.1',
      'a size of "-1", expected exact steps of 1e-8',
      'a size of "1e-8", expected exact steps of 1e-8',
      'a size of "0.000000001", expected exact steps of 1e-8',
      'a size of "99999999999", expected exact steps of 1e-8',
    ]);
  });
});

describe('Kraken v2: trades', () => {
  const trade = (more: string, id: number): string =>
    `{"symbol":"MATIC/USD",${more},"ord_type":"limit","trade_id":${id},"timestamp":"2023-09-25T07:49:37.708706Z"}`;
  const frame = (type: string, ...data: string[]): string => `{"channel":"trade","type":"${type}","data":[${data}]}`;

  it('are as the venue’s example, with the taker’s side and their id', () => {
    const { sink, hear } = open(BTC, MATIC);
    hear(
      frame(
        'update',
        trade('"side":"buy","price":0.5147,"qty":6423.46326', 4665846),
        trade('"side":"sell","price":0.5146,"qty":1', 4665847),
      ),
    );
    const batch = sink.take(1)!;
    const row = (i: number): unknown[] => [
      batch.kind[i],
      batch.side[i],
      batch.priceTicks[i],
      batch.sizeLots[i],
      batch.orderId[i],
      batch.sequence[i],
      batch.flags[i],
    ];
    expect([row(0), row(1)]).toEqual([
      [EventKind.TRADE, Side.BID, 5147, 642346326000, 4665846, 4665846, EventFlag.MESSAGE_END],
      [EventKind.TRADE, Side.ASK, 5146, 1e8, 4665847, 4665847, EventFlag.MESSAGE_END],
    ]);
    // The days count: this is eleven days before the builder's.
    expect(batch.tsEventNs[0]).toBe(-11 * 86_400e9 + ((7 * 60 + 49) * 60 + 37) * 1e9 + 708706e3);
    expect(sink.take(0)).toBeNull();
  });

  it('are told once, and history on subscribing is noted, not told', () => {
    const { sink, hear } = open(BTC, MATIC);
    const one = trade('"side":"buy","price":0.5147,"qty":1', 7);
    hear(frame('snapshot', one));
    hear(frame('update', one, trade('"side":"buy","price":0.5147,"qty":1', 8)));
    expect([...sink.take(1)!.orderId]).toEqual([8]);
    hear(frame('update', one.replace('MATIC', 'ETH')));
    expect(sink.take(1)).toBeNull();
  });

  it('that cannot be read are told of, and cost no book', () => {
    const { sink, hear } = open(MATIC);
    const bad = [
      '"side":"none","price":1,"qty":1',
      '"side":"buy","qty":1',
      '"side":"buy","price":"1","qty":1',
      '"side":"buy","price":1.23456,"qty":1',
    ];
    for (const [i, text] of bad.entries()) hear(frame('update', trade(text, i)));
    hear(frame('change', trade('"side":"buy","price":1,"qty":1', 9)));
    hear('{"channel":"trade","type":"update","data":7}');
    hear('{"channel":"trade","type":"update"}');
    hear(frame('update', trade('"side":"buy","price":1,"qty":1', 9).replace('49:37', '49:99')));
    hear(frame('update', trade('"side":"buy","price":1,"qty":99999999999', 10)));
    expect(sink.unread).toHaveLength(9);
    expect(sink.said).toEqual([]);
    expect(sink.take()).toBeNull();
  });
});

describe('Kraken v2: the rest', () => {
  it('passes on heartbeats, and halts that begin and end', () => {
    const { sink, hear } = open(BTC, MATIC);
    const status = (system: string): string =>
      `{"channel":"status","type":"update","data":[{"version":"2.0.10","system":"${system}","api_version":"v2","connection_id":15113583034416118705}]}`;
    hear('{"channel":"heartbeat"}');
    for (const system of ['online', 'maintenance', 'cancel_only', 'online', 'online']) hear(status(system));
    for (const odd of ['{"channel":"status"}', '{"channel":"status","data":[null]}', '{"channel":"status","data":{}}'])
      hear(odd);
    expect(sink.said).toEqual([
      'heartbeat',
      'HALT all: Kraken says that it is in state maintenance',
      'RESUME all: Kraken says that it is in state online',
    ]);
    expect(sink.unread).toEqual([]);
  });

  it('takes answers, and passes refusals on with what may be done', () => {
    const { sink, hear } = open(BTC, MATIC);
    const time = '"time_in":"2023-10-06T17:35:55.219022Z","time_out":"2023-10-06T17:35:55.219067Z"';
    const no = (error: string, symbol?: string): void =>
      hear(
        `{"error":${JSON.stringify(error)},"method":"subscribe","success":false,${symbol === undefined ? '' : `"symbol":"${symbol}",`}${time}}`,
      );
    hear(
      `{"method":"subscribe","result":{"channel":"book","depth":10,"snapshot":true,"symbol":"BTC/USD"},"success":true,${time}}`,
    );
    hear('{"method":"pong","time_in":"2023-10-06T17:35:55.219022Z"}');
    hear(`{"error":"Subscription Not Found","method":"unsubscribe","success":false,"symbol":"BTC/USD",${time}}`);
    expect(sink.refusals).toEqual([]);
    no('Currency pair not supported MATIC/USD', 'MATIC/USD');
    no('Subscription depth not supported');
    no('Exceeded msg rate', 'BTC/USD');
    no('Already subscribed', 'BTC/USD');
    no('say "no"\n', 'XX/YY');
    hear('{"method":"subscribe","success":false}');
    expect(sink.refusals.map(([i, error]) => [i, error.code, error.retry])).toEqual([
      [1, 'not-found', 'never'],
      [null, 'bad-argument', 'never'],
      [0, 'overloaded', 'later'],
      [0, 'not-ready', 'later'],
      [null, 'not-ready', 'later'],
      [null, 'not-ready', 'later'],
    ]);
    expect(sink.refusals[0][1].message).toBe(
      'subscribing to MATIC/USD: Kraken refused: Currency pair not supported MATIC/USD',
    );
  });

  it('passes over channels and pairs that it did not ask for', () => {
    const { sink, hear } = open();
    hear('{"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD"}]}');
    hear(SNAPSHOT.replace('BTC/USD', 'ETH/USD'));
    expect([sink.take(), sink.unread, sink.said]).toEqual([null, [], []]);
  });

  it('says of what cannot be read why, where, and whose book may lack it', () => {
    const cases: [string, number | null, string, number, boolean][] = [
      ['', null, 'expected an object', 0, true],
      ['[]', null, 'expected an object', 0, true],
      ['{"channel":"book","type":"update","data":[{]}', null, 'expected text in quotes', 43, true],
      ['{"channel":"heartbeat"} x', null, 'text behind the message', 24, true],
      ['{}', null, 'neither a "channel" nor a "method"', 0, false],
      [
        '{"channel":"book","type":"change","data":[]}',
        null,
        'a "type" that is neither "snapshot" nor "update"',
        0,
        true,
      ],
      ['{"channel":"book","type":"update"}', null, 'a message without "data"', 0, true],
      ['{"channel":"book","type":"update","data":{}}', null, 'expected an array', 41, true],
      ['{"channel":"book","type":"update","data":[1]}', null, 'expected an object', 42, true],
      ['{"channel":"book","type":"update","data":[{"checksum":1}]}', null, 'a book without "symbol"', 42, true],
      [SNAPSHOT.replace(/"checksum":\d+,/, ''), 0, 'a book without a "checksum" of 32 bits', 44, true],
      [SNAPSHOT.replace('3310070434', '4310070434'), 0, 'a book without a "checksum" of 32 bits', 44, true],
      [SNAPSHOT.replace('T17', ' 17'), 0, 'a "timestamp" that is no time', SNAPSHOT.indexOf('2023'), true],
      [SNAPSHOT.replace('"qty":0.1', '"lots":0.1'), 0, 'a level without "price" and "qty"', LEVELS, true],
      [SNAPSHOT.replace('45283.5', '"45283.5"'), 0, 'expected a number', LEVELS + '{"price":'.length, true],
      [SNAPSHOT.replace('"bids":[', '"bids":[7,'), 0, 'expected an object', LEVELS, true],
      [SNAPSHOT.replace('"bids":[', '"bids":7,"other":['), 0, 'expected an array', LEVELS - 1, true],
    ];
    for (const [text, index, why, offset, lost] of cases) {
      const { sink, hear } = open();
      hear(text);
      expect(sink.unread, text).toEqual([[index, why, offset]]);
      expect(sink.said, text).toEqual(lost ? [`GAP ${index ?? 'all'}: a message that could not be read: ${why}`] : []);
      const batch = sink.take();
      if (batch !== null) expect([...batch.kind]).toEqual([EventKind.FAULT]);
    }
  });

  it('never throws, whatever the bytes, and leaves whole messages behind', () => {
    const bytesOf = (text: string): Uint8Array => Buffer.from(text);
    const texts = [
      SNAPSHOT,
      changed('0.10000000').frame,
      '{"channel":"status","type":"update","data":[{"system":"online"}]}',
      '{"method":"subscribe","error":"x","success":false,"symbol":"BTC/USD"}',
      '{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"sell","price":45283.5,"qty":0.1,"trade_id":5,"timestamp":"2024-08-12T19:38:30.575191Z"}]}',
    ];
    const edit = fc.record({ at: fc.nat(2000), bytes: fc.uint8Array({ maxLength: 3 }), drop: fc.nat(4) });
    const mutated = fc
      .tuple(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 4 }))
      .map(([text, edits]) => {
        let bytes = bytesOf(text);
        for (const { at, bytes: more, drop } of edits) {
          const from = at % bytes.length;
          bytes = Buffer.concat([bytes.subarray(0, from), more, bytes.subarray(from + drop)]);
          if (bytes.length === 0) return bytesOf('{');
        }
        return bytes;
      });
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.uint8Array({ maxLength: 50 }), mutated), { maxLength: 8 }), (frames) => {
        const { sink, hear } = open(BTC, MATIC);
        hear(SNAPSHOT);
        for (const frame of frames) hear(frame);
        const batch = sink.take()!;
        for (let i = 0; i < batch.length; i++) {
          if (batch.kind[i] === EventKind.LEVEL) expect(batch.priceTicks[i]).toBeGreaterThan(0);
        }
        applyAll(syncOf(BTC), batch);
      }),
      { numRuns: 1500 },
    );
  });
});
