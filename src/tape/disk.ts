import {
  closeSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BookcastError } from '../core/index.ts';

/** Everything that changes files. Handed in, so that tests can let a disk fill up, or a process die, at any step. */
export interface Disk {
  mkdir(dir: string): void;
  /** Creates a file that must not exist. */
  createWhole(path: string, text: string): void;
  /** `w`: new and empty; `r+`: what is there. */
  open(path: string, mode: 'w' | 'r+'): number;
  /** Returns how many of the bytes were taken. */
  write(file: number, bytes: Uint8Array, from: number, position: number): number;
  truncate(file: number, length: number): void;
  sync(file: number): void;
  close(file: number): void;
  /** Replaces what was there. */
  rename(from: string, to: string): void;
  /** What is not there needs no removal. */
  remove(path: string): void;
  /** Makes the folder's own entries last. */
  syncFolder(dir: string): void;
  /** As `sync`, without waiting. */
  syncLater(file: number): Promise<void>;
  /** Writes a whole file and makes its bytes last, without holding up the thread. */
  writeLater(path: string, bytes: Uint8Array): Promise<void>;
}

export const realDisk: Disk = {
  mkdir: (dir) => {
    mkdirSync(dir, { recursive: true });
  },
  createWhole: (path, text) => writeFileSync(path, text, { flag: 'wx' }),
  open: openSync,
  write: (file, bytes, from, position) => writeSync(file, bytes, from, bytes.length - from, position),
  truncate: ftruncateSync,
  sync: fsyncSync,
  close: closeSync,
  rename: renameSync,
  remove: (path) => rmSync(path, { force: true }),
  syncFolder: (dir) => {
    // Windows cannot sync a folder, and does not need to.
    if (process.platform === 'win32') return;
    const folder = openSync(dir, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  },
  syncLater: (file) =>
    new Promise((resolve, reject) => {
      fsync(file, (error) => (error === null ? resolve() : reject(error)));
    }),
  writeLater: async (path, bytes) => {
    const file = await open(path, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  },
};

/** A write may take fewer bytes than it was given; a full disk throws. */
export function writeWhole(disk: Disk, file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) done += disk.write(file, bytes, done, position + done);
}

/** Puts a whole file in place: written aside, synced, renamed. Its old content stays until the new one lasts. */
export function replaceFile(disk: Disk, path: string, bytes: Uint8Array): void {
  const file = disk.open(aside(path), 'w');
  try {
    writeWhole(disk, file, bytes, 0);
    disk.sync(file);
  } finally {
    disk.close(file);
  }
  disk.rename(aside(path), path);
  disk.syncFolder(dirname(path));
}

/** Where a file stands until it is whole. */
export function aside(path: string): string {
  return `${path}.new`;
}

/** What the system says of a failed write, for users. */
export function diskError(path: string, cause: unknown): BookcastError {
  if (cause instanceof BookcastError) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  const what =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? 'the disk is full'
      : code === 'EMFILE' || code === 'ENFILE'
        ? 'too many files are open (raise the limit with "ulimit -n")'
        : `the disk does not take it (${message})`;
  return new BookcastError(
    'disk-failed',
    `${path}: ${what}. What was acknowledged before is safe; nothing after it is recorded. Make room or choose another folder, then start again: the recording goes on where it ended`,
    { path, cause },
  );
}
