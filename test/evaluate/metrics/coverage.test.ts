import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { coverageBand, coverageOf } from '../../../src/evaluate/index.ts';

describe('coverageOf', () => {
  it('counts what was held, overall and by tenths in their order', () => {
    const held = Uint8Array.from({ length: 25 }, (_, i) => (i < 5 ? 0 : 1));
    const { overall, tenths } = coverageOf(held);
    expect(overall).toBe(0.8);
    // Tenths of two and of three rows.
    expect(tenths).toEqual([0, 0, ...new Array<number>(8).fill(1)]);
  });
});

describe('coverageBand', () => {
  const common = { coverage: 0.9, simulations: 400, seed: 1 };

  it('is that of a binomial count where rows are independent', () => {
    const { overall } = coverageBand({ ...common, rows: 3600, span: 1 });
    // 1.96 standard errors of 3,600 rows are .0098; the ends of 400 simulations are known to a sixth of that.
    expect(overall.low).toBeCloseTo(0.9 - 0.0098, 2);
    expect(overall.high).toBeCloseTo(0.9 + 0.0098, 2);
    expect(coverageBand({ ...common, rows: 3600, span: 1 }).overall).toEqual(overall);
  });

  it('holds independent draws as often as it says', () => {
    const band = coverageBand({ ...common, rows: 1000, span: 1 });
    const random = new Random(2);
    let [overall, tenths] = [0, 0];
    for (let s = 0; s < 400; s++) {
      const drawn = coverageOf(Uint8Array.from({ length: 1000 }, () => (random.float() < 0.9 ? 1 : 0)));
      if (drawn.overall >= band.overall.low && drawn.overall <= band.overall.high) overall++;
      if (Math.min(...drawn.tenths) >= band.tenths.low && Math.max(...drawn.tenths) <= band.tenths.high) tenths++;
    }
    // Whole numbers of hits make bands a little wide.
    for (const count of [overall, tenths]) {
      expect(count / 400).toBeGreaterThan(0.91);
      expect(count / 400).toBeLessThan(0.995);
    }
  });

  it('is wider where labels overlap, and shows that tenths of a short session cannot keep within ± 3 %', () => {
    const widths = [1, 10, 50].map((span) => {
      const { overall, tenths } = coverageBand({ ...common, rows: 3600, span });
      expect(tenths.low).toBeLessThan(overall.low);
      expect(tenths.high).toBeGreaterThan(overall.high);
      return tenths.high - tenths.low;
    });
    expect(widths[0]).toBeGreaterThan(0.06);
    expect(widths[1]).toBeGreaterThan(1.8 * widths[0]);
    expect(widths[2]).toBeGreaterThan(1.2 * widths[1]);
    const long = coverageBand({ ...common, simulations: 40, rows: 200_000, span: 10 });
    expect(long.tenths.low).toBeGreaterThan(0.87);
    expect(long.tenths.high).toBeLessThan(0.93);
    expect(() => coverageBand({ ...common, rows: 10, span: 1, simulations: 39 })).toThrow(/40 simulations/);
    expect(() => coverageBand({ ...common, rows: 10, span: 1, coverage: 1 })).toThrow(/lies in/);
  });
});
