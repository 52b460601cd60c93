import { assert, systemClock } from '../../src/core/index.ts';
import { type Benchmark, type BenchResult, packageVersion, quantile } from '../harness.ts';
import { loadCcxt } from './ccxt-binance.ts';
import { INSTRUMENTS, makeScore, Ours, type Paced, playPaced, RATE, Theirs } from './ingest-run.ts';

/** Rounds of all instruments' next frames, as fast as they are taken: events a second of each of several stretches. */
function flatOut(side: Ours | Theirs, frames: number, stretches: number): number[] {
  return Array.from({ length: stretches }, () => {
    const events = side.events;
    const begun = systemClock.monotonicNs();
    side.play(frames);
    side.settle();
    return (side.events - events) / ((systemClock.monotonicNs() - begun) / 1e9);
  });
}

/** Live frames of many instruments, from the sockets' callbacks to applied books and batches, beside ccxt on the same frames. */
export const bench: Benchmark = {
  name: 'ingest',
  async run({ smoke }): Promise<BenchResult[]> {
    const count = smoke ? 6 : INSTRUMENTS;
    const score = makeScore(count, smoke ? 600 : undefined);
    const ours = new Ours(score);
    const theirs = new Theirs(score, await loadCcxt());
    const rival = packageVersion('ccxt');
    const name = `${count} instruments, ${score.origin}`;
    const stretch = smoke ? 200 : 20_000;
    const rates: [number[], number[]] = [[], []];
    // Not counted: both are compiled first.
    flatOut(ours, stretch, 3);
    flatOut(theirs, stretch, 3);
    for (let i = 0; i < (smoke ? 1 : 4); i++) {
      rates[0].push(...flatOut(ours, stretch, 5));
      rates[1].push(...flatOut(theirs, stretch, 5));
    }
    const hash = ours.hash();
    assert(hash === theirs.hash(), 'both sides have the same books');
    assert(ours.faults === 0 && ours.unsynced === 0, 'all books are synced, without a fault');
    const [value, rivalValue] = rates.map((rate) => quantile(rate, 0.5));
    const seconds = smoke ? 0.2 : 10;
    const paced: [Paced, Paced] = [await playPaced(ours, RATE, seconds), await playPaced(theirs, RATE, seconds)];
    const both = (what: string, unit: string, of: (paced: Paced) => number): BenchResult => {
      const [a, b] = paced.map(of);
      return {
        case: `${name}: ${what}`,
        value: a,
        unit,
        rival,
        rivalValue: b,
        ratio: b / a,
        hash,
        p99: a,
        rivalP99: b,
      };
    };
    return [
      {
        case: `${name}: flat out`,
        value,
        unit: 'events/s',
        rival,
        rivalValue,
        ratio: value / rivalValue,
        hash,
        p99: quantile(rates[0], 0.01),
        rivalP99: quantile(rates[1], 0.01),
      },
      both(
        `CPU for ${RATE / 1000},000 events a second`,
        '% of a core',
        (side) => 100 * side.cpuShare * (RATE / side.eventsPerSecond),
      ),
      both(`event-loop delay, p99, at ${RATE / 1000},000 events a second`, 'ms', (side) => side.delayP99),
      both(`memory after ${seconds} s, against before`, '×', (side) => side.heapEndMb / side.heapStartMb),
    ];
  },
};
