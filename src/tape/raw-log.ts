import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '../core/index.ts';
import { Appender, type AppendOptions } from './appender.ts';
import { tornNote } from './notes.ts';
import { listSegments, type SegmentFile, segmentName } from './segment-files.ts';

const NEWLINE = 10;

export interface RawLogOptions extends AppendOptions {
  readonly firstSegment: number;
  /** Lines at the head of every file but the first, so that it can be read without those before it. */
  opening?(): readonly Uint8Array[];
  onClosed?(file: SegmentFile, bytes: number): void;
}

/** Appends lines of text, cut into numbered files; what `append` has returned from survives the death of the process. */
export class RawLog {
  readonly notes: readonly string[];
  readonly #dir: string;
  readonly #options: RawLogOptions;
  readonly #appender: Appender;
  #number: number;

  /** Begins, or goes on with what is in the folder, which exists. */
  constructor(dir: string, options: RawLogOptions) {
    this.#dir = dir;
    this.#options = options;
    this.#appender = new Appender(options);
    const last = listSegments(dir, '.jsonl', options.firstSegment).at(-1);
    this.#number = last?.number ?? options.firstSegment;
    this.notes = last === undefined || last.packed ? this.#begin(last) : this.#continue(last);
  }

  get path(): string {
    return this.#appender.path;
  }

  get size(): number {
    return this.#appender.size;
  }

  /** Appends one line, its line end included. */
  append(line: Uint8Array): void {
    assert(line[line.length - 1] === NEWLINE, 'a line ends with its line end');
    if (this.#appender.due) this.#roll();
    this.#appender.append(line);
  }

  sync(): void {
    this.#appender.sync();
  }

  close(): void {
    this.#appender.end();
  }

  #begin(packed: SegmentFile | undefined): string[] {
    if (packed !== undefined) this.#number++;
    this.#appender.begin(join(this.#dir, segmentName(this.#number, '.jsonl')), new Uint8Array(0), true);
    return [];
  }

  #roll(): void {
    const { path, size } = this.#appender;
    const number = this.#number;
    this.#appender.end();
    const head = Buffer.concat(this.#options.opening?.() ?? []);
    this.#appender.begin(join(this.#dir, segmentName(number + 1, '.jsonl')), head, false);
    this.#number = number + 1;
    this.#options.onClosed?.({ number, path, packed: false }, size);
  }

  /** Cuts off half a line that a dying writer left. */
  #continue({ path }: SegmentFile): string[] {
    const bytes = readFileSync(path);
    const size = bytes.lastIndexOf(NEWLINE) + 1;
    const torn = size < bytes.length;
    this.#appender.resume(path, size, torn, size === 0 ? 0 : 1);
    return torn ? [tornNote(path, size, bytes.length - size, 'a line without its end', 'cut off')] : [];
  }
}
