import { type Clock, systemClock } from '../core/index.ts';

/** The outside as a command sees it: the one home of `process`, so that tests run commands in their own. */
export interface Io {
  /** Results, and nothing else. */
  out(text: string): void;
  /** Everything for a person: progress, notes, errors. */
  err(text: string): void;
  /** True where a person watches `err`: a bar may be redrawn there. */
  readonly interactive: boolean;
  /** Where a bar is drawn; used only while `interactive`. */
  readonly terminal: NodeJS.WritableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Fires when the user asks to stop (Ctrl-C, SIGTERM). */
  readonly stop: AbortSignal;
  /** Calls `listener` when the user asks for new versions of what is served (SIGHUP), until the returned function is called. */
  onReload(listener: () => void): () => void;
}

/** The real process. A closed pipe (`bookcast replay … | head`) stops the command quietly. */
export function processIo(): Io {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') stop.abort();
    else throw error;
  });
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    interactive: process.stderr.isTTY === true,
    terminal: process.stderr,
    env: process.env,
    clock: systemClock,
    stop: stop.signal,
    onReload: (listener) => {
      process.on('SIGHUP', listener);
      return () => process.off('SIGHUP', listener);
    },
  };
}
