import { describe, expect, it } from 'vitest';
import { curveDifference, type EquitySeries, equitySeries } from '../../../src/evaluate/index.ts';
import { MAKER, meanOf, play, type SimTape, simTape } from './sim-tape.ts';

const SEEDS = Array.from({ length: 16 }, (_, i) => i + 1);
const MESSAGES = 8000;

/** Steps of one run after those of another: different markets, one after the other. */
function joined(series: readonly EquitySeries[]): Float64Array {
  return Float64Array.from(series.flatMap(({ net }) => [...net]));
}

describe('a maker with forecasts', () => {
  it('floor: on mode oracle the forecast-skewed maker beats the plain one on the same tapes, and the coin’s does not', async () => {
    const steps = { none: [], forecast: [], coin: [] } as Record<'none' | 'forecast' | 'coin', EquitySeries[]>;
    const nets = { none: [], forecast: [], coin: [] } as Record<'none' | 'forecast' | 'coin', number[]>;
    for (const seed of SEEDS) {
      const tape: SimTape = await simTape('oracle', seed, MESSAGES);
      for (const signal of ['none', 'forecast', 'coin'] as const) {
        const run = play(tape, { ...MAKER, signal }, { seed });
        // Both trade: it is no victory over one who stands aside.
        expect(run.fills.length).toBeGreaterThan(50);
        steps[signal].push(equitySeries(run.equity));
        nets[signal].push(run.totals.net);
      }
    }
    // Over time: seconds of all sessions, in pairs, by the stationary bootstrap.
    const { stepNs } = steps.none[0];
    const over = (signal: 'forecast' | 'coin') =>
      curveDifference(joined(steps[signal]), joined(steps.none), stepNs, { seed: 1 }).mean.interval;
    expect(over('forecast')!.low).toBeGreaterThan(0);
    // Over sessions: each a draw of its own.
    const { mean, half } = meanOf(nets.forecast.map((net, i) => net - nets.none[i]));
    expect(mean - half).toBeGreaterThan(0);
    const coin = over('coin')!;
    expect(coin.low).toBeLessThan(0);
  }, 120_000);
});
