import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BookcastError } from '../core/index.ts';
import type { Disk } from './disk.ts';

const LOCK = 'writer.lock';

/** Folders that this process writes to. */
const held = new Set<string>();

/**
 * Creates the folder and a lock file with our process id in it. One left by a process that is gone is taken over; so is one
 * with our own id that we did not write, for in a container every start may have the same id.
 */
export function lock(disk: Disk, dir: string): void {
  const path = join(dir, LOCK);
  for (let attempt = 0; ; attempt++) {
    try {
      disk.mkdir(dir);
      disk.createWhole(path, String(process.pid));
      held.add(resolve(dir));
      return;
    } catch (cause) {
      const isThere = (cause as NodeJS.ErrnoException).code === 'EEXIST' && existsSync(path);
      if (!isThere) {
        const message = `${dir}: no tape can be written here: ${(cause as Error).message}`;
        throw new BookcastError('bad-argument', message, { dir, cause });
      }
      const owner = Number(readFileSync(path, 'utf8'));
      const alive = owner === process.pid ? held.has(resolve(dir)) : isAlive(owner);
      if (attempt > 0 || alive) {
        throw new BookcastError(
          'already-exists',
          `${dir} is being written by process ${owner}. Record into another folder; if that process is no bookcast, delete ${path}.`,
          { dir, owner, cause },
        );
      }
      disk.remove(path);
    }
  }
}

export function unlock(disk: Disk, dir: string): void {
  held.delete(resolve(dir));
  disk.remove(join(dir, LOCK));
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Alive, but another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
