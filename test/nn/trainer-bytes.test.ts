import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BookcastError } from '../../src/core/index.ts';
import { decodeTrainerState, encodeTrainerState } from '../../src/nn/index.ts';

const vector = fc.float32Array({ maxLength: 20 });
const state = fc.record({
  step: fc.nat(),
  parameters: vector,
  first: vector,
  second: vector,
  average: vector,
});

describe('the bytes of a trainer', () => {
  it('hold its state bit for bit, wherever they stand in memory', () => {
    fc.assert(
      fc.property(state, fc.nat(7), (original, offset) => {
        const bytes = encodeTrainerState(original);
        expect(encodeTrainerState(original)).toEqual(bytes);
        const moved = new Uint8Array(bytes.length + offset).subarray(offset);
        moved.set(bytes);
        expect(decodeTrainerState(moved)).toEqual(original);
        // A `Buffer` shares its memory with others.
        expect(decodeTrainerState(Buffer.from(moved))).toEqual(original);
      }),
    );
  });

  it('are refused where any bit has changed or any byte is missing', () => {
    const bytes = encodeTrainerState({
      step: 3,
      parameters: Float32Array.of(1, 2, 3),
      first: Float32Array.of(4),
      second: new Float32Array(0),
      average: Float32Array.of(-0),
    });
    for (let i = 0; i < bytes.length; i++) {
      const changed = bytes.slice();
      changed[i] ^= 1 << (i % 8);
      expect(() => decodeTrainerState(changed), `byte ${i}`).toThrow(BookcastError);
      expect(() => decodeTrainerState(bytes.subarray(0, i)), `cut at ${i}`).toThrow(BookcastError);
    }
    expect(() => decodeTrainerState(Uint8Array.of(...bytes, 0))).toThrow(/damaged \(it has \d+ bytes, and \d+ by/);
  });

  it('say what is wrong', () => {
    expect(() => decodeTrainerState(new Uint8Array(500))).toThrow('no saved state of a training (500 bytes');
    const bytes = encodeTrainerState({
      ...{ step: 1, parameters: Float32Array.of(1) },
      ...{ first: new Float32Array(0), second: new Float32Array(0), average: new Float32Array(0) },
    });
    const newer = bytes.slice();
    newer[8] = 9;
    expect(() => decodeTrainerState(newer)).toThrow('has version 9, and this program reads version 1');
    const changed = bytes.slice();
    changed[changed.length - 40] ^= 1;
    expect(() => decodeTrainerState(changed)).toThrow('its checksum is not that of its bytes');
  });
});
