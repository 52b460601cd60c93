import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CheckpointFile } from '../../../src/models/training/checkpoint-file.ts';
import { tempFolder } from '../../cli/support.ts';

describe('CheckpointFile', () => {
  it('keeps the last one alone, and leaves nothing beside it', () => {
    const folder = tempFolder();
    const file = new CheckpointFile(join(folder, 'checkpoint.bin'));
    expect(file.load()).toBeNull();
    file.save(Uint8Array.of(1, 2, 3));
    file.save(Uint8Array.of(4));
    expect([...(file.load() ?? [])]).toEqual([4]);
    expect(readdirSync(folder)).toEqual(['checkpoint.bin']);
  });

  it('is not taken in by what a killed process left half written', () => {
    const folder = tempFolder();
    const file = new CheckpointFile(join(folder, 'checkpoint.bin'));
    file.save(Uint8Array.of(1, 2, 3));
    writeFileSync(`${file.path}.new`, 'half');
    expect([...(file.load() ?? [])]).toEqual([1, 2, 3]);
    file.save(Uint8Array.of(5));
    expect([...(file.load() ?? [])]).toEqual([5]);
  });

  it('says which file cannot be written or read', () => {
    const folder = tempFolder();
    const file = new CheckpointFile(join(folder, 'gone', 'checkpoint.bin'));
    expect(() => file.save(Uint8Array.of(1))).toThrow(/cannot write the checkpoint .*gone/);
    mkdirSync(join(folder, 'gone', 'checkpoint.bin'), { recursive: true });
    expect(() => file.load()).toThrow(/cannot read the checkpoint .*gone/);
    expect(() => file.save(Uint8Array.of(1))).toThrow(/cannot write the checkpoint/);
    rmSync(folder, { recursive: true });
  });
});
