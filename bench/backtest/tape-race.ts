import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { assert } from '../../src/core/index.ts';
import { openBinance } from '../../src/venues/binance/index.ts';
import { openLobster } from '../../src/venues/lobster/index.ts';
import { openSim } from '../../src/venues/sim/index.ts';
import { type BenchResult, hashNumbers, quantile } from '../harness.ts';
import { type HftDepth, HftRival } from './hft-rival.ts';
import { type PairEnd, type PairTape, pairTape, playBooks, playPair } from './resting-pair.ts';

const DATA = process.env.BOOKCAST_DATA ?? resolve(import.meta.dirname, '../../../shared/data');
const GOOG = resolve(DATA, 'lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip');
const BTCUSDT = resolve(DATA, 'binance/usdm_btcusdt_20240808.gz');
const SIM = { mode: 'realistic', seed: 1 } as const;
const SIM_MESSAGES = 500_000;
const SMOKE_MESSAGES = 2000;
const ROUNDS = 11;
const WARMUPS = 3;
const DEPTHS: readonly HftDepth[] = ['roivector', 'hashmap'];

type Open = (smoke: boolean) => Promise<PairTape>;
const sim = (smoke: boolean) => openSim({ ...SIM, messages: smoke ? SMOKE_MESSAGES : SIM_MESSAGES });

/** By name. GOOG's tape names levels beside orders, which hftbacktest's queue by order cannot take. */
const TAPES: Readonly<Record<string, Open>> = {
  'simulated, by order': (smoke) => pairTape('simulated, by order', sim(smoke), 'orders'),
  'simulated, by level': (smoke) => pairTape('simulated, by level', sim(smoke), 'levels'),
  'BTCUSDT, by level': async () => pairTape('BTCUSDT, by level', await openBinance({ paths: [BTCUSDT] }), 'levels'),
  'GOOG_10, by level': async () => pairTape('GOOG_10, by level', await openLobster({ paths: [GOOG] }), 'levels'),
};

/** The simulator's tapes, and those whose recordings are here; of a smoke run the simulator's alone. */
export function tapeNames(smoke: boolean): string[] {
  const missing = [BTCUSDT, GOOG].map((path) => smoke || !existsSync(path));
  return Object.keys(TAPES).filter((_, k) => k < 2 || !missing[k - 2]);
}

const hashOf = ({ events, touch, fills }: PairEnd): string => hashNumbers([events, ...touch, fills]);

function compare(tape: PairTape, rival: string, ours: readonly PairEnd[], theirs: readonly PairEnd[]): BenchResult {
  const [own, other] = [hashOf(ours[0]), hashOf(theirs[0])];
  const text = ({ events, touch, fills }: PairEnd): string => `${events} events, touch ${touch}, ${fills} fills`;
  assert(own === other, `both sides of "${tape.name}" end alike: ours ${text(ours[0])}, ${rival} ${text(theirs[0])}`);
  const rate = (ends: readonly PairEnd[]): number[] => ends.map(({ ns }) => ns / tape.events);
  const [a, b] = [rate(ours), rate(theirs)];
  const [value, rivalValue] = [quantile(a, 0.5), quantile(b, 0.5)];
  return {
    case: `${tape.name}, ${(1e3 / value).toFixed(2)} M events/s`,
    value,
    unit: 'ns/event',
    rival,
    rivalValue,
    ratio: rivalValue / value,
    hash: own,
    p99: quantile(a, 0.99),
    rivalP99: quantile(b, 0.99),
  };
}

/** Runs of both sides in turn, round by round. */
async function race(
  tape: PairTape,
  rounds: number,
  name: string,
  rival: () => PairEnd | Promise<PairEnd>,
): Promise<BenchResult> {
  const [ours, theirs]: [PairEnd[], PairEnd[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    ours.push(playPair(tape));
    theirs.push(await rival());
  }
  return compare(tape, name, ours, theirs);
}

/** One tape: ours against each rival, or, where hftbacktest is not installed, beside what its two books alone take. */
export async function raceTape(name: string, smoke: boolean): Promise<BenchResult[]> {
  // A Python takes longer to import than a smoke run may take.
  const hft = smoke ? null : await HftRival.start();
  const rounds = smoke ? 1 : ROUNDS;
  try {
    const tape = await TAPES[name](smoke);
    for (let k = 0; k < (smoke ? 1 : WARMUPS); k++) playPair(tape);
    if (hft === null) return [await race(tape, rounds, 'bookcast (its two books alone)', () => playBooks(tape))];
    const results: BenchResult[] = [];
    for (const depth of DEPTHS) {
      await hft.load(tape, depth);
      const result = await race(tape, rounds, `${hft.name} (${depth})`, () => hft.play(tape));
      results.push({ ...result, case: `${result.case}, ${depth}` });
    }
    return results;
  } finally {
    hft?.stop();
  }
}
