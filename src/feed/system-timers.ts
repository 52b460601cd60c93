import type { Timers } from './world.ts';

/** The longest that the runtime's timers can wait. */
const LONGEST_MS = 2 ** 31 - 1;

/** The machine's timers. */
export const systemTimers: Timers = {
  after(ms, call) {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      const part = Math.min(leftMs, LONGEST_MS);
      timer = setTimeout(() => (leftMs > part ? wait(leftMs - part) : call()), part);
    };
    wait(ms);
    return () => clearTimeout(timer);
  },
};
