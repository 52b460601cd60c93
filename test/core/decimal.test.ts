import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalStep, decimalToSteps, formatSteps, parseDecimal } from '../../src/core/index.ts';

const STEPS = ['1', '0.1', '0.01', '0.00000001', '0.25', '0.5', '5', '25', '0.0001', '0.10'];

describe('decimalStep', () => {
  it('keeps a step as integers, without its trailing zeros', () => {
    expect(decimalStep('0.10')).toEqual({ scale: 1, step: 1, value: 0.1 });
    expect(decimalStep('0.25')).toEqual({ scale: 2, step: 25, value: 0.25 });
    expect(decimalStep('5')).toEqual({ scale: 0, step: 5, value: 5 });
    expect(decimalStep('1.000')).toEqual({ scale: 0, step: 1, value: 1 });
  });

  it('refuses what is no positive decimal', () => {
    for (const text of ['0', '0.00', '-1', '', '.5', '1.', '1e-8', 'x', '0.0000000000000001', '99999999999999999']) {
      expect(() => decimalStep(text)).toThrow('a step is');
    }
  });
});

describe('decimalToSteps', () => {
  it('reads what venues print', () => {
    const cases: [string, string, number][] = [
      ['63943.90', '0.10', 639439],
      ['63943.9', '0.1', 639439],
      ['45285.2', '0.1', 452852],
      ['0.00100000', '0.00000001', 100000],
      ['1.54571953', '0.00000001', 154571953],
      ['565.75', '0.25', 2263],
      ['1000', '5', 200],
      ['0', '0.01', 0],
      ['0.000', '0.001', 0],
      ['-12.5', '0.5', -25],
      ['007.10', '0.1', 71],
      // 0.1 + 0.2 and the like: floats would be off by one unit in the last place.
      ['1.005', '0.001', 1005],
      ['90071992.54740991', '0.00000001', 9007199254740991],
    ];
    for (const [text, step, steps] of cases) expect(parseDecimal(text, decimalStep(step))).toBe(steps);
  });

  it('is not a number where the text is no decimal, is finer than a step, or too long to be exact', () => {
    const cases: [string, string][] = [
      ['', '1'],
      ['-', '1'],
      ['.5', '0.1'],
      ['5.', '0.1'],
      ['1.2.3', '0.1'],
      ['1e5', '1'],
      ['+1', '1'],
      [' 1', '1'],
      ['1,000', '1'],
      ['NaN', '1'],
      ['0.15', '0.1'],
      ['0.3', '0.25'],
      ['7', '5'],
      ['90071992.54740992', '0.00000001'],
      ['99999999999999999999', '1'],
    ];
    for (const [text, step] of cases) expect(parseDecimal(text, decimalStep(step)), text).toBeNaN();
  });

  it('reads only the bytes it is given', () => {
    const bytes = new TextEncoder().encode('["63943.90","46.372"]');
    expect(decimalToSteps(bytes, 2, 10, decimalStep('0.10'))).toBe(639439);
    expect(decimalToSteps(bytes, 13, 19, decimalStep('0.001'))).toBe(46372);
    expect(decimalToSteps(bytes, 5, 5, decimalStep('1'))).toBeNaN();
  });

  it('is undone by formatSteps, for every step and size', () => {
    fc.assert(
      fc.property(fc.constantFrom(...STEPS), fc.maxSafeInteger(), (text, n) => {
        const unit = decimalStep(text);
        const steps = Math.trunc(n / unit.step) + 0;
        expect(parseDecimal(formatSteps(steps, unit), unit)).toBe(steps);
      }),
      { seed: 2, numRuns: 2000 },
    );
  });

  it('equals exact arithmetic on random decimal text', () => {
    const digits = (max: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${max}}$`));
    fc.assert(
      fc.property(fc.constantFrom(...STEPS), digits(9), digits(10), (text, whole, fraction) => {
        const unit = decimalStep(text);
        const units = BigInt(whole + fraction) * 10n ** BigInt(unit.scale);
        const divisor = 10n ** BigInt(fraction.length) * BigInt(unit.step);
        const quotient = units / divisor;
        const exact =
          units % divisor === 0n && units / 10n ** BigInt(fraction.length) <= BigInt(Number.MAX_SAFE_INTEGER);
        const steps = parseDecimal(`${whole}.${fraction}`, unit);
        if (exact) expect(steps).toBe(Number(quotient));
        else expect(steps).toBeNaN();
      }),
      { seed: 3, numRuns: 2000 },
    );
  });
});

describe('formatSteps', () => {
  it('prints the step’s own decimals', () => {
    expect(formatSteps(639439, decimalStep('0.1'))).toBe('63943.9');
    expect(formatSteps(5, decimalStep('0.001'))).toBe('0.005');
    expect(formatSteps(-5, decimalStep('0.25'))).toBe('-1.25');
    expect(formatSteps(0, decimalStep('0.01'))).toBe('0.00');
    expect(formatSteps(3, decimalStep('5'))).toBe('15');
    expect(formatSteps(Number.NaN, decimalStep('5'))).toBe('NaN');
  });
});
