import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countText, fixedText, numberText, percentText, signedText, tickTexts } from '../../src/figure/number-text.ts';

describe('numbers as text', () => {
  it.each([
    [0, '0'],
    [1, '1'],
    [-0.03124, '−0.0312'],
    [1240, '1,240'],
    [12.345, '12.3'],
    [0.9996, '1'],
    [99.96, '100'],
    [1234567, '1,234,567'],
    [3.14e-7, '3.14×10⁻⁷'],
    [-2e12, '−2×10¹²'],
    [Number.NaN, '–'],
    [Number.POSITIVE_INFINITY, '∞'],
    [Number.NEGATIVE_INFINITY, '−∞'],
  ])('%d is %s', (value, text) => {
    expect(numberText(value)).toBe(text);
  });

  it('keeps zeros at the end where columns of numbers want them', () => {
    expect(numberText(-2, 3, true)).toBe('−2.00');
    expect(numberText(0.5, 3, true)).toBe('0.500');
    expect(numberText(1240, 3, true)).toBe('1,240');
  });

  it('never rounds further than it says', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e300, max: 1e300 }), (value) => {
        const [, digits, , power = '0'] = /^([−\d.,]+)(×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?$/.exec(numberText(value))!;
        const exponent = power.replace('⁻', '-').replace(/[⁰¹²³⁴-⁹]/g, (digit) => String('⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(digit)));
        const read = Number(`${digits.replace('−', '-').replaceAll(',', '')}e${exponent}`);
        expect(Math.abs(read - value)).toBeLessThanOrEqual(0.005001 * Math.abs(value));
      }),
    );
  });

  it('shows signs and decimals, and no sign of what rounds to zero', () => {
    expect(fixedText(-0.0004, 3)).toBe('0.000');
    expect(fixedText(-1.5, 2)).toBe('−1.50');
    expect(fixedText(Number.NaN, 2)).toBe('–');
    expect(signedText(0.25, 2)).toBe('+0.25');
    expect(signedText(-0.25, 2)).toBe('−0.25');
    expect(signedText(0.001, 2)).toBe('0.00');
    expect(countText(147916)).toBe('147,916');
    expect(countText(Number.NaN)).toBe('–');
  });

  it('never shows something as nothing, or nearly all as all', () => {
    expect(percentText(0)).toBe('0 %');
    expect(percentText(0.0001)).toBe('<1 %');
    expect(percentText(0.999)).toBe('>99 %');
    expect(percentText(1)).toBe('100 %');
    expect(percentText(0.1234, 1)).toBe('12.3 %');
    expect(percentText(-0.2)).toBe('−20 %');
    expect(percentText(Number.NaN)).toBe('–');
  });

  it('gives the ticks of an axis the decimals that their step needs', () => {
    expect(tickTexts([0, 0.25, 0.5])).toEqual(['0.00', '0.25', '0.50']);
    expect(tickTexts([-1, 0, 1])).toEqual(['−1', '0', '1']);
    expect(tickTexts([0, 1000, 2000])).toEqual(['0', '1,000', '2,000']);
    expect(tickTexts([0, 1e-7])).toEqual(['0', '1×10⁻⁷']);
    expect(tickTexts([0.5])).toEqual(['0.5']);
  });
});
