import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readMatrix, writeMatrix } from '../../../src/models/training.ts';
import { MARKET, randomMatrix } from './random-matrix.ts';

const folder = mkdtempSync(join(tmpdir(), 'bookcast-matrix-'));
afterAll(() => rmSync(folder, { recursive: true }));

const matrix = randomMatrix({ seed: 5, rows: 300, width: 4 });
let files = 0;

function written(): string {
  const path = join(folder, `${files++}.rows`);
  writeMatrix(path, { matrix, facts: { notes: '["a note"]' } });
  return path;
}

describe('a file of rows', () => {
  it('gives back the same matrix and facts', () => {
    const found = readMatrix(written());
    expect(found.facts).toEqual({ notes: '["a note"]' });
    expect(found.matrix).toEqual(matrix);
    expect(found.matrix.data.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('keeps what the book says beside its mid, and has the bytes that it had where that is nothing', () => {
    const more = randomMatrix({ seed: 5, rows: 300, width: 3, market: true });
    const path = join(folder, `${files++}.rows`);
    writeMatrix(path, { matrix: more, facts: {} });
    const found = readMatrix(path).matrix;
    expect(found).toEqual(more);
    expect(Object.keys(found.market!)).toEqual([...MARKET]);
    expect(found.market!.tradedLots.at(-1)).toBeGreaterThan(0);
    const plain = randomMatrix({ seed: 5, rows: 300, width: 3 });
    expect(plain.hash).not.toBe(more.hash);
    expect([readFileSync(path).readUInt32LE(8), readFileSync(written()).readUInt32LE(8)]).toEqual([2, 1]);
    const { market: _, ...without } = more;
    expect(plain).toEqual({ ...without, hash: plain.hash });
    // Of the rows as they were before there could be more.
    expect(plain.hash).toBe('dde4e31fecf3aa49642a808fd262566352bf4cfc77a6f509883b9363946b176a');
  });

  it('is never written over', () => {
    const path = written();
    expect(() => writeMatrix(path, { matrix, facts: {} })).toThrow(/exists/);
    expect(() => writeMatrix(join(folder, 'no', 'x.rows'), { matrix, facts: {} })).toThrow(/cannot write/);
  });

  it('is refused with one bit changed, wherever that is', () => {
    const path = written();
    const bytes = readFileSync(path);
    const places = Array.from({ length: 600 }, (_, i) => i).filter((place) => place < 8 || place > 15);
    places.push(bytes.length >> 1, bytes.length - 4 * 1200, bytes.length - 1);
    for (const place of places) {
      const changed = Buffer.from(bytes);
      changed[place] ^= 1;
      const other = join(folder, 'changed.rows');
      writeFileSync(other, changed);
      expect(() => readMatrix(other), `byte ${place}`).toThrow(/is damaged or no file of rows.*remove it/);
    }
  });

  it('is refused cut off or longer, wherever that is', () => {
    const whole = readFileSync(written()).length;
    for (const length of [0, 7, 40, 100, 4000, whole - 1]) {
      const path = written();
      truncateSync(path, length);
      expect(() => readMatrix(path), `${length} bytes`).toThrow(/is damaged or no file of rows/);
    }
    const path = written();
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(1)]));
    expect(() => readMatrix(path)).toThrow(new RegExp(`it has ${whole + 1} bytes and its head promises ${whole}`));
  });

  it('says so where it is of another version, or not there', () => {
    const path = written();
    const bytes = readFileSync(path);
    bytes.writeUInt32LE(9, 8);
    writeFileSync(path, bytes);
    expect(() => readMatrix(path)).toThrow(expect.objectContaining({ code: 'unsupported-version' }));
    expect(() => readMatrix(join(folder, 'none'))).toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});
