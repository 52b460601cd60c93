import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../../src/core/index.ts';
import { bounds, fromScale, parseSpace, samplePoint, toScale } from '../../../../src/models/training/tuning/space.ts';

describe('parseSpace', () => {
  it('reads values and ranges', () => {
    const space = parseSpace(
      {
        'model.hidden': { values: [32, 64] },
        rate: { low: 1e-4, high: 1e-2, log: true },
        layers: { low: 1, high: 3, integer: true },
      },
      's.yaml',
    );
    expect(space).toEqual([
      { kind: 'values', key: 'model.hidden', values: [32, 64] },
      { kind: 'range', key: 'rate', low: 1e-4, high: 1e-2, log: true, integer: false },
      { kind: 'range', key: 'layers', low: 1, high: 3, log: false, integer: true },
    ]);
  });

  it.each([
    [null, 's.yaml: found null, expected settings to search'],
    [[1], 's.yaml: found [1], expected settings'],
    [{}, 's.yaml names no setting to search'],
    [{ 'a b': { values: [1] } }, 's.yaml: a b: the path of a setting is names joined by dots'],
    [{ a: 3 }, 's.yaml: a: found 3, expected {values: […]} or {low, high, log, integer}'],
    [{ a: { values: [] } }, 'a: values: found [], expected a list'],
    [{ a: { values: [1, 2, 1] } }, 'a: values: 1 stands there twice'],
    [{ a: { values: [1], low: 1 } }, 'a: there is no "low" here'],
    [{ a: { low: 1, high: 2, scale: 'log' } }, 'a: there is no "scale" here'],
    [{ a: { low: 1 } }, 'a: high: found absent, expected a number'],
    [{ a: { low: '1', high: 2 } }, 'a: low: found "1", expected a number'],
    [{ a: { low: 2, high: 2 } }, 'a: low is 2 and high is 2; low must be less'],
    [{ a: { low: 0, high: 2, log: true } }, 'a: low is 0, and on a logarithmic scale it must be above 0'],
    [{ a: { low: 0.5, high: 2, integer: true } }, 'with integer: true both must be whole'],
    [{ a: { low: 1, high: 2, log: 'yes' } }, 'a: log: found "yes", expected true or false'],
  ])('refuses %j', (data, message) => {
    expect(() => parseSpace(data, 's.yaml')).toThrow(message);
  });
});

describe('samplePoint', () => {
  const ranges = fc
    .record({
      low: fc.integer({ min: 1, max: 99 }),
      more: fc.integer({ min: 1, max: 900 }),
      log: fc.boolean(),
      integer: fc.boolean(),
    })
    .map(({ low, more, log, integer }) => ({ kind: 'range', key: 'x', low, high: low + more, log, integer }) as const);

  it('stays within its range, whole where it must be, and round trips', () => {
    fc.assert(
      fc.property(ranges, fc.integer(), (dimension, seed) => {
        const value = samplePoint([dimension], new Random(seed)).x as number;
        expect(value).toBeGreaterThanOrEqual(dimension.low);
        expect(value).toBeLessThanOrEqual(dimension.high);
        if (dimension.integer) expect(Number.isInteger(value)).toBe(true);
        expect(fromScale(dimension, toScale(dimension, value))).toBeCloseTo(value, 9);
        const [from, to] = bounds(dimension);
        expect(fromScale(dimension, from)).toBeGreaterThanOrEqual(dimension.low);
        expect(fromScale(dimension, to)).toBeLessThanOrEqual(dimension.high);
      }),
    );
  });

  it('draws values, whole numbers and decades evenly', () => {
    const space = parseSpace(
      {
        v: { values: ['a', 'b', 'c'] },
        n: { low: 1, high: 3, integer: true },
        r: { low: 1e-4, high: 1e-1, log: true },
      },
      'test',
    );
    const random = new Random(5);
    const draws = Array.from({ length: 6000 }, () => samplePoint(space, random));
    const share = (test: (point: Record<string, unknown>) => boolean): number =>
      draws.filter(test).length / draws.length;
    for (const v of ['a', 'b', 'c']) expect(share((point) => point.v === v)).toBeCloseTo(1 / 3, 1);
    for (const n of [1, 2, 3]) expect(share((point) => point.n === n)).toBeCloseTo(1 / 3, 1);
    expect(share(({ r }) => (r as number) < 1e-3)).toBeCloseTo(1 / 3, 1);
    expect(share(({ r }) => (r as number) > 1e-2)).toBeCloseTo(1 / 3, 1);
  });
});
