import { describe, expect, it } from 'vitest';
import { okxProtocol } from '../../src/venues/okx/index.ts';
import { faultsOf } from '../doubles/create.ts';
import { runFeedSimulation, type SimulationReport } from './simulation.ts';

const SEEDS = 150;

/** The venue states no lifetime of connections and gives notice before it ends one: where the double's has an age, it ends without. */
function run(seed: number, quiet = false): SimulationReport {
  return runFeedSimulation({ venue: 'okx', seed, quiet, wrap: () => okxProtocol() });
}

const told = ({ seed, problems }: SimulationReport): string => `seed ${seed}\n  ${problems.join('\n  ')}`;

describe('okx in virtual time', () => {
  const reports: SimulationReport[] = [];

  it(`has the venue's book or says that it has not, through ${SEEDS} seeds of faults`, () => {
    const only = process.env.OKX_SEED;
    const seeds = only === undefined ? Array.from({ length: SEEDS }, (_, i) => i + 1) : [Number(only)];
    for (const seed of seeds) reports.push(run(seed));
    expect(reports.filter(({ problems }) => problems.length > 0).map(told)).toEqual([]);
  });

  it('struck with every fault that it knows, and compared what it should', () => {
    const struck = new Set(reports.flatMap((report) => Object.keys(report.struck)));
    expect(faultsOf('okx').filter((kind) => !struck.has(kind))).toEqual([]);
    const sum = (of: (report: SimulationReport) => number): number => reports.reduce((all, one) => all + of(one), 0);
    expect(sum(({ compared }) => compared)).toBeGreaterThan(SEEDS * 100);
    expect(sum(({ trades }) => trades)).toBeGreaterThan(SEEDS * 10);
    expect(sum(({ disconnects }) => disconnects)).toBeGreaterThan(0);
    expect(sum(({ resyncs }) => resyncs)).toBeGreaterThan(0);
  });

  it('is synced once and stays so where nothing goes wrong', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { problems, gaps, resyncs, disconnects, missingTrades, recoveryMs } = run(seed, true);
      expect({ problems, gaps, resyncs, disconnects, missingTrades, recoveryMs }, `seed ${seed}`).toEqual({
        problems: [],
        gaps: 0,
        resyncs: 0,
        disconnects: 0,
        missingTrades: 0,
        recoveryMs: 0,
      });
    }
  });
});
