import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { BookcastError } from '../core/index.ts';

/**
 * A file that is to be, in the making: it appears under its name whole and lasting, or not at all, and never in the place of another.
 * Until then it lies in a hidden folder beside it, where whatever helps to make it may lie too.
 */
export class NewFile {
  /** As the user wrote it. */
  readonly path: string;
  readonly #folder: string;

  private constructor(path: string, folder: string) {
    this.path = path;
    this.#folder = folder;
  }

  /** Throws `already-exists`, and `bad-argument` where its folder cannot be written to. */
  static create(path: string): NewFile {
    refuseExisting(path);
    const target = resolve(path);
    try {
      return new NewFile(path, mkdtempSync(join(dirname(target), `.${basename(target)}.`)));
    } catch (cause) {
      throw new BookcastError('bad-argument', `cannot write ${path}: ${(cause as Error).message}`, { path, cause });
    }
  }

  /** A path in the hidden folder. */
  aside(name: string): string {
    return join(this.#folder, name);
  }

  /** The file of that name in the hidden folder, closed by now, takes its place. Returns its bytes; throws `already-exists`. */
  publish(name: string): number {
    const target = resolve(this.path);
    const whole = this.aside(name);
    sync(whole);
    refuseExisting(this.path);
    place(whole, target);
    this.discard();
    sync(dirname(target));
    return statSync(target).size;
  }

  /** Removes the hidden folder with all that is in it. */
  discard(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function refuseExisting(path: string): void {
  if (existsSync(path)) {
    throw new BookcastError('already-exists', `${path} exists; choose another name or remove it`, { path });
  }
}

/** Unlike a rename, neither takes the place of a file that came in between. */
function place(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw cause;
    // Some file systems (exFAT, some network shares) have no links.
    copyFileSync(from, to, constants.COPYFILE_EXCL);
    sync(to);
  }
}

function sync(path: string): void {
  // Windows cannot sync a folder, and does not need to.
  if (process.platform === 'win32') return;
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
