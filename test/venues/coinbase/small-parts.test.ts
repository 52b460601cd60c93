import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BookcastError, NO_TIME, VenueTime } from '../../../src/core/index.ts';
import { cutLinks } from '../../../src/venues/coinbase/links.ts';
import { NumberChain, Step } from '../../../src/venues/coinbase/number-chain.ts';
import { venueError } from '../../../src/venues/coinbase/refusal.ts';
import { sign } from '../../../src/venues/coinbase/signature.ts';
import { BEYOND, Steps } from '../../../src/venues/coinbase/steps.ts';
import { DAY, product } from './support.ts';

describe('VenueTime', () => {
  const time = new VenueTime(DAY);

  it('reads every form that Coinbase writes, to the nanosecond', () => {
    const base = ((21 * 60 + 5) * 60 + 48) * 1e9;
    expect(time.readText('2026-08-09T21:05:48.228568804Z')).toBe(base + 228_568_804);
    expect(time.readText('2026-08-09T21:05:48.35161Z')).toBe(base + 351_610_000);
    expect(time.readText('2026-08-09T21:05:48Z')).toBe(base);
    expect(time.readText('2026-08-09T23:05:48+02:00')).toBe(base);
    expect(time.readText('2026-08-09T19:35:48.5-01:30')).toBe(base + 5e8);
    expect(time.readText('2026-08-10T00:00:00Z')).toBe(86_400e9);
    expect(time.readText('2026-08-08T23:59:59.999999999Z')).toBe(-1);
  });

  it('agrees with the calendar on any day', () => {
    const min = Date.UTC(2026, 5, 1);
    const max = Date.UTC(2026, 9, 1);
    fc.assert(
      fc.property(fc.integer({ min, max }), fc.nat({ max: 999_999 }), (ms, rest) => {
        const text = new Date(ms).toISOString().replace('Z', `${String(rest).padStart(6, '0')}Z`);
        const ns = BigInt(ms) * 1_000_000n + BigInt(rest) - BigInt(DAY) * 86_400_000_000_000n;
        expect(time.readText(text)).toBe(Number(ns));
      }),
    );
  });

  it('knows the times that stand for none', () => {
    for (const text of ['1970-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '2011-12-31T23:59:59.9Z']) {
      expect(time.readText(text)).toBe(NO_TIME);
      expect(time.readText(text)).toBe(NO_TIME);
    }
    expect(time.readText('2012-01-01T00:00:00Z')).toBeLessThan(0);
  });

  it.each([
    '',
    'now',
    '2026-08-09 21:05:48Z',
    '2026-08-09T21:05:48',
    '2026-08-09T21:05:48.Z',
    '2026-08-09T21:05:48.1234567890Z',
    '2026-08-09T24:05:48Z',
    '2026-08-09T21:60:48Z',
    '2026-08-09T21:05:61Z',
    '2026-13-09T21:05:48Z',
    '2026-02-29T21:05:48Z',
    '2026-00-09T21:05:48Z',
    '2026/08/09T21:05:48Z',
    '2026-08-09T21.05.48Z',
    '2026-08-09T21:05:48+0200',
    '0000-08-09T21:05:48Z',
  ])('takes no time out of %j', (text) => expect(time.readText(text)).toBeNaN());

  it('knows leap days', () => {
    expect(time.readText('2024-02-29T00:00:00Z')).toBeLessThan(0);
    expect(time.readText('2100-02-29T00:00:00Z')).toBeNaN();
  });
});

describe('Steps', () => {
  const steps = new Steps(product('BTC-USD').instrument);

  it('reads prices and sizes exactly', () => {
    expect(steps.ticksOf('65083.67')).toBe(6_508_367);
    expect(steps.ticksOf('65083.6700')).toBe(6_508_367);
    expect(steps.ticksOf('0.01')).toBe(1);
    expect(steps.ticksOf('21474836.47')).toBe(2 ** 31 - 1);
    expect(steps.lotsOf('0')).toBe(0);
    expect(steps.lotsOf('25705.00100000')).toBe(2_570_500_100_000);
  });

  it('tells prices that no column holds from prices that are none', () => {
    for (const text of ['21474836.48', '138991023.41', '9999999999', '99999999999999999999.99']) {
      expect(steps.ticksOf(text)).toBe(BEYOND);
    }
    const bad = ['', '0', '-1', '1e5', '0.001', '99999999999999999999.999', 'NaN', '99999999999999999999.', '0x10'];
    for (const text of bad) expect(steps.ticksOf(text), text).toBeNaN();
    for (const text of ['', '-0', '-1', '0.000000001', '1e-8', '99999999999'])
      expect(steps.lotsOf(text), text).toBeNaN();
  });

  it('minds steps that are no power of ten', () => {
    const quarters = new Steps(product('X', { tickSize: '0.25' }).instrument);
    expect(quarters.ticksOf('1.75')).toBe(7);
    expect(quarters.ticksOf('1.80')).toBeNaN();
    expect(quarters.ticksOf('99999999999999999999.25')).toBe(BEYOND);
    expect(quarters.ticksOf('99999999999999999999.30')).toBeNaN();
  });
});

describe('NumberChain', () => {
  it('follows, and tells gaps, old messages and new beginnings apart', () => {
    const chain = new NumberChain(-1);
    expect(chain.judge(0, 100)).toBe(Step.NEXT);
    expect(chain.judge(1, 100)).toBe(Step.NEXT);
    expect(chain.judge(3, 110)).toBe(Step.GAP);
    expect(chain.judge(2, 105)).toBe(Step.OLD);
    expect(chain.judge(3, 110)).toBe(Step.OLD);
    expect(chain.judge(4, Number.NaN)).toBe(Step.NEXT);
    expect(chain.judge(0, 111)).toBe(Step.ANEW);
    expect(chain.judge(1, 111)).toBe(Step.NEXT);
  });

  it('takes any first number where none is known', () => {
    const chain = new NumberChain();
    expect(chain.judge(1000, Number.NaN)).toBe(Step.NEXT);
    expect(chain.judge(1001, Number.NaN)).toBe(Step.NEXT);
  });

  it('does not pass over messages without times for ever', () => {
    const chain = new NumberChain(1000);
    const steps = Array.from({ length: 100 }, (_, i) => chain.judge(i, Number.NaN));
    expect(steps.slice(0, 99).every((step) => step === Step.OLD)).toBe(true);
    expect(steps[99]).toBe(Step.ANEW);
    expect(chain.judge(100, Number.NaN)).toBe(Step.NEXT);
  });
});

describe('sign', () => {
  const keys = { key: 'k', secret: Buffer.from('a read-only secret').toString('base64'), passphrase: 'p' };

  it('is HMAC-SHA256 of timestamp, method and path', () => {
    const { timestamp, signature, key, passphrase } = sign(keys, '/users/self/verify', 1_700_000_000_123.9);
    expect({ timestamp, key, passphrase }).toEqual({ timestamp: '1700000000.123', key: 'k', passphrase: 'p' });
    // printf '1700000000.123GET/users/self/verify' | openssl dgst -sha256 -hmac 'a read-only secret' -binary | base64
    expect(signature).toBe('0wYz0jRIhJD3HyweriZZrpmGa0maACQVrlqmhchGJA4=');
  });

  it('wants a secret in base64, and does not tell it', () => {
    const attempt = (): unknown => sign({ ...keys, secret: 'no base64!' }, '/x', 0);
    expect(attempt).toThrow(BookcastError);
    expect(attempt).not.toThrow(/no base64!/);
  });
});

describe('cutLinks', () => {
  const limits = {
    scope: 'x',
    connects: { limit: 8, windowMs: 1000 },
    sends: { limit: 8, windowMs: 1000 },
    requests: { limit: 8, windowMs: 1000 },
    lifetimeMs: null,
    silenceMs: 5000,
    pingMs: null,
  };

  it('keeps what an IP may send in all, however many connections there are', () => {
    const many = Array.from({ length: 25 }, (_, i) => product(`P${i}-USD`));
    const links = cutLinks('wss://x', many, limits);
    expect(links.map((link) => link.instruments.length)).toEqual([10, 10, 5]);
    expect(links.flatMap((link) => link.instruments)).toEqual(many);
    for (const link of links) expect(link.limits.sends).toEqual({ limit: 8, windowMs: 3000 });
  });

  it('puts two names of one product on two connections', () => {
    const links = cutLinks('wss://x', [product('BTC-USD'), { ...product('BTC-USDC'), symbol: 'BTC-USD' }], limits);
    expect(links.map((link) => link.instruments.map(({ instrument }) => instrument.name))).toEqual([
      ['BTC-USD'],
      ['BTC-USDC'],
    ]);
  });
});

describe('venueError', () => {
  it.each([
    ['rate limit exceeded', 'overloaded'],
    ['full requires authentication', 'forbidden'],
    ['internal error', 'not-ready'],
    ['FOO-USD is not a valid product', 'bad-argument'],
  ])('%s is %s', (said, code) => expect(venueError('coinbase', said).code).toBe(code));

  it('cuts long answers short', () =>
    expect(venueError('coinbase', 'x'.repeat(5000)).message.length).toBeLessThan(300));
});
