import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const CHILD = resolve(import.meta.dirname, 'served-child.ts');

// Measured: 30 bytes, two boxed numbers in ten calls over 60 signals.
it('calibration, sets, abstention and monitoring allocate next to nothing', { timeout: 120_000 }, async () => {
  const args = ['--expose-gc', '--max-semi-space-size=256', '--min-semi-space-size=256', CHILD];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { bytesPerForecast, reasons } = JSON.parse(stdout) as { bytesPerForecast: number; reasons: number };
  expect(reasons).toBeGreaterThan(1000);
  expect(bytesPerForecast).toBeLessThan(64);
});
