import { describe, expect, it } from 'vitest';
import { SyncState } from '../../../src/market/index.ts';
import { coinbaseProtocol } from '../../../src/venues/coinbase/index.ts';
import { book, envelope, level, snapshot, trade } from './advanced-messages.ts';
import { Listener, product } from './support.ts';

const BTC = product('BTC-USD');
const ETH = product('ETH-USD');

const listen = (...products: ReturnType<typeof product>[]): Listener => new Listener(coinbaseProtocol(), products);

describe('Coinbase Advanced Trade, in its documents’ own messages', () => {
  // docs.cdp.coinbase.com, Advanced Trade WebSocket channels, "Level2 Channel".
  const DOCUMENTED =
    '{"channel":"l2_data","client_id":"","timestamp":"2023-02-09T20:32:50.714964855Z","sequence_num":0,"events":[{"type":"snapshot","product_id":"BTC-USD","updates":[{"side":"bid","event_time":"1970-01-01T00:00:00Z","price_level":"21921.73","new_quantity":"0.06317902"},{"side":"bid","event_time":"1970-01-01T00:00:00Z","price_level":"21921.3","new_quantity":"0.02"},{"side":"offer","event_time":"1970-01-01T00:00:00Z","price_level":"21921.74","new_quantity":"0.5"}]}]}';

  it('reads the snapshot, whose levels have no time of their own', () => {
    const listener = new Listener(coinbaseProtocol(), [BTC], 19_397);
    const bytes = Buffer.from(DOCUMENTED);
    listener.conversation.receive(bytes, 0, bytes.length, 7);
    const batch = listener.builders[0].finish()!;
    const sent = ((20 * 60 + 32) * 60 + 50) * 1e9 + 714_964_855;
    expect([...batch.tsEventNs]).toEqual([sent, sent, sent, sent]);
    expect([...batch.tsRecvNs]).toEqual([7, 7, 7, 7]);
    expect([...batch.priceTicks].slice(1)).toEqual([2_192_173, 2_192_130, 2_192_174]);
    expect([...batch.sizeLots].slice(1)).toEqual([6_317_902, 2_000_000, 50_000_000]);
  });

  // The same pages, "Market Trades Channel", "Heartbeats Channel", "Subscriptions".
  it('takes all channels of a connection into one count', () => {
    const listener = listen(BTC);
    listener.hear(
      '{"channel":"subscriptions","client_id":"","timestamp":"2023-02-09T20:32:50.1Z","sequence_num":0,"events":[{"subscriptions":{"level2":["BTC-USD"]}}]}',
    );
    listener.hear(
      '{"channel":"heartbeats","client_id":"","timestamp":"2023-06-23T20:31:26.122969572Z","sequence_num":1,"events":[{"current_time":"2023-06-23 20:31:56.121961769 +0000 UTC m=+91717.525857105","heartbeat_counter":3049}]}',
    );
    listener.hear(
      '{"channel":"market_trades","client_id":"","timestamp":"2023-02-09T20:19:35.39625135Z","sequence_num":2,"events":[{"type":"update","trades":[{"trade_id":"000000","product_id":"BTC-USD","price":"1260.01","size":"0.3","side":"BUY","time":"2019-08-14T20:42:27.265Z"}]}]}'.replace(
        '"000000"',
        '"12"',
      ),
    );
    listener.hear(
      '{"channel":"candles","client_id":"","timestamp":"2023-06-09T20:19:35.39625135Z","sequence_num":3,"events":[{"type":"snapshot","candles":[{"start":"1688998200","high":"1867.72"}]}]}',
    );
    expect(listener.told).toEqual(['heartbeat']);
    // The maker bought, so the aggressor sold.
    expect(listener.take()).toEqual(['TRADE ASK 126001 x 30000000 id 12']);
  });
});

describe('a connection of Coinbase Advanced Trade', () => {
  it('asks for heartbeats, trades and books, and for one product’s book anew', () => {
    const { conversation } = listen(BTC, ETH);
    const said = conversation.greeting(0).map(({ text }) => JSON.parse(text));
    const product_ids = ['BTC-USD', 'ETH-USD'];
    expect(said).toEqual([
      { type: 'subscribe', channel: 'heartbeats' },
      { type: 'subscribe', channel: 'market_trades', product_ids },
      { type: 'subscribe', channel: 'level2', product_ids },
    ]);
    const resync = conversation.resync(1, 0);
    expect(resync.by === 'messages' && resync.messages.map(({ text }) => JSON.parse(text))).toEqual([
      { type: 'unsubscribe', channel: 'level2', product_ids: ['ETH-USD'] },
      { type: 'subscribe', channel: 'level2', product_ids: ['ETH-USD'] },
    ]);
    expect(() => conversation.answer(0, Buffer.from(''), 0)).toThrow(/assertion/);
  });

  it('chains each product’s messages on its own', () => {
    const listener = listen(BTC, ETH);
    listener.hear(envelope(0, 'l2_data', [snapshot('BTC-USD')]));
    listener.hear(envelope(1, 'l2_data', [snapshot('ETH-USD')]));
    listener.hear(envelope(2, 'ticker', []));
    listener.hear(envelope(3, 'l2_data', [book('update', 'ETH-USD', level('offer', '100.02', '0'))]));
    listener.hear(envelope(4, 'l2_data', [book('update', 'BTC-USD', level('bid', '100.01', '3.5'))]));
    expect(listener.take(0)).toEqual([
      'SNAPSHOT #0 restart',
      'LEVEL BID 10000 x 100000000',
      'LEVEL ASK 10002 x 200000000',
      'DELTA #4 after 0',
      'LEVEL BID 10001 x 350000000',
    ]);
    expect(listener.take(1).slice(3)).toEqual(['DELTA #3 after 1', 'LEVEL ASK 10002 x 0']);
    expect(listener.syncs.map((sync) => sync.state)).toEqual([SyncState.SYNCED, SyncState.SYNCED]);
  });

  it('loses every book where a number is skipped, and takes each one’s next snapshot', () => {
    const listener = listen(BTC, ETH);
    listener.hear(envelope(0, 'l2_data', [snapshot('BTC-USD')]));
    listener.hear(envelope(1, 'l2_data', [snapshot('ETH-USD')]));
    listener.hear(envelope(3, 'l2_data', [book('update', 'BTC-USD', level('bid', '100.01', '1'))]));
    expect(listener.told).toEqual(['fault null GAP: sequence_num 3 after 1: messages were lost']);
    expect(listener.syncs.map((sync) => sync.state)).toEqual([SyncState.GAPPED, SyncState.GAPPED]);
    listener.hear(envelope(4, 'l2_data', [snapshot('BTC-USD')]));
    listener.hear(envelope(5, 'l2_data', [book('update', 'BTC-USD', level('bid', '99.99', '1'))]));
    expect(listener.syncs.map((sync) => sync.state)).toEqual([SyncState.SYNCED, SyncState.GAPPED]);
    expect(listener.take(0).slice(3)).toEqual([
      'FAULT GAP',
      'DELTA #3 after 0',
      'LEVEL BID 10001 x 100000000',
      'SNAPSHOT #4',
      'LEVEL BID 10000 x 100000000',
      'LEVEL ASK 10002 x 200000000',
      'DELTA #5 after 4',
      'LEVEL BID 9999 x 100000000',
    ]);
  });

  it('notices that the very first message is missing', () => {
    const listener = listen(BTC).hear(envelope(1, 'subscriptions', []));
    expect(listener.told).toEqual(['fault null GAP: sequence_num 1 after -1: messages were lost']);
  });

  it('passes over what comes twice or late', () => {
    const listener = listen(BTC);
    const first = envelope(0, 'l2_data', [snapshot('BTC-USD')]);
    const second = envelope(1, 'l2_data', [book('update', 'BTC-USD', level('bid', '100.01', '1'))]);
    listener.hear(first).hear(second).hear(second).hear(first).hear(second);
    expect(listener.take()).toHaveLength(5);
    expect(listener.told).toEqual([]);
    listener.hear(envelope(0, 'heartbeats', [], '2020-01-01T00:00:00Z'));
    expect(listener.told).toEqual([]);
  });

  it('notices numbers that begin anew, and takes the next snapshot however low its number', () => {
    const listener = listen(BTC);
    listener.hear(envelope(0, 'l2_data', [snapshot('BTC-USD')]));
    for (let n = 1; n < 50; n++)
      listener.hear(envelope(n, 'l2_data', [book('update', 'BTC-USD', level('bid', '99', '1'))]));
    listener.take();
    listener.hear(envelope(0, 'l2_data', [book('update', 'BTC-USD', level('bid', '98', '1'))]));
    expect(listener.told).toEqual(['fault null GAP: sequence_num 0 after 49: the numbers began anew']);
    listener.hear(envelope(1, 'l2_data', [snapshot('BTC-USD')]));
    listener.hear(envelope(2, 'l2_data', [book('update', 'BTC-USD', level('bid', '97', '1'))]));
    expect(listener.take()).toContain('SNAPSHOT #1 restart');
    expect(listener.syncs[0].state).toBe(SyncState.SYNCED);
    expect(listener.syncs[0].lastSequence).toBe(2);
  });

  it('tells new trades in order, and history not at all', () => {
    const listener = listen(BTC);
    listener.hear(
      envelope(0, 'market_trades', [{ type: 'snapshot', trades: [trade('9', 'BUY'), trade('8', 'SELL')] }]),
    );
    listener.hear(
      envelope(1, 'market_trades', [
        {
          type: 'update',
          trades: [trade('12', 'BUY'), trade('11', 'SELL'), trade('10', 'SELL', { product_id: 'X-USD' })],
        },
      ]),
    );
    listener.hear(envelope(2, 'market_trades', [{ trades: [trade('12', 'BUY')], type: 'update' }]));
    expect(listener.take()).toEqual(['TRADE BID 10001 x 50000000 id 11', 'TRADE ASK 10001 x 50000000 id 12']);
    expect(listener.told).toEqual([]);
  });

  it('passes over other products, and prices that no column holds', () => {
    const listener = listen(BTC);
    const far = level('offer', '138991023.41', '0.00000238');
    listener.hear(
      envelope(0, 'l2_data', [snapshot('DOGE-USD'), book('snapshot', 'BTC-USD', level('bid', '1', '1'), far)]),
    );
    listener.hear(envelope(1, 'l2_data', [book('update', 'BTC-USD', far)]));
    expect(listener.take()).toEqual(['SNAPSHOT #0 restart', 'LEVEL BID 100 x 100000000', 'DELTA #1 after 0']);
    expect(listener.told).toEqual([
      'note 0: 1 price lies beyond 2147483647 ticks: left out of the book, as are all changes there',
    ]);
  });

  it('loses one book over a value that is no whole step, and no other', () => {
    const listener = listen(BTC, ETH);
    listener.hear(envelope(0, 'l2_data', [snapshot('BTC-USD'), snapshot('ETH-USD')]));
    listener.take(0);
    listener.take(1);
    const odd = book(
      'update',
      'BTC-USD',
      level('bid', '99', '1'),
      level('bid', '99.001', '1'),
      level('bid', '98', 'x'),
    );
    listener.hear(envelope(1, 'l2_data', [odd, book('update', 'ETH-USD', level('bid', '99', '1'))]));
    expect(listener.take(0)).toEqual(['FAULT UNPARSABLE', 'FAULT GAP']);
    expect(listener.take(1)).toEqual(['DELTA #1 after 0', 'LEVEL BID 9900 x 100000000']);
    expect(listener.told[0]).toMatch(/^unreadable 0 at \d+: a level's price is "99.001"$/);
    expect(listener.syncs.map((sync) => sync.state)).toEqual([SyncState.GAPPED, SyncState.SYNCED]);
    // The next snapshot brings it back.
    listener.hear(envelope(2, 'l2_data', [snapshot('BTC-USD')]));
    expect(listener.syncs[0].state).toBe(SyncState.SYNCED);
  });

  it.each([
    [
      'a trade of size 0',
      envelope(0, 'market_trades', [{ type: 'update', trades: [trade('1', 'BUY', { size: '0' })] }]),
    ],
    [
      'a trade between ticks',
      envelope(0, 'market_trades', [{ type: 'update', trades: [trade('1', 'BUY', { price: '1.001' })] }]),
    ],
    ['a book event of a new type', envelope(0, 'l2_data', [book('auction', 'BTC-USD')])],
  ])('refuses %s', (_, frame) => {
    const listener = listen(BTC).hear(frame);
    expect(listener.told[0]).toMatch(/^unreadable 0 at/);
    expect(listener.told[1]).toMatch(/^fault 0 GAP/);
    expect(listener.take()).toEqual(['FAULT UNPARSABLE', 'FAULT GAP']);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', 'hello'],
    [
      'half a message',
      '{"channel":"l2_data","sequence_num":0,"events":[{"type":"snapshot","product_id":"BTC-USD","updates":[{"side":"bid","price_level":"1","new_quantity":"1"}',
    ],
    ['more than a message', '{"channel":"ticker","sequence_num":0,"events":[]}}'],
    ['a list', '[]'],
    ['a message without a number', '{"channel":"l2_data","events":[]}'],
    ['a message without events', '{"channel":"l2_data","sequence_num":0}'],
    ['a negative number', '{"channel":"l2_data","sequence_num":-1,"events":[]}'],
    ['a number in quotes', '{"channel":"l2_data","sequence_num":"0","events":[]}'],
    ['events that are no list', '{"channel":"l2_data","sequence_num":0,"events":{}}'],
    ['events twice', '{"channel":"l2_data","sequence_num":0,"events":[],"events":[]}'],
    ['its number again', '{"channel":"l2_data","sequence_num":0,"events":[],"sequence_num":7}'],
    ['its channel again', '{"channel":"l2_data","sequence_num":0,"events":[],"channel":"ticker"}'],
    ['an event without a product', '{"channel":"l2_data","sequence_num":0,"events":[{"type":"update","updates":[]}]}'],
    [
      'updates twice',
      '{"channel":"l2_data","sequence_num":0,"events":[{"type":"update","product_id":"BTC-USD","updates":[],"updates":[]}]}',
    ],
    [
      'a level without a side',
      JSON.stringify(envelope(0, 'l2_data', [book('update', 'BTC-USD', { ...level('', '1', '1') })])),
    ],
    [
      'a level without a size',
      JSON.stringify(envelope(0, 'l2_data', [book('update', 'BTC-USD', { side: 'bid', price_level: '1' })])),
    ],
    [
      'a price that is a number',
      JSON.stringify(
        envelope(0, 'l2_data', [book('update', 'BTC-USD', { side: 'bid', price_level: 1, new_quantity: '1' })]),
      ),
    ],
    [
      'a level with no time',
      JSON.stringify(
        envelope(0, 'l2_data', [book('update', 'BTC-USD', { ...level('bid', '1', '1'), event_time: 'noon' })]),
      ),
    ],
    ['an envelope with no time', JSON.stringify(envelope(0, 'l2_data', [snapshot('BTC-USD')], 'noon'))],
    [
      'a trade without an id',
      JSON.stringify(envelope(0, 'market_trades', [{ type: 'update', trades: [trade('x', 'BUY')] }])),
    ],
    [
      'a trade of no side',
      JSON.stringify(envelope(0, 'market_trades', [{ type: 'update', trades: [trade('1', 'buy')] }])),
    ],
    [
      'a trade with no time',
      JSON.stringify(envelope(0, 'market_trades', [{ type: 'update', trades: [trade('1', 'BUY', { time: '' })] }])),
    ],
  ])('cannot read %s, and then trusts no book', (_, frame) => {
    const listener = listen(BTC, ETH).hear(frame);
    expect(listener.told.map((line) => line.replace(/[:].*/, '').replace(/ at \d+/, ''))).toEqual([
      'unreadable null',
      'fault null GAP',
    ]);
    expect(listener.take(0)).toEqual(['FAULT UNPARSABLE', 'FAULT GAP']);
    // And goes on.
    listener.hear(envelope(1, 'l2_data', [snapshot('BTC-USD')]));
    expect(listener.syncs[0].state).toBe(SyncState.SYNCED);
    expect(listener.told).toHaveLength(2);
  });

  it('says what the venue refuses, and whose it is', () => {
    const listener = listen(BTC, ETH);
    listener.hear({ type: 'error', message: 'failure to subscribe: ETH-USD is not a valid product' });
    listener.hear({ type: 'error', message: 'rate limit exceeded' });
    listener.hear('{"type":"error"}');
    expect(listener.told.map((line) => line.slice(0, 28))).toEqual([
      'refused 1 bad-argument: coin',
      'refused null overloaded: coi',
      'refused null bad-argument: c',
    ]);
  });
});
