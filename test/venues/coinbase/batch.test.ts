import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LadderBook, SyncState } from '../../../src/market/index.ts';
import { coinbaseExchangeProtocol } from '../../../src/venues/coinbase/index.ts';
import { naiveBook, naiveExchange, naiveLevels } from './oracle.ts';
import { Listener, levelsOf, product } from './support.ts';

const BTC = product('BTC-USD');
const ETH = product('ETH-USD');
const NAMES = ['BTC-USD', 'ETH-USD'];

const listen = (): Listener => new Listener(coinbaseExchangeProtocol(), [BTC, ETH]);

const snapshot = (product_id: string): object => ({
  type: 'snapshot',
  product_id,
  bids: [['100.00', '1']],
  asks: [['100.02', '2']],
});
const update = (product_id: string, time: string, ...changes: string[][]): object => ({
  type: 'l2update',
  product_id,
  changes,
  time: `2026-08-09T${time}Z`,
});
const match = (trade_id: number, more: object = {}): object => ({
  type: 'match',
  trade_id,
  maker_order_id: 'ac928c66-ca53-498f-9c13-a110027a60e8',
  taker_order_id: '132fb6ae-456b-4654-b4e0-d681ac05cea1',
  side: 'sell',
  size: '5.23512',
  price: '400.23',
  product_id: 'BTC-USD',
  sequence: 50,
  time: '2026-08-09T08:19:27.028459Z',
  ...more,
});
const heartbeat = (last_trade_id: number): object => ({
  type: 'heartbeat',
  sequence: 90,
  last_trade_id,
  product_id: 'BTC-USD',
  time: '2026-08-09T08:19:28.464459Z',
});

describe('level2_batch, in its documents’ own messages', () => {
  // docs.cdp.coinbase.com, Exchange WebSocket channels, "Level2 Channel", "Match", "Heartbeat Channel".
  it('reads snapshot, change, trade and heartbeat', () => {
    const listener = new Listener(coinbaseExchangeProtocol(), [BTC], 18_122);
    listener.hear(
      '{"type":"snapshot","product_id":"BTC-USD","bids":[["10101.10","0.45054140"]],"asks":[["10102.55","0.57753524"]]}',
    );
    listener.hear(
      '{"type":"l2update","product_id":"BTC-USD","changes":[["buy","10101.80000000","0.162567"]],"time":"2019-08-14T20:42:27.966Z"}',
    );
    listener.hear(JSON.stringify(match(10)));
    listener.hear(JSON.stringify(heartbeat(10)));
    expect(listener.take()).toEqual([
      'SNAPSHOT #1 restart',
      'LEVEL BID 1010110 x 45054140',
      'LEVEL ASK 1010255 x 57753524',
      'DELTA #2 after 1',
      'LEVEL BID 1010180 x 16256700',
      // The maker sold, so the aggressor bought.
      'TRADE BID 40023 x 523512000 id 10',
    ]);
    expect(listener.told).toEqual(['heartbeat']);
  });

  it('gives rows the venue’s time, wherever in the message it stands', () => {
    const listener = listen();
    const bytes = Buffer.from(JSON.stringify(update('BTC-USD', '00:00:01.5', ['buy', '1', '1'], ['sell', '2', '1'])));
    listener.conversation.receive(bytes, 0, bytes.length, 9);
    const batch = listener.builders[0].finish()!;
    expect([...batch.tsEventNs]).toEqual([1.5e9, 1.5e9, 1.5e9]);
    expect([...batch.tsRecvNs]).toEqual([9, 9, 9]);
  });
});

describe('a connection of level2_batch', () => {
  it('asks for books, trades and heartbeats, and for one book anew', () => {
    const { conversation } = listen();
    expect(conversation.greeting(0).map(({ text }) => JSON.parse(text))).toEqual([
      { type: 'subscribe', product_ids: NAMES, channels: ['heartbeat', 'matches', 'level2_batch'] },
    ]);
    const resync = conversation.resync(1, 0);
    expect(resync.by === 'messages' && resync.messages.map(({ text }) => JSON.parse(text))).toEqual([
      { type: 'unsubscribe', product_ids: ['ETH-USD'], channels: ['level2_batch'] },
      { type: 'subscribe', product_ids: ['ETH-USD'], channels: ['level2_batch'] },
    ]);
    expect(() => conversation.answer(0, Buffer.from(''), 0)).toThrow(/assertion/);
  });

  it('counts each product’s messages itself', () => {
    const listener = listen().hear(snapshot('BTC-USD')).hear(snapshot('ETH-USD'));
    listener.hear(update('ETH-USD', '01:00:00', ['sell', '100.02', '0']));
    listener.hear(update('BTC-USD', '01:00:00', ['buy', '100.01', '1'], ['buy', '100.00', '0']));
    listener.hear(snapshot('BTC-USD'));
    expect(listener.take(0).filter((row) => !row.startsWith('LEVEL'))).toEqual([
      'SNAPSHOT #1 restart',
      'DELTA #2 after 1',
      'SNAPSHOT #3',
    ]);
    expect(listener.take(1).slice(3)).toEqual(['DELTA #2 after 1', 'LEVEL ASK 10002 x 0']);
    expect(listener.syncs.map((sync) => sync.state)).toEqual([SyncState.SYNCED, SyncState.SYNCED]);
  });

  it('loses a book whose changes go back in time', () => {
    const listener = listen().hear(snapshot('BTC-USD')).hear(snapshot('ETH-USD'));
    listener.hear(update('BTC-USD', '01:00:01', ['buy', '99', '1']));
    listener.hear(update('ETH-USD', '01:00:00', ['buy', '99', '1']));
    listener.hear(update('BTC-USD', '01:00:01', ['buy', '98', '1']));
    expect(listener.told).toEqual([]);
    listener.hear(update('BTC-USD', '01:00:00.999999999', ['buy', '99', '2']));
    expect(listener.told).toEqual(['fault 0 GAP: a change older than the one before it']);
    expect(listener.syncs.map((sync) => sync.state)).toEqual([SyncState.GAPPED, SyncState.SYNCED]);
    expect(listener.take(0).at(-1)).toBe('FAULT GAP');
    expect(listener.hear(snapshot('BTC-USD')).syncs[0].state).toBe(SyncState.SYNCED);
  });

  it('takes a hole in the trades for a sign of more that is missing', () => {
    const listener = listen().hear(snapshot('BTC-USD'));
    listener
      .hear({ ...match(10), type: 'last_match' })
      .hear(match(11))
      .hear(match(11))
      .hear(match(10));
    expect(listener.told).toEqual([]);
    listener.hear(match(13, { side: 'buy' }));
    expect(listener.told).toEqual(['fault 0 GAP: trade 13 came after 11: messages were lost']);
    expect(listener.take().slice(3)).toEqual([
      'TRADE BID 40023 x 523512000 id 11',
      'FAULT GAP',
      'TRADE ASK 40023 x 523512000 id 13',
    ]);
  });

  it('misses a trade that a heartbeat named, once the next heartbeat comes without it', () => {
    const listener = listen()
      .hear(heartbeat(10))
      .hear(heartbeat(10))
      .hear(match(10))
      .hear(heartbeat(12))
      .hear(match(11));
    expect(listener.told).toEqual(['heartbeat', 'heartbeat', 'heartbeat']);
    listener.hear(heartbeat(12)).hear(heartbeat(12)).hear(match(13)).hear(heartbeat(13)).hear(heartbeat(13));
    expect(listener.told.filter((line) => line !== 'heartbeat')).toEqual([
      'fault 0 GAP: trade 12 was named a heartbeat ago and has not come: messages were lost',
    ]);
  });

  it('passes over other products and other messages', () => {
    const listener = listen();
    listener
      .hear(snapshot('DOGE-USD'))
      .hear(match(1, { product_id: 'DOGE-USD' }))
      .hear(heartbeat(1));
    listener.hear({ type: 'subscriptions', channels: [{ name: 'matches', product_ids: NAMES }] });
    listener.hear({ type: 'ticker', product_id: 'BTC-USD', price: '1', side: 'buy', time: 'x', trade_id: 9 });
    listener.hear({ type: 'status', products: [], product_id: 'BTC-USD', changes: 'none' });
    expect(listener.take()).toEqual([]);
    expect(listener.told).toEqual(['heartbeat']);
  });

  it('takes our time where the venue gives none', () => {
    const listener = listen().hear(snapshot('BTC-USD'));
    listener.hear({ type: 'l2update', product_id: 'BTC-USD', changes: [] });
    listener.hear({ ...update('BTC-USD', '01:00:00'), time: '0001-01-01T00:00:00Z' });
    listener.hear(match(1, { time: undefined }));
    expect(listener.told).toEqual([]);
    expect(listener.syncs[0].lastSequence).toBe(3);
  });

  it.each([
    ['a level that is no whole lot', update('BTC-USD', '01:00:00', ['buy', '1', '0.000000001'])],
    ['a change without changes', { type: 'l2update', product_id: 'BTC-USD' }],
    ['a time that is none', { ...update('BTC-USD', '01:00:00'), time: 'noon' }],
    ['a trade without an id', match(0, { trade_id: undefined })],
    ['a trade of size 0', match(1, { size: '0' })],
    ['a trade between ticks', match(1, { price: '1.001' })],
    ['a trade of no side', match(1, { side: 'BUY' })],
  ])('loses the product’s book over %s', (_, frame) => {
    const listener = listen().hear(frame);
    expect(listener.told[0]).toMatch(/^unreadable 0 at \d+: /);
    expect(listener.take(0)).toEqual(['FAULT UNPARSABLE', 'FAULT GAP']);
    expect(listener.take(1)).toEqual([]);
  });

  it.each([
    ['no JSON', 'hello'],
    ['half a message', JSON.stringify(snapshot('BTC-USD')).slice(0, -8)],
    ['a level of one', '{"type":"snapshot","product_id":"BTC-USD","bids":[["1"]],"asks":[]}'],
    ['a level of three', '{"type":"snapshot","product_id":"BTC-USD","bids":[["1","1","1"]],"asks":[]}'],
    ['a level of numbers', '{"type":"snapshot","product_id":"BTC-USD","bids":[[1,1]],"asks":[]}'],
    ['a change without a side', '{"type":"l2update","product_id":"BTC-USD","changes":[["1","1"]]}'],
    ['a change of no side', '{"type":"l2update","product_id":"BTC-USD","changes":[["bid","1","1"]]}'],
    ['changes that are no list', '{"type":"l2update","product_id":"BTC-USD","changes":{}}'],
    ['changes before the type, and no list', '{"changes":{},"type":"l2update","product_id":"BTC-USD"}'],
    ['a trade with an id in quotes', JSON.stringify(match(1)).replace('"trade_id":1', '"trade_id":"1"')],
    ['two products', '{"type":"l2update","product_id":"BTC-USD","changes":[["buy","1","1"]],"product_id":"ETH-USD"}'],
    ['text behind a message', `${JSON.stringify(match(1))}x`],
  ])('cannot read %s, and then trusts no book', (_, frame) => {
    const listener = listen().hear(snapshot('BTC-USD')).hear(snapshot('ETH-USD')).hear(frame);
    expect(listener.told.map((line) => line.replace(/ at .*|:.*/, ''))).toEqual(['unreadable null', 'fault null GAP']);
    expect(listener.syncs.map((sync) => sync.state)).toEqual([SyncState.GAPPED, SyncState.GAPPED]);
    expect(listener.take().slice(3)).toEqual(['FAULT UNPARSABLE', 'FAULT GAP']);
  });

  it('says what the venue refuses', () => {
    const listener = listen();
    listener.hear({ type: 'error', message: 'Failed to subscribe', reason: 'ETH-USD is not a valid product' });
    listener.hear({ type: 'error', message: 'Too many requests' });
    expect(listener.told[0]).toMatch(/^refused 1 bad-argument: .*Failed to subscribe.*ETH-USD/);
    expect(listener.told[1]).toMatch(/^refused null overloaded/);
  });
});

const decimal = (min: number, max: number, decimals: number): fc.Arbitrary<string> =>
  fc.integer({ min, max }).map((value) => {
    const digits = String(value).padStart(decimals + 1, '0');
    return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  });
const size = fc.oneof(fc.constant('0'), fc.constant('0.00'), decimal(1, 10 ** 12, 8));
const bid = fc.tuple(decimal(1, 1500, 2), size);
const ask = fc.tuple(decimal(1501, 3000, 2), size);

describe('the decoder', () => {
  it('gives the naive book, with keys in any order', () => {
    const changes = fc.array(
      fc.oneof(
        bid.map((level) => ['buy', ...level]),
        ask.map((level) => ['sell', ...level]),
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(
        fc.tuple(fc.array(bid, { maxLength: 8 }), fc.array(ask, { maxLength: 8 })),
        fc.array(changes, { maxLength: 10 }),
        fc.infiniteStream(fc.nat({ max: 23 })),
        (sides, messages, order) => {
          const listener = listen();
          const naive = naiveBook();
          const hear = (message: object): void => {
            const entries = Object.entries(message).map((entry) => [order.next().value, entry] as const);
            const text = JSON.stringify(
              Object.fromEntries(entries.sort((a, b) => a[0] - b[0]).map(([, entry]) => entry)),
            );
            listener.hear(text);
            naiveExchange(naive, 'BTC-USD', { price: 2, size: 8 }, text);
          };
          hear({ type: 'snapshot', product_id: 'BTC-USD', bids: sides[0], asks: sides[1] });
          messages.forEach((list, i) => {
            hear(update('BTC-USD', `10:00:${10 + i}`, ...list));
          });
          expect(listener.told).toEqual([]);
          expect(listener.syncs[0].state).toBe(SyncState.SYNCED);
          expect(levelsOf(listener.syncs[0].book as LadderBook)).toEqual(naiveLevels(naive));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('takes any bytes without throwing, and no rows out of what is no JSON', () => {
    const frames = [snapshot('BTC-USD'), update('BTC-USD', '01:00:00', ['buy', '99', '1']), match(3), heartbeat(4)].map(
      (frame) => JSON.stringify(frame),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...frames),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }),
        (text, edits) => {
          const frame = Buffer.from(text);
          for (const [at, byte] of edits) frame[at % frame.length] = byte;
          const listener = listen().hear(frame);
          let isJson = true;
          try {
            JSON.parse(frame.toString());
          } catch {
            isJson = false;
          }
          if (!isJson) expect(listener.take()).toEqual(['FAULT UNPARSABLE', 'FAULT GAP']);
        },
      ),
      { numRuns: 1500 },
    );
  });
});
