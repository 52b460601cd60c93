import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY_LENGTH, BookcastError, decodeState, encodeState, packBytes, unpackBytes } from '../../src/core/index.ts';

const bitsOf = (array: Float64Array): number[] => [...new Uint8Array(array.buffer, array.byteOffset, array.byteLength)];

/** The message of the error, which must be `bad-input`. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(BookcastError);
    expect((error as BookcastError).code).toBe('bad-input');
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

describe('encodeState and decodeState', () => {
  it('give back every bit: NaN payloads, negative zero, infinities, empty arrays and views into larger ones', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 0, maxLength: 64 }), { maxLength: 5 }),
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        fc.integer({ min: 0, max: 9 }),
        (chunks, version, offset) => {
          const arrays = chunks.map((chunk) => {
            const size = Math.floor(chunk.length / 8);
            const buffer = new ArrayBuffer(8 * size + 16);
            new Uint8Array(buffer, 8).set(chunk.subarray(0, 8 * size));
            return new Float64Array(buffer, 8, size);
          });
          const bytes = encodeState('some-learner', version, arrays);
          expect(encodeState('some-learner', version, arrays)).toEqual(bytes);
          // Where it lies in a larger file does not matter, aligned or not.
          const file = new Uint8Array(bytes.length + offset + 3);
          file.set(bytes, offset);
          const back = decodeState(
            file.subarray(offset, offset + bytes.length),
            'some-learner',
            version,
            arrays.map((array, i) => (i % 2 === 0 ? array.length : ANY_LENGTH)),
          );
          expect(back.map(bitsOf)).toEqual(arrays.map(bitsOf));
        },
      ),
    );
  });

  it('writes the layout that its description tells, with the checksum of zlib', () => {
    const bytes = encodeState('ab', 7, [Float64Array.of(1.5), Float64Array.of()]);
    const view = new DataView(bytes.buffer);
    expect(Buffer.from(bytes.subarray(0, 8)).toString('latin1')).toBe('BCSTATE\0');
    expect([8, 16, 20, 24, 28, 32].map((at) => view.getUint32(at, true))).toEqual([1, 7, 2, 2, 1, 0]);
    expect(Buffer.from(bytes.subarray(36, 40)).toString('latin1')).toBe('ab\0\0');
    expect(view.getFloat64(40, true)).toBe(1.5);
    expect(bytes.length).toBe(48);
    expect(view.getUint32(12, true)).toBe(crc32(bytes.subarray(16)));
  });

  it('refuses another kind, version, number or length of arrays, and says both sides', () => {
    const bytes = encodeState('filter', 2, [Float64Array.of(1, 2), Float64Array.of(3)]);
    expect(refusal(() => decodeState(bytes, 'scaler', 2, [2, 1]))).toContain('a state of "filter"');
    expect(refusal(() => decodeState(bytes, 'filter', 3, [2, 1]))).toContain('version is 2');
    expect(refusal(() => decodeState(bytes, 'filter', 2, [2, 4]))).toContain('[2, 1], and [2, 4]');
    expect(refusal(() => decodeState(bytes, 'filter', 2, [ANY_LENGTH]))).toContain('[2, 1], and [any]');
    expect(refusal(() => decodeState(new Uint8Array(3), 'filter', 2, []))).toContain('3 bytes');
    const later = bytes.slice();
    later[8] = 9;
    expect(refusal(() => decodeState(later, 'filter', 2, [2, 1]))).toContain('layout is 9');
  });

  it('refuses bytes of which any bit was changed, and any cut', () => {
    const bytes = encodeState('filter', 2, [Float64Array.of(1, Number.NaN), Float64Array.of(3)]);
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const changed = bytes.slice();
      changed[bit >> 3] ^= 1 << (bit & 7);
      refusal(() => decodeState(changed, 'filter', 2, [2, 1]));
    }
    for (let n = 0; n < bytes.length; n++) refusal(() => decodeState(bytes.subarray(0, n), 'filter', 2, [2, 1]));
    refusal(() => decodeState(Buffer.concat([bytes, Buffer.of(0)]), 'filter', 2, [2, 1]));
  });

  it('refuses bytes whose checksum holds but whose sizes do not', () => {
    const bytes = encodeState('filter', 2, [Float64Array.of(1)]);
    const longer = new Uint8Array(bytes.length + 8);
    longer.set(bytes);
    new DataView(longer.buffer).setUint32(12, crc32(longer.subarray(16)), true);
    expect(refusal(() => decodeState(longer, 'filter', 2, [1]))).toContain('by what its first ones say');
  });

  it('holds a kind to its form', () => {
    expect(() => encodeState('No Name', 1, [])).toThrow('kebab-case');
    expect(() => encodeState('name', 1.5, [])).toThrow('whole number');
  });
});

describe('packBytes', () => {
  it('carries bytes of any length through a state', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const [packed] = decodeState(encodeState('outer', 1, [packBytes(bytes)]), 'outer', 1, [ANY_LENGTH]);
        expect(unpackBytes(packed)).toEqual(bytes);
      }),
    );
    expect(refusal(() => unpackBytes(Float64Array.of(100, 0)))).toContain('100 bytes');
    refusal(() => unpackBytes(new Float64Array(0)));
    refusal(() => unpackBytes(Float64Array.of(Number.NaN, 0)));
  });
});
