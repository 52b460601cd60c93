import { realDisk } from '../../src/tape/disk.ts';
import type { RecordingOptions } from '../../src/tape/index.ts';

type Disk = NonNullable<RecordingOptions['disk']>;

/** What stands for the death of the process, or for a disk's refusal. */
export class Failure extends Error {
  readonly code: string;

  constructor(code: string) {
    super(`${code}: made to fail`);
    this.code = code;
  }
}

/**
 * The real disk, until step `failAt`. From then on nothing is done any more, as if the process were dead; a write at that very
 * step gets half of its bytes out. With `code`, a disk that is full or broken instead: only the steps that match `only` fail.
 */
export class FailingDisk {
  steps = 0;
  /** Names of the steps so far. */
  readonly log: string[] = [];
  failAt: number;
  code: string | null = null;
  only: RegExp = /./;
  /** The first step of this name is the one that fails: for steps whose number differs from run to run. */
  first: string | null = null;
  readonly disk: Disk;

  constructor(failAt = Number.POSITIVE_INFINITY) {
    this.failAt = failAt;
    this.disk = Object.fromEntries(
      Object.entries(realDisk).map(([name, step]) => [name, this.#step(name, step as (...args: unknown[]) => unknown)]),
    ) as unknown as Disk;
  }

  get failed(): boolean {
    return this.steps >= this.failAt;
  }

  #step(name: string, step: (...args: unknown[]) => unknown): (...args: unknown[]) => unknown {
    const fails = (args: unknown[]): void => {
      const now = this.steps++;
      if (name === this.first && now < this.failAt) this.failAt = now;
      this.log.push(`${name} ${String(args[0])}`);
      if (now < this.failAt || (this.code !== null && !this.only.test(name))) return;
      if (name === 'write' && now === this.failAt) {
        const [file, bytes, from, position] = args as [number, Uint8Array, number, number];
        realDisk.write(file, bytes.subarray(0, from + ((bytes.length - from) >> 1)), from, position);
      }
      throw new Failure(this.code ?? 'DEAD');
    };
    if (!name.endsWith('Later')) {
      return (...args) => {
        // A dead process holds no files.
        if (name === 'close') step(...args);
        fails(args);
        return name === 'close' ? undefined : step(...args);
      };
    }
    return async (...args) => {
      const dies = this.steps === this.failAt || (name === this.first && !this.failed);
      // Dead halfway through: what was written aside is cut short.
      if (dies && name === 'writeLater') await step(args[0], (args[1] as Uint8Array).subarray(0, 9));
      fails(args);
      return await step(...args);
    };
  }
}
