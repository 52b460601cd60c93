import { describe, expect, it } from 'vitest';
import { EventKind, Fault } from '../../src/market/index.ts';
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

describe('connections', () => {
  it('are made again with growing waits while they fail, under the limit, and at once after a healthy one', () => {
    const bench = new Bench({ by: 'messages', limits: { connects: { limit: 5, windowMs: 60_000 } } });
    bench.transport.openAfterMs = null;
    bench.supervisor.start();
    for (let n = 0; n < 40; n++) {
      const seen = bench.transport.connections.length;
      bench.transport.last.close('refused');
      while (bench.transport.connections.length === seen) bench.time.step();
    }
    const times = bench.transport.connections.map(({ atMs }) => atMs);
    times.forEach((from) => {
      expect(times.filter((at) => at >= from && at <= from + 60_000).length).toBeLessThanOrEqual(5);
    });
    expect(times[40] - times[30]).toBeGreaterThan(120_000);
    const last = bench.transport.last;
    last.open();
    bench.time.runFor(35_000);
    last.say({ beat: true });
    last.close('bye');
    const from = bench.time.elapsedMs;
    while (bench.transport.last === last) bench.time.step();
    expect(bench.time.elapsedMs - from).toBeLessThan(15_000);
    expect(bench.notes.join('\n')).toMatch(/connection 1 to fake\.example ended: refused; the next try is in \d/);
  });

  it('are given up where the handshake is not answered', () => {
    const bench = new Bench({ by: 'messages' });
    bench.transport.openAfterMs = null;
    bench.supervisor.start();
    bench.time.runFor(12_000);
    expect(bench.transport.connections.length).toBe(2);
    expect(bench.notes[0]).toMatch(/the handshake was not answered/);
    // What comes late is not looked at.
    bench.transport.connections[0].open();
    bench.transport.connections[0].say({ beat: true });
    expect(bench.records).toEqual([]);
  });

  it('stay away for as long as a refused handshake says', () => {
    const bench = new Bench({ by: 'messages' });
    bench.transport.openAfterMs = null;
    bench.supervisor.start();
    const refusal = { url: '', status: 418, headers: { 'retry-after': '100' }, body: Buffer.alloc(0) };
    bench.transport.last.close('answered 418', refusal);
    bench.time.runFor(99_000);
    expect(bench.transport.connections.length).toBe(1);
    bench.time.runFor(3000);
    expect(bench.transport.connections.length).toBe(2);
  });

  it('wait long where the venue refuses all that is asked of it', () => {
    const bench = new Bench({ by: 'messages' });
    bench.start().say({ refuse: null, never: true });
    bench.transport.last.close('forbidden');
    bench.time.runFor(299_000);
    expect(bench.transport.connections.length).toBe(1);
    bench.time.runFor(5000);
    expect(bench.transport.connections.length).toBe(2);
  });

  it('lose every book in order, and bring it back', () => {
    const bench = synced();
    bench.transport.onRequest = (asked) => asked.answer(200, { snap: 50, levels: BOOK });
    bench.transport.last.say({ i: 0, seq: 11, prev: 10 });
    bench.transport.last.close('gone');
    expect(bench.health()).toMatchObject({ state: 'gapped', disconnects: 1 });
    bench.time.runFor(3000);
    bench.transport.last.say({ join: null });
    bench.time.runFor(3000);
    expect(bench.health()).toMatchObject({ state: 'synced', disconnects: 1, lastSequence: 50 });
    expect(bench.told(EventKind.FAULT)).toEqual([Fault.DISCONNECT]);
    expect(bench.agrees).toBe(true);
  });

  it('that fall silent are dead: pings first, then the end; a pong is life', () => {
    const bench = new Bench({ by: 'messages', limits: { silenceMs: 10_000, pingMs: 3000 } });
    const connection = bench.start();
    connection.say({ i: 0, snap: 1, levels: BOOK, restart: true });
    bench.time.runFor(3100);
    expect(connection.pings).toBe(1);
    connection.beat();
    bench.time.runFor(3100);
    expect(connection.pings).toBe(2);
    expect(bench.state).toBe('synced');
    bench.time.runFor(6800);
    expect(bench.state).toBe('synced');
    bench.time.runFor(200);
    expect(bench.health()).toMatchObject({ state: 'gapped', disconnects: 1 });
    expect(connection.pings).toBe(2);
    expect(bench.notes.at(-1)).toMatch(/nothing was heard for 10 s/);
    bench.time.runFor(3000);
    expect(bench.transport.connections.length).toBe(2);
  });

  it('that answer pings and bring nothing are not waited for once another one brings something', () => {
    const bench = new Bench({ by: 'request', limits: { silenceMs: 10_000, pingMs: 3000 } });
    bench.transport.onRequest = (asked) => asked.answer(200, { snap: 10, levels: BOOK });
    const stalled = bench.start();
    stalled.say({ join: null });
    stalled.say({ i: 0, seq: 11, prev: 10 });
    bench.time.runFor(1000);
    expect(bench.state).toBe('synced');
    for (let n = 0; n < 10; n++) {
      bench.time.runFor(1000);
      stalled.beat();
    }
    // Nothing for ten seconds: a quiet market, or a connection that is dead behind its front. A second one will tell.
    bench.time.runFor(1000);
    const other = bench.transport.last;
    expect(bench.transport.connections.length).toBe(2);
    expect(bench.state).toBe('synced');
    for (let seq = 20; seq < 32; seq++) {
      other.say({ join: null });
      other.say({ i: 0, seq, prev: seq - 1 });
      stalled.beat();
      bench.time.runFor(1000);
    }
    expect(stalled.state).toBe('closed');
    expect(bench.health()).toMatchObject({ disconnects: 1 });
    expect(bench.agrees).toBe(true);
  });

  it('are pinged in words where the venue wants that, whatever else passes', () => {
    const bench = new Bench({ by: 'messages', pings: true, limits: { silenceMs: 10_000, pingMs: 3000 } });
    const connection = bench.start();
    for (let n = 0; n < 10; n++) {
      connection.say({ beat: true });
      bench.time.runFor(1000);
    }
    expect(connection.sent.filter(({ text }) => text === 'ping').map(({ atMs }) => Math.floor(atMs / 1000))).toEqual([
      3, 6, 9,
    ]);
    expect(connection.pings).toBe(0);
  });

  it('whose heartbeats stop are stale, though data trickle', () => {
    const bench = new Bench({ by: 'messages', limits: { heartbeatMs: 1000 } });
    const connection = bench.start();
    connection.say({ i: 0, snap: 1, levels: BOOK, restart: true });
    for (let n = 0; n < 10; n++) {
      bench.time.runFor(1000);
      connection.say({ beat: true });
    }
    for (let seq = 2; seq < 7; seq++) {
      expect(bench.state).toBe('synced');
      bench.time.runFor(590);
      connection.say({ i: 0, seq, prev: seq - 1 });
    }
    bench.time.runFor(100);
    expect(bench.health()).toMatchObject({ state: 'gapped', stale: 1, disconnects: 1 });
    expect(bench.agrees).toBe(true);
    expect(bench.told(EventKind.FAULT)).toEqual([Fault.STALE, Fault.DISCONNECT]);
  });
});

describe('stopping', () => {
  it('closes, hands out all that arrived, leaves no timer, and says so once to each who asked', () => {
    const bench = synced();
    bench.transport.last.say({ i: 0, seq: 11, prev: 10 });
    let done = 0;
    bench.supervisor.stop(() => done++);
    bench.supervisor.stop(() => done++);
    expect(done).toBe(0);
    expect(bench.told(EventKind.DELTA)).toEqual([11]);
    bench.transport.last.say({ i: 0, seq: 12, prev: 11 });
    bench.time.runFor(1);
    expect(done).toBe(2);
    expect(bench.time.pending).toBe(0);
    expect(bench.transport.connections.length).toBe(1);
    bench.supervisor.stop(() => done++);
    expect(done).toBe(3);
    expect(bench.records.at(-1)).toMatchObject({ kind: 'close', why: 'stopped' });
    expect(bench.told(EventKind.FAULT)).toEqual([]);
    expect(bench.supervisor.take()).toBeNull();
  });

  it('does so from any state', () => {
    const fresh = new Bench({ by: 'request' });
    let done = 0;
    fresh.supervisor.stop(() => done++);
    expect(done).toBe(1);
    const connecting = new Bench({ by: 'request' });
    connecting.transport.openAfterMs = null;
    connecting.supervisor.start();
    connecting.supervisor.stop(() => done++);
    connecting.time.runFor(10);
    const waiting = new Bench({ by: 'messages' });
    waiting.start().close('gone');
    waiting.supervisor.stop(() => done++);
    const asking = new Bench({ by: 'request' });
    asking.start().say({ join: null });
    asking.supervisor.stop(() => done++);
    asking.time.runFor(10);
    expect(asking.transport.lastRequest.cancelled).toBe(true);
    expect(done).toBe(4);
    for (const bench of [fresh, connecting, waiting, asking]) expect(bench.time.pending).toBe(0);
  });

  it('does not wait for ever for a socket that does not close', () => {
    const bench = synced();
    bench.transport.closeAfterMs = 1e9;
    let done = 0;
    bench.supervisor.stop(() => done++);
    bench.time.runFor(4900);
    expect(done).toBe(0);
    bench.time.runFor(200);
    expect(done).toBe(1);
  });

  it('tells of an overflow in its place even then', () => {
    const bench = synced({ queueEvents: 10 });
    bench.reading = false;
    for (let seq = 11; seq < 60; seq++) {
      bench.transport.last.say({ i: 0, seq, prev: seq - 1 });
      bench.time.runFor(25);
    }
    bench.reading = true;
    bench.supervisor.stop(() => {});
    expect(bench.told(EventKind.FAULT)).toEqual([Fault.OVERFLOW]);
    expect(bench.agrees).toBe(true);
  });
});
