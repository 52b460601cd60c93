import { describe, expect, it } from 'vitest';
import { faultsOf } from '../doubles/create.ts';
import type { FaultKind } from '../doubles/faults.ts';
import type { DoubleVenue } from '../doubles/products.ts';
import { runFeedSimulation, type SimulationReport } from './simulation.ts';

/** Seeds of each venue in `npm test`: more than a thousand over the seven. `npm run soak -- feeds` takes any number. */
const SEEDS = 150;

const told = (report: SimulationReport): string => `${report.command}\n  ${report.problems.join('\n  ')}`;

/** The simulation of one venue. A seed that fails is told with the command that repeats it. */
export function simulationSuite(venue: DoubleVenue): void {
  describe(`${venue} in virtual time`, () => {
    const reports: SimulationReport[] = [];

    it(`has the venue's book or says that it has not, through ${SEEDS} seeds of faults`, () => {
      for (let seed = 1; seed <= SEEDS; seed++) reports.push(runFeedSimulation({ venue, seed }));
      const failed = reports.filter((report) => report.problems.length > 0);
      expect(failed.map(told)).toEqual([]);
    });

    it('struck with every fault that it knows, and compared what it should', () => {
      const struck = new Set(reports.flatMap((report) => Object.keys(report.struck)));
      const never = faultsOf(venue).filter((kind: FaultKind) => !struck.has(kind) && !isUnused(venue, kind));
      expect(never).toEqual([]);
      const sum = (of: (report: SimulationReport) => number): number => reports.reduce((all, one) => all + of(one), 0);
      expect(sum((report) => report.compared)).toBeGreaterThan(SEEDS * 100);
      // By order, trades are executions of orders, and have no rows of their own.
      if (venue !== 'coinbase-full') expect(sum((report) => report.trades)).toBeGreaterThan(SEEDS * 10);
      expect(sum((report) => report.disconnects)).toBeGreaterThan(0);
      expect(sum((report) => report.resyncs)).toBeGreaterThan(0);
    });

    it('is synced once and stays so where nothing goes wrong', () => {
      for (let seed = 1; seed <= 10; seed++) {
        const report = runFeedSimulation({ venue, seed, quiet: true });
        expect(report.problems, `${report.command} --peace`).toEqual([]);
        const { gaps, resyncs, disconnects, missingTrades, recoveryMs } = report;
        const faults = { gaps, resyncs, disconnects, missingTrades };
        expect(faults, `${report.command} --peace`).toEqual({ gaps: 0, resyncs: 0, disconnects: 0, missingTrades: 0 });
        expect(recoveryMs).toBe(0);
      }
    });
  });
}

/** Where a venue's feed asks nothing after its discovery, and says nothing, faults of that kind find no occasion. */
function isUnused(venue: DoubleVenue, kind: FaultKind): boolean {
  const request: FaultKind[] = ['tooMany', 'tooManySilent', 'ban', 'serverError', 'noAnswer', 'badBody'];
  return request.includes(kind) && ['coinbase', 'coinbase-exchange', 'kraken'].includes(venue);
}
