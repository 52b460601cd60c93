import cliProgress from 'cli-progress';
import type { Io } from './io.ts';

/** How many pieces of work are done: a bar on a terminal, a line for each elsewhere. */
export class WalkProgress {
  readonly #io: Io;
  readonly #bar: cliProgress.SingleBar | null;
  readonly #shares = new Map<number, number>();
  #done: number;

  /** `done` of `total` were done before. */
  constructor(io: Io, what: string, total: number, done: number) {
    this.#io = io;
    this.#done = done;
    this.#bar = io.interactive
      ? new cliProgress.SingleBar(
          {
            format: `${what} {bar} {percentage}% of {total} | {eta_formatted} left`,
            hideCursor: true,
            clearOnComplete: true,
            stream: io.terminal,
          },
          cliProgress.Presets.shades_classic,
        )
      : null;
    this.#bar?.start(total, done);
  }

  /** `share` of a piece that runs, 0 to 1. */
  update(piece: number, share: number): void {
    if (this.#bar === null || Number.isNaN(share)) return;
    this.#shares.set(piece, Math.min(1, Math.max(0, share)));
    this.#draw();
  }

  done(piece: number, line: string): void {
    this.#shares.delete(piece);
    this.#done++;
    this.#draw();
    this.line(line);
  }

  line(text: string): void {
    if (this.#bar === null) this.#io.err(`${text}\n`);
  }

  stop(): void {
    this.#bar?.stop();
  }

  #draw(): void {
    this.#bar?.update([...this.#shares.values()].reduce((sum, share) => sum + share, this.#done));
  }
}
