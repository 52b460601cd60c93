import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { inspectFile, type Packing, readChunks } from '../../src/files/index.ts';
import { dataPath, needs } from '../support/data.ts';

function file(content: Uint8Array | string): string {
  const dir = mkdtempSync(join(tmpdir(), 'bookcast-files-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, 'file');
  writeFileSync(path, content);
  return path;
}

async function read(path: string): Promise<{ text: string; bytesRead: number; error: Error | null }> {
  const chunks: Buffer[] = [];
  let bytesRead = 0;
  let error: Error | null = null;
  try {
    const onRead = (bytes: number): void => {
      bytesRead += bytes;
    };
    for await (const chunk of readChunks(path, await inspectFile(path), onRead)) chunks.push(chunk);
  } catch (cause) {
    error = cause as Error;
  }
  return { text: Buffer.concat(chunks).toString(), bytesRead, error };
}

/** Repeats little, so that packed files are long too. */
const TEXT = Array.from({ length: 60_000 }, (_, i) => Math.imul(i, 2_654_435_761).toString(36)).join('\n');
/** "hello\n" as `xz` packs it. */
const XZ = Buffer.from(
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAFaGVsbG8KAAAApWCX8ZT2/eAAAR4GwS+kHR+2830BAAAAAARZWg==',
  'base64',
);

describe('a file', () => {
  const forms: [Packing, Uint8Array][] = [
    ['plain', Buffer.from(TEXT)],
    ['gzip', gzipSync(TEXT)],
    ['zstd', zstdCompressSync(TEXT, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })],
  ];

  it.each(forms)('that is packed as %s comes out whole, and its bytes are counted', async (packing, bytes) => {
    const path = file(bytes);
    expect(await inspectFile(path)).toEqual({ bytes: bytes.length, packing });
    expect(await read(path)).toEqual({ text: TEXT, bytesRead: bytes.length, error: null });
  });

  it('may be several packed ones joined, as recorders that start anew leave them', async () => {
    for (const pack of [gzipSync, zstdCompressSync]) {
      const parts = Array.from({ length: 9 }, (_, i) => (i % 3 === 0 ? `${i} ` : TEXT.slice(0, 40_000 * i)));
      const path = file(Buffer.concat(parts.map((part) => pack(part))));
      expect((await read(path)).text).toBe(parts.join(''));
    }
  });

  it('may end with padding where it is gzip; with anything else it is damaged', async () => {
    const zeros = Buffer.alloc(200_000);
    const junk = Buffer.alloc(200_000, 'x');
    const padded = await read(file(Buffer.concat([gzipSync(TEXT), zeros])));
    expect([padded.error, padded.text === TEXT]).toEqual([null, true]);
    for (const bytes of [
      Buffer.concat([gzipSync(TEXT), junk]),
      Buffer.concat([zstdCompressSync(TEXT), junk]),
      Buffer.concat([zstdCompressSync(TEXT), zeros]),
    ]) {
      const { text, error } = await read(file(bytes));
      expect(TEXT.startsWith(text)).toBe(true);
      expect(text.length).toBeGreaterThan(TEXT.length / 2);
      expect(error?.message).toContain('are damaged');
    }
  });

  it.each(forms.slice(1))('that is %s and cut gives what there is, then throws', async (packing, bytes) => {
    const { text, error } = await read(file(bytes.subarray(0, bytes.length >> 1)));
    expect(text.length).toBeGreaterThan(TEXT.length / 4);
    expect(TEXT.startsWith(text)).toBe(true);
    expect(error?.message).toMatch(new RegExp(`the ${packing} data (end before their end mark|are damaged)`));
    const damaged = Buffer.from(bytes);
    damaged[bytes.length >> 1] ^= 0x40;
    const second = await read(file(damaged));
    expect(second.error?.message).toContain('damaged');
    expect(second.error).toMatchObject({ code: 'bad-input' });
  });

  it('may be xz, and cut or damaged', async () => {
    expect(await read(file(XZ))).toEqual({ text: 'hello\n', bytesRead: XZ.length, error: null });
    const damaged = Buffer.from(XZ);
    damaged[20] ^= 0xff;
    damaged[30] ^= 0xff;
    expect((await read(file(damaged))).error?.message).toContain('the xz data are damaged');
  });

  it('is refused where it is missing, empty, a folder, or packed otherwise', async () => {
    await expect(inspectFile('/nowhere/x')).rejects.toMatchObject({ code: 'not-found' });
    await expect(inspectFile(`${file('x')}/y`)).rejects.toThrow('it cannot be opened (ENOTDIR)');
    await expect(inspectFile(file(''))).rejects.toThrow('the file is empty');
    await expect(inspectFile(tmpdir())).rejects.toThrow('a directory, expected a recording');
    await expect(inspectFile(file('PK\u0003\u0004'))).rejects.toThrow('packed with zip');
    await expect(inspectFile(file('BZh9'))).rejects.toThrow('packed with bzip2');
  });

  const xz = 'kraken/KRAKEN.ws.50.0.xz';
  it.skipIf(dataPath(xz) === null)(`is let go of where its reader stops early${needs(xz)}`, async () => {
    const paths = [dataPath(xz)!, ...forms.map(([, bytes]) => file(bytes))];
    for (const path of paths) {
      for (let i = 0; i < 20; i++) {
        for await (const chunk of readChunks(path, await inspectFile(path), () => {})) {
          expect(chunk.length).toBeGreaterThan(0);
          break;
        }
      }
    }
    // Nothing that goes on behind our back fails the test run.
    await new Promise((resolve) => setTimeout(resolve, 20));
  });
});
