import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reportText, type SoakReport } from '../../scripts/soak/report.ts';

const RUN = resolve(import.meta.dirname, '../../scripts/soak.ts');

function soak(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ['--expose-gc', RUN, ...args], { encoding: 'utf8', timeout: 60_000 });
}

describe('the soak command', () => {
  it('runs one decoder for one session, and prints what it takes to repeat that', () => {
    const { status, stdout, stderr } = soak('fuzz', '--only', 'event-batch', '--seed', '3', '--seeds', '1');
    expect(status, stderr).toBe(0);
    const report = JSON.parse(stdout) as SoakReport;
    expect(report.command).toBe('npm run soak -- fuzz --only event-batch --seed 3 --seeds 1');
    expect(report).toMatchObject({
      name: 'fuzz',
      problems: [],
      figures: { decoders: [{ decoder: 'event-batch', inputs: 200 }] },
    });
    expect(report.memoryAtEnd.rssMb).toBeGreaterThan(0);
  });

  it('replays a tape with both traders, and says what each keeps of an order', () => {
    const { status, stdout, stderr } = soak('backtest-memory', '--inputs', '6');
    expect(status, stderr).toBe(0);
    const { figures } = JSON.parse(stdout) as SoakReport;
    expect(figures).toMatchObject({ tapeMb: 6, traders: [{ trader: 'resting', orders: 2 }, { trader: 'maker' }] });
    const [, maker] = figures.traders as { orders: number; halfMb: number }[];
    expect(maker.orders).toBeGreaterThan(500);
    expect(maker.halfMb).toBeGreaterThan(0);
  });

  it.each([
    [['nope'], 'no soak is called "nope"; there are'],
    [[], 'no soak was named; there are'],
    [['feeds', 'fuzz'], 'one soak at a time, not feeds and fuzz'],
    [['feeds', '--seeds', 'many'], '--seeds is a whole number, not "many"'],
    [['fuzz', '--fast'], "Unknown option '--fast'"],
    [['fuzz', '--only', 'nix'], '--only "nix" is none of binance-spot,'],
  ])('%j is refused with what there is', (args, said) => {
    const { status, stdout, stderr } = soak(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
  });
});

describe('a report as a page', () => {
  it('has the command, the machine, figures and tables of them', () => {
    const memory = { rssMb: 100.5, heapMb: 12, arrayBuffersMb: 3 };
    const text = reportText({
      name: 'feeds',
      command: 'npm run soak -- feeds',
      commit: 'abc1234',
      started: '2026-11-22T09:30:00.000Z',
      seconds: 12.5,
      machine: { cpu: 'a CPU', cores: 2, memoryGb: 8, node: 'v24.0.0' },
      problems: ['a | problem\nrepeat with: x'],
      memoryAtStart: memory,
      memoryAtEnd: memory,
      eventLoopDelay: { p50Ms: 1, p99Ms: 2, maxMs: 3 },
      figures: { total: 12_345, venues: [{ venue: 'kraken', gaps: 7, share: 0.12345 }] },
    });
    expect(text).toMatch(/^# Soak: feeds\n/);
    expect(text).toContain('| command | `npm run soak -- feeds` |');
    expect(text).toContain('| total | 12,345 |');
    expect(text).toContain('## venues\n\n| venue | gaps | share |\n| --- | --: | --: |\n| kraken | 7 | 0.123 |');
    expect(text).toContain('- a | problem repeat with: x');
  });
});
