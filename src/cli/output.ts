import cliProgress from 'cli-progress';
import type { SourceCounts } from '../market/index.ts';
import type { Io } from './io.ts';

/** Columns aligned by their widest cell; numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const numeric = head.map((_, column) => rows.every((row) => /^[-−+±\d.,\s%—–×]*$/.test(row[column])));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (numeric[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
      .join('  ')
      .trimEnd();
  return `${[line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n')}\n`;
}

/** A number as a person reads it; a dash where there is none. */
export function fixed(value: number | null, digits: number): string {
  return value === null || Number.isNaN(value) ? '—' : value.toFixed(digits);
}

/** A signed difference, sign always shown. */
export function signed(value: number, digits: number): string {
  return `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(digits)}`;
}

export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Progress through a source's bytes, on standard error: a bar on a terminal, nothing elsewhere. */
export class Progress {
  readonly #bar: cliProgress.SingleBar | null;

  constructor(io: Io, label: string, counts: SourceCounts) {
    if (!io.interactive || counts.bytesTotal === 0) {
      this.#bar = null;
      return;
    }
    this.#bar = new cliProgress.SingleBar(
      {
        format: `${label} {bar} {percentage}% | {events} events | {rate}/s | {eta_formatted} left`,
        hideCursor: true,
        etaBuffer: 50,
        clearOnComplete: true,
        stream: io.terminal,
      },
      cliProgress.Presets.shades_classic,
    );
    this.#bar.start(counts.bytesTotal, 0, { events: '0', rate: '—' });
  }

  update(counts: SourceCounts, events: number, eventsPerSecond: number): void {
    this.#bar?.update(counts.bytesRead, { events: grouped(events), rate: grouped(eventsPerSecond) });
  }

  stop(): void {
    this.#bar?.stop();
  }
}

/** A table that shows how things stand: redrawn in place on a terminal, said again elsewhere only where a state changed. */
export class StatusTable {
  readonly #io: Io;
  #lines = 0;
  #said = '';

  constructor(io: Io) {
    this.#io = io;
  }

  /** `states`: what must have changed before it is said again where nothing can be redrawn. */
  show(text: string, states: string): void {
    if (this.#io.interactive) {
      const up = this.#lines === 0 ? '' : `\x1b[${this.#lines}A\x1b[J`;
      this.#io.err(up + text);
      this.#lines = text.split('\n').length - 1;
    } else if (states !== this.#said) {
      this.#io.err(text);
    }
    this.#said = states;
  }

  /** A line that stays, above the table. */
  note(line: string): void {
    if (this.#io.interactive && this.#lines > 0) this.#io.err(`\x1b[${this.#lines}A\x1b[J`);
    this.#lines = 0;
    this.#io.err(`${line}\n`);
  }
}
