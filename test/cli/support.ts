import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import { main } from '../../src/cli/main.ts';
import { systemClock } from '../../src/core/index.ts';

export interface Run {
  status: number;
  out: string;
  err: string;
}

export interface TestIo extends Io {
  readonly written: { out: string; err: string };
  stopNow(): void;
  /** As SIGHUP does. */
  reloadNow(): void;
}

/** A command's outside, kept in memory. */
export function testIo(options: { env?: Record<string, string>; interactive?: boolean } = {}): TestIo {
  const stop = new AbortController();
  const written = { out: '', err: '' };
  const reloads = new Set<() => void>();
  return {
    written,
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    interactive: options.interactive ?? false,
    terminal: Object.assign(
      new Writable({
        write(chunk, _encoding, done) {
          written.err += String(chunk);
          done();
        },
      }),
      { isTTY: true, columns: 120 },
    ),
    env: options.env ?? {},
    clock: systemClock,
    stop: stop.signal,
    stopNow: () => stop.abort(),
    onReload: (listener) => {
      reloads.add(listener);
      return () => reloads.delete(listener);
    },
    reloadNow: () => {
      for (const reload of reloads) reload();
    },
  };
}

/** Runs a command to its end in this process. */
export async function cli(argv: string[], io: TestIo = testIo()): Promise<Run> {
  const status = await main(argv, io);
  return { status, ...io.written };
}

/** Resolves with the first match that standard error shows, or throws after ten seconds. */
export async function waitFor(io: TestIo, pattern: RegExp): Promise<RegExpExecArray> {
  for (let i = 0; i < 500; i++) {
    const match = pattern.exec(io.written.err);
    if (match !== null) return match;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`never saw ${pattern} in:\n${io.written.err}`);
}

/** A folder of its own for one test. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bookcast-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function tempFile(name: string, content: string | Uint8Array): string {
  const path = join(tempFolder(), name);
  writeFileSync(path, content);
  return path;
}
