import { describe, expect, it } from 'vitest';
import type { DoubleVenue } from '../doubles/products.ts';
import { recordedMarkets, recordingOf } from '../doubles/recorded.ts';
import { dataPath, needs } from '../support/data.ts';
import { runFeedSimulation, type SimulationReport } from './simulation.ts';

const VENUES: readonly DoubleVenue[] = ['binance-spot', 'binance-usdm', 'binance-coinm', 'kraken'];

/** Doubles that send recorded sessions: Binance's own lines as they were, Kraken's levels in the words of its newer protocol. */
describe.each(VENUES)('a recorded session of %s', (venue) => {
  const file = recordingOf(venue)!;
  const run = (seed: number, quiet: boolean, forMs: number): SimulationReport => {
    const markets = (startEpochMs: number) => recordedMarkets(venue, startEpochMs)!;
    return runFeedSimulation({ venue, seed, quiet, recorded: { markets, forMs } });
  };

  it.skipIf(dataPath(file) === null)(`is followed without a fault${needs(file)}`, () => {
    const { problems, gaps, resyncs, crossed, compared, trades } = run(1, true, 20_000);
    expect({ problems, gaps, resyncs, crossed }).toEqual({ problems: [], gaps: 0, resyncs: 0, crossed: 0 });
    expect(compared).toBeGreaterThan(100);
    // Kraken's recorded trades are of another protocol, and are not played.
    if (venue !== 'kraken') expect(trades).toBeGreaterThan(0);
  });

  it.skipIf(dataPath(file) === null)(`is right or says that it is not, through faults${needs(file)}`, () => {
    for (let seed = 1; seed <= 2; seed++) expect(run(seed, false, 5000).problems, `seed ${seed}`).toEqual([]);
  });
});
