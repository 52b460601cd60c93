import cliProgress from 'cli-progress';
import type { FitEvent } from '../models/training.ts';
import type { Io } from './io.ts';
import { fixed, grouped } from './output.ts';

/** Between two lines about epochs, at least. */
const LINE_NS = 1e9;

/** How a fit goes, for a person: a bar on a terminal, a line an epoch elsewhere, but no more than one a second. */
export class TrainProgress {
  readonly #io: Io;
  readonly #label: string;
  readonly #startNs: number;
  #bar: cliProgress.SingleBar | null = null;
  /** Windows that were seen before this process took the fit up. */
  #samplesBefore = -1;
  #loss = Number.NaN;
  #score = '—';
  #lineNs = Number.NEGATIVE_INFINITY;

  constructor(io: Io, label: string) {
    this.#io = io;
    this.#label = label;
    this.#startNs = io.clock.monotonicNs();
  }

  update(event: FitEvent): void {
    if (event.kind === 'note') this.#say(`note: ${event.text}`);
    else if (event.kind === 'step') this.#step(event);
    else this.#epoch(event);
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = null;
  }

  #step({ epoch, step, steps, loss, samples }: Extract<FitEvent, { kind: 'step' }>): void {
    if (!this.#io.interactive) return;
    if (this.#samplesBefore < 0) this.#samplesBefore = samples - Math.round(samples / step);
    // As a person reads it: the mean of about the last twenty steps.
    this.#loss = Number.isNaN(this.#loss) ? loss : 0.95 * this.#loss + 0.05 * loss;
    const seconds = (this.#io.clock.monotonicNs() - this.#startNs) / 1e9;
    const rate = grouped((samples - this.#samplesBefore) / Math.max(seconds, 1e-3));
    const said = { epoch: epoch + 1, loss: fixed(this.#loss, 4), score: this.#score, rate };
    this.#bar ??= this.#start(steps, step);
    this.#bar.update(step, said);
  }

  #epoch({ epoch, epochs, metrics, best }: Extract<FitEvent, { kind: 'epoch' }>): void {
    const score = metrics['validation-log-loss'];
    if (score !== undefined) this.#score = fixed(score, 4);
    const now = this.#io.clock.monotonicNs();
    // Rounds of trees are many and short.
    if (this.#io.interactive || (now - this.#lineNs < LINE_NS && epoch + 1 < epochs)) return;
    this.#lineNs = now;
    const figures = Object.entries(metrics).map(([name, value]) => `${name} ${figure(value)}`);
    this.#io.err(`epoch ${epoch + 1} of ${epochs}: ${figures.join(', ')}${best ? ' (best)' : ''}\n`);
  }

  #say(line: string): void {
    this.stop();
    this.#io.err(`${line}\n`);
  }

  #start(steps: number, step: number): cliProgress.SingleBar {
    const bar = new cliProgress.SingleBar(
      {
        format: `${this.#label} {bar} {percentage}% | epoch {epoch} | loss {loss} | validation {score} | {rate} windows/s | {eta_formatted} left`,
        hideCursor: true,
        etaBuffer: 100,
        clearOnComplete: true,
        stream: this.#io.terminal,
      },
      cliProgress.Presets.shades_classic,
    );
    bar.start(steps, step, { epoch: 1, loss: '—', score: '—', rate: '—' });
    return bar;
  }
}

/** Rates are small; losses are about 1. */
function figure(value: number): string {
  return Math.abs(value) < 0.01 && value !== 0 ? value.toPrecision(3) : value.toFixed(4);
}
