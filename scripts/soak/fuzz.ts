import { TARGETS } from '../../test/fuzz/targets.ts';
import { fuzzWatched } from '../../test/fuzz/watch.ts';
import { chosen, type Soak } from './soak.ts';

/** Of each decoder in the long form. */
const INPUTS = 1_000_000;
/** Decoders at once: one a core of the smallest machine that this is for. */
const AT_ONCE = 2;
/** How much to run between two lines of progress. */
const CHUNK_STEPS = 20_000;
const PROGRESS_MS = 30_000;

interface Row {
  decoder: string;
  inputs: number;
  MB: number;
  rows: number;
  refused: number;
  'slowest ms': number;
  'largest MB': number;
}

/** Every decoder over mutated inputs; see `test/fuzz`. */
export const fuzzSoak: Soak = {
  about: 'every decoder over a million mutated inputs each (--inputs, --only DECODER, --seed FIRST --seeds SESSIONS)',
  run: async (options, progress) => {
    const names = chosen(
      options.only,
      TARGETS.map(({ name }) => name),
    );
    const waiting = TARGETS.filter(({ name }) => names.includes(name));
    const order = new Map(TARGETS.map(({ name }, i) => [name, i]));
    const problems: string[] = [];
    const rows: Row[] = [];
    const runOne = async (name: string, steps: number): Promise<void> => {
      const row: Row = { decoder: name, inputs: 0, MB: 0, rows: 0, refused: 0, 'slowest ms': 0, 'largest MB': 0 };
      rows.push(row);
      const first = options.firstSeed ?? 1;
      const sessions = Math.max(1, Math.round(CHUNK_STEPS / steps));
      const end = options.seeds === null ? Number.POSITIVE_INFINITY : first + options.seeds;
      let told = performance.now();
      for (let seed = first; seed < end && (options.seeds !== null || row.inputs < (options.inputs ?? INPUTS)); ) {
        const now = Math.min(sessions, end - seed);
        try {
          const report = await fuzzWatched(name, seed, now);
          row.inputs += report.inputs;
          row.MB = Math.round(row.MB + report.bytes / 1e6);
          row.rows += report.rows;
          row.refused += report.refused;
          row['slowest ms'] = Math.max(row['slowest ms'], Math.round(report.slowestMs));
          row['largest MB'] = Math.max(row['largest MB'], Math.round(report.largestBytes / 1e5) / 10);
        } catch (error) {
          problems.push((error as Error).message);
          progress((error as Error).message);
          break;
        }
        seed += now;
        if (performance.now() - told < PROGRESS_MS) continue;
        told = performance.now();
        progress(`${name}: ${row.inputs.toLocaleString('en-US')} inputs`);
      }
      progress(`${name}: done after ${row.inputs.toLocaleString('en-US')} inputs`);
    };
    const lane = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await runOne(next.name, next.steps);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    rows.sort((a, b) => (order.get(a.decoder) ?? 0) - (order.get(b.decoder) ?? 0));
    return { problems, figures: { decoders: rows } };
  },
};
