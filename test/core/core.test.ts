import { describe, expect, it } from 'vitest';
import {
  assert,
  BookcastError,
  ERRORS,
  type ErrorCode,
  MAX_EXACT,
  MAX_PRICE_TICKS,
  NO_PRICE,
} from '../../src/core/index.ts';

describe('assert', () => {
  it('says what must hold', () => {
    expect(() => assert(true, 'never')).not.toThrow();
    expect(() => assert(1 + 1 === 3, 'sums are right')).toThrow('assertion failed: sums are right');
  });
});

describe('BookcastError', () => {
  it('carries its code, its facts and its cause apart from the message', () => {
    const cause = new Error('EOF');
    const error = new BookcastError('bad-input', 'x.gz ends early', { cause, path: 'x.gz', offset: 10 });
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.message, error.code]).toEqual(['BookcastError', 'x.gz ends early', 'bad-input']);
    expect(error.cause).toBe(cause);
    expect(error.context).toEqual({ path: 'x.gz', offset: 10 });
    expect([error.status, error.retry]).toEqual([422, 'never']);
    expect('cause' in new BookcastError('not-found', 'no such model')).toBe(false);
  });

  it('has an HTTP status and a word on retrying for every code', () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const error = new BookcastError(code, 'why');
      expect(error.status).toBeGreaterThanOrEqual(400);
      expect(error.status).toBeLessThan(600);
      expect(['never', 'reconnect', 'later']).toContain(error.retry);
      // What can pass by itself is not the caller's fault.
      if (error.retry !== 'never') expect(error.status).toBeGreaterThanOrEqual(500);
    }
  });
});

describe('units', () => {
  it('keeps "no price" apart from every price that a column holds', () => {
    const column = Int32Array.of(NO_PRICE, MAX_PRICE_TICKS, -MAX_PRICE_TICKS);
    expect([...column]).toEqual([NO_PRICE, MAX_PRICE_TICKS, -MAX_PRICE_TICKS]);
    expect(NO_PRICE).not.toBe(-MAX_PRICE_TICKS);
    expect(MAX_EXACT + 1).toBe(2 ** 53);
  });
});
