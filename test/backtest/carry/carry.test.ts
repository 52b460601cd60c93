import { describe, expect, it } from 'vitest';
import { parseCarry, parseFunding } from '../../../src/backtest/carry/parse-carry.ts';
import { parseDay } from '../../../src/core/index.ts';
import { INVERSE, LINEAR } from '../money.ts';

const HOUR = 3600e9;
const CONTEXT = { startDay: 0 };
const EIGHT_HOURLY = { funding: { rate: 0.0001 } };

describe('funding', () => {
  it('a long position pays positive funding, a short one receives it', () => {
    // 10 lots are 100 USD at 200 ticks; 1 bp of it is 0.01.
    expect(parseCarry(EIGHT_HOURLY, 'carry', CONTEXT).due(8 * HOUR, 10, 200, LINEAR).funding).toBeCloseTo(0.01, 15);
    expect(parseCarry(EIGHT_HOURLY, 'carry', CONTEXT).due(8 * HOUR, -10, 200, LINEAR).funding).toBeCloseTo(-0.01, 15);
  });

  it('a short position pays negative funding', () => {
    const carry = parseCarry({ funding: { rate: -0.0001 } }, 'carry', CONTEXT);
    expect(carry.due(8 * HOUR, -10, 200, LINEAR).funding).toBeCloseTo(0.01, 15);
  });

  it('is due at 8, 16 and 24 h UTC, once each, and counted in the coin for an inverse contract', () => {
    const carry = parseCarry(EIGHT_HOURLY, 'carry', CONTEXT);
    expect([0, 7.9 * HOUR, 8 * HOUR, 23 * HOUR].map((ns) => carry.nextNs(ns) / HOUR)).toEqual([8, 8, 16, 24]);
    expect(carry.due(7 * HOUR, 100, 200_000, INVERSE).funding).toBe(0);
    // 10,000 USD at 20,000 are 0.5 BTC.
    expect(carry.due(8 * HOUR, 100, 200_000, INVERSE).funding).toBeCloseTo(0.00005, 15);
    expect(carry.due(8 * HOUR, 100, 200_000, INVERSE).funding).toBe(0);
    // Asked late, it pays for 16 and 24 h together.
    expect(carry.due(25 * HOUR, 100, 200_000, INVERSE).funding).toBeCloseTo(0.0001, 15);
  });

  it('costs nothing without a position, and time passes', () => {
    const carry = parseCarry(EIGHT_HOURLY, 'carry', CONTEXT);
    expect(carry.due(9 * HOUR, 0, Number.NaN, LINEAR)).toEqual({ funding: 0, borrow: 0 });
    expect(carry.due(10 * HOUR, 10, 200, LINEAR).funding).toBe(0);
  });

  it('comes from a file with times in ISO 8601 or milliseconds', () => {
    const day = parseDay('2026-01-05');
    const text = 'time,rate\n2026-01-05T08:00:00Z,0.0001\n# a remark\n1767628800000,-0.0002\n';
    const read = (path: string): string => {
      expect(path).toBe('funding.csv');
      return text;
    };
    const carry = parseCarry({ funding: { file: 'funding.csv' } }, 'carry', { startDay: day, read });
    expect([0, 8 * HOUR, 16 * HOUR].map((ns) => carry.nextNs(ns) / HOUR)).toEqual([8, 16, Number.POSITIVE_INFINITY]);
    expect(carry.due(8 * HOUR, 10, 200, LINEAR).funding).toBeCloseTo(0.01, 15);
    expect(carry.due(20 * HOUR, 10, 200, LINEAR).funding).toBeCloseTo(-0.02, 15);
    expect(carry.assumption).toBe('carry: funding at 2 times of funding.csv, paid by longs to shorts');
  });

  it.each([
    ['time,rate\n2026-13-05,0.1', /f\.csv, line 2, column time: found "2026-13-05", expected a time/],
    ['time,rate\n0,0.1\n0,0.1', /line 3, column time: .*later than the line before/],
    ['time,rate\n0,x', /line 2, column rate: found "x", expected a number/],
    ['time,rate\n0,5', /line 2, column rate.*share of the notional/],
    ['time,rate\n0', /line 2: found 1 cells, expected 2/],
    ['when,rate\n0,1', /line 1: the head lacks time/],
    ['time,rate\n', /no line/],
    ['', /the head lacks time, rate/],
  ])('says where a file is wrong: %j', (text, message) => {
    expect(() => parseFunding(text, 'f.csv', 0)).toThrow(message);
  });
});

describe('borrow', () => {
  it('is paid by shorts alone, for every nanosecond: 5 % a year of 100 USD are 0.0137 a day', () => {
    const carry = parseCarry({ borrowAnnualRate: 0.05 }, 'carry', CONTEXT);
    expect(carry.due(24 * HOUR, -10, 200, LINEAR)).toEqual({ funding: 0, borrow: (0.05 * 100) / 365 });
    expect(carry.due(48 * HOUR, 10, 200, LINEAR).borrow).toBe(0);
    expect(carry.nextNs(60e9)).toBe(120e9);
    expect(carry.assumption).toMatch(/5 % a year/);
  });
});

describe('parseCarry', () => {
  it('is none where nothing is given', () => {
    const carry = parseCarry(undefined, 'carry', CONTEXT);
    expect(carry.nextNs(0)).toBe(Number.POSITIVE_INFINITY);
    expect(carry.due(1, 10, 200, LINEAR)).toEqual({ funding: 0, borrow: 0 });
  });

  it.each([
    [{}, /carry is empty/],
    [{ fundng: 1 }, /no key "fundng"/],
    [{ funding: { rate: 2 } }, /funding\.rate is 2.*from -1 up to 1/],
    [{ funding: { file: 'x', rate: 0 } }, /rate.*absent beside a file/],
    [{ funding: { file: 'x' } }, /no file can be read/],
    [{ borrowAnnualRate: -1 }, /borrowAnnualRate/],
  ])('refuses %j', (data, message) => {
    expect(() => parseCarry(data, 'carry', CONTEXT)).toThrow(message);
  });
});
