import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  findBenchmarks,
  hashNumbers,
  loadBenchmark,
  machine,
  quantile,
  type Racer,
  race,
} from '../../bench/harness.ts';

const BENCHMARKS = [...findBenchmarks()];

describe('every benchmark', () => {
  it.each(BENCHMARKS)('%s runs, small, and both sides agree', async (name, file) => {
    const bench = await loadBenchmark(file);
    expect(bench.name).toBe(name);
    const results = await bench.run({ smoke: true });
    expect(results.length).toBeGreaterThan(0);
    for (const result of results) {
      expect(result.case).not.toBe('');
      expect(result.unit).not.toBe('');
      // A package with its version, a built-in, or, where no rival is at hand, another way of ours.
      expect(result.rival).toMatch(/^(.+@\d+\.\d+\.\d+\S*( \(.+\))?|[A-Z]\w*\.\w+|bookcast \(.+\))$/);
      expect(result.hash).not.toBe('');
      for (const figure of [result.value, result.rivalValue, result.ratio]) {
        expect(Number.isFinite(figure) && figure > 0).toBe(true);
      }
    }
    expect(new Set(results.map((result) => result.case)).size).toBe(results.length);
  });
});

describe('the harness', () => {
  /** Adds up the numbers 0 … 99, `off` at the end. */
  class Sum implements Racer {
    readonly #off: number;
    #sum = 0;
    #calls: [number, number][] = [];

    constructor(off = 0) {
      this.#off = off;
    }

    start(): void {
      this.#sum = this.#off;
      this.#calls = [];
    }

    run(from: number, to: number): void {
      for (let i = from; i < to; i++) this.#sum += i;
      this.#calls.push([from, to]);
    }

    hash(): string {
      return hashNumbers([this.#sum]);
    }

    get calls(): [number, number][] {
      return this.#calls;
    }
  }

  const options = { case: 'sum', rival: 'other@1.0.0', length: 100, chunk: 40, rivalChunk: 100, rounds: 2, warmups: 1 };

  it('gives both sides the same items, in chunks of their own', () => {
    const ours = new Sum();
    const theirs = new Sum();
    const result = race({ ...options, ours, theirs });
    expect(ours.calls.map(([from, to]) => to - from)).toEqual([40, 40, 20]);
    expect(theirs.calls).toEqual([[0, 100]]);
    expect(result.ratio).toBeCloseTo(result.rivalValue / result.value, 12);
    expect(result.p99).toBeGreaterThanOrEqual(result.value);
    expect(result.hash).toBe(hashNumbers([4950]));
  });

  it('does not report a race whose sides end differently', () => {
    expect(() => race({ ...options, ours: new Sum(), theirs: new Sum(1) })).toThrow('both sides of "sum" end alike');
  });

  it('takes quantiles without interpolation', () => {
    expect(quantile([3, 1, 2], 0.5)).toBe(2);
    expect(quantile([3, 1, 2], 0.99)).toBe(3);
    expect(quantile([7], 0)).toBe(7);
    expect(() => quantile([], 0.5)).toThrow('there is a value');
  });

  it('says what it ran on', () => {
    expect(machine()).toEqual({
      cpu: expect.any(String),
      cores: expect.any(Number),
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
    });
  });
});

describe('the bench command', () => {
  const bench = (...args: string[]) =>
    spawnSync(process.execPath, [resolve(import.meta.dirname, '../../bench/run.ts'), ...args], { encoding: 'utf8' });

  it('answers a name that it does not know with those that it does', () => {
    for (const [args, found] of [
      [['no-such'], 'unknown benchmark "no-such"'],
      [[], 'no benchmark named'],
      [['book-l2', '--fast'], 'unknown flag --fast'],
    ] as const) {
      const { status, stdout, stderr } = bench(...args);
      expect(status).toBe(2);
      expect(stdout).toBe('');
      expect(stderr.split('\n')[0]).toBe(found);
      expect(stderr).toContain('book-l2\n');
    }
  });

  it('prints one JSON object with --json, and a table without', () => {
    const { status, stdout } = bench('book-l2', '--smoke', '--json');
    expect(status).toBe(0);
    const report = JSON.parse(stdout);
    expect(Object.keys(report)).toEqual(['name', 'machine', 'results']);
    expect(report.name).toBe('book-l2');
    const table = bench('book-l2', '--smoke').stdout;
    expect(table).toMatch(/^book-l2 on /);
    expect(table).toContain(report.results[0].case);
  });
});
