import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { receiveFeed, serveFeed } from '../../src/cli/feed.ts';
import type { ReplayReport } from '../../src/cli/replay.ts';
import { openSim } from '../../src/venues/sim/index.ts';
import { collect } from '../support/batches.ts';
import { usdmSession } from '../support/session.ts';
import { cli, tempFile, tempFolder, testIo } from './support.ts';

async function replayed(...argv: string[]): Promise<ReplayReport> {
  const { out, err, status } = await cli(['replay', ...argv, '--json']);
  expect(status, err).toBe(0);
  return JSON.parse(out) as ReplayReport;
}

describe('record', () => {
  it('writes a tape that replays bit for bit as the recording did, origin and truth included', async () => {
    const file = tempFile('session.gz', gzipSync(usdmSession({ updates: 900 })));
    const tape = join(tempFolder(), 'tape');
    const { status, err } = await cli(['record', file, '--out', tape]);
    expect(status, err).toBe(0);
    expect(err).toMatch(/recorded [\d,]+ messages, [\d,]+ rows of binance:BTCUSDT\/USDM \(recorded\)/);
    const direct = await replayed(file, '--verify');
    const taped = await replayed(tape, '--verify');
    expect(taped.hash).toEqual(direct.hash);
    expect(taped).toMatchObject({
      origin: 'recorded',
      instrument: direct.instrument,
      rows: direct.rows,
      verified: direct.verified,
    });
  });

  it('keeps the simulator simulated, and stops after the messages asked for', async () => {
    const tape = join(tempFolder(), 'tape');
    const { err } = await cli(['record', '--out', tape, '--messages', '5000', '--seed', '4', '--mode', 'oracle']);
    expect(err).toContain('sim:ORACLE-4 (simulated)');
    const found = await replayed(tape);
    expect(found).toMatchObject({ origin: 'simulated', instrument: 'sim:ORACLE-4', state: 'synced' });
    expect(found.messages).toBeGreaterThanOrEqual(5000);
  });

  it('reads a tape whose end was torn, and says what was cut', async () => {
    const tape = join(tempFolder(), 'tape');
    await cli(['record', '--out', tape, '--messages', '3000']);
    const segment = readdirSync(tape)
      .filter((name) => name.endsWith('.seg'))
      .sort()
      .at(-1)!;
    appendFileSync(join(tape, segment), Uint8Array.of(40, 0, 0, 0, 1, 2, 3));
    const found = await replayed(tape);
    expect(found.notes.join()).toMatch(/torn|cut/);
    expect(found.state).toBe('synced');
  });

  it('refuses a tape of another instrument and a seed that is none', async () => {
    const tape = join(tempFolder(), 'tape');
    await cli(['record', '--out', tape, '--messages', '100']);
    const other = await cli(['record', '--out', tape, '--messages', '100', '--seed', '8']);
    expect(other.status).toBe(1);
    expect(other.err).toContain('REALISTIC-7');
    expect((await cli(['record', '--out', tape, '--seed', 'lucky'])).err).toContain(
      'a seed is an integer, not "lucky"',
    );
  });
});

describe('features', () => {
  it('lists and explains the signals', async () => {
    const list = (await cli(['features', '--list'])).out;
    expect(list).toMatch(/^ofi +order-flow +core +10 +Multi-level order flow imbalance$/m);
    const all = JSON.parse((await cli(['features', '--list', '--json'])).out) as { name: string; formula: string }[];
    expect(all.length).toBeGreaterThanOrEqual(60);
    expect((await cli(['features', '--explain', 'microprice'])).out).toContain('Stoikov');
    expect((await cli(['features', '--explain', 'ofi_3'])).out).toMatch(/^column +ofi_3 /m);
    expect(JSON.parse((await cli(['features', '--explain', 'spread', '--json'])).out)).toMatchObject({
      name: 'spread',
    });
    const unknown = await cli(['features', '--explain', 'microprize']);
    expect(unknown.err).toContain('did you mean microprice');
  });

  it('writes one row a decision point, the same to a file and to standard output', async () => {
    const file = tempFile('session.txt', usdmSession({ updates: 900 }));
    const out = join(tempFolder(), 'rows.csv');
    const toFile = await cli(['features', file, '--out', out]);
    expect(toFile.status, toFile.err).toBe(0);
    const csv = readFileSync(out, 'utf8');
    const [head, ...rows] = csv.trimEnd().split('\n');
    expect(head.startsWith('decision,time,midTicks,ofi_1,')).toBe(true);
    expect(rows).toHaveLength((await replayed(file)).rows);
    // A signal that is not known yet says so, and never 0.
    expect(rows[0]).toContain('NaN');
    expect(rows.at(-1)).not.toContain('NaN');
    expect((await cli(['features', file])).out).toBe(csv);
    const again = await cli(['features', file, '--out', out]);
    expect(again.err).toContain(`${out} exists; choose another name or remove it`);
    expect((await cli(['features', file, '--out', '/no/such/folder/rows.csv'])).err).toContain(
      'cannot write /no/such/folder/rows.csv',
    );
  });
});

describe('doctor', () => {
  it('finds this machine well', async () => {
    const { status, out, err } = await cli(['doctor'], testIo({ env: { BOOKCAST_PORT: '0', BOOKCAST_API_PORT: '0' } }));
    expect(status, err).toBe(0);
    expect(out).toContain('✓ Node: 24');
  });

  it('names a port that is taken, and the flag', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const io = testIo({ env: { BOOKCAST_PORT: String(port), BOOKCAST_API_PORT: '0' } });
    const { status, out, err } = await cli(['doctor', '--json'], io);
    expect(status).toBe(1);
    expect(JSON.parse(out).checks.find((check: { ok: boolean }) => !check.ok)).toMatchObject({ what: 'page port' });
    expect(err).toContain('not ready: page port');
    const text = await cli(['doctor'], testIo({ env: { BOOKCAST_PORT: String(port), BOOKCAST_API_PORT: '0' } }));
    expect(text.out).toContain('choose another with --port');
  });
});

describe('help and version', () => {
  it('name every command', async () => {
    const { out, status } = await cli(['--help']);
    expect(status).toBe(0);
    for (const name of ['demo', 'replay', 'record', 'features', 'fit', 'api', 'dashboard', 'doctor'])
      expect(out).toContain(name);
    const version = JSON.parse(readFileSync('package.json', 'utf8')).version;
    expect((await cli(['--version'])).out).toBe(`${version}\n`);
    expect(readFileSync('CHANGELOG.md', 'utf8')).toContain(`## ${version}`);
    expect(existsSync('dist/web/index.html')).toBe(true);
  });
});

describe('feed', () => {
  it('hands over every batch unchanged, with what the reader counted', async () => {
    const { port1, port2 } = new MessageChannel();
    const file = tempFile('session.txt', usdmSession({ updates: 200 }));
    void serveFeed(port1, { kind: 'recording', paths: [file] });
    const feed = await receiveFeed(port2, async () => port2.close());
    const batches = await collect(feed.batches());
    expect(feed.origin).toBe('recorded');
    expect(feed.counts.messages).toBeGreaterThan(200);
    expect(batches.reduce((sum, batch) => sum + batch.length, 0)).toBeGreaterThan(400);
  });

  it('waits for its reader: no more than four batches are under way', async () => {
    const { port1, port2 } = new MessageChannel();
    void serveFeed(port1, { kind: 'simulator', mode: 'realistic', seed: 7 });
    let received = 0;
    port2.on('message', () => received++);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(received).toBe(1 + 4);
    port2.close();
    port1.close();
  });

  it('passes an error on as what it was', async () => {
    const { port1, port2 } = new MessageChannel();
    void serveFeed(port1, { kind: 'recording', paths: ['/no/such'] });
    await expect(receiveFeed(port2, async () => port2.close())).rejects.toMatchObject({ code: 'not-found' });
    const wrong = new MessageChannel();
    void serveFeed(wrong.port1, { kind: 'simulator', mode: 'realistic', seed: 0.5 });
    await expect(receiveFeed(wrong.port2, async () => wrong.port2.close())).rejects.toMatchObject({
      code: 'bad-argument',
    });
  });

  it('gives the bytes that the source gives', async () => {
    const { port1, port2 } = new MessageChannel();
    void serveFeed(port1, { kind: 'simulator', mode: 'null', seed: 1 });
    const feed = await receiveFeed(port2, async () => port2.close());
    const direct = openSim({ mode: 'null', seed: 1 }).batches()[Symbol.asyncIterator]();
    const first = await feed.batches()[Symbol.asyncIterator]().next();
    expect(new Uint8Array(first.value.buffer)).toEqual(new Uint8Array((await direct.next()).value.buffer));
    port1.close();
  });
});
