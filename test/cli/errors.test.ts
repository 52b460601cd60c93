import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { usdmSession } from '../support/session.ts';
import { cli, tempFile, tempFolder, testIo } from './support.ts';

/** A user's mistake: one clear message, no stack trace, nothing on standard output. */
async function mistake(argv: string[], env: Record<string, string> = {}): Promise<string> {
  const { status, out, err } = await cli(argv, testIo({ env }));
  expect(status, err).not.toBe(0);
  expect(out).toBe('');
  expect(err).not.toMatch(/^\s+at /m);
  return err;
}

const session = usdmSession({ updates: 60 });

describe('files', () => {
  it('missing', async () => {
    expect(await mistake(['replay', '/no/such/file.zip'])).toBe(
      'bookcast: /no/such/file.zip: no such file or folder\n',
    );
  });

  it('empty', async () => {
    const path = tempFile('empty.gz', '');
    expect(await mistake(['replay', path])).toContain(`${path} is empty; expected a LOBSTER zip`);
  });

  it('empty inside gzip', async () => {
    const path = tempFile('hollow.gz', gzipSync(''));
    expect(await mistake(['replay', path])).toContain(`${path} is empty`);
  });

  it('binary', async () => {
    const path = tempFile(
      'noise.bin',
      Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919) & 255),
    );
    expect(await mistake(['replay', path])).toContain('is binary data of no kind that bookcast reads');
  });

  it('that are the raw log of a venue whose messages are not read back', async () => {
    const path = tempFile('000000.jsonl', '{"t":"header","recorder":"bookcast","format":1,"venue":"okx"}\n');
    expect(await mistake(['replay', path])).toContain('replay the folder above "raw"');
  });

  it('of another venue, cut short', async () => {
    const path = tempFile('KRAKEN.jsonl.zst', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 1, 2, 3));
    expect(await mistake(['replay', path])).toMatch(/the zstd data (end before their end mark|are damaged)/);
  });

  it('of no venue', async () => {
    const path = tempFile('notes.txt', 'Dear diary, the spread widened again.\n');
    expect(await mistake(['replay', path])).toContain('begins with "Dear diary, the spread widened again."');
  });

  it('truncated gzip', async () => {
    const whole = gzipSync(usdmSession({ updates: 4000 }));
    const path = tempFile('cut.gz', whole.subarray(0, Math.floor(whole.length / 2)));
    expect(await mistake(['replay', path])).toMatch(/cut\.gz.*(truncated|ends|cut short)/i);
  });

  it('truncated zip', async () => {
    const path = tempFile('cut.zip', Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0, 1, 2, 3, 4));
    expect(await mistake(['replay', path])).toContain(path);
  });

  it('of two venues', async () => {
    const binance = tempFile('session.txt', session);
    const lobster = tempFile('AAPL_2012-06-21_34200000_57600000_message_1.csv', '34200.017459617,5,0,1,5853300,-1\n');
    expect(await mistake(['replay', binance, lobster])).toContain('is from binance and');
  });

  it('a folder that is no tape', async () => {
    const folder = tempFolder();
    expect(await mistake(['replay', folder])).toContain('is a folder without tape segments (it holds nothing)');
    const file = tempFile('session.txt', session);
    expect(await mistake(['replay', file, folder])).toContain('is a folder; give files, or one tape folder alone');
    expect(await mistake(['replay', folder, file])).toContain('replay one tape at a time');
  });

  it('a folder holding other things', async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, 'a'));
    writeFileSync(join(folder, 'b'), '');
    expect(await mistake(['replay', folder])).toContain('it holds a, b');
  });
});

describe('what a recording says', () => {
  const lines = session.trimEnd().split('\n');

  async function replayed(text: string): Promise<{ faults: Record<string, number>; state: string }> {
    const { out, status, err } = await cli(['replay', tempFile('session.txt', text), '--json']);
    expect(status, err).toBe(0);
    return JSON.parse(out);
  }

  it('a line that is no JSON is counted and the next gap noticed', async () => {
    const at = lines.findLastIndex((line) => line.includes('@depth'));
    const broken = lines.map((line, i) => (i === at - 20 && line.includes('@') ? line.slice(0, -5) : line));
    const { faults } = await replayed(`${broken.join('\n')}\n`);
    expect(faults.unparsable).toBe(1);
  });

  it('a book that crosses is not trusted', async () => {
    const at = lines.findLastIndex((line) => line.includes('@depth'));
    const [received, json] = [lines[at].slice(0, 19), JSON.parse(lines[at].slice(20))];
    json.data.b = [['70000.00', '1.000']];
    const crossed = [...lines.slice(0, at), `${received} ${JSON.stringify(json)}`];
    expect(await replayed(`${crossed.join('\n')}\n`)).toMatchObject({ faults: { crossed: 1 }, state: 'gapped' });
  });

  it('depth out of order is a gap', async () => {
    const at = lines.flatMap((line, i) => (line.includes('@depth') ? [i] : []));
    const [a, b] = at.slice(-12, -10);
    const swapped = [...lines];
    [swapped[a], swapped[b]] = [lines[b], lines[a]];
    expect(await replayed(`${swapped.join('\n')}\n`)).toMatchObject({ state: 'gapped', faults: { gaps: 1 } });
  });

  it('a negative size is unreadable, not a size', async () => {
    const at = lines.findLastIndex((line) => line.includes('@depth'));
    const [received, json] = [lines[at].slice(0, 19), JSON.parse(lines[at].slice(20))];
    json.data.b = [['59990.00', '-1.000']];
    const negative = [...lines.slice(0, at), `${received} ${JSON.stringify(json)}`];
    expect(await replayed(`${negative.join('\n')}\n`)).toMatchObject({ faults: { unparsable: 1 } });
  });

  it('a price off the tick grid names the line and the way out', async () => {
    const at = lines.findLastIndex((line) => line.includes('@depth'));
    const off = lines.map((line, i) =>
      i === at ? line.replace(/"b":\[.*?\],"a"/, '"b":[["59990.05","1.000"]],"a"') : line,
    );
    const err = await mistake(['replay', tempFile('session.txt', `${off.join('\n')}\n`)]);
    expect(err).toContain(`line ${at + 1}`);
    expect(err).toContain('--tick');
  });
});

describe('flags', () => {
  it('unknown', async () => {
    const err = await mistake(['replay', 'x', '--verfy']);
    expect(err).toContain("unknown option '--verfy'");
    expect(err).toContain('--verify');
    expect(err).toContain('see "bookcast replay --help"');
  });

  it('unknown command', async () => {
    expect(await mistake(['repaly'])).toContain('Did you mean replay?');
  });

  it('no file', async () => {
    expect(await mistake(['replay'])).toContain("missing required argument 'files'");
  });

  it.each([
    ['--target', 'events:0', 'the horizon must be 1 to'],
    ['--target', 'tomorrow', 'use events:N'],
    ['--speed', '-1', 'a speed is a positive number'],
  ])('%s %s', async (flag, value, message) => {
    expect(await mistake(['replay', tempFile('s.txt', session), flag, value])).toContain(message);
  });

  it('steps for a venue whose files tell them', async () => {
    const path = tempFile('AAPL_2012-06-21_34200000_57600000_message_1.csv', '34200.017459617,5,0,1,5853300,-1\n');
    expect(await mistake(['replay', path, '--lot', '1'])).toContain('a LOBSTER lot is one share');
    expect(await mistake(['replay', path, '--tick', '0.05'])).toContain('a LOBSTER tick is 0.01 or 0.0001 dollars');
  });

  it('an unknown simulator mode lists the modes', async () => {
    expect(await mistake(['demo', '--mode', 'wild'])).toContain('realistic');
  });
});

describe('settings', () => {
  it('unknown in the file', async () => {
    const path = tempFile('bookcast.json', '{"prot": 1}');
    expect(await mistake(['demo', '--config', path])).toContain(
      `${path}: there is no setting "prot"; there are host, apiPort, port`,
    );
  });

  it('of a wrong kind, in the file and in the environment', async () => {
    const path = tempFile('bookcast.json', '{"port": "high"}');
    expect(await mistake(['demo', '--config', path])).toContain('port is "high", and must be: port of the page');
    expect(await mistake(['demo'], { BOOKCAST_API_PORT: '99999' })).toContain('BOOKCAST_API_PORT: apiPort is 99999');
  });

  it('no file, no JSON, no object', async () => {
    expect(await mistake(['demo', '--config', '/no/such.json'])).toContain(
      'cannot read the configuration file /no/such.json',
    );
    expect(await mistake(['demo', '--config', tempFile('c.json', '{')])).toContain('is not JSON');
    expect(await mistake(['demo', '--config', tempFile('c.json', '[]')])).toContain('holds no JSON object');
  });
});

describe('ports', () => {
  it('in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const err = await mistake(['api', '--api-port', String(port)]);
    expect(err).toContain(`port ${port} is in use`);
  });
});
