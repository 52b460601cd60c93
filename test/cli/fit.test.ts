import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { FeatureFit } from '../../src/features/index.ts';
import { openTable } from '../../src/store/index.ts';
import { readAll } from '../store/contract.ts';
import { usdmSession } from '../support/session.ts';
import { cli, tempFile, tempFolder, testIo } from './support.ts';

let session: string;
beforeAll(() => {
  session = usdmSession({ updates: 6000 });
});

async function fitted(recording: string, ...flags: string[]): Promise<{ path: string; fit: FeatureFit; out: string }> {
  const path = join(tempFolder(), 'fit.json');
  const { status, out, err } = await cli(['fit', recording, '--out', path, ...flags]);
  expect(status, err).toBe(0);
  return { path, fit: JSON.parse(readFileSync(path, 'utf8')) as FeatureFit, out };
}

describe('fit', () => {
  it('writes what it fitted, and says it in words', async () => {
    const { fit, out, path } = await fitted(tempFile('session.txt', session), '--share', '0.5');
    expect(fit).toMatchObject({ format: 'bookcast-fit', instrument: 'binance:BTCUSDT/USDM', depth: 10 });
    expect(out).toContain(`${path}: fitted to the first 50 % of the recording.\n`);
    expect(out).toContain(
      `${fit.messages.toLocaleString('en-US')} messages of binance:BTCUSDT/USDM, up to ${fit.until}`,
    );
    const { baseRate, self, cross, decay } = fit.hawkes;
    expect(out).toContain(`branching ratio ${((self + cross) / decay).toFixed(3)}`);
    expect(out).toContain(`${baseRate.toFixed(3)} a second a side`);
    expect(out).toContain(`Poisson process with the same mean rate: ${fit.hawkes.poissonLogLikelihood.toFixed(4)}`);
    expect(out).toMatch(/^spread\s+0\.0–0\.2\s+0\.2–0\.4/m);
    // The state of spread 1 and the greatest imbalance stands where the table says.
    const line = out.split('\n').find((text) => /^\s*1\s/.test(text)) as string;
    expect(line.trim().split(/\s+/)[5]).toBe(fit.microprice.fair[4].toFixed(3));
  });

  it('takes the first part by messages and nothing of the rest', async () => {
    const lines = session.trimEnd().split('\n');
    const half = await fitted(tempFile('session.txt', session), '--share', '0.5');
    // The same beginning; later, all sellers are buyers.
    const middle = Math.ceil(lines.length / 2) + 1;
    const other = lines.map((line, at) => (at < middle ? line : line.replace('"m":true', '"m":false')));
    const changed = tempFile('session.txt', `${other.join('\n')}\n`);
    expect((await fitted(changed, '--share', '0.5')).fit).toEqual(half.fit);
    const whole = await fitted(tempFile('session.txt', session), '--share', '1');
    expect((await fitted(changed, '--share', '1')).fit.hawkes).not.toEqual(whole.fit.hawkes);
    expect(whole.out).toContain('fitted to the whole of the recording');
    expect(whole.fit.messages / half.fit.messages).toBeGreaterThan(1.9);
    expect(whole.fit.until > half.fit.until).toBe(true);
  });

  it('says so where the recording is simulated', async () => {
    const tape = join(tempFolder(), 'tape');
    await cli(['record', '--out', tape, '--messages', '20000', '--seed', '4']);
    expect((await fitted(tape, '--share', '1')).out).toContain('the whole of the recording (simulated)');
  });

  it('leaves no file where there are too few data, or it is stopped', async () => {
    const folder = tempFolder();
    const path = join(folder, 'fit.json');
    const short = await cli(['fit', tempFile('session.txt', usdmSession({ updates: 60 })), '--out', path]);
    expect(short).toMatchObject({ status: 1, err: expect.stringContaining('are too few to fit signals') });
    const io = testIo();
    io.stopNow();
    const recording = tempFile('session.txt', session);
    const stopped = await cli(['fit', recording, '--out', path], io);
    expect(stopped).toMatchObject({ status: 1, err: expect.stringContaining('no fit was written') });
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(path, 'mine');
    expect((await cli(['fit', recording, '--out', path])).err).toContain(`${path} exists`);
    expect((await cli(['fit', recording, '--out', path, '--share', '30'])).err).toContain(
      'a share is above 0 and up to 1',
    );
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });
});

describe('features --fit', () => {
  it('computes fitted signals, says so in the file, and which rows the fit has seen', async () => {
    const recording = tempFile('session.txt', session);
    const { path, fit } = await fitted(recording);
    const out = join(tempFolder(), 'rows.parquet');
    const { status, err } = await cli([
      'features',
      recording,
      '--set',
      'hawkes,microprice',
      '--fit',
      path,
      '--out',
      out,
    ]);
    expect(status, err).toBe(0);
    const reader = await openTable(out);
    onTestFinished(() => reader.close());
    expect(reader.schema.metadata).toMatchObject({ 'bookcast.fit': fit.hash, 'bookcast.fit_until': fit.until });
    const said = JSON.parse(reader.schema.metadata['bookcast.columns']) as { fitted: boolean }[];
    expect(said.every(({ fitted }) => fitted)).toBe(true);
    const [times] = await readAll(reader, ['time']);
    const [seconds, fraction] = fit.until.replace('Z', '').split('.');
    const until = BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction);
    const seen = times.filter((ns) => (ns as bigint) <= until).length;
    expect(seen / times.length).toBeGreaterThan(0.2);
    expect(seen / times.length).toBeLessThan(0.4);
    expect(err).toContain(
      `${seen.toLocaleString('en-US')} of ${times.length.toLocaleString('en-US')} rows, up to ${fit.until}`,
    );
  });

  it('has another schema with another fit, and the same with the same', async () => {
    const recording = tempFile('session.txt', session);
    const schemaOf = async (...flags: string[]): Promise<string> => {
      const { err } = await cli(['features', recording, '--set', 'hawkes', ...flags]);
      return /\(schema ([0-9a-f]{16})\)/.exec(err)?.[1] as string;
    };
    const [a, b] = [await fitted(recording), await fitted(recording, '--share', '0.6')];
    expect(await schemaOf('--fit', a.path)).toBe(await schemaOf('--fit', (await fitted(recording)).path));
    expect(await schemaOf('--fit', a.path)).not.toBe(await schemaOf('--fit', b.path));
  });

  it('refuses what is no fit, or none of this instrument, and says where it is of no use', async () => {
    const recording = tempFile('session.txt', session);
    const { path, fit } = await fitted(recording);
    const refused = async (text: string): Promise<string> => {
      const { status, err } = await cli(['features', recording, '--fit', tempFile('fit.json', text)]);
      expect(status).toBe(1);
      return err;
    };
    expect(await refused('{')).toContain('fit.json is not JSON');
    expect(await refused('{}')).toContain('this is no fit');
    const edited = JSON.stringify({ ...fit, hawkes: { ...fit.hawkes, self: 0.123 } });
    expect(await refused(edited)).toContain('was edited or damaged');
    expect((await cli(['features', recording, '--fit', '/no/such.json'])).err).toContain(
      'cannot read the fit /no/such',
    );
    const tape = join(tempFolder(), 'tape');
    await cli(['record', '--out', tape, '--messages', '300', '--seed', '4']);
    const other = await cli(['features', tape, '--fit', path]);
    expect(other).toMatchObject({
      status: 1,
      err: expect.stringContaining('was fitted to binance:BTCUSDT/USDM, and this is sim:'),
    });
    const unused = await cli(['features', recording, '--set', 'spread', '--fit', path]);
    expect(unused.err).toContain('note: no signal of "spread" uses the fit');
  });
});
