import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const CHILD = resolve(import.meta.dirname, 'allocation-child.ts');
const MINUTES = 60_000;

interface Heap {
  columns: number;
  /** Columns of the last row that are numbers. */
  numbers: number;
  messages: number;
  /** Allocated while messages were taken and rows made, whether or not it lived. */
  bytesPerMessage: number;
  /** What lived on, from the first measured message to the last. */
  grownBytes: number;
}

async function heapOf(kind: 'orders' | 'levels', set: 'core' | 'full', messages: number): Promise<Heap> {
  const young = ['--max-semi-space-size=256', '--min-semi-space-size=256'];
  const args = ['--expose-gc', ...young, CHILD, kind, set, String(messages)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Heap;
}

describe('a row at every message', () => {
  // Measured with 94 and 91 signals: −550 kB and −650 kB lived on, 8 to 102 bytes a message were allocated and died. Those are
  // boxed numbers, which the optimiser makes where a function that returns one is not inlined; how many depends on when it compiles what.
  it.concurrent.each(['orders', 'levels'] as const)(
    'of the full set keeps nothing over a million messages of %s, and boxes few numbers',
    { timeout: 5 * MINUTES },
    async (kind) => {
      const heap = await heapOf(kind, 'full', 1_000_000);
      expect(heap.messages).toBeGreaterThanOrEqual(1_000_000);
      // The signals are at work: nearly all of them are numbers at the end.
      expect(heap.numbers).toBeGreaterThan(0.95 * heap.columns);
      expect(heap.grownBytes).toBeLessThan(256 * 1024);
      expect(heap.bytesPerMessage).toBeLessThan(160);
    },
  );

  // Measured: 15 bytes, the number that the microprice's model returns.
  it.concurrent('of the core set boxes one number at most', { timeout: 5 * MINUTES }, async () => {
    const heap = await heapOf('orders', 'core', 300_000);
    expect(heap.numbers).toBe(heap.columns);
    expect(heap.grownBytes).toBeLessThan(256 * 1024);
    expect(heap.bytesPerMessage).toBeLessThan(24);
  });
});
