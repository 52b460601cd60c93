import { CORE_SET, type SignalDefinition, selectSignals } from '../../src/features/index.ts';
import { type Benchmark, type BenchResult, hashNumbers, quantile } from '../harness.ts';
import { costOf, type RowCost } from './laps.ts';
import { loadMarkets, type Market } from './markets.ts';
import { findNumpy, type Numpy, SHARED, timeNumpy } from './numpy-run.ts';
import { rawCases } from './raw-run.ts';

/** NumPy's time for the signals that it shares, or, where it is not here, what it costs to copy a row. */
interface Rival {
  readonly name: string;
  readonly ns: readonly number[];
  /** What is said of it in a case's name. */
  readonly note: string;
}

function rivalOf(numpy: Numpy | null, market: Market, rounds: number): Rival {
  if (numpy !== null) {
    const ns = timeNumpy(numpy, market, rounds);
    return { name: `numpy@${numpy.version}`, ns, note: `the rival computes ${SHARED.length} of them` };
  }
  return {
    name: 'Float64Array.set',
    ns: copyNs(),
    note: 'no Python with NumPy here, the rival only copies 40 numbers',
  };
}

/** ns to copy the numbers of ten levels a side. */
function copyNs(): number[] {
  const [from, to] = [new Float64Array(40).fill(1), new Float64Array(40)];
  return Array.from({ length: 5 }, () => {
    const begun = performance.now();
    for (let i = 0; i < 100_000; i++) {
      from[i % 40] = i;
      to.set(from);
    }
    return ((performance.now() - begun) * 1e6) / 100_000;
  });
}

function caseOf(name: string, cost: RowCost, rival: Rival, single = false): BenchResult {
  const rivalValue = quantile(rival.ns, 0.5);
  const value = single ? cost.singleMedianNs : cost.meanNs;
  return {
    case: name,
    value,
    unit: 'ns/row',
    rival: rival.name,
    rivalValue,
    ratio: rivalValue / value,
    hash: hashNumbers(cost.row),
    p99: single ? cost.singleP99Ns : cost.chunkP99Ns,
    rivalP99: quantile(rival.ns, 0.99),
  };
}

/**
 * What a row costs, ten levels, one at every message. Means are of the engine alone: the time of the same loop with the book and
 * without the engine is taken off. Their p99 is of chunks of 32 messages, the book included; that of single rows is in a case of
 * its own, the look at the clock included.
 */
function rowCases(market: Market, numpy: Numpy | null, smoke: boolean): BenchResult[] {
  const rounds = smoke ? 1 : 5;
  const rival = rivalOf(numpy, market, rounds);
  const full = selectSignals('full', { instrument: market.instrument }).signals;
  const sets: [string, readonly SignalDefinition[]][] = [
    [`the ${SHARED.length} signals that both compute`, SHARED],
    [`core set, ${CORE_SET.length} signals`, CORE_SET],
    [`full set, ${full.length} signals`, full],
  ];
  return sets.flatMap(([title, signals]) => {
    const cost = costOf(market, signals, rounds);
    const note = signals === SHARED && numpy !== null ? '' : `; ${rival.note}`;
    const name = `${market.name}: ${title}, ${cost.columns} columns`;
    const mean = caseOf(`${name}${note}`, cost, rival);
    return signals === full ? [mean, caseOf(`${name}, single rows${note}`, cost, rival, true)] : [mean];
  });
}

/** Signals: what a row costs at every message, beside NumPy over the whole session at once, and the way from raw bytes to rows. */
export const bench: Benchmark = {
  name: 'features',
  async run({ smoke }): Promise<BenchResult[]> {
    const numpy = findNumpy();
    const results: BenchResult[] = [];
    for (const market of await loadMarkets(smoke)) {
      results.push(...rowCases(market, numpy, smoke));
      const full = selectSignals('full', { instrument: market.instrument }).signals;
      const ways = [
        { set: 'core', signals: CORE_SET, clock: 'event' },
        { set: 'full', signals: full, clock: 'burst' },
        { set: 'full', signals: full, clock: 'event' },
      ] as const;
      results.push(...(await rawCases(market, ways, 3)));
    }
    return results;
  },
};
