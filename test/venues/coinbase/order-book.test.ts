import { describe, expect, it } from 'vitest';
import { SyncState } from '../../../src/market/index.ts';
import { A, B, C, faults, level3, match, open, say, synced, URL, VERIFY } from './order-messages.ts';

describe('a book of orders', () => {
  it('is lost with a skipped number, and only that product’s', () => {
    const listener = synced().answer(1, level3(1, []), URL);
    listener.hear(say('received', 6)).hear(open(8, C, '100', '1'));
    expect(faults(listener)).toEqual(['fault 0 GAP: sequence 8 after 6: messages were lost']);
    expect(listener.syncs.map((sync) => sync.state)).toEqual([SyncState.GAPPED, SyncState.SYNCED]);
    listener.answer(0, level3(7, []), URL);
    expect(listener.take().slice(1)).toEqual(['FAULT GAP', 'SNAPSHOT #7 restart', 'ADD ASK 10000 x 100000000 id 3']);
  });

  it('ignores lower numbers', () => {
    const listener = synced().hear(say('received', 6)).hear(say('received', 7));
    listener.hear(say('received', 6)).hear(say('received', 7)).hear(say('received', 8));
    expect(faults(listener)).toEqual([]);
    expect(listener.syncs[0].lastSequence).toBe(8);
  });

  it('notices numbers that begin anew', () => {
    const listener = synced().hear(say('received', 6));
    listener.hear(say('received', 2, { time: '2026-08-09T08:20:00Z' }));
    expect(faults(listener)).toEqual(['fault 0 GAP: sequence 2 after 6: the numbers began anew']);
    listener.answer(0, level3(2, [], [['100', '1', B]]), URL);
    listener.hear(say('received', 3));
    expect(listener.syncs[0].state).toBe(SyncState.SYNCED);
    expect(listener.syncs[0].lastSequence).toBe(3);
    // An order that rests on keeps our number.
    expect(listener.take()).toContain('ADD ASK 10000 x 100000000 id 2');
  });

  it('misses what a heartbeat named, once the next heartbeat comes without it', () => {
    const beat = (sequence: number): object => ({
      type: 'heartbeat',
      sequence,
      last_trade_id: 1,
      product_id: 'BTC-USD',
    });
    const listener = synced().hear(beat(6)).hear(say('received', 6)).hear(beat(8));
    expect(faults(listener)).toEqual([]);
    listener.hear(beat(8));
    expect(faults(listener)).toEqual([
      'fault 0 GAP: sequence 8 was named a heartbeat ago and has not come: messages were lost',
    ]);
    listener
      .answer(0, level3(7, []), URL)
      .answer(0, level3(8, []), URL)
      .hear(say('received', 9))
      .hear(beat(9))
      .hear(beat(9));
    expect(listener.syncs[0].lastSequence).toBe(9);
  });

  it.each([
    ['a trade of an order that does not rest', match(6, C, '100', '1')],
    ['a trade of more than rests', match(6, A, '100', '1.5')],
    ['a trade on the other side', match(6, A, '100', '1', { side: 'buy' })],
    ['an order that opens twice', open(6, A, '100', '1')],
    ['a change from another size', say('change', 6, { order_id: A, price: '100', old_size: '2', new_size: '1' })],
  ])('is lost with %s', (_, message) => {
    const listener = synced().hear(message);
    expect(faults(listener)[0]).toMatch(/^fault 0 GAP: the book cannot be the venue's: order/);
    expect(listener.take()).toEqual(['FAULT GAP']);
    listener.answer(0, level3(5, []), URL);
    expect(listener.syncs[0].state).toBe(SyncState.GAPPED);
    listener.answer(0, level3(6, []), URL);
    expect(listener.syncs[0].state).toBe(SyncState.SYNCED);
  });

  it.each([
    ['a trade of no size', match(6, A, '100', '')],
    ['a price between ticks', open(6, C, '100.001', '1')],
    ['no id', open(6, '', '100', '1')],
    ['no side', open(6, C, '100', '1', { side: 'up' })],
    ['a number for a size', say('change', 6, { order_id: A, price: '100', new_size: 1 })],
  ])('is lost with a message that has %s', (_, message) => {
    const listener = synced().hear(message);
    expect(faults(listener).map((line) => line.slice(0, 12))).toEqual(['unreadable 0', 'fault 0 GAP:']);
    expect(listener.take()).toEqual(['FAULT UNPARSABLE', 'FAULT GAP']);
    listener.answer(0, level3(6, []), URL);
    expect(listener.syncs[0].state).toBe(SyncState.SYNCED);
  });

  it('minds no changes of orders that never rest', () => {
    const listener = synced();
    listener.hear(say('change', 6, { order_id: A, price: null, old_funds: '2', new_funds: '1' }));
    listener.hear(say('change', 7, { order_id: C, price: '100', old_size: '2', new_size: '1' }));
    listener.hear(say('change', 8, { order_id: A, price: '100', old_size: '1', new_size: '1' }));
    listener.hear(say('match_of_tomorrow', 9)).hear(open(10, C, '100', '0'));
    expect(listener.take()).toEqual([6, 7, 8, 9, 10].map((n) => `DELTA #${n} after ${n - 1}`));
    expect(faults(listener)).toEqual([]);
  });

  it.each([
    ['no JSON', 'hello', 'unreadable null'],
    ['a list', '[]', 'unreadable null'],
    ['null', 'null', 'unreadable null'],
    ['a message without a type', '{}', 'unreadable null'],
    ['a sequence in quotes', JSON.stringify(say('open', 6)).replace('6', '"6"'), 'unreadable 0'],
  ])('says that %s cannot be read, and sees what is missing by the next message', (_, frame, told) => {
    const listener = synced().hear(say('received', 6)).hear(frame);
    expect(listener.told.at(-1)).toMatch(told);
    expect(listener.syncs[0].state).toBe(SyncState.SYNCED);
    listener.hear(say('received', 8));
    expect(listener.syncs[0].state).toBe(SyncState.GAPPED);
  });

  it('begins anew where others lost it', () => {
    const listener = synced().hear(open(6, C, '101', '1'));
    listener.fault(0, 7, 'a queue was full');
    listener.settle();
    listener.take();
    listener.answer(
      0,
      level3(
        5,
        [],
        [
          ['100', '1', A],
          ['100', '2', B],
        ],
      ),
      URL,
    );
    expect(listener.take()).toEqual([
      'SNAPSHOT #5 restart',
      'ADD ASK 10000 x 100000000 id 1',
      'ADD ASK 10000 x 200000000 id 2',
      'ADD ASK 10100 x 100000000 id 4',
    ]);
    expect(listener.syncs[0].state).toBe(SyncState.SYNCED);
  });
});

describe('verification', () => {
  it('is silent where every order is the same, whichever book is ahead', () => {
    const listener = synced()
      .hear(say('received', 6))
      .hear(match(7, A, '100', '1'));
    listener.answer(
      0,
      level3(
        5,
        [],
        [
          ['100', '1', A],
          ['100', '2', B],
        ],
      ),
      VERIFY,
    );
    listener.answer(0, level3(7, [], [['100', '2', B]]), VERIFY);
    listener.answer(
      0,
      level3(
        8,
        [],
        [
          ['100', '2', B],
          ['101', '1', C],
        ],
      ),
      VERIFY,
    );
    // Older than all that we kept: nothing can be said.
    listener.answer(0, level3(3, []), VERIFY);
    listener.hear(open(8, C, '101', '1')).hear(say('received', 9));
    expect(faults(listener)).toEqual([]);
    expect(listener.syncs[0].lastSequence).toBe(9);
  });

  it.each([
    [
      'an order more',
      [
        ['100', '1', A],
        ['100', '2', B],
        ['101', '1', C],
      ],
      '2 orders rest here, 3 at the venue',
    ],
    [
      'another order',
      [
        ['100', '1', A],
        ['100', '2', C],
      ],
      `order ${C} does not stand`,
    ],
    [
      'another turn',
      [
        ['100', '2', B],
        ['100', '1', A],
      ],
      `order ${B} does not stand`,
    ],
    [
      'another price',
      [
        ['100', '1', A],
        ['101', '2', B],
      ],
      `order ${B} does not stand`,
    ],
    [
      'another size',
      [
        ['100', '1', A],
        ['100', '3', B],
      ],
      `order ${B} has 200000000 lots here, 300000000 at the venue`,
    ],
  ])('finds %s', (_, asks, why) => {
    const listener = synced().answer(0, level3(5, [], asks), VERIFY);
    expect(faults(listener)[0]).toContain(`fault 0 CHECKSUM: not the venue's book as of 5: `);
    expect(faults(listener)[0]).toContain(why);
    expect(listener.syncs[0].state).toBe(SyncState.GAPPED);
    expect(listener.syncs[0].faults.checksums).toBe(1);
    listener.answer(0, level3(5, [], asks), URL);
    expect(listener.syncs[0].state).toBe(SyncState.SYNCED);
  });

  it('finds a difference once a book that is ahead is reached', () => {
    const listener = synced()
      .answer(0, level3(7, [], [['100', '1', A]]), VERIFY)
      .hear(say('received', 6));
    expect(faults(listener)).toEqual([]);
    listener.hear(say('received', 7));
    expect(faults(listener)).toHaveLength(1);
  });
});
