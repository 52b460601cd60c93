import { describe, expect, it } from 'vitest';
import { SyncState } from '../../../src/market/index.ts';
import { coinbaseExchangeProtocol } from '../../../src/venues/coinbase/index.ts';
import { A, B, BTC, C, faults, level3, listen, open, say, subscriptions, URL, VERIFY } from './order-messages.ts';
import { Listener } from './support.ts';

describe('the full channel, in its documents’ own messages', () => {
  // docs.cdp.coinbase.com, Exchange WebSocket channels, "Full channel"; prices and ids as there.
  it('reads received, open, match, change, done and activate', () => {
    const listener = listen().hear(subscriptions);
    expect(listener.told).toEqual(['joinable 0']);
    const maker = 'ac928c66-ca53-498f-9c13-a110027a60e8';
    listener.answer(0, level3(46, [['200.20', '3', 'b1']], [['400.23', '12.234412', maker]]), URL);
    const told = [
      '{"type":"received","time":"2014-11-07T08:19:27.028459Z","product_id":"BTC-USD","sequence":47,"order_id":"d50ec984-77a8-460a-b958-66f114b0de9b","size":"1.34","price":"502.1","side":"buy","order_type":"limit"}',
      '{"type":"open","time":"2014-11-07T08:19:27.028459Z","product_id":"BTC-USD","sequence":48,"order_id":"d50ec984-77a8-460a-b958-66f114b0de9b","price":"200.2","remaining_size":"1.00","side":"buy"}',
      '{"type":"match","trade_id":10,"sequence":49,"maker_order_id":"ac928c66-ca53-498f-9c13-a110027a60e8","taker_order_id":"132fb6ae-456b-4654-b4e0-d681ac05cea1","time":"2014-11-07T08:19:27.028459Z","product_id":"BTC-USD","size":"5.23512","price":"400.23","side":"sell"}',
      '{"type":"change","reason":"STP","time":"2014-11-07T08:19:27.028459Z","sequence":50,"order_id":"ac928c66-ca53-498f-9c13-a110027a60e8","side":"sell","product_id":"BTC-USD","old_size":"6.999292","new_size":"5.23512","price":"400.23"}',
      '{"type":"change","reason":"modify_order","time":"2022-06-06T22:55:43.433114Z","sequence":51,"order_id":"d50ec984-77a8-460a-b958-66f114b0de9b","side":"buy","product_id":"BTC-USD","old_size":"1","new_size":"1","old_price":"200.2","new_price":"200.1"}',
      '{"type":"activate","product_id":"BTC-USD","timestamp":"1483736448.299000","order_id":"7b52009b-64fd-0a2a-49e6-d8a939753077","stop_type":"entry","side":"buy","stop_price":"80","size":"2","funds":"50","private":true}',
      '{"type":"done","time":"2014-11-07T08:19:27.028459Z","product_id":"BTC-USD","sequence":52,"price":"200.2","order_id":"d50ec984-77a8-460a-b958-66f114b0de9b","reason":"canceled","side":"buy","remaining_size":"1"}',
      '{"type":"done","time":"2014-11-07T08:19:27.028459Z","product_id":"BTC-USD","sequence":53,"order_id":"132fb6ae-456b-4654-b4e0-d681ac05cea1","reason":"filled","side":"buy"}',
    ];
    for (const text of told) listener.hear(text);
    expect(listener.take()).toEqual([
      'SNAPSHOT #46 restart',
      'ADD BID 20020 x 300000000 id 1',
      'ADD ASK 40023 x 1223441200 id 2',
      'DELTA #47 after 46',
      'ADD BID 20020 x 100000000 id 3',
      'EXECUTE ASK 40023 x 523512000 id 2',
      'CANCEL ASK 40023 x 176417200 id 2',
      'DELETE BID 20020 x 100000000 id 3',
      'ADD BID 20010 x 100000000 id 3',
      'DELETE BID 20010 x 100000000 id 3',
      'DELTA #53 after 52',
    ]);
    expect(faults(listener)).toEqual([]);
    expect(listener.syncs[0].lastSequence).toBe(53);
  });
});

describe('asking', () => {
  const keys = { key: 'the-key', secret: Buffer.from('the secret').toString('base64'), passphrase: 'the-passphrase' };

  it('subscribes and asks for level 3 without keys', () => {
    const { conversation } = listen();
    const [said] = conversation.greeting(0);
    expect(JSON.parse(said.text)).toEqual({
      type: 'subscribe',
      product_ids: ['BTC-USD', 'ETH-USD'],
      channels: ['heartbeat', 'full'],
    });
    expect(said.shown).toBeUndefined();
    const resync = conversation.resync(0, 0);
    expect(resync.by === 'request' && resync.request).toMatchObject({
      url: URL,
      headers: { 'user-agent': 'bookcast' },
      weight: 1,
    });
  });

  it('signs with keys, and shows none of them', () => {
    const protocol = coinbaseExchangeProtocol({ channel: 'full', keys, endpoints: { rest: 'http://127.0.0.1:9/' } });
    const { conversation } = new Listener(protocol, [BTC]);
    const [said] = conversation.greeting(1_700_000_000_123);
    // printf '1700000000.123GET/users/self/verify' | openssl dgst -sha256 -hmac 'the secret' -binary | base64
    expect(JSON.parse(said.text)).toMatchObject({
      key: 'the-key',
      passphrase: 'the-passphrase',
      timestamp: '1700000000.123',
      signature: 'FQuQoKi/EG+Rq3IBaNFm1xUutwxWMzojCt2mT/30MP4=',
    });
    const hidden = [...Object.values(keys), 'FQuQoKi/EG+Rq3IBaNFm1xUutwxWMzojCt2mT/30MP4='];
    for (const secret of hidden) expect(said.shown).not.toContain(secret);
    expect(JSON.parse(said.shown!)).toMatchObject({ type: 'subscribe', product_ids: ['BTC-USD'], key: '…' });
    const resync = conversation.resync(0, 1_700_000_000_123);
    // printf '1700000000.123GET/products/BTC-USD/book?level=3' | openssl dgst -sha256 -hmac 'the secret' -binary | base64
    expect(resync.by === 'request' && resync.request).toMatchObject({
      url: 'http://127.0.0.1:9/products/BTC-USD/book?level=3',
      headers: {
        'cb-access-key': 'the-key',
        'cb-access-passphrase': 'the-passphrase',
        'cb-access-timestamp': '1700000000.123',
        'cb-access-sign': 'sp8JPpY+nZYUZ4mEZuFJBEt5DkEOa6R7bgSsSqxnU90=',
      },
    });
  });

  it('can have its book proved', () => {
    const { verification } = listen().conversation;
    expect(verification?.everyMs).toBe(900_000);
    expect(verification?.request(0, 0)).toMatchObject({ url: VERIFY });
  });

  it('says what the venue refuses', () => {
    const listener = listen();
    listener.hear({ type: 'error', message: 'Failed to subscribe', reason: 'full requires authentication' });
    listener.hear({ type: 'error', message: 'BTC-USD is not a valid product' });
    expect(listener.told[0]).toMatch(/^refused null forbidden: .*read-only keys/);
    expect(listener.told[1]).toMatch(/^refused 0 bad-argument/);
  });
});

describe('joining', () => {
  it('holds messages back, and drops those that the snapshot has', () => {
    const listener = listen()
      .hear(open(3, A, '100', '1'))
      .hear(open(4, B, '100', '2'))
      .hear(open(5, C, '101', '3'));
    expect(listener.told).toEqual(['joinable 0']);
    expect(listener.take()).toEqual([]);
    listener.answer(
      0,
      level3(
        4,
        [],
        [
          ['100', '1', A],
          ['100', '2', B],
        ],
      ),
      URL,
    );
    expect(listener.take()).toEqual([
      'SNAPSHOT #4 restart',
      'ADD ASK 10000 x 100000000 id 1',
      'ADD ASK 10000 x 200000000 id 2',
      'ADD ASK 10100 x 300000000 id 3',
    ]);
    expect(listener.syncs[0].state).toBe(SyncState.SYNCED);
    expect(listener.syncs[0].lastSequence).toBe(5);
  });

  it('waits until a snapshot that is ahead is reached', () => {
    const listener = listen().hear(open(3, A, '100', '1'));
    listener.answer(0, level3(5, [], [['100', '1', A]], { time: '2026-08-09T08:19:27.1Z' }), URL);
    listener
      .hear(say('received', 4))
      .hear(say('received', 5))
      .hear(open(6, B, '100', '1'));
    expect(listener.take().slice(2)).toEqual(['ADD ASK 10000 x 100000000 id 2']);
    expect(faults(listener)).toEqual([]);
  });

  it('wants another snapshot where one is too old', () => {
    const listener = listen().hear(open(3, A, '100', '1'));
    listener.answer(0, level3(1, []), URL);
    expect(listener.told.at(-1)).toBe('fault 0 GAP: the snapshot is of sequence 1, what we hold begins after 2');
    listener.answer(0, level3(2, []), URL);
    expect(listener.syncs[0].lastSequence).toBe(3);
  });

  it('wants another snapshot where one ends before the stream begins', () => {
    const listener = listen()
      .hear(subscriptions)
      .answer(0, level3(2, []), URL)
      .hear(open(4, A, '100', '1'));
    expect(faults(listener)).toEqual(['fault 0 GAP: sequence 4 after a snapshot of 2']);
    listener.answer(0, level3(3, []), URL);
    expect(listener.syncs[0].lastSequence).toBe(4);
  });

  it('takes no snapshot of other numbers', () => {
    const listener = listen().hear(open(3, A, '100', '1'));
    const cached = level3(9000, [], [], { time: '2026-08-09T08:19:25Z' });
    listener.answer(0, cached, URL);
    expect(faults(listener)).toEqual([
      'fault 0 GAP: the snapshot of sequence 9000 is older than messages of lower ones: it is of other numbers',
    ]);
    const early = listen().hear(subscriptions).answer(0, cached, URL);
    early.hear(open(3, A, '100', '1'));
    expect(faults(early)).toEqual(['fault 0 GAP: sequence 3 is younger than the snapshot of 9000']);
    early.answer(0, level3(3, []), URL);
    expect(early.syncs[0].state).toBe(SyncState.SYNCED);
    const quiet = listen().hear(subscriptions).answer(0, cached, URL);
    const beat = { type: 'heartbeat', sequence: 7, last_trade_id: 1, product_id: 'BTC-USD' };
    quiet.hear(beat).hear(beat);
    expect(faults(quiet)[0]).toMatch(/heartbeats are still at 7/);
  });

  it('holds no more than it may', () => {
    const listener = listen();
    const count = (1 << 16) + 1;
    for (let i = 0; i < count; i++) {
      const bytes = Buffer.from(`{"type":"received","product_id":"BTC-USD","sequence":${i}}`);
      listener.conversation.receive(bytes, 0, bytes.length, i);
    }
    listener.settle();
    expect(faults(listener)).toEqual(['fault 0 OVERFLOW: more than 65536 messages came before the snapshot']);
    // What was thrown away must be in the snapshot.
    listener.answer(0, level3(count - 3, []), URL);
    expect(listener.syncs[0].state).not.toBe(SyncState.SYNCED);
    listener.answer(0, level3(count - 2, []), URL);
    expect(listener.syncs[0].lastSequence).toBe(count - 1);
  });

  it.each([
    ['no JSON', '{"sequence":1'],
    ['null', 'null'],
    ['no sequence', { bids: [], asks: [] }],
    ['no asks', { sequence: 1, bids: [] }],
    ['orders without ids', level3(1, [['1', '1']])],
    [
      'an order twice',
      level3(1, [
        ['1', '1', A],
        ['2', '1', A],
      ]),
    ],
    ['numbers', { sequence: 1, bids: [[1, 1, A]], asks: [] }],
    ['a price between ticks', level3(1, [['1.001', '1', A]])],
    ['a size that is none', level3(1, [['1', '', A]])],
  ])('says that a snapshot with %s cannot be read', (_, body) => {
    const listener = listen()
      .hear(open(3, A, '100', '1'))
      .answer(0, body, URL);
    expect(faults(listener)).toHaveLength(1);
    expect(faults(listener)[0]).toMatch(/^unreadable 0 at 0: the level-3 book of BTC-USD cannot be read/);
    listener.answer(0, level3(3, [], [['100', '1', A]]), URL);
    expect(listener.syncs[0].state).toBe(SyncState.SYNCED);
  });

  it('leaves out prices that no column holds', () => {
    const listener = listen().hear(subscriptions);
    listener.answer(
      0,
      level3(
        5,
        [
          ['1', '1', A],
          ['1', '0', C],
        ],
        [['99999999999', '1', B]],
      ),
      URL,
    );
    expect(listener.take()).toEqual(['SNAPSHOT #5 restart', 'ADD BID 100 x 100000000 id 1']);
    expect(listener.told.at(-1)).toMatch(/^note 0: 1 price lies beyond/);
    listener.hear(say('done', 6, { order_id: B })).hear(open(7, C, '99999999999', '1'));
    expect(listener.take()).toEqual(['DELTA #6 after 5', 'DELTA #7 after 6']);
  });
});
