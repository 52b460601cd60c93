import { describe, expect, it } from 'vitest';
import type { FuzzTarget } from './target.ts';
import { fuzzWatched } from './watch.ts';

/** Inputs of each decoder in `npm test`; `npm run soak -- fuzz` is the long form. A file is one input where one line of it is. */
const MESSAGE_SESSIONS = 100;
const FILE_SESSIONS = 10;

/** Fuzzes decoders in threads; a finding is told with the command that repeats it. */
export function fuzzSuite(targets: readonly FuzzTarget[]): void {
  describe('mutated input ends in a typed error or in sound rows', () => {
    it.each(targets.map(({ name, steps }) => [name, steps] as const))('%s', async (name, steps) => {
      const sessions = steps >= 100 ? MESSAGE_SESSIONS : FILE_SESSIONS;
      const report = await fuzzWatched(name, 1, sessions);
      expect(report.inputs).toBeGreaterThanOrEqual(sessions * steps * 0.8);
      // Neither everything was refused at the door, nor nothing.
      expect(report.refused).toBeGreaterThan(0);
      expect(report.refused).toBeLessThan(report.inputs);
    });
  });
}
