import { DOUBLE_VENUES } from '../../test/doubles/products.ts';
import { runFeedSimulation, type SimulationReport } from '../../test/feed/simulation.ts';
import { chosen, type Soak } from './soak.ts';

/** Of each venue in the long form. */
const SEEDS = 5000;
const PROGRESS_MS = 15_000;
const COUNTS = [
  'messages',
  'compared',
  'trades',
  'gaps',
  'resyncs',
  'disconnects',
  'checksums',
  'overflow',
  'missingTrades',
] as const;

/** Supervisors against doubles in virtual time, seed after seed; see `test/feed`. */
export const feedsSoak: Soak = {
  about: 'the simulation of every venue over many seeds of faults (--seeds N, --seed FIRST, --only VENUE)',
  run: async (options, progress) => {
    const first = options.firstSeed ?? 1;
    const seeds = options.seeds ?? SEEDS;
    const problems: string[] = [];
    const venues = chosen(options.only, DOUBLE_VENUES).map((venue) => {
      const sums = Object.fromEntries(COUNTS.map((name) => [name, 0]));
      const faults = new Map<string, number>();
      let longestMs = 0;
      let virtualMs = 0;
      let told = performance.now();
      for (let seed = first; seed < first + seeds; seed++) {
        const report: SimulationReport = runFeedSimulation({ venue, seed });
        for (const name of COUNTS) sums[name] += report[name];
        for (const [kind, n] of Object.entries(report.struck)) faults.set(kind, (faults.get(kind) ?? 0) + n);
        longestMs = Math.max(longestMs, report.recoveryMs);
        virtualMs += report.virtualMs;
        if (report.problems.length > 0) {
          problems.push(`${report.problems[0]}; repeat with: ${report.command}`);
          progress(`${venue}, seed ${seed}: ${report.problems[0]}`);
        }
        if (performance.now() - told < PROGRESS_MS) continue;
        told = performance.now();
        progress(`${venue}: ${seed - first + 1} of ${seeds} seeds`);
      }
      progress(`${venue}: done`);
      const struck = [...faults.values()].reduce((sum, n) => sum + n, 0);
      return {
        venue,
        seeds,
        'virtual hours': virtualMs / 3.6e6,
        'faults struck': struck,
        ...sums,
        'longest recovery s': longestMs / 1000,
      };
    });
    return { problems, figures: { venues } };
  },
};
