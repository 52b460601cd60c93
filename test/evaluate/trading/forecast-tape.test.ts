import { describe, expect, it } from 'vitest';
import { NO_CARRY } from '../../../src/backtest/carry/carry.ts';
import { NO_IMPACT } from '../../../src/backtest/impact/square-root-impact.ts';
import {
  type BacktestOptions,
  type BacktestRun,
  createStrategy,
  NO_FEES,
  queueModelOf,
  runBacktest,
  StrategySchema,
  tapeVenue,
} from '../../../src/backtest/index.ts';
import { ForecastTape, recordForecasts } from '../../../src/evaluate/trading/forecast-tape.ts';
import type { EventSource, Instrument } from '../../../src/market/index.ts';
import { parseTarget } from '../../../src/models/index.ts';
import { readConfig } from '../../../src/models/training.ts';
import { openSim } from '../../../src/venues/sim/index.ts';

const TARGET = parseTarget('events:10');
const MS = 1e6;

type Options = Omit<BacktestOptions, 'instrument' | 'origin'>;

function options(kind: string, latencyMs: number, forecast: Options['forecast']): Options {
  const config = readConfig(StrategySchema, { kind, ...(kind === 'taker' ? { threshold: 0.1 } : {}) }, 'strategy');
  const ns = latencyMs * MS;
  return {
    strategy: createStrategy(config as Parameters<typeof createStrategy>[0], 1),
    venue: tapeVenue(queueModelOf('risk-averse')),
    latency: { assumption: 'made up', feed: () => ns, entry: () => 2 * ns, response: () => ns },
    ledger: {
      terms: { kind: 'linear', tickValue: 0.01, lotValue: 1, currency: 'USD' },
      fees: NO_FEES,
      impact: NO_IMPACT,
      carry: NO_CARRY,
    },
    risk: null,
    forecast,
  };
}

/** A stream of the simulator with another notion of when a burst is over: of a crypto venue, the quiet after it. */
function source(burstQuietNs: number, seed = 4): EventSource {
  const sim = openSim({ mode: 'oracle', seed, messages: 2000 });
  const instrument: Instrument = { ...sim.instrument, burstQuietNs };
  return {
    instrument,
    origin: sim.origin,
    counts: sim.counts,
    notes: sim.notes,
    batches: (how) => sim.batches(how),
    verifier: () => null,
  };
}

const short = ({ hash, orders, fills, totals }: BacktestRun) => ({
  hash,
  orders: orders.length,
  fills: fills.length,
  totals,
});

describe('forecasts played again', () => {
  it.each([0, 5 * MS])(
    'make the same run as a forecaster, whatever the latency (bursts end after %d ns)',
    async (quietNs) => {
      const tape = await recordForecasts(source(quietNs), TARGET);
      expect(tape.decisions).toBeGreaterThan(50);
      let orders = 0;
      for (const kind of ['taker', 'maker']) {
        for (const latencyMs of [0, 30]) {
          const made = await runBacktest(source(quietNs), options(kind, latencyMs, { target: TARGET }));
          const played = await runBacktest(
            source(quietNs),
            options(kind, latencyMs, { target: TARGET, source: tape.player }),
          );
          expect(short(played)).toEqual(short(made));
          orders += made.orders.length;
        }
      }
      expect(orders).toBeGreaterThan(40);
    },
  );

  it('come back from their columns', async () => {
    const tape = await recordForecasts(source(0), TARGET);
    const again = ForecastTape.of(TARGET, structuredClone(tape.columns()));
    const [one, other] = await Promise.all(
      [tape, again].map(({ player }) =>
        runBacktest(source(0), options('taker', 1, { target: TARGET, source: player })),
      ),
    );
    expect(other.hash).toBe(one.hash);
    expect(one.orders.length).toBeGreaterThan(20);
  });

  it('are refused on another recording, which is named', async () => {
    const tape = await recordForecasts(source(0), TARGET);
    const run = runBacktest(source(0, 5), options('taker', 1, { target: TARGET, source: tape.player }));
    await expect(run).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('another recording'),
    });
  });

  it('end where the recording of them was stopped', async () => {
    const whole = await recordForecasts(source(0), TARGET);
    const cut = await recordForecasts(source(0), TARGET, { untilNs: whole.tsNs(100) });
    expect(cut.decisions).toBeGreaterThan(100);
    expect(cut.decisions).toBeLessThan(whole.decisions);
  });
});
