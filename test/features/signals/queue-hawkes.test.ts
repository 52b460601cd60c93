import { describe, expect, it } from 'vitest';
import type { FeatureFit } from '../../../src/features/index.ts';
import { Side } from '../../../src/market/index.ts';
import { disconnect, other, snapshot, trade } from '../random-market.ts';
import { lastOf, MS, rowsOf, SECOND, start } from './queue-market.ts';

const { exp } = Math;
const FIT: FeatureFit = {
  format: 'bookcast-fit',
  version: 1,
  instrument: 'test:TEST',
  depth: 4,
  messages: 0,
  until: '2024-01-01T00:00:00Z',
  microprice: { fair: [] },
  components: { weights: [], explained: 0 },
  hawkes: { baseRate: 0.5, self: 2, cross: 1, decay: 4, logLikelihood: 0, poissonLogLikelihood: 0 },
  hash: '0123456789abcdef',
};
const buy = (ms: number) => other(ms * MS, [trade(Side.BID, 102, 1)]);
const sell = (ms: number) => other(ms * MS, [trade(Side.ASK, 100, 1)]);

describe('hawkes', () => {
  const expectRates = (row: Record<string, number>, buys: number, sells: number): void => {
    const [up, down] = [0.5 + 2 * buys + sells, 0.5 + 2 * sells + buys];
    expect(row.hawkes_buy).toBeCloseTo(up, 12);
    expect(row.hawkes_sell).toBeCloseTo(down, 12);
    expect(row.hawkes_imbalance).toBeCloseTo((up - down) / (up + down), 12);
  };

  it('excites by trades of its own and of the other side, and fades by β', () => {
    // Buys ½ s and ¼ s ago, a sell now: e^(−4 · ½) + e^(−4 · ¼), and 1.
    expectRates(lastOf('hawkes', [start, buy(500), buy(750), sell(1000)], { fit: FIT }), exp(-2) + exp(-1), 1);
  });

  it('counts prints of one sign within 1 ms of the one before once', () => {
    const prints = [start, buy(500), buy(500), buy(500.8), buy(501.6), sell(501.7), buy(503), sell(1000)];
    // Two episodes of buys, at 500 and 503 ms; two of sells, at 501.7 ms and now.
    expectRates(lastOf('hawkes', prints, { fit: FIT }), exp(-2) + exp(-4 * 0.497), exp(-4 * 0.4983) + 1);
  });

  it('passes over trades that nobody can sign', () => {
    const prints = [start, buy(500), other(750 * MS, [trade(Side.NONE, 101, 1)])];
    expectRates(lastOf('hawkes', prints, { fit: FIT }), exp(-1), 0);
  });

  it('is NaN until 3 / β has passed, and begins anew with a new book', () => {
    const rows = rowsOf('hawkes', [start, buy(749), sell(750)], { fit: FIT });
    expect(Object.values(rows[1]).every(Number.isNaN)).toBe(true);
    expectRates(rows[2], exp(-0.004), 1);
    const again = [start, buy(749), disconnect(1 * SECOND), snapshot(1 * SECOND, start.rows), sell(1750)];
    expectRates(lastOf('hawkes', again, { fit: FIT }), 0, 1);
  });
});
