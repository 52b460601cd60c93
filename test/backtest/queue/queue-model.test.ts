import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QUEUE_MODELS, queueModelOf } from '../../../src/backtest/queue/queue-model.ts';

describe('queue models', () => {
  it('risk-averse: only what is left bounds our place', () => {
    const model = queueModelOf('risk-averse');
    // 60 before us; 100 → 80 took back 20, which may all have been behind. 100 → 40: at most 40 can be before us.
    expect(model.advance(60, 100, 80, 0)).toBe(60);
    expect(model.advance(60, 100, 40, 0)).toBe(40);
  });

  it('rigtorp: V − d·V/Q, of what stood there after the trades', () => {
    const model = queueModelOf('rigtorp');
    // V = 60, Q = 100, d = 20: 60 − 20 · 0.6 = 48.
    expect(model.advance(60, 100, 80, 0)).toBeCloseTo(48, 12);
    // 10 traded (V is 50 by now, 90 stand), and 100 → 72 lost 18 more: 50 − 18 · 50/90 = 40.
    expect(model.advance(50, 100, 72, 10)).toBeCloseTo(40, 12);
    // The fall by 10 is the trades' own: nothing more happened.
    expect(model.advance(50, 100, 90, 10)).toBe(50);
    // A rise says nothing.
    expect(model.advance(50, 100, 130, 0)).toBe(50);
  });

  it('logarithmic: behind with ln(1+back) / (ln(1+back) + ln(1+front))', () => {
    // front 63, back 7: p = ln 8 / (ln 8 + ln 64) = 3/9; 12 lost: 63 − 2/3 · 12 = 55, and back 7 − 4 = 3 bears its part.
    expect(queueModelOf('logarithmic').advance(63, 70, 58, 0)).toBeCloseTo(55, 12);
  });

  it('power: behind with back^n / (back^n + front^n); what the back cannot give came from the front', () => {
    // n = 2, front 60, back 120: p = 4 / (4 + 1) = 0.8; 30 lost: 60 − 0.2 · 30 = 54.
    expect(queueModelOf('power:2').advance(60, 180, 150, 0)).toBeCloseTo(54, 12);
    // n = 1, front 60, back 20: p = 0.25; 40 lost: 60 − 30 = 30, and 20 − 10 = 10 are left behind.
    expect(queueModelOf('power:1').advance(60, 80, 40, 0)).toBeCloseTo(30, 12);
    // n = 1, front 10, back 30, p = 0.75, but 100 → … only 40 stand: all 40 lost: 10 − 10 + min(30 − 30, 0) = 0.
    expect(queueModelOf('power:1').advance(10, 40, 0, 0)).toBe(0);
    // So large a power that both overflow: the longer side has it all.
    expect(queueModelOf('power:300').advance(60, 180, 150, 0)).toBe(60);
    expect(queueModelOf('power:300').advance(120, 180, 150, 0)).toBe(90);
  });

  it('none: nobody stands before us, and no trades are needed', () => {
    const model = queueModelOf('none');
    expect([model.start(100), model.advance(0, 100, 50, 0), model.needsTrades]).toEqual([0, 0, false]);
  });

  it('all stay between 0 and the level, and never fall back', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(500), fc.nat(500), fc.nat(100), (place, before, after, traded) => {
        const front = Math.min(place, before);
        for (const name of QUEUE_MODELS) {
          const next = queueModelOf(name).advance(Math.max(0, front - traded), before, after, traded);
          expect(next).toBeGreaterThanOrEqual(0);
          expect(next).toBeLessThanOrEqual(Math.min(after, front) + 1e-9);
        }
      }),
    );
  });

  it('are known by name, and a wrong one is told what there is', () => {
    expect(QUEUE_MODELS.map((name) => queueModelOf(name).name)).toEqual([...QUEUE_MODELS]);
    expect(queueModelOf('power').name).toBe('power:3');
    expect(() => queueModelOf('fifo')).toThrow('there are risk-averse, rigtorp, logarithmic, power:3, none');
    for (const name of ['power:', 'power:x', 'power:0', 'power:-1'])
      expect(() => queueModelOf(name)).toThrow('above 0');
  });
});
