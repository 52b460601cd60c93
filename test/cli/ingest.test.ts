import { existsSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ReplayReport } from '../../src/cli/replay.ts';
import type { InstrumentHealth } from '../../src/feed/index.ts';
import { realDisk } from '../../src/tape/disk.ts';
import { readOrderIds } from '../../src/tape/index.ts';
import type { DoubleVenue } from '../doubles/products.ts';
import { type RunningDouble, type ServerOptions, startDouble } from '../doubles/server.ts';
import { cli, tempFolder, testIo } from './support.ts';

interface Result {
  venue: string;
  record: string | null;
  messages: number;
  rows: number;
  instruments: InstrumentHealth[];
}

async function double(options: ServerOptions): Promise<RunningDouble> {
  const running = await startDouble(options);
  onTestFinished(() => running.close());
  return running;
}

async function ingest(argv: string[], env: Record<string, string> = {}): Promise<{ result: Result; err: string }> {
  const run = await cli(['ingest', ...argv, '--json'], testIo({ env }));
  expect(run.status, run.err).toBe(0);
  return { result: JSON.parse(run.out), err: run.err };
}

async function replayed(folder: string, symbol: string): Promise<ReplayReport> {
  const run = await cli(['replay', folder, '--symbol', symbol, '--verify', '--json']);
  expect(run.status, run.err).toBe(0);
  return JSON.parse(run.out);
}

const VENUES: [DoubleVenue, string[], string[]][] = [
  ['binance-spot', ['--venue', 'binance'], ['BTCUSDT/SPOT', 'ETHBTC/SPOT']],
  ['binance-usdm', ['--venue', 'binance'], ['BTCUSDT/USDM', 'ETHUSDT/USDM']],
  ['binance-coinm', ['--venue', 'binance'], ['BTCUSD_PERP/COINM']],
  ['coinbase', ['--venue', 'coinbase'], ['BTC-USD', 'ETH-USD']],
  ['coinbase-exchange', ['--venue', 'coinbase-exchange'], ['BTC-USD']],
  ['kraken', ['--venue', 'kraken'], ['BTC/USD', 'ETH/USD']],
];

const KEYS = {
  BOOKCAST_COINBASE_KEY: 'the-public-key',
  BOOKCAST_COINBASE_SECRET: Buffer.from('the secret').toString('base64'),
  BOOKCAST_COINBASE_PASSPHRASE: 'the-passphrase',
};

describe('ingest', () => {
  it.each(VENUES)('follows and records %s, and its replay gives the same books twice', async (venue, flags, names) => {
    const { url, police } = await double({ venue, seed: 11, meanMs: 20 });
    const folder = join(tempFolder(), 'recording');
    const argv = [
      ...flags,
      '--base-url',
      url,
      '--instrument',
      names.join(),
      '--record',
      folder,
      '--for',
      venue === 'binance-spot' ? '8s' : '4s',
    ];
    const { result, err } = await ingest(argv);
    expect(result.instruments.map(({ instrument }) => instrument.split(':')[1])).toEqual(names);
    for (const health of result.instruments) {
      expect(health, err).toMatchObject({ state: 'synced', gaps: 0, crossed: 0, checksums: 0, overflow: 0 });
      expect(health.messagesPerSecond).toBeGreaterThan(0);
    }
    expect(police.violations).toEqual([]);
    for (const [i, name] of names.entries()) {
      const first = await replayed(folder, name);
      expect(first).toMatchObject({ origin: 'live', state: 'synced', instrument: result.instruments[i].instrument });
      expect(first.events).toBeGreaterThan(20);
      expect(first.verified?.mismatches ?? 0).toBe(0);
      expect((await replayed(folder, name)).hash).toEqual(first.hash);
    }
    expect(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')).closed).toBe(true);
  });

  it('records the faults of a bad day, and a replay meets the same ones', async () => {
    const faults = { drop: 0.05, disconnect: 0.3, malformed: 0.02 };
    const { url } = await double({ venue: 'coinbase', seed: 5, meanMs: 15, faults });
    const folder = join(tempFolder(), 'recording');
    const argv = ['--venue', 'coinbase', '--base-url', url, '--instrument', 'BTC-USD', '--record', folder];
    const { result } = await ingest([...argv, '--for', '8s']);
    const [health] = result.instruments;
    expect(health.gaps + health.disconnects).toBeGreaterThan(0);
    const report = await replayed(folder, 'BTC-USD');
    expect(report.faults).toMatchObject({ gaps: health.gaps, crossed: 0, unparsable: health.unparsable });
    expect(report.state).toBe(health.state);
  });

  it('keeps a book by order, and the venue ids of its orders', async () => {
    const { url } = await double({ venue: 'coinbase-full', seed: 4, meanMs: 20 });
    const folder = join(tempFolder(), 'recording');
    const argv = ['--venue', 'coinbase-exchange', '--channel', 'full', '--base-url', url, '--instrument', 'BTC-USD'];
    const { result, err } = await ingest([...argv, '--record', folder, '--for', '5s'], KEYS);
    expect(result.instruments[0], err).toMatchObject({ state: 'synced', proof: 'sequence', gaps: 0 });
    const report = await replayed(folder, 'BTC-USD');
    expect(report).toMatchObject({ state: 'synced', faults: { gaps: 0 } });
    let orders = 0;
    for await (const { firstId, ids } of readOrderIds(join(folder, 'BTC-USD'))) {
      expect(firstId).toBeGreaterThanOrEqual(0);
      for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
      orders += ids.length;
    }
    expect(orders).toBeGreaterThan(20);
    // Keys go into the signature and nowhere else.
    const raw = readFileSync(join(folder, 'raw', '000000.jsonl'), 'utf8');
    for (const secret of Object.values(KEYS)) expect(raw + err).not.toContain(secret);
  });

  it('ends with the reason, and without a stack trace, where the disk fails', async () => {
    const { url } = await double({ venue: 'kraken', seed: 3, meanMs: 10 });
    const folder = join(tempFolder(), 'recording');
    const argv = ['ingest', '--venue', 'kraken', '--base-url', url, '--instrument', 'BTC/USD', '--record', folder];
    const writes = vi.spyOn(realDisk, 'write').mockImplementation((file, bytes, from, position) => {
      if (writes.mock.calls.length > 20) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      return writeSync(file, bytes, from, bytes.length - from, position);
    });
    const run = await cli([...argv, '--for', '20s']);
    writes.mockRestore();
    expect(run.status).toBe(1);
    expect(run.err).toMatch(/the disk is full.*What was acknowledged before is safe/);
    expect(run.err).not.toMatch(/\n {4}at /);
  });

  it('shows the health of every instrument, and lists what trades', async () => {
    const { url } = await double({ venue: 'kraken', seed: 3 });
    const run = await cli(['ingest', '--venue', 'kraken', '--base-url', url, '--instrument', 'btc/usd', '--for', '3s']);
    expect(run.status, run.err).toBe(0);
    expect(run.out).toMatch(/instrument +state +proof/);
    expect(run.out).toMatch(/kraken:BTC\/USD +synced +checksum/);
    const listed = await cli(['ingest', '--venue', 'kraken', '--base-url', url, '--list']);
    expect(listed.out).toMatch(/BTC\/USD +0\.1 +0\.00000001/);
  });

  it.each([
    [['--instrument', 'BTCUSDT'], 'needs --venue'],
    [['--venue', 'binance'], 'needs --instrument, such as "--instrument BTCUSDT"'],
    [['--venue', 'binanse', '--instrument', 'X'], 'Allowed choices are binance'],
    [['--venue', 'kraken', '--instrument', 'BTC/USD', '--base-url', 'nowhere'], 'expected a URL for all of kraken'],
    [['--venue', 'kraken', '--instrument', 'BTC/USD', '--base-url', 'usdm.rest=http://x'], 'PART one of rest, stream'],
    [['--venue', 'coinbase', '--instrument', 'BTC-USD', '--depth', '5'], '--depth is for binance and kraken'],
    [['--venue', 'kraken', '--instrument', 'BTC/USD', '--channel', 'full'], '--channel is for coinbase-exchange'],
    [['--venue', 'kraken', '--instrument', 'BTC/USD', '--for', 'long'], 'a time such as 90s'],
    [['--venue', 'kraken', '--instrument', 'BTC/USD', '--max-bytes', '3'], 'a size such as 64MB'],
  ])('says what is wrong with %j', async (argv, message) => {
    const run = await cli(['ingest', ...argv]);
    expect(run.status).not.toBe(0);
    expect(run.err).toContain(message);
    expect(run.err).not.toMatch(/\n {4}at /);
  });

  it('says at once that a venue cannot be reached, and what to try', async () => {
    const folder = join(tempFolder(), 'recording');
    const argv = ['--venue', 'binance', '--instrument', 'BTCUSDT', '--base-url', 'http://127.0.0.1:1'];
    const start = performance.now();
    const run = await cli(['ingest', ...argv, '--record', folder]);
    expect(performance.now() - start).toBeLessThan(5000);
    expect(run.status).toBe(1);
    expect(run.err).toMatch(/binance: 127\.0\.0\.1:1 does not answer.*Try: .*--base-url.*npm start/);
    expect(existsSync(folder)).toBe(false);
  });

  it('names what is near where the venue has no such instrument', async () => {
    const { url } = await double({ venue: 'coinbase', seed: 3 });
    const run = await cli(['ingest', '--venue', 'coinbase', '--base-url', url, '--instrument', 'BTCUSD']);
    expect(run.status).toBe(1);
    expect(run.err).toContain('coinbase has no instrument "BTCUSD" that trades; there is BTC-USD');
  });

  it('takes keys from the environment whole or not at all, and never shows them', async () => {
    const env = { BOOKCAST_COINBASE_KEY: 'hidden-key', BOOKCAST_COINBASE_SECRET: '' };
    const run = await cli(['ingest', '--venue', 'coinbase-exchange', '--instrument', 'BTC-USD'], testIo({ env }));
    expect(run.status).toBe(2);
    expect(run.err).toContain('set all, or none');
    expect(run.err).not.toContain('hidden-key');
  });
});
