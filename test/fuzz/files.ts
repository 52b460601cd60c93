import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Random } from '../../src/core/index.ts';
import { BatchBuilder, EventBatch, type EventSource } from '../../src/market/index.ts';
import { checkBatch, isRefusal } from './check-batch.ts';
import { mutate } from './mutate.ts';
import type { FuzzSession, FuzzTarget, Tally } from './target.ts';

/** A recording as files of lines, or of bytes where it has none. */
export type Files = Readonly<Record<string, readonly Buffer[]>>;

export interface FileTarget {
  readonly name: string;
  /** Whole files, each cut into lines with their line ends. */
  make(): Files | Promise<Files>;
  open(paths: readonly string[], folder: string): Promise<EventSource>;
  /** Lines at the beginning that are mutated less often, since what is wrong there refuses the file. */
  readonly headLines?: number;
  /** One line a file where every reader refuses a file at its first bad line; a third of them where it goes on. */
  readonly mutated: 'one' | 'many';
  readonly textual?: boolean;
  /** What must hold of every batch; `checkBatch` where absent. */
  check?(batch: EventBatch): void;
  /** Makes damage of the format's own kind out of general damage, such as a good checksum over bad bytes. */
  finish?(bytes: Buffer): Buffer;
}

/** A reader of recordings, given files with mutated lines, and now and then with damage anywhere. */
export function fileTarget(target: FileTarget): FuzzTarget {
  return {
    name: target.name,
    steps: 20,
    prepare: async () => {
      const files = await target.make();
      const folder = mkdtempSync(join(tmpdir(), 'bookcast-fuzz-'));
      process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
      return () => new FileSession(target, files, folder);
    },
  };
}

class FileSession implements FuzzSession {
  readonly #target: FileTarget;
  readonly #files: Files;
  readonly #folder: string;
  /** Readers have buffers of their own, made anew for each file. */
  readonly allowance = 32 * 1024 * 1024;

  constructor(target: FileTarget, files: Files, folder: string) {
    this.#target = target;
    this.#files = files;
    this.#folder = folder;
  }

  async step(random: Random, tally: Tally): Promise<void> {
    const { open, finish, check = checkBatch } = this.#target;
    const names = Object.keys(this.#files);
    const chosen = names[random.below(names.length)];
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder, { recursive: true });
    const paths = names.map((name) => {
      const lines = this.#files[name];
      let bytes = name === chosen ? this.#damage(lines, random, tally) : Buffer.concat(lines);
      if (name === chosen && finish !== undefined) bytes = finish(bytes);
      tally.bytes += bytes.length;
      const path = join(this.#folder, name);
      writeFileSync(path, bytes);
      return path;
    });
    try {
      const source = await open(paths, this.#folder);
      for await (const batch of source.batches({ lend: random.bernoulli(0.5) })) {
        check(batch);
        tally.rows += batch.length;
      }
      for (const note of source.notes) if (note === '') throw new Error('an empty note');
      tally.refused += source.counts.unparsable > 0 ? 1 : 0;
    } catch (error) {
      if (isRefusal(error)) tally.refused++;
    }
  }

  #damage(lines: readonly Buffer[], random: Random, tally: Tally): Buffer {
    const { mutated, headLines = 0, textual = true } = this.#target;
    if (lines.length === 1 || random.bernoulli(0.05)) {
      tally.inputs++;
      return mutate([Buffer.concat(lines)], random, textual);
    }
    const copy = [...lines];
    const times = mutated === 'one' ? 1 : Math.ceil(copy.length / 3);
    for (let n = 0; n < times; n++) {
      let at = random.below(copy.length);
      if (at < headLines && !random.bernoulli(0.02)) at = random.below(copy.length);
      if (at < headLines && times > 1) continue;
      // A line keeps its end most of the time, so that one mutation is one bad line.
      const line = mutate([lines[at], lines[at], lines[random.below(lines.length)]], random, textual);
      copy[at] = random.bernoulli(0.95) && line.at(-1) !== 10 ? Buffer.concat([line, Buffer.from('\n')]) : line;
      tally.inputs++;
    }
    return Buffer.concat(copy);
  }
}

/** What bytes alone can promise of a batch: as many rows as it says. Their values are their writer's. */
export function checkShape(batch: EventBatch): void {
  const rows = batch.length;
  for (const column of [batch.kind, batch.side, batch.flags, batch.priceTicks, batch.sizeLots, batch.orderId]) {
    if (column.length !== rows) throw new Error(`a column of ${column.length} values in a batch of ${rows} rows`);
  }
}

export const linesOf = (text: string): Buffer[] => (text.match(/[^\n]*\n/g) ?? []).map((line) => Buffer.from(line));

/** The bytes of a batch: they come from tapes, workers and other processes. */
export const batchTarget: FuzzTarget = {
  name: 'event-batch',
  steps: 200,
  prepare: async () => {
    const builder = new BatchBuilder('sim:FUZZ', 20_000, 8);
    const seeds = [1, 2, 7, 40].map((rows) => {
      for (let i = 0; i < rows; i++) builder.push(0, (i % 2) as 0 | 1, 100 + i, 5, i, i, i, 0);
      builder.endMessage();
      return Buffer.from((builder.finish() as EventBatch).buffer);
    });
    return () => ({
      step: (random, tally) => {
        const bytes = mutate(seeds, random, false);
        tally.inputs++;
        tally.bytes += bytes.length;
        try {
          const batch = EventBatch.from(new Uint8Array(bytes).buffer);
          tally.rows += batch.length;
          if (batch.kind.length !== batch.length || batch.length * 47 > bytes.length)
            throw new Error('rows of nothing');
        } catch (error) {
          if (isRefusal(error)) tally.refused++;
        }
      },
    });
  },
};
