import { describe, expect, it } from 'vitest';
import { logGammaRatio, studentTCdf } from '../../../src/models/index.ts';

describe('studentTCdf', () => {
  it.each([
    // t, degrees of freedom, scipy.stats.t.cdf (SciPy 1.17.1).
    [0.3, 1, 0.5927735790777423],
    [-2.5, 1, 0.12111894159084341],
    [1.7, 2.5, 0.8971938914200581],
    [-0.01, 3, 0.496324555706426],
    [4, 5, 0.9948382922595843],
    [-6, 7.3, 0.00023087223893739333],
    [0.5, 30, 0.6896384975574363],
    [-1.96, 100, 0.02638945068311483],
    [2.2, 1000, 0.9859824873366511],
    [-3, 54321.5, 0.0013505099968915439],
    [-40, 4, 1.1670081613006339e-6],
  ])('of %f with %f degrees of freedom is what SciPy says', (t, dof, expected) => {
    expect(Math.abs(studentTCdf(t, dof) / expected - 1)).toBeLessThan(1e-10);
    expect(studentTCdf(-t, dof)).toBeCloseTo(1 - expected, 12);
  });

  it('knows the ends', () => {
    expect(studentTCdf(0, 3)).toBe(0.5);
    expect(studentTCdf(Number.POSITIVE_INFINITY, 3)).toBe(1);
    expect(studentTCdf(Number.NEGATIVE_INFINITY, 3)).toBe(0);
    expect(studentTCdf(1e200, 3)).toBe(1);
    expect(studentTCdf(Number.NaN, 3)).toBeNaN();
    expect(() => studentTCdf(1, 0)).toThrow('degrees of freedom');
  });
});

describe('logGammaRatio', () => {
  it('is that of the factorials and of half-integers', () => {
    // Γ(½) = √π, Γ(1) = 1; then by Γ(z + 1) = z Γ(z).
    let expected = -0.5 * Math.log(Math.PI);
    for (let z = 0.5; z < 200; z += 0.5) {
      expect(Math.abs(logGammaRatio(z) - expected)).toBeLessThan(1e-12);
      // lnΓ(z + 1) − lnΓ(z + ½) = ln z − (lnΓ(z + ½) − lnΓ(z)).
      expected = Math.log(z) - expected;
    }
    // SciPy 1.17.1, gammaln(z + ½) − gammaln(z).
    expect(logGammaRatio(2.25)).toBeCloseTo(0.3503429520225406, 13);
    expect(logGammaRatio(33.3)).toBeCloseTo(1.7490250857490395, 13);
  });
});
