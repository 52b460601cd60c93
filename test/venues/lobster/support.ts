import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  BookSync,
  type EventBatch,
  EventFlag,
  type EventSource,
  LadderBook,
  messageEnd,
  SyncState,
  type VerifierReport,
} from '../../../src/market/index.ts';

export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bookcast-lobster-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** `GOOG_2012-06-21_34200000_57600000_message_10.csv` and its like. */
export function fileName(kind: 'message' | 'orderbook', levels: number, day = '2012-06-21'): string {
  return `GOOG_${day}_34200000_57600000_${kind}_${levels}.csv`;
}

/** Writes the files into a new folder and returns their paths. */
export function writeFiles(files: Record<string, string | Uint8Array>): string[] {
  const folder = tempFolder();
  return Object.entries(files).map(([name, body]) => {
    const path = join(folder, name);
    writeFileSync(path, body);
    return path;
  });
}

export function writePair(text: { message: string; orderbook: string }, levels: number): string[] {
  return writeFiles({ [fileName('message', levels)]: text.message, [fileName('orderbook', levels)]: text.orderbook });
}

export interface Replay {
  sync: BookSync;
  book: LadderBook;
  report: VerifierReport | null;
  batches: EventBatch[];
  /** Revealed levels as `row:side:ticks`. */
  revealed: Set<string>;
}

/** Replays a source into a book; `after` sees the book after every message. */
export async function replay(
  source: EventSource,
  after?: (book: LadderBook, sequence: number) => void,
): Promise<Replay> {
  const book = new LadderBook();
  const sync = new BookSync(source.instrument, book);
  const verifier = source.verifier();
  const batches: EventBatch[] = [];
  const revealed = new Set<string>();
  for await (const batch of source.batches()) {
    batches.push(batch);
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      sync.applyMessage(batch, from, to);
      verifier?.afterMessage(batch, from, to, book, sync.state === SyncState.SYNCED);
      after?.(book, batch.sequence[from]);
      for (let i = from; i < to; i++) {
        if ((batch.flags[i] & EventFlag.REVEALED) === 0) continue;
        revealed.add(`${batch.sequence[i]}:${batch.side[i]}:${batch.priceTicks[i]}`);
      }
      from = to;
    }
  }
  return { sync, book, report: verifier?.report() ?? null, batches, revealed };
}

export function sameBatches(a: readonly EventBatch[], b: readonly EventBatch[]): boolean {
  return a.length === b.length && a.every((batch, i) => Buffer.from(batch.buffer).equals(Buffer.from(b[i].buffer)));
}
