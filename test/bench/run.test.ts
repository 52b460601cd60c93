import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const RUN = resolve(import.meta.dirname, '../../bench/run.ts');

function bench(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [RUN, ...args], { encoding: 'utf8', timeout: 60_000 });
}

describe('the benchmark command', () => {
  it('prints one JSON object on standard output', () => {
    const { status, stdout, stderr } = bench('book-l3', '--smoke', '--json');
    expect(status, stderr).toBe(0);
    const report = JSON.parse(stdout);
    expect(Object.keys(report)).toEqual(['name', 'machine', 'results']);
    for (const key of ['case', 'value', 'unit', 'rival', 'rivalValue', 'ratio', 'hash']) {
      expect(report.results[0]).toHaveProperty(key);
    }
  });

  it('lists the names where none, or none that there is, was given', () => {
    for (const args of [[], ['book-l9'], ['book-l2', 'book-l3'], ['book-l2', '--fast']]) {
      const { status, stdout, stderr } = bench(...args);
      expect(status).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toContain('binance-depth');
    }
  });
});
