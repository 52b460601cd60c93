import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { BookcastError } from '../../core/index.ts';
import type { CheckpointStore } from './contract.ts';

/**
 * The last checkpoint in a file: a new one is written beside it, made lasting and put in its place by a rename, so that whenever
 * the process or the machine dies the file holds one whole checkpoint, the old or the new.
 */
export class CheckpointFile implements CheckpointStore {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Throws `disk-failed`; the last checkpoint is then still there. */
  save(bytes: Uint8Array): void {
    const aside = `${this.path}.new`;
    try {
      const file = openSync(aside, 'w');
      try {
        writeFileSync(file, bytes);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(aside, this.path);
      syncFolder(dirname(this.path));
    } catch (cause) {
      rmSync(aside, { force: true });
      throw new BookcastError('disk-failed', `cannot write the checkpoint ${this.path}: ${(cause as Error).message}`, {
        path: this.path,
        cause,
      });
    }
  }

  load(): Uint8Array | null {
    try {
      return readFileSync(this.path);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw new BookcastError('bad-input', `cannot read the checkpoint ${this.path}: ${(cause as Error).message}`, {
        path: this.path,
        cause,
      });
    }
  }
}

function syncFolder(path: string): void {
  // Windows cannot sync a folder, and does not need to.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
