import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';
import { Backoff } from '../../src/feed/backoff.ts';
import { Governor } from '../../src/feed/governor.ts';
import { RateLimiter } from '../../src/feed/rate-limiter.ts';
import { FakeTransport } from './fake-venue.ts';
import { VirtualTime } from './virtual-world.ts';

describe('the rate limiter', () => {
  const asks = fc.array(fc.record({ waitMs: fc.nat(400), weight: fc.integer({ min: 1, max: 5 }) }), {
    minLength: 1,
    maxLength: 60,
  });

  it('lets through at most the limit in any window, spaced, in turn, and drops nothing', () => {
    fc.assert(
      fc.property(
        asks,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 50, max: 2000 }),
        (steps, limit, windowMs) => {
          const time = new VirtualTime();
          const limiter = new RateLimiter(time, time, { limit, windowMs });
          const gone: { atMs: number; weight: number; n: number }[] = [];
          steps.forEach(({ waitMs, weight }, n) => {
            time.runFor(waitMs);
            limiter.ask(weight, () => gone.push({ atMs: time.elapsedMs, weight, n }));
          });
          time.runFor(100 * windowMs * steps.length);
          expect(gone.map(({ n }) => n)).toEqual(steps.map((_, n) => n));
          gone.forEach((first, k) => {
            const within = gone.filter(({ atMs }) => atMs >= first.atMs && atMs <= first.atMs + windowMs);
            const used = within.reduce((sum, { weight }) => sum + weight, 0);
            // What is heavier than the limit goes alone.
            if (within.length > 1) expect(used).toBeLessThanOrEqual(limit);
            const next = gone[k + 1];
            if (next !== undefined)
              expect(next.atMs - first.atMs).toBeGreaterThanOrEqual((first.weight * windowMs) / limit);
          });
          expect(time.pending).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is no slower than its margin', () => {
    const time = new VirtualTime();
    const limiter = new RateLimiter(time, time, { limit: 10, windowMs: 1000 });
    let gone = 0;
    for (let n = 0; n < 1000; n++) limiter.ask(1, () => gone++);
    time.runUntil(60_000);
    expect(gone).toBeGreaterThan(60 * 10 * 0.9);
    expect(limiter.waiting).toBe(1000 - gone);
  });

  it('lets through at once what may go, and forgets who is taken out', () => {
    const time = new VirtualTime();
    const limiter = new RateLimiter(time, time, { limit: 1, windowMs: 1000 });
    const gone: string[] = [];
    const first = limiter.ask(1, () => gone.push('a'));
    const cancels = ['b', 'c', 'd'].map((name) => limiter.ask(1, () => gone.push(name)));
    expect(gone).toEqual(['a']);
    cancels[1]();
    cancels[1]();
    first();
    time.runUntil(2500);
    expect(gone).toEqual(['a', 'b', 'd']);
    const last = limiter.ask(1, () => gone.push('e'));
    expect(time.pending).toBe(1);
    last();
    expect(time.pending).toBe(0);
  });

  it('keeps what was spent when its rule changes, and may be closed for a while', () => {
    const time = new VirtualTime();
    const limiter = new RateLimiter(time, time, { limit: 100, windowMs: 1000 });
    const gone: number[] = [];
    const ask = (): void => void limiter.ask(1, () => gone.push(time.elapsedMs));
    ask();
    limiter.rule = { limit: 1, windowMs: 10_000 };
    ask();
    time.runUntil(10_000);
    expect(gone).toEqual([0]);
    time.runUntil(12_000);
    expect(gone.length).toBe(2);
    limiter.block(60_000);
    ask();
    time.runUntil(71_000);
    expect(gone.length).toBe(2);
    time.runUntil(73_000);
    expect(gone.length).toBe(3);
  });

  it('takes an ask that is made while another one goes', () => {
    const time = new VirtualTime();
    const limiter = new RateLimiter(time, time, { limit: 10, windowMs: 1000 });
    const gone: number[] = [];
    limiter.ask(1, () => {
      gone.push(1);
      limiter.ask(1, () => gone.push(2));
    });
    time.runFor(200);
    expect(gone).toEqual([1, 2]);
  });
});

describe('backoff', () => {
  it('grows to its cap, with full jitter, and begins anew', () => {
    const backoff = new Backoff(new Random(5), 1000, 8000);
    const rounds: number[][] = Array.from({ length: 7 }, () => []);
    for (let n = 0; n < 2000; n++) {
      backoff.reset();
      for (const round of rounds) round.push(backoff.next());
    }
    const ceilings = [1000, 2000, 4000, 8000, 8000, 8000, 8000];
    rounds.forEach((waits, k) => {
      expect(Math.max(...waits)).toBeLessThan(ceilings[k]);
      expect(Math.max(...waits)).toBeGreaterThan(ceilings[k] * 0.98);
      expect(Math.min(...waits)).toBeLessThan(ceilings[k] * 0.02);
      const mean = waits.reduce((sum, ms) => sum + ms, 0) / waits.length;
      expect(mean / ceilings[k]).toBeCloseTo(0.5, 1);
    });
  });
});

describe('the governor', () => {
  const answer = (status: number, retryAfter?: string) => ({
    url: 'https://x',
    status,
    headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
    body: Buffer.alloc(0),
  });
  const world = () => {
    const time = new VirtualTime();
    return { clock: time, timers: time, transport: new FakeTransport(time), random: new Random(1), time };
  };
  const RULE = { limit: 10, windowMs: 1000 };

  it('is one for all that use the same network, and another for another', () => {
    const one = world();
    expect(Governor.of(one)).toBe(Governor.of({ ...one, random: new Random(2) }));
    expect(Governor.of(one)).not.toBe(Governor.of(world()));
    const governor = Governor.of(one);
    expect(governor.requests('a', RULE)).toBe(governor.requests('a', RULE));
    expect(governor.requests('a', RULE)).not.toBe(governor.connects('a', RULE));
    expect(governor.known('a')).toBe(governor.requests('a', RULE));
    expect(governor.known('b')).toBeUndefined();
  });

  it('stays away for as long as the venue says, from all of the scope and from nothing else', () => {
    const at = world();
    const governor = Governor.of(at);
    const gone: string[] = [];
    const limiters = [governor.requests('a', RULE), governor.connects('a', RULE), governor.requests('b', RULE)];
    expect(governor.heed('a', answer(429, '7'))).toBeGreaterThanOrEqual(7000);
    limiters.forEach((limiter, k) => void limiter.ask(1, () => gone.push('abc'[k])));
    expect(gone).toEqual(['c']);
    at.time.runUntil(6999);
    expect(gone).toEqual(['c']);
    at.time.runUntil(7500);
    expect(gone).toEqual(['c', 'a', 'b']);
  });

  it('reads a date, and stays away by itself where the venue says nothing of use: longer after a ban, and longer each time', () => {
    const at = world();
    const governor = Governor.of(at);
    const date = new Date(at.time.nowMs() + 90_000).toUTCString();
    expect(governor.heed('a', answer(429, date))).toBeGreaterThan(89_000);
    expect(governor.heed('a', answer(429, date))).toBeLessThan(92_000);
    for (const header of [undefined, '0', 'soon', new Date(0).toUTCString()]) {
      expect(governor.heed('b', answer(429, header))).toBeGreaterThanOrEqual(30_000);
      expect(governor.heed('b', answer(418, header))).toBeGreaterThanOrEqual(300_000);
    }
    const waits = Array.from({ length: 200 }, () => governor.heed('c', answer(418)));
    expect(Math.max(...waits)).toBeGreaterThan(3_000_000);
    expect(Math.max(...waits)).toBeLessThan(3_900_000);
    expect(governor.heed('c', answer(200))).toBe(0);
    expect(governor.heed('c', answer(429))).toBeLessThan(60_000);
    expect(governor.heed('c', answer(503))).toBe(0);
    expect(governor.heed('c', answer(418, '99999999'))).toBe(3 * 86_400_000);
  });
});
