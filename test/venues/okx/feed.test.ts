import { describe, expect, it } from 'vitest';
import type { BookcastError } from '../../../src/core/index.ts';
import type { HttpAnswer } from '../../../src/feed/index.ts';
import { EventKind, Side, SyncState } from '../../../src/market/index.ts';
import { okxProtocol } from '../../../src/venues/okx/index.ts';
import { answer, Bench, feedOf, Sink, snapshot, TS, TS_NS, trade, update } from './support.ts';

/** www.okx.com/docs-v5/en, "WS / Order book channel", "Push Data Example: Full Snapshot"; then "Incremental Data". */
const DOCUMENTED = {
  asks: rows('8476.98/415/13 8477/7/2 8477.34/85/1 8477.56/1/1 8505.84/8/1 8506.37/85/1 8506.49/2/1 8506.96/100/2'),
  bids: rows('8476.97/256/12 8475.55/101/1 8475.54/100/1 8475.3/1/1 8447.32/6/1 8447.02/246/1 8446.83/24/1 8446/95/3'),
  ts: '1597026383085',
  checksum: -855196043,
};

function rows(text: string): string[][] {
  return text.split(' ').map((row) => {
    const [price, size, orders] = row.split('/');
    return [price, size, '0', orders];
  });
}

const arg = { channel: 'books', instId: 'BTC-USDT' };
const BTC = feedOf('BTC-USDT', '0.01', '0.00000001');

describe('the documented messages', () => {
  it('become a book, whole and exact', () => {
    const bench = new Bench(BTC);
    bench.receive({ arg, action: 'snapshot', data: [{ ...DOCUMENTED, prevSeqId: -1, seqId: 123456 }] });
    expect(bench.levels(Side.BID)).toEqual(
      DOCUMENTED.bids.map(([p, s]) => `${Math.round(Number(p) * 100)} x ${s}00000000`),
    );
    expect(bench.levels(Side.ASK)).toEqual(
      DOCUMENTED.asks.map(([p, s]) => `${Math.round(Number(p) * 100)} x ${s}00000000`),
    );
    bench.receive({ arg, action: 'update', data: [{ ...DOCUMENTED, prevSeqId: 123456, seqId: 123457 }] });
    expect([...bench.batch!.sequence]).toEqual(Array(17).fill(123457));
    expect(bench.batch!.kind[0]).toBe(EventKind.DELTA);
    expect(bench.batch!.orderId[0]).toBe(123456);
    expect(new Set(bench.batch!.tsEventNs)).toEqual(new Set([TS_NS]));
    expect(bench.syncs[0]).toMatchObject({ state: SyncState.SYNCED, lastSequence: 123457 });
    expect(bench.sink.said).toEqual(['joinable 0']);
  });

  it('chain as in the documented example, up to the reset, which a snapshot decides', () => {
    const bench = new Bench(BTC);
    bench.receive(snapshot({ seqId: 10, bids: [['10', '1']], asks: [['11', '1']] }));
    bench.receive(update(10, { seqId: 15, bids: [['9', '2']] }));
    bench.receive(update(15, { seqId: 15 }));
    expect(bench.syncs[0]).toMatchObject({ state: SyncState.SYNCED, lastSequence: 15 });
    bench.receive(update(15, { seqId: 3, bids: [['8', '3']], ts: TS + 100 }));
    expect(bench.syncs[0].state).toBe(SyncState.GAPPED);
    expect(bench.sink.said.at(-1)).toBe("DISCONNECT 0: the venue's numbers went back, from 15 to 3 (prevSeqId 15)");
    bench.receive(update(3, { seqId: 5, bids: [['7', '4']], ts: TS + 200 }));
    // A cache may still have the book of before.
    bench.answer(0, answer({ seqId: 14, bids: [['10', '1']], asks: [['11', '1']], ts: TS + 50 }));
    expect(bench.syncs[0].state).toBe(SyncState.GAPPED);
    expect(bench.sink.said.at(-1)).toContain('passed over');
    bench.answer(
      0,
      answer({
        seqId: 5,
        bids: [
          ['10', '1'],
          ['7', '4'],
        ],
        asks: [['11', '1']],
        ts: TS + 200,
      }),
    );
    bench.receive(update(5, { seqId: 9, bids: [['10', '0']], ts: TS + 300 }));
    expect(bench.syncs[0]).toMatchObject({ state: SyncState.SYNCED, lastSequence: 9 });
    expect(bench.levels(Side.BID)).toEqual(['700 x 400000000']);
  });

  it('tell a trade of three: the taker bought, and no id is missing', () => {
    const bench = new Bench(BTC);
    bench.receive(trade());
    const { batch } = bench;
    expect([batch!.length, batch!.kind[0], batch!.side[0]]).toEqual([1, EventKind.TRADE, Side.BID]);
    expect([batch!.priceTicks[0], batch!.sizeLots[0], batch!.orderId[0]]).toEqual([4221990, 12060306, 130639474]);
    expect(bench.sink.ids).toEqual([130639472, 130639473, 130639474]);
    bench.receive(trade());
    expect(bench.batch).toBeNull();
    bench.receive(trade({ side: 'sell', tradeId: '130639475', count: undefined }));
    expect(bench.batch!.side[0]).toBe(Side.ASK);
  });

  it('reads no more ids of one trade than any taker meets, whatever the count says', () => {
    const bench = new Bench(BTC);
    bench.receive(trade({ tradeId: '999999999999999', count: '999999999999999' }));
    expect(bench.sink.ids).toHaveLength(10_000);
    bench.sink.ids.length = 0;
    bench.receive(trade({ tradeId: '2', count: '5' }));
    expect(bench.sink.ids).toEqual([1, 2]);
  });
});

describe('loss', () => {
  const synced = (): Bench => new Bench(BTC).receive(snapshot({ seqId: 10, bids: [['10', '1']], asks: [['11', '1']] }));

  it('breaks the chain, and the snapshot that was asked for joins by the documented rule', () => {
    const bench = synced().receive(update(12, { seqId: 15 }));
    expect(bench.syncs[0]).toMatchObject({ state: SyncState.GAPPED, faults: { gaps: 1 } });
    bench.receive(update(15, { seqId: 20, bids: [['9', '7']] }));
    // prevSeqId <= snapshot seqId < seqId.
    bench.answer(0, answer({ seqId: 17, bids: [['9', '1']], asks: [['11', '1']] }));
    expect(bench.syncs[0]).toMatchObject({ state: SyncState.SYNCED, lastSequence: 20 });
    expect(bench.levels(Side.BID)).toEqual(['900 x 700000000']);
  });

  it('is not what a message is that comes twice', () => {
    const bench = synced()
      .receive(update(10, { seqId: 15 }))
      .receive(update(10, { seqId: 15 }));
    expect(bench.syncs[0]).toMatchObject({ state: SyncState.SYNCED, lastSequence: 15, faults: { gaps: 0, stale: 1 } });
  });

  it('shows where what was told before the numbers began anew waits for a snapshot', () => {
    const bench = synced()
      .receive(update(12, { seqId: 15 }))
      .receive(update(15, { seqId: 3, ts: TS + 100 }));
    bench.receive(update(3, { seqId: 5, bids: [['9', '7']], ts: TS + 200 }));
    bench.answer(0, answer({ seqId: 4, bids: [['9', '1']], asks: [['11', '1']], ts: TS + 150 }));
    expect(bench.syncs[0]).toMatchObject({ state: SyncState.SYNCED, lastSequence: 5 });
    expect(bench.levels(Side.BID)).toEqual(['900 x 700000000']);
  });

  it('does not make us ask more than the venue allows in an hour', () => {
    const { conversation, sink } = new Bench(BTC);
    let asked = conversation.greeting().length;
    for (let i = 0; i < 1000; i++) {
      const resync = conversation.resync(0);
      asked += resync.by === 'messages' ? resync.messages.length : 0;
    }
    expect(asked).toBe(400);
    expect(sink.said).toEqual(['note all: 400 subscriptions were asked for on this connection, and no more will be']);
  });

  it('of the message that resets the numbers shows at the next one', () => {
    const bench = synced()
      .receive(update(10, { seqId: 15 }))
      .receive(update(3, { seqId: 5 }));
    expect(bench.syncs[0].state).toBe(SyncState.GAPPED);
  });

  it('asks REST for 400 levels once the subscription spoke, and repeats the subscription before', () => {
    const bench = new Bench(BTC, feedOf('ETH-USDT'));
    const said = (i: number): unknown => {
      const resync = bench.conversation.resync(i);
      return resync.by === 'request' ? resync.request.url : resync.messages.map(({ text }) => JSON.parse(text));
    };
    const args = [
      { channel: 'trades', instId: 'ETH-USDT' },
      { channel: 'books', instId: 'ETH-USDT' },
    ];
    expect(said(1)).toEqual([{ id: 'i1', op: 'subscribe', args }]);
    bench.receive(update(4, { seqId: 5, instId: 'ETH-USDT' }));
    expect(said(1)).toBe('http://okx/books?instId=ETH-USDT&sz=400');
    expect(bench.sink.said).toEqual(['joinable 1']);
  });
});

describe('what is no book', () => {
  it('is a pong, a notice, or nothing to tell', () => {
    const bench = new Bench(BTC).receive('pong');
    bench.receive({ event: 'notice', code: '64008', msg: 'The connection will soon be closed for a service upgrade.' });
    bench.receive({ event: 'notice', code: '64008' });
    bench.receive({ event: 'notice', code: '1', msg: 'x' });
    bench.receive({ event: 'subscribe', arg, connId: 'a4d3ae55' });
    bench.receive({ arg: { channel: 'tickers', instId: 'BTC-USDT', more: 1 }, data: [{}] });
    bench.receive(snapshot({ seqId: 1, instId: 'XYZ-USDT' }));
    expect(bench.sink.said).toEqual([
      'closing: OKX gives notice 64008: The connection will soon be closed for a service upgrade.',
      'closing: OKX gives notice 64008: the connection will be closed',
      'note all: OKX gives notice 1: x',
    ]);
    expect([bench.sink.unread, bench.sink.refusals, bench.batch]).toEqual([[], [], null]);
    expect(bench.conversation.ping()).toEqual({ text: 'ping' });
  });

  const error = (more: object): object => ({ event: 'error', connId: 'a', ...more });
  it.each([
    [error({ id: 'i1', code: '60014', msg: 'Requests too frequent' }), 1, 'overloaded', 'subscribing to "ETH-USDT"'],
    [error({ id: 'i7', code: '60012', msg: 'Invalid request' }), null, 'bad-argument', 'code 60012: Invalid request'],
    [
      error({ code: '60018', msg: "Wrong URL or channel:books,instId:ETH-USDT doesn't exist." }),
      1,
      'not-found',
      '60018',
    ],
    [
      error({ code: '60018', msg: "Wrong URL or channel:books,instId:NO-NO doesn't exist." }),
      null,
      'not-found',
      '60018',
    ],
    [error({ id: 'all', code: '63999', msg: '' }), null, 'not-ready', 'code 63999: no reason given'],
    [error({ id: 7 }), null, 'not-ready', 'code unknown'],
  ])('%j is a refusal of %s', (frame, index, code, words) => {
    const bench = new Bench(BTC, feedOf('ETH-USDT')).receive(frame);
    const [[i, refusal]] = bench.sink.refusals;
    expect([i, refusal.code]).toEqual([index, code]);
    expect(refusal.message).toContain(words);
  });

  const frame = (more: object): object => ({
    arg,
    action: 'update',
    data: [{ asks: [], bids: [], ts: String(TS), prevSeqId: 1, seqId: 2, ...more }],
  });
  it.each<[string | object, number | null, string, boolean]>([
    ['<html>502</html>', null, 'expected an object', true],
    ['{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"upd', 0, 'text without its end', true],
    ['{"data":[]}', null, 'neither an "event" nor an "arg"', false],
    ['{"arg":7}', null, 'expected an object', true],
    [{ arg, action: 'partial', data: [] }, 0, 'an "action" that is neither', true],
    [{ arg, action: 'update' }, 0, 'without "data"', true],
    [{ arg, action: 'update', data: {} }, 0, 'expected an array', true],
    [frame({ prevSeqId: undefined }), 0, 'an update without "prevSeqId"', true],
    [frame({ prevSeqId: -2 }), 0, 'neither a whole number nor -1', true],
    [frame({ prevSeqId: 'x' }), 0, 'expected a number', true],
    [frame({ seqId: -1 }), 0, 'expected a whole number', true],
    [frame({ bids: undefined }), 0, 'a book without', true],
    [frame({ ts: '0' }), 0, 'a book without', true],
    [frame({ ts: 5 }), 0, 'expected text', true],
    [frame({ bids: [[]] }), 0, 'a level without a price and a size', true],
    [frame({ bids: [['1']] }), 0, 'a level without a price and a size', true],
    [frame({ bids: [5] }), 0, 'expected an array', true],
    [frame({ bids: 5 }), 0, 'expected an array', true],
    [frame({ bids: [['1.005', '1']] }), 0, 'a price of "1.005", expected exact steps of 0.01', true],
    [frame({ asks: [['0', '1']] }), 0, 'a price of "0"', true],
    [frame({ asks: [['1', '0.000000001']] }), 0, 'a size of "0.000000001"', true],
    [frame({ asks: [['1', '-1']] }), 0, 'a size of "-1"', true],
    [trade({ px: '1.005' }), 0, 'a price of "1.005"', false],
    [trade({ px: '99999999' }), 0, 'a price of "99999999"', false],
    [trade({ sz: '-1' }), 0, 'a size of "-1"', false],
    [trade({ side: 'none' }), 0, 'a trade without', false],
    [trade({ tradeId: 'x' }), 0, 'a trade without', false],
    [trade({ count: '0' }), 0, 'a trade without', false],
    [trade({ sz: 5 }), 0, 'expected text', false],
    [{ ...trade(), data: 7 }, 0, 'expected an array', false],
    [{ ...trade(), data: [7, 8] }, 0, 'expected an object', false],
  ])('%j is unreadable, and a gap where a book may have lost by it', (text, index, why, gap) => {
    const bench = new Bench(BTC)
      .receive(snapshot({ seqId: 1, bids: [['10', '1']], asks: [['11', '1']] }))
      .receive(text);
    expect(bench.sink.unread[0][0]).toBe(index);
    expect(bench.sink.unread[0][1]).toContain(why);
    expect(bench.sink.unread[0][2]).toBeGreaterThanOrEqual(0);
    expect(bench.syncs[0].state).toBe(gap ? SyncState.GAPPED : SyncState.SYNCED);
  });

  it('takes what stands behind an element that it cannot read', () => {
    const [good] = (trade() as { data: object[] }).data;
    const bench = new Bench(BTC).receive({ ...trade(), data: [{}, good] });
    expect(bench.sink.unread).toHaveLength(1);
    expect(bench.batch!.length).toBe(1);
  });

  it('leaves out prices beyond what a column holds, and says so once', () => {
    const bench = new Bench(BTC);
    const asks = [
      ['11', '1'],
      ['99999999', '1'],
      ['99999998', '1'],
    ] as const;
    bench.receive(snapshot({ seqId: 1, bids: [['10', '1']], asks }));
    expect(bench.levels(Side.ASK)).toEqual(['1100 x 100000000']);
    expect(bench.sink.said).toEqual(['note 0: levels above 2147483647 ticks are left out', 'joinable 0']);
  });

  it.each<[string | object, string]>([
    ['{', 'unreadable'],
    [{ code: '0', data: [{}] }, 'unreadable'],
    [{ code: '0' }, 'unreadable'],
    [{ code: '0', data: [{ asks: [['1.005', '1']], bids: [], ts: String(TS), seqId: 5 }] }, 'unreadable'],
    [{ code: '50011', msg: 'Too Many Requests', data: [] }, 'overloaded'],
    [{ code: 5, data: [] }, 'unreadable'],
    [{ msg: 'x', more: 1 }, 'not-ready'],
  ])('an answer %j loses no book', (body, what) => {
    const bench = new Bench(BTC).receive(snapshot({ seqId: 1, bids: [['10', '1']], asks: [['11', '1']] }));
    bench.answer(0, body);
    expect(bench.syncs[0].state).toBe(SyncState.SYNCED);
    const told = bench.sink.unread.length > 0 ? 'unreadable' : bench.sink.refusals[0][1].code;
    expect(told).toBe(what);
  });
});

describe('the protocol', () => {
  const protocol = okxProtocol();
  const answerOf = (body: unknown, status = 200): HttpAnswer => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return { url: 'http://okx/instruments', status, headers: {}, body: Buffer.from(text) };
  };

  it('asks for the types that names need, each under the published rate', () => {
    const asked = (names: string[]): string[] => protocol.discovery(names).map(({ url }) => url.split('=')[1]);
    expect(asked([])).toEqual(['SPOT', 'SWAP']);
    expect(asked(['btc-usdt-swap'])).toEqual(['SWAP']);
    expect(asked(['BTC-USDT', 'ETH-USDT'])).toEqual(['SPOT']);
    expect(protocol.discovery(['BTC-USDT'])[0]).toMatchObject({ rule: { limit: 20, windowMs: 2000 } });
  });

  it('lists instruments with exact steps, and leaves out what has none', () => {
    // docs-v5, "Get instruments", shortened.
    const swap = {
      instType: 'SWAP',
      instId: 'BTC-USDT-SWAP',
      ctVal: '0.01',
      ctValCcy: 'BTC',
      tickSz: '0.1',
      lotSz: '0.01',
    };
    const rows = [
      swap,
      swap,
      { instId: '', tickSz: '', lotSz: '' },
      { instId: 'A-B', tickSz: '1e-8', lotSz: '1' },
      null,
    ];
    const more = [
      { instId: 'C-D', tickSz: '0.1', lotSz: '0' },
      { instId: 'E-F', tickSz: `0.${'0'.repeat(16)}1`, lotSz: '1' },
    ];
    const found = protocol.instruments([answerOf({ code: '0', msg: '', data: [...rows, ...more] })]);
    expect(found).toEqual([
      {
        instrument: {
          venue: 'okx',
          name: 'BTC-USDT-SWAP',
          tickSize: '0.1',
          lotSize: '0.01',
          sequencing: 'linked',
          burstQuietNs: 1e6,
          depthLimit: 400,
        },
        symbol: 'BTC-USDT-SWAP',
        book: 'levels',
        proof: 'sequence',
      },
    ]);
  });

  it.each([
    ['<html>', 'bad-input', 'found status 200 and "<html>"'],
    [{ code: '0' }, 'bad-input', 'expected {"code":"0","data":[…]}'],
    [{ code: '51000', msg: 'Parameter instType error' }, 'bad-argument', 'Parameter instType error'],
  ])('says what is wrong with the list %j', (body, code, words) => {
    let refusal: BookcastError | null = null;
    try {
      protocol.instruments([answerOf(body)]);
    } catch (thrown) {
      refusal = thrown as BookcastError;
    }
    expect(refusal).toMatchObject({ code, message: expect.stringContaining(words) });
  });

  it('carries fewer than 30 channels on a connection, and subscribes to all at once', () => {
    const feeds = Array.from({ length: 30 }, (_, i) => feedOf(`C${i}-USDT`));
    const plans = protocol.links(feeds);
    expect(plans.map(({ instruments }) => instruments.length)).toEqual([14, 14, 2]);
    expect(plans[0].url).toBe('wss://ws.okx.com:8443/ws/v5/public');
    const conversation = protocol.open(plans[2], new Sink(2));
    const [{ text }] = conversation.greeting(0);
    expect(JSON.parse(text)).toEqual({
      id: 'all',
      op: 'subscribe',
      args: ['trades', 'books'].flatMap((channel) => ['C28-USDT', 'C29-USDT'].map((instId) => ({ channel, instId }))),
    });
  });

  it('takes other addresses, with the path or without', () => {
    const other = okxProtocol({ endpoints: { rest: 'http://h:1/', stream: 'ws://h:2/ws/v5/public' } });
    const [plan] = other.links([BTC]);
    expect(plan.url).toBe('ws://h:2/ws/v5/public');
    const conversation = other.open(plan, new Sink(1));
    conversation.receive(
      Buffer.from(JSON.stringify(update(1, { seqId: 2 }))),
      0,
      JSON.stringify(update(1, { seqId: 2 })).length,
      TS_NS,
    );
    expect(conversation.resync(0, 0)).toEqual({
      by: 'request',
      request: { url: 'http://h:1/api/v5/market/books?instId=BTC-USDT&sz=400', scope: 'okx', weight: 1 },
    });
    expect(() => okxProtocol({ endpoints: { usdm: 'http://h' } })).toThrow('no part "usdm"');
  });
});
