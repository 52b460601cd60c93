import { describe, expect, it } from 'vitest';
import { analyseRun, type BacktestRun } from '../../../src/backtest/index.ts';
import type { SimMode } from '../../../src/venues/sim/index.ts';
import { feeOf, MAKER, meanOf, play, type SimTape, simTape, TAKER, TERMS } from './sim-tape.ts';

const SEEDS = Array.from({ length: 16 }, (_, i) => i + 1);
const MESSAGES = 6000;
const FEE_BPS = 0.5;

const made = new Map<SimMode, SimTape[]>();

async function tapes(mode: 'null' | 'realistic'): Promise<readonly SimTape[]> {
  const all: SimTape[] = made.get(mode) ?? [];
  for (const seed of SEEDS.slice(all.length)) all.push(await simTape(mode, seed, MESSAGES));
  made.set(mode, all);
  return all;
}

/** What a run paid, and what is left when it is given back. The mid 10 ms after a fill is after all that came with the fill's own message. */
function accounts(run: BacktestRun): { gross: number; spread: number; withFill: number; fees: number; net: number } {
  const { gross, fees, net } = run.totals;
  const { spread, adverseSelection } = analyseRun(run, TERMS, { horizonNs: 10e6 }).split;
  return { gross, spread, withFill: spread + adverseSelection, fees, net };
}

describe('strategies without skill', () => {
  it.each(['null', 'realistic'] as const)(
    'floor: on the simulator’s mode %s the coin’s taker loses the half spreads that it pays and its fees, and nothing else',
    async (mode) => {
      // Costs of a taker: by how much each fill was worse than the mid just before it (the half spread, more where it walked the book), and the fees. The position
      // then held has a sign by chance, so whatever the market does, its gain has the mean 0.
      const threshold = mode === 'null' ? 0.02 : 0.1;
      const runs = (await tapes(mode)).map((tape, i) =>
        accounts(play(tape, { ...TAKER, threshold }, { seed: 100 + i, fees: feeOf(FEE_BPS) })),
      );
      const costs = meanOf(runs.map(({ spread, fees }) => fees - spread));
      const left = meanOf(runs.map(({ net, spread, fees }) => net + (fees - spread)));
      expect(Math.abs(left.mean)).toBeLessThan(left.half);
      // The test would see a quarter of the costs were they charged wrongly, and the losses are beyond doubt.
      expect(left.half).toBeLessThan(costs.mean / 4);
      const net = meanOf(runs.map((run) => run.net));
      expect(net.mean + net.half).toBeLessThan(0);
      for (const { gross, fees, net: own } of runs) expect(gross - fees).toBeCloseTo(own, 9);
    },
    120_000,
  );

  it('floor: on mode null the coin’s maker, and the plain one, lose what comes with their fills and their fees, and nothing else', async () => {
    // Costs of a maker: the spread earned less what the mid did against it within the fill's own message (a sweep moves it a whole tick, of which half was earned), and
    // the fees. The moves after that are a fair coin's, independent of all that was seen.
    const all = await tapes('null');
    for (const signal of ['coin', 'none'] as const) {
      const runs = all.map((tape, i) =>
        accounts(play(tape, { ...MAKER, signal }, { seed: 200 + i, fees: feeOf(FEE_BPS) })),
      );
      const costs = meanOf(runs.map(({ withFill, fees }) => fees - withFill));
      const left = meanOf(runs.map(({ net, withFill, fees }) => net + (fees - withFill)));
      expect(Math.abs(left.mean)).toBeLessThan(left.half);
      expect(left.half).toBeLessThan(costs.mean / 4);
      const net = meanOf(runs.map((run) => run.net));
      expect(net.mean + net.half).toBeLessThan(0);
    }
  }, 120_000);

  it('floor: on mode realistic a coin’s skew earns a maker nothing over quoting without any', async () => {
    // There the mid comes back more often than not, so a maker's inventory has no mean of 0; what the coin adds has none above it.
    const difference = meanOf(
      (await tapes('realistic')).map((tape, i) => {
        const [coin, plain] = (['coin', 'none'] as const).map((signal) =>
          play(tape, { ...MAKER, signal }, { seed: 300 + i, fees: feeOf(FEE_BPS) }),
        );
        return coin.totals.net - plain.totals.net;
      }),
    );
    expect(difference.mean - difference.half).toBeLessThan(0);
  }, 120_000);
});
