import { describe, expect, it } from 'vitest';
import { TARGETS } from './targets.ts';
import { fuzzWatched } from './watch.ts';

/** The short form; `npm run soak -- fuzz` is the long one. Sessions are few where each input is a whole file. */
const SESSIONS: Readonly<Record<string, number>> = {};
const MESSAGES = 100;
const FILES = 10;

describe('mutated input ends in a typed error or in sound rows', () => {
  it.concurrent.each(TARGETS.map(({ name, steps }) => [name, steps] as const))('%s', async (name, steps) => {
    const sessions = SESSIONS[name] ?? (steps >= 100 ? MESSAGES : FILES);
    const report = await fuzzWatched(name, 1, sessions);
    expect(report.inputs).toBeGreaterThan(sessions * steps * 0.8);
    // Neither everything was refused at the door, nor nothing.
    expect(report.refused).toBeGreaterThan(0);
    expect(report.refused).toBeLessThan(report.inputs);
  });
});
