import cliProgress from 'cli-progress';
import type { StudyEvent } from '../evaluate/index.ts';
import type { Io } from './io.ts';
import { fixed, grouped } from './output.ts';
import { TrainProgress } from './train-progress.ts';

/** Lines about a walk where no bar can be drawn. */
const QUARTERS = 4;

/** How an evaluation goes, for a person: which member is fitted and how, then how far the walk through the rows has come. */
export class EvaluateProgress {
  readonly #io: Io;
  readonly #of: string;
  readonly #members: readonly string[];
  #member = '';
  #startNs: number;
  #fit: TrainProgress | null = null;
  #bar: cliProgress.SingleBar | null = null;
  #quarter = 0;

  /** `of` is what is evaluated, such as `events:10, fold 2 of 5`. */
  constructor(io: Io, of: string, members: readonly string[]) {
    this.#io = io;
    this.#of = of;
    this.#members = members;
    this.#startNs = io.clock.monotonicNs();
  }

  update(event: StudyEvent): void {
    if (event.kind === 'walk') this.#walk(event.rows, event.of);
    else if (event.kind === 'mirror')
      this.#say(`the mirror ${event.trial.holds ? 'holds' : 'does not hold'} on the training rows`);
    else if (event.kind === 'fitted') {
      this.#begin(event.member);
      this.#fit?.stop();
      const seconds = (this.#io.clock.monotonicNs() - this.#startNs) / 1e9;
      this.#say(`${event.member} fitted in ${fixed(seconds, 1)} s`);
      this.#startNs = this.#io.clock.monotonicNs();
    } else {
      this.#begin(event.member);
      this.#fit?.update(event.event);
    }
  }

  stop(): void {
    this.#fit?.stop();
    this.#bar?.stop();
  }

  #begin(member: string): void {
    if (member === this.#member) return;
    this.#member = member;
    this.#say(`fitting ${member} (${this.#members.indexOf(member) + 1} of ${this.#members.length})`);
    this.#fit = new TrainProgress(this.#io, member);
  }

  #walk(rows: number, of: number): void {
    if (this.#io.interactive) {
      this.#bar ??= this.#start(of);
      this.#bar.update(rows);
      return;
    }
    const quarter = Math.floor((QUARTERS * rows) / of);
    if (rows === 0) this.#say(`walking through ${grouped(of)} rows`);
    else if (quarter > this.#quarter) this.#say(`${grouped(rows)} of ${grouped(of)} rows walked`);
    this.#quarter = quarter;
  }

  #start(of: number): cliProgress.SingleBar {
    const bar = new cliProgress.SingleBar(
      {
        format: `${this.#of} {bar} {percentage}% | {value} of {total} rows walked | {eta_formatted} left`,
        hideCursor: true,
        clearOnComplete: true,
        stream: this.#io.terminal,
      },
      cliProgress.Presets.shades_classic,
    );
    bar.start(of, 0);
    return bar;
  }

  #say(line: string): void {
    this.#io.err(`${this.#of}: ${line}\n`);
  }
}
