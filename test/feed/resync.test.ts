import { describe, expect, it } from 'vitest';
import { Fault, Side } from '../../src/market/index.ts';
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

describe('a book that comes by request', () => {
  it('is asked for once that can join, and bridges to what came meanwhile', () => {
    const bench = new Bench({ by: 'request' });
    const connection = bench.start();
    bench.time.runFor(9_000);
    expect(bench.transport.requests).toEqual([]);
    connection.say({ join: 0 }, { i: 0, seq: 9, prev: 8 }, { i: 0, seq: 12, prev: 10, levels: [[0, 99, 6]] });
    expect(bench.transport.requests.length).toBe(1);
    expect(bench.state).toBe('buffering');
    bench.transport.lastRequest.answer(200, { snap: 10, levels: BOOK });
    expect(bench.state).toBe('synced');
    expect(bench.health().lastSequence).toBe(12);
    expect(bench.supervisor.sync(0).levels.lotsAt(Side.BID, 99)).toBe(6);
    expect(bench.health().resyncs).toBe(0);
    expect(bench.agrees).toBe(true);
  });

  it('is asked for after a while where nothing comes: a market may be quiet', () => {
    const bench = new Bench({ by: 'request' });
    bench.transport.onRequest = (asked) => asked.answer(200, { snap: 10, levels: BOOK });
    bench.start();
    bench.time.runFor(9_000);
    expect(bench.transport.requests).toEqual([]);
    bench.time.runFor(2_000);
    expect(bench.transport.requests.length).toBe(1);
    expect(bench.state).toBe('synced');
    expect(bench.agrees).toBe(true);
  });

  it('is asked for again, with backoff, where the snapshot is too old', () => {
    const bench = new Bench({ by: 'request' });
    const connection = bench.start();
    connection.say({ join: null }, { i: 0, seq: 30, prev: 20 });
    bench.transport.onRequest = (asked) =>
      void bench.time.after(5, () => asked.answer(200, { snap: 10, levels: BOOK }));
    bench.transport.lastRequest.answer(200, { snap: 10, levels: BOOK });
    expect(bench.state).toBe('gapped');
    bench.live(120_000);
    const times = bench.transport.requests.map(({ atMs }) => atMs);
    expect(times.length).toBeGreaterThan(4);
    expect(times.length).toBeLessThan(30);
    expect(bench.health().resyncs).toBe(times.length - 1);
    bench.transport.onRequest = (asked) => asked.answer(200, { snap: 25, levels: BOOK });
    bench.live(60_000);
    expect(bench.state).toBe('synced');
    expect(bench.agrees).toBe(true);
  });

  it('is resynced alone: the connection and the other books stay', () => {
    const bench = new Bench({ by: 'request', names: ['AAA', 'BBB'] });
    const connection = bench.start();
    bench.transport.onRequest = (asked) => asked.answer(200, { snap: 10, levels: BOOK });
    connection.say({ join: null });
    bench.time.runFor(3000);
    expect([bench.health(0).state, bench.health(1).state]).toEqual(['synced', 'synced']);
    bench.transport.onRequest = null;
    connection.say({ i: 1, seq: 11, prev: 10 }, { i: 0, seq: 20, prev: 19 });
    expect([bench.health(0).state, bench.health(1).state]).toEqual(['gapped', 'synced']);
    bench.time.runFor(2000);
    expect(bench.transport.lastRequest.request.url).toMatch(/AAA$/);
    bench.transport.lastRequest.answer(200, { snap: 20, levels: BOOK });
    expect(bench.health(0)).toMatchObject({ state: 'synced', gaps: 1, resyncs: 1 });
    expect(bench.transport.connections.length).toBe(1);
    expect(bench.agrees).toBe(true);
  });

  it('asks at once after a book that held, and waits longer and longer where it does not hold', () => {
    const bench = synced();
    const connection = bench.transport.last;
    bench.time.runFor(31_000);
    bench.transport.onRequest = (asked) => asked.answer(200, { snap: 10, levels: BOOK });
    connection.say({ i: 0, seq: 20, prev: 19 });
    expect(bench.transport.requests.length).toBe(2);
    let before = bench.transport.requests.length;
    const waits: number[] = [];
    for (let n = 0; n < 40; n++) {
      connection.say({ fault: Fault.GAP, i: 0 });
      const from = bench.time.elapsedMs;
      while (bench.transport.requests.length === before) bench.time.step();
      before = bench.transport.requests.length;
      waits.push(bench.time.elapsedMs - from);
    }
    expect(Math.max(...waits.slice(0, 3))).toBeLessThan(8000);
    expect(Math.max(...waits.slice(10))).toBeGreaterThan(8_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(15_000);
  });

  it('survives errors, server failures and silence, and stays away when told to', () => {
    const bench = new Bench({ by: 'request' });
    const outcomes = ['fail', 500, 'silent', 429, 200] as const;
    let n = 0;
    bench.transport.onRequest = (asked) => {
      const outcome = outcomes[n++];
      if (outcome === 'fail') bench.time.after(1, () => asked.fail('ECONNRESET'));
      else if (outcome === 429) bench.time.after(1, () => asked.answer(429, {}, { 'retry-after': '40' }));
      else if (outcome === 500) bench.time.after(1, () => asked.answer(500, 'x'.repeat(300)));
      else if (outcome === 200) asked.answer(200, { snap: 10, levels: BOOK });
    };
    bench.start().say({ join: null });
    bench.live(90_000);
    expect(bench.state).toBe('synced');
    const times = bench.transport.requests.map(({ atMs }) => atMs);
    expect(times.length).toBe(5);
    expect(times[4] - times[3]).toBeGreaterThanOrEqual(40_000);
    const told = bench.notes.join('\n');
    expect(told).toMatch(/rest\.fake\.example: ECONNRESET/);
    expect(told).toMatch(/500 "x+…/);
    expect(told).toMatch(/no answer/);
    expect(told).toMatch(/answered 429: nothing is asked of it for 41 s/);
  });

  it('asks slowly where the answer is hopeless, and tells it once', () => {
    const bench = new Bench({ by: 'request' });
    bench.transport.onRequest = (asked) => void bench.time.after(1, () => asked.answer(451, 'not here'));
    bench.start().say({ join: null });
    bench.live(1_800_000);
    expect(bench.transport.requests.length).toBe(6);
    expect(bench.notes.filter((line) => /451 "not here"/.test(line)).length).toBe(1);
  });

  it('drops the request when the connection goes, and asks the next one', () => {
    const bench = new Bench({ by: 'request' });
    bench.start().say({ join: null });
    const first = bench.transport.lastRequest;
    bench.transport.last.close('gone');
    expect(first.cancelled).toBe(true);
    bench.time.runFor(2000);
    bench.transport.last.say({ join: null });
    bench.time.runFor(2000);
    expect(bench.transport.requests.length).toBe(2);
    bench.transport.lastRequest.answer(200, { snap: 10, levels: BOOK });
    expect(bench.state).toBe('synced');
  });
});

describe('a book that comes by messages', () => {
  it('comes with the subscription; where it does not, it is asked for, again and again', () => {
    const bench = new Bench({ by: 'messages' });
    const connection = bench.start();
    expect(connection.sent.map(({ text }) => text)).toEqual(['subscribe secret']);
    bench.time.runFor(9900);
    expect(connection.sent.length).toBe(1);
    bench.time.runFor(200);
    expect(connection.sent.map(({ text }) => text)).toEqual(['subscribe secret', 'again AAA']);
    bench.time.runFor(20_000);
    expect(connection.sent.length).toBe(3);
    connection.say({ i: 0, snap: 5, levels: BOOK, restart: true });
    expect(bench.state).toBe('synced');
    expect(bench.health().resyncs).toBe(2);
    bench.time.runFor(25_000);
    expect(connection.sent.length).toBe(3);
  });

  it('is asked for at once when it is lost, and only once for many faults', () => {
    const bench = new Bench({ by: 'messages', names: ['AAA', 'BBB'] });
    const connection = bench.start();
    connection.say({ i: 0, snap: 5, levels: BOOK, restart: true }, { i: 1, snap: 6, levels: BOOK, restart: true });
    bench.time.runFor(31_000);
    connection.say({ fault: Fault.GAP, i: null });
    connection.say({ fault: Fault.GAP, i: null });
    bench.time.runFor(1000);
    expect(connection.sent.map(({ text }) => text).slice(1)).toEqual(['again AAA', 'again BBB']);
    connection.say({ i: 0, snap: 8, levels: BOOK });
    expect([bench.health(0).state, bench.health(1).state]).toEqual(['synced', 'gapped']);
    expect(bench.agrees).toBe(true);
  });

  it('is asked for again where the snapshot that came was of no use', () => {
    const bench = new Bench({ by: 'messages' });
    const connection = bench.start();
    connection.say({ i: 0, snap: 5, levels: [[0, 105, 1], ...BOOK], restart: true });
    expect(bench.health()).toMatchObject({ state: 'gapped', crossed: 1 });
    bench.time.runFor(1000);
    expect(connection.sent.at(-1)?.text).toBe('again AAA');
  });

  it('tries later what the venue refuses, and much later what it refuses for good', () => {
    const bench = new Bench({ by: 'messages' });
    const connection = bench.start();
    connection.say({ refuse: 0, never: false });
    bench.time.runFor(1100);
    expect(connection.sent.length).toBe(2);
    connection.say({ refuse: 0, never: true });
    bench.live(270_000);
    expect(connection.sent.length).toBe(2);
    bench.live(40_000);
    expect(connection.sent.length).toBe(3);
    expect(bench.notes.filter((line) => line === 'fake:AAA: the venue refuses').length).toBe(2);
  });
});
