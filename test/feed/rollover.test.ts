import { describe, expect, it } from 'vitest';
import { EventKind, Fault } from '../../src/market/index.ts';
import { Bench } from './bench.ts';
import type { FakeConnection, FakeOptions, Level } from './fake-venue.ts';

const BOOK: Level[] = [
  [0, 99, 5],
  [1, 101, 7],
];
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** One synced book at id 10, and a second connection that is to take over. */
function overlapping(options: Partial<FakeOptions> = {}): { bench: Bench; old: FakeConnection; next: FakeConnection } {
  const by = options.by ?? 'request';
  const bench = new Bench({ ...options, by });
  bench.transport.onRequest = (asked) => asked.answer(200, { snap: 10, levels: BOOK });
  const old = bench.start();
  const names = options.names ?? ['AAA'];
  if (by === 'request') old.say({ join: null });
  else for (let i = 0; i < names.length; i++) old.say({ i, snap: 10, levels: BOOK, restart: true });
  bench.time.runFor(2000);
  bench.transport.onRequest = null;
  old.say({ closing: 'the venue restarts' });
  bench.time.runFor(1200);
  const next = bench.transport.last;
  expect(bench.transport.connections.length).toBe(2);
  expect(next.state).toBe('open');
  return { bench, old, next };
}

const level = (lots: number): Level[] => [[0, 99, lots]];

describe('a connection about to end is replaced without a hole', () => {
  it('before its lifetime ends, not to the minute, and again and again', () => {
    const bench = new Bench({
      by: 'request',
      limits: { lifetimeMs: DAY_MS, silenceMs: 30 * HOUR_MS, pingMs: HOUR_MS },
    });
    bench.transport.onRequest = (asked) => asked.answer(200, { snap: 10, levels: BOOK });
    bench.start().say({ join: null });
    for (let day = 1; day <= 5; day++) {
      const old = bench.transport.last;
      const minute = (): void => {
        bench.time.runFor(60_000);
        old.say({ beat: true });
      };
      while (bench.transport.last === old) minute();
      // Only once its own stream is known to flow may the new one take what is quiet.
      minute();
      expect(old.state).toBe('open');
      bench.transport.last.say({ join: null });
      minute();
      minute();
      expect(bench.transport.connections.map(({ state }) => state)).toEqual([...Array(day).fill('closed'), 'open']);
    }
    const times = bench.transport.connections.map(({ atMs }) => atMs);
    const ages = times.slice(1).map((atMs, k) => atMs - times[k]);
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(22.5 * HOUR_MS);
    expect(Math.max(...ages)).toBeLessThan(23.02 * HOUR_MS);
    expect(new Set(ages.map((ms) => Math.round(ms / 60_000))).size).toBeGreaterThan(2);
    expect(bench.health()).toMatchObject({ state: 'synced', disconnects: 0, gaps: 0, resyncs: 0 });
    expect(bench.agrees).toBe(true);
  });

  it('by the change that goes on with the book: each is told once, from one or the other', () => {
    const { bench, old, next } = overlapping();
    old.say({ i: 0, seq: 11, prev: 10, levels: level(11) }, { i: 0, trade: 1 });
    next.say({ join: null });
    // The new connection is ahead: its messages wait until the book has come as far.
    next.say(
      { i: 0, seq: 13, prev: 12, levels: level(13) },
      { i: 0, trade: 2 },
      { i: 0, trade: 3 },
      { i: 0, quote: 99 },
    );
    expect(bench.health().lastSequence).toBe(11);
    old.say({ i: 0, trade: 2 }, { i: 0, seq: 12, prev: 11, levels: level(12) });
    expect(bench.health().lastSequence).toBe(13);
    bench.time.runFor(10);
    expect(old.state).toBe('closed');
    next.say({ i: 0, trade: 3 }, { i: 0, trade: 4 }, { i: 0, seq: 14, prev: 13, levels: level(14) });
    expect(bench.agrees).toBe(true);
    expect(bench.told(EventKind.DELTA)).toEqual([11, 12, 13, 14]);
    expect(bench.told(EventKind.TRADE)).toEqual([1, 2, 3, 4]);
    expect(bench.told(EventKind.BBO)).toEqual([]);
    expect(bench.told(EventKind.FAULT)).toEqual([]);
    expect(bench.health()).toMatchObject({ state: 'synced', gaps: 0, stale: 0, disconnects: 0, missingTrades: 0 });
    expect(bench.notes.at(-1)).toMatch(/another one took its place/);
  });

  it('where the new connection is behind: what the book has is passed over, silently', () => {
    const { bench, old, next } = overlapping();
    old.say({ i: 0, seq: 11, prev: 10 }, { i: 0, seq: 12, prev: 11 }, { i: 0, trade: 8 });
    next.say({ join: null }, { i: 0, trade: 7 }, { i: 0, trade: 8 }, { i: 0, seq: 11, prev: 10 });
    expect(old.state).toBe('open');
    next.say({ i: 0, trade: 9 }, { i: 0, seq: 12, prev: 11 });
    bench.time.runFor(10);
    expect(old.state).toBe('closed');
    next.say({ i: 0, seq: 13, prev: 12 });
    expect(bench.agrees).toBe(true);
    expect(bench.told(EventKind.DELTA)).toEqual([11, 12, 13]);
    expect(bench.told(EventKind.TRADE)).toEqual([8, 9]);
    expect(bench.health()).toMatchObject({ state: 'synced', stale: 0, gaps: 0, missingTrades: 0 });
  });

  it('by a snapshot of its own where numbers are the connection’s', () => {
    const { bench, old, next } = overlapping({ by: 'messages' });
    old.say({ i: 0, seq: 11, prev: 10 }, { i: 0, trade: 1 });
    // A number that would chain on by accident means nothing.
    next.say({ i: 0, seq: 12, prev: 11, levels: level(999) }, { i: 0, trade: 2 });
    expect(bench.health().lastSequence).toBe(11);
    old.say({ i: 0, trade: 2 });
    next.say({
      i: 0,
      snap: 3,
      levels: [
        [0, 98, 1],
        [1, 102, 1],
      ],
      restart: true,
    });
    expect(bench.health()).toMatchObject({ state: 'synced', lastSequence: 3 });
    next.say({ i: 0, seq: 4, prev: 3 }, { i: 0, trade: 3 });
    bench.time.runFor(10);
    expect(old.state).toBe('closed');
    expect(bench.agrees).toBe(true);
    expect(bench.told(EventKind.DELTA)).toEqual([11, 4]);
    expect(bench.told(EventKind.TRADE)).toEqual([1, 2, 3]);
    expect(bench.health()).toMatchObject({ disconnects: 0, gaps: 0, resyncs: 0 });
  });

  it('asks the new connection for the snapshot that did not come, and does not lose the old one meanwhile', () => {
    const { bench, old, next } = overlapping({ by: 'messages' });
    for (let n = 0; n < 5; n++) {
      bench.time.runFor(2500);
      old.say({ i: 0, seq: 11 + n, prev: 10 + n });
    }
    expect(next.sent.map(({ text }) => text)).toEqual(['subscribe secret', 'again AAA']);
    next.say({ i: 0, snap: 1, levels: BOOK, restart: true });
    bench.time.runFor(10);
    expect(old.state).toBe('closed');
    expect(bench.health()).toMatchObject({ state: 'synced', lastSequence: 1, disconnects: 0, gaps: 0 });
  });

  it('one instrument after the other, and the quiet ones at the end', () => {
    const { bench, old, next } = overlapping({ names: ['AAA', 'BBB', 'CCC'] });
    next.say({ join: null }, { i: 0, seq: 11, prev: 10 });
    expect(bench.health(0).lastSequence).toBe(11);
    old.say({ i: 0, seq: 12, prev: 11, levels: level(1) }, { i: 1, seq: 11, prev: 10 });
    expect(bench.health(0).lastSequence).toBe(11);
    expect(bench.health(1).lastSequence).toBe(11);
    bench.time.runFor(100);
    expect(old.state).toBe('open');
    next.say({ i: 1, seq: 12, prev: 11 }, { i: 0, seq: 12, prev: 11 });
    bench.time.runFor(5000);
    expect(old.state).toBe('closed');
    next.say({ i: 2, seq: 11, prev: 10 });
    for (const i of [0, 1, 2]) expect(bench.health(i)).toMatchObject({ state: 'synced', gaps: 0, disconnects: 0 });
    expect([0, 1, 2].map((i) => bench.health(i).lastSequence)).toEqual([12, 12, 11]);
    expect(bench.agrees).toBe(true);
  });

  it('takes over at once a book that is lost anyway', () => {
    const { bench, old, next } = overlapping();
    old.say({ i: 0, seq: 20, prev: 19 });
    expect(bench.state).toBe('gapped');
    next.say({ join: null }, { i: 0, seq: 21, prev: 20 });
    bench.time.runFor(10);
    expect(old.state).toBe('closed');
    bench.time.runFor(2000);
    bench.transport.lastRequest.answer(200, { snap: 20, levels: BOOK });
    // What the first connection had told is told to be over: its numbers need not go on in the second one's.
    expect(bench.health()).toMatchObject({ state: 'synced', lastSequence: 21, disconnects: 1 });
    expect(bench.agrees).toBe(true);
  });

  it('with orders, whose ids are each connection’s own: by a snapshot asked for on the new one', () => {
    const { bench, old, next } = overlapping({ book: 'orders' });
    const order = (ticks: number): Level[] => [[0, ticks, 1]];
    old.say({ i: 0, seq: 11, prev: 10, levels: order(90) });
    next.say({ i: 0, seq: 11, prev: 10, levels: order(90) }, { join: 0 });
    bench.time.runFor(10);
    next.say({ i: 0, seq: 12, prev: 11, levels: order(91) }, { i: 0, trade: 5, seq: 13 });
    old.say({ i: 0, seq: 12, prev: 11, levels: order(91) }, { i: 0, trade: 5, seq: 13 });
    next.say({ i: 0, seq: 14, prev: 13, levels: order(92) });
    const requests = bench.transport.requests.length;
    // Older than all that the connection told: of no use, and the old connection goes on.
    bench.transport.lastRequest.answer(200, { snap: 9, levels: BOOK });
    expect(bench.health().lastSequence).toBe(13);
    bench.time.runFor(2000);
    expect(bench.transport.requests.length).toBe(requests + 1);
    bench.transport.lastRequest.answer(200, { snap: 11, levels: [...BOOK, ...order(90)] });
    expect(bench.health()).toMatchObject({ state: 'synced', lastSequence: 14, gaps: 0, disconnects: 0 });
    bench.time.runFor(10);
    expect(old.state).toBe('closed');
    expect(bench.agrees).toBe(true);
    expect(bench.told(EventKind.TRADE)).toEqual([5]);
    const { levels } = bench.supervisor.sync(0);
    expect([90, 91, 92].map((ticks) => levels.lotsAt(0, ticks))).toEqual([1, 1, 1]);
  });
});

describe('where replacing goes wrong', () => {
  it('tries again when the new connection fails, and the book never knows', () => {
    const { bench, old, next } = overlapping();
    next.close('the new one fails');
    old.say({ i: 0, seq: 11, prev: 10 });
    bench.time.runFor(3000);
    expect(bench.transport.connections.length).toBe(3);
    bench.transport.last.say({ closing: 'this one too' });
    bench.time.runFor(4000);
    expect(bench.transport.connections.length).toBe(4);
    const third = bench.transport.last;
    third.say({ join: null }, { i: 0, seq: 12, prev: 11 });
    bench.time.runFor(10);
    expect(old.state).toBe('closed');
    expect(bench.health()).toMatchObject({ state: 'synced', lastSequence: 12, disconnects: 0 });
    expect(bench.agrees).toBe(true);
  });

  it('goes on by the venue’s numbers when the old connection ends first', () => {
    const { bench, old, next } = overlapping();
    next.say({ join: null }, { i: 0, seq: 13, prev: 12 });
    old.say({ i: 0, seq: 11, prev: 10 });
    old.close('gone before its time');
    // 12 never came: that is a gap, seen by the numbers, and nothing worse.
    expect(bench.health()).toMatchObject({ state: 'gapped', gaps: 1, disconnects: 0 });
    bench.time.runFor(2000);
    bench.transport.lastRequest.answer(200, { snap: 12, levels: BOOK });
    expect(bench.health()).toMatchObject({ state: 'synced', lastSequence: 13 });
    expect(bench.agrees).toBe(true);
  });

  it('says so when the old connection ends before the new one has a snapshot', () => {
    const { bench, old, next } = overlapping({ by: 'messages' });
    next.say({ i: 0, trade: 4 }, { i: 0, quote: 99 });
    old.close('gone before its time');
    expect(bench.health()).toMatchObject({ state: 'gapped', disconnects: 1 });
    next.say({ i: 0, snap: 2, levels: BOOK, restart: true });
    expect(bench.state).toBe('synced');
    expect(bench.agrees).toBe(true);
    expect(bench.told(EventKind.FAULT)).toEqual([Fault.DISCONNECT]);
    expect(bench.told(EventKind.TRADE)).toEqual([4]);
    bench.time.runFor(20_000);
    expect(bench.transport.connections.length).toBe(2);
  });

  it('loses what had moved when the new connection ends first', () => {
    const { bench, old, next } = overlapping({ names: ['AAA', 'BBB'] });
    next.say({ join: null }, { i: 0, seq: 11, prev: 10 });
    next.close('gone');
    expect([bench.health(0).state, bench.health(1).state]).toEqual(['gapped', 'synced']);
    bench.time.runFor(3000);
    expect(bench.transport.connections.length).toBe(3);
    bench.transport.onRequest = (asked) => asked.answer(200, { snap: 30, levels: BOOK });
    bench.transport.last.say({ join: null }, { i: 0, seq: 31, prev: 30 }, { i: 1, seq: 11, prev: 10 });
    bench.time.runFor(3000);
    expect([bench.health(0).state, bench.health(1).state]).toEqual(['synced', 'synced']);
    expect(old.state).toBe('closed');
    expect(bench.agrees).toBe(true);
  });

  it('does not wait for an old connection that has died in silence', () => {
    const { bench, old, next } = overlapping();
    next.say({ join: null }, { i: 0, seq: 15, prev: 14 });
    bench.time.runFor(4000);
    next.say({ i: 0, seq: 16, prev: 15 });
    bench.time.runFor(3000);
    expect(old.state).toBe('closed');
    bench.time.runFor(1000);
    bench.transport.lastRequest.answer(200, { snap: 14, levels: BOOK });
    expect(bench.health()).toMatchObject({ state: 'synced', lastSequence: 16 });
    expect(bench.agrees).toBe(true);
  });

  it('forgets what it withheld where that may lack something, and bounds it', () => {
    const { bench, old, next } = overlapping();
    next.say({ join: null }, { i: 0, seq: 12, prev: 11 }, { fault: Fault.GAP, i: null }, { i: 0, seq: 14, prev: 13 });
    old.say({ i: 0, seq: 11, prev: 10 });
    expect(bench.health()).toMatchObject({ state: 'synced', lastSequence: 11, gaps: 0 });
    const many: Level[] = Array.from({ length: 40_000 }, (_, k) => [0, 98 - (k % 90), 1 + k]);
    next.say({ i: 0, seq: 15, prev: 14, levels: many }, { i: 0, seq: 16, prev: 15, levels: many });
    old.say({ i: 0, seq: 12, prev: 11 }, { i: 0, seq: 13, prev: 12 }, { i: 0, seq: 14, prev: 13 });
    expect(bench.health().lastSequence).toBe(14);
    old.say({ i: 0, seq: 15, prev: 14 }, { i: 0, seq: 16, prev: 15 });
    next.say({ i: 0, seq: 17, prev: 16 });
    bench.time.runFor(10);
    expect(old.state).toBe('closed');
    expect(bench.health()).toMatchObject({ state: 'synced', lastSequence: 17, gaps: 0 });
    expect(bench.agrees).toBe(true);
  });

  it('heeds what the new connection says of one instrument where numbers are the venue’s', () => {
    const { bench, next } = overlapping();
    next.say({ join: null }, { fault: Fault.HALT, i: 0 });
    expect(bench.state).toBe('synced');
    next.say({ fault: Fault.GAP, i: 0 });
    expect(bench.health()).toMatchObject({ state: 'gapped', gaps: 1 });
    expect(bench.agrees).toBe(true);
  });

  it('stops cleanly in the middle of it', () => {
    const { bench } = overlapping();
    let done = false;
    bench.supervisor.stop(() => {
      done = true;
    });
    bench.time.runFor(10);
    expect(done).toBe(true);
    expect(bench.time.pending).toBe(0);
  });
});
