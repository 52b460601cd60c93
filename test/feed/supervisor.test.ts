import { describe, expect, it } from 'vitest';
import { EventKind, Fault, OrderBook } from '../../src/market/index.ts';
import { Bench } from './bench.ts';
import type { Level } from './fake-venue.ts';

const BOOK: Level[] = [
  [0, 99, 5],
  [1, 101, 7],
];

/** A bench whose first book is synced at 10, by request. */
function synced(options: ConstructorParameters<typeof Bench>[1] = {}): Bench {
  const bench = new Bench({ by: 'request' }, options);
  const connection = bench.start();
  connection.say({ join: null });
  bench.transport.lastRequest.answer(200, { snap: 10, levels: BOOK });
  return bench;
}

describe('what arrives', () => {
  it('is told in order, with faults between; frames that cannot be read are counted and told once in a while', () => {
    const bench = synced();
    const connection = bench.transport.last;
    connection.say({ i: 0, seq: 11, prev: 10 }, 'garbage', { fault: Fault.HALT, i: 0 }, { i: 0, seq: 12, prev: 11 });
    for (let n = 0; n < 200; n++) connection.say('{');
    expect(bench.health()).toMatchObject({ state: 'synced', unparsable: 201 });
    expect(bench.notes.filter((line) => /cannot be read/.test(line)).length).toBe(3);
    expect(bench.agrees).toBe(true);
    expect(bench.told(EventKind.FAULT).slice(0, 3)).toEqual([Fault.UNPARSABLE, Fault.HALT, Fault.UNPARSABLE]);
    expect(bench.told(EventKind.DELTA)).toEqual([11, 12]);
  });

  it('costs the books and not the process where a conversation throws what it read', () => {
    const bench = synced();
    bench.transport.last.say({ throws: true });
    expect(bench.health()).toMatchObject({ state: 'gapped', unparsable: 1, gaps: 1 });
    expect(bench.agrees).toBe(true);
    expect(bench.told(EventKind.FAULT)).toEqual([Fault.UNPARSABLE, Fault.GAP]);
  });

  it('throws what is a mistake of ours', () => {
    const bench = new Bench({ by: 'request' });
    const connection = bench.start();
    expect(() => connection.say({ i: 7, trade: 1 })).toThrow();
  });

  it('has each trade once, and counts those that are missing', () => {
    const bench = synced();
    for (const trade of [5, 6, 6, 5, 7, 10, 9, 11]) bench.transport.last.say({ i: 0, trade });
    bench.supervisor.flush();
    expect(bench.told(EventKind.TRADE)).toEqual([5, 6, 7, 10, 11]);
    expect(bench.health().missingTrades).toBe(2);
  });

  it('is measured: rates, age, the skew of the clocks', () => {
    const bench = synced();
    for (let n = 0; n < 60; n++) {
      bench.time.runFor(250);
      bench.transport.last.say({ i: 0, seq: 11 + n, prev: 10 + n, levels: [[0, 99, n + 1]] });
    }
    bench.time.runFor(600);
    const health = bench.health();
    expect(health.messagesPerSecond).toBe(4);
    expect(health.eventsPerSecond).toBe(8);
    expect(health.bytesPerSecond).toBeGreaterThan(150);
    expect(health.skewMs).toBe(5);
    expect(health.ageMs).toBeCloseTo(600, 0);
    expect(new Bench({ by: 'request' }).health()).toMatchObject({
      instrument: 'fake:AAA',
      state: 'empty',
      proof: 'sequence',
      lastSequence: null,
      ageMs: null,
      skewMs: null,
      messagesPerSecond: 0,
    });
  });

  it('is recorded as it passed, secrets left out, with our own faults in their place', () => {
    const bench = synced();
    bench.time.runFor(5);
    bench.transport.last.close('gone');
    const shapes = bench.records.map((record) => {
      if (record.kind === 'recv' || record.kind === 'http') return `${record.kind} ${record.conn} ${record.bytes}`;
      if (record.kind === 'send') return `send ${record.conn} ${record.text}`;
      if (record.kind === 'fault') return `fault ${record.conn} ${record.instrument} ${record.fault}`;
      return record.kind === 'connect'
        ? `connect ${record.conn} ${record.address}`
        : `close ${record.conn} ${record.why}`;
    });
    expect(shapes).toEqual([
      'connect 1 wss://fake.example/0',
      'send 1 subscribe …',
      'recv 1 {"join":null}',
      `http 1 {"snap":10,"levels":${JSON.stringify(BOOK)}}`,
      `fault 1 fake:AAA ${Fault.DISCONNECT}`,
      'close 1 gone',
    ]);
    const times = bench.records.map(({ recvNs }) => recvNs);
    expect([...times].sort((a, b) => a - b)).toEqual(times);
  });
});

describe('batches', () => {
  it('wait for company no longer than told, and are ready at once when asked', () => {
    const bench = synced({ flushMs: 50 });
    expect(bench.batches.length).toBe(0);
    bench.time.runFor(49);
    expect(bench.batches.length).toBe(0);
    bench.time.runFor(2);
    expect(bench.batches.length).toBe(1);
    bench.transport.last.say({ i: 0, seq: 11, prev: 10 });
    bench.supervisor.flush();
    expect(bench.told(EventKind.DELTA)).toEqual([11]);
    bench.time.runFor(100);
    // Nothing ticks while nothing happens, but for the watch on silence.
    expect(bench.time.pending).toBe(1);
  });

  it('grow where the reader is slow, and are full at once where much arrives', () => {
    const bench = synced();
    bench.reading = false;
    const connection = bench.transport.last;
    let seq = 10;
    for (let n = 0; n < 200; n++) {
      connection.say({ i: 0, seq: seq + 1, prev: seq++ });
      bench.time.runFor(25);
    }
    bench.drain();
    expect(bench.batches.length).toBeLessThan(40);
    bench.time.runFor(50);
    bench.drain();
    expect(bench.told(EventKind.DELTA).length).toBe(200);
    const many: Level[] = Array.from({ length: 2000 }, (_, k) => [0, 98 - (k % 90), 1 + k]);
    connection.say({ i: 0, seq: seq + 1, prev: seq, levels: many });
    const before = bench.batches.length;
    bench.drain();
    expect(bench.batches.length).toBe(before + 1);
    expect(bench.agrees).toBe(true);
  });

  it('that do not fit are thrown away and counted; a fault stands in the hole once there is room, and the book comes back', () => {
    const bench = synced({ queueEvents: 50 });
    bench.time.runFor(40_000);
    bench.reading = false;
    const connection = bench.transport.last;
    let seq = 10;
    const say = (count: number): void => {
      for (let n = 0; n < count; n++) {
        connection.say({ i: 0, seq: seq + 1, prev: seq++, levels: [[0, 90 - (seq % 9), seq]] });
        bench.time.runFor(30);
      }
    };
    say(60);
    expect(bench.health()).toMatchObject({ state: 'synced', overflow: expect.any(Number) });
    const thrown = bench.health().overflow;
    expect(thrown).toBeGreaterThan(20);
    const asked = bench.transport.requests.length;
    say(5);
    expect(bench.transport.requests.length).toBe(asked);
    bench.reading = true;
    bench.drain();
    expect(bench.state).toBe('gapped');
    expect(bench.transport.requests.length).toBe(asked + 1);
    say(3);
    bench.transport.lastRequest.answer(200, { snap: seq, levels: BOOK });
    say(3);
    bench.time.runFor(100);
    expect(bench.state).toBe('synced');
    expect(bench.told(EventKind.FAULT)).toEqual([Fault.OVERFLOW]);
    expect(bench.records.filter(({ kind }) => kind === 'fault').length).toBe(1);
    expect(bench.agrees).toBe(true);
    // Each message was told or counted (and the fault itself counts).
    expect(bench.told(EventKind.DELTA).length + bench.health().overflow - 1).toBe(71);
    expect(bench.health().overflow).toBeGreaterThan(thrown);
  });

  it('leave a reader with the same book, though the one upstream had more to go by when it overflowed', () => {
    const bench = new Bench({ by: 'request' }, { queueEvents: 20 });
    const connection = bench.start();
    bench.reading = false;
    connection.say({ join: null });
    // Kept upstream for the snapshot to come, thrown away downstream.
    for (let seq = 11; seq < 60; seq++) {
      connection.say({ i: 0, seq, prev: seq - 1 });
      bench.time.runFor(25);
    }
    bench.reading = true;
    bench.drain();
    connection.say({ i: 0, seq: 60, prev: 59 });
    bench.transport.lastRequest.answer(200, { snap: 30, levels: BOOK });
    expect(bench.agrees).toBe(true);
    bench.transport.onRequest = (asked) => asked.answer(200, { snap: 60, levels: BOOK });
    bench.time.runFor(5000);
    expect(bench.state).toBe('synced');
    expect(bench.agrees).toBe(true);
  });
});

describe('checkpoints', () => {
  it('are the synced book as one snapshot', () => {
    const bench = new Bench({ by: 'request' });
    expect(bench.supervisor.checkpoint(0)).toBeNull();
    bench.start().say({ join: null });
    bench.transport.lastRequest.answer(200, { snap: 10, levels: BOOK });
    bench.transport.last.say({ i: 0, seq: 11, prev: 10, levels: [[0, 98, 3]] });
    const batch = bench.supervisor.checkpoint(0)!;
    expect([...batch.kind]).toEqual([EventKind.SNAPSHOT, EventKind.LEVEL, EventKind.LEVEL, EventKind.LEVEL]);
    expect([...batch.priceTicks.slice(1)]).toEqual([99, 98, 101]);
    expect([...batch.sizeLots.slice(1)]).toEqual([5, 3, 7]);
    expect([...batch.sequence]).toEqual([11, 11, 11, 11]);
    expect(batch.tsRecvNs[0] - batch.tsEventNs[0]).toBe(5e6);
  });

  it('hold orders in the order of their queues', () => {
    const bench = new Bench({ by: 'request', book: 'orders' });
    bench.start().say({ join: null });
    const levels: Level[] = [
      [0, 99, 5],
      [1, 101, 7],
      [0, 99, 2],
    ];
    bench.transport.lastRequest.answer(200, { snap: 10, levels });
    const batch = bench.supervisor.checkpoint(0)!;
    expect([...batch.kind.slice(1)]).toEqual([EventKind.ADD, EventKind.ADD, EventKind.ADD]);
    expect([...batch.orderId.slice(1)]).toEqual([1000, 1002, 1001]);
    expect([...batch.sizeLots.slice(1)]).toEqual([5, 2, 7]);
    expect(bench.supervisor.sync(0).book).toBeInstanceOf(OrderBook);
  });
});
