import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Checkpoint,
  checkCheckpoint,
  decodeCheckpoint,
  encodeCheckpoint,
} from '../../../src/models/training/checkpoint.ts';

const checkpoint: Checkpoint = {
  fit: 'ab'.repeat(32),
  device: 'cpu',
  threads: 2,
  epoch: 3,
  stepInEpoch: 7,
  lossSum: 0.1 + 0.2,
  losses: [1, 0.5, 1 / 3],
  stopping: { best: 1 / 3, bestEpoch: 2, worse: 0 },
  trainer: {
    step: 97,
    parameters: Float32Array.of(1, -0, Number.NaN, 1e-42),
    first: Float32Array.of(0.5, 2, 3, 4),
    second: new Float32Array(0),
    average: Float32Array.of(9),
  },
  best: Float32Array.of(1, 2, 3),
};

describe('a checkpoint', () => {
  it('comes back as it was, to the bit', () => {
    const bytes = encodeCheckpoint(checkpoint);
    expect(decodeCheckpoint(bytes)).toEqual(checkpoint);
    expect(encodeCheckpoint(decodeCheckpoint(bytes))).toEqual(bytes);
    // Where the bytes stand in a larger buffer, and not at a multiple of four.
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeCheckpoint(shifted.subarray(3))).toEqual(checkpoint);
  });

  it('is refused where any one of its bytes was changed, or where it is cut', () => {
    const bytes = encodeCheckpoint(checkpoint);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Uint8Array.from(bytes);
        changed[at] ^= by;
        expect(() => decodeCheckpoint(changed)).toThrow(/checkpoint is (damaged|of format)/);
      }),
    );
    for (let n = 0; n < bytes.length; n++) expect(() => decodeCheckpoint(bytes.subarray(0, n))).toThrow(/damaged/);
  });

  it('says of which format it is where that is not known', () => {
    const bytes = Uint8Array.from(encodeCheckpoint(checkpoint));
    bytes[4] = 9;
    expect(() => decodeCheckpoint(bytes)).toThrow(/of format 9, and this version of bookcast reads format 1/);
  });

  it('is refused by another fit', () => {
    checkCheckpoint(checkpoint, checkpoint.fit);
    expect(() => checkCheckpoint(checkpoint, 'cd'.repeat(32))).toThrow(/of another fit \(abab.*and this one is cdcd/);
  });
});
