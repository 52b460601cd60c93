import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { BatchBuilder, type EventBatch, type EventSource } from '../../src/market/index.ts';
import { type TapeOptions, TapeWriter } from '../../src/tape/index.ts';
import { FIXTURE_INSTRUMENT as INSTRUMENT } from './make-fixture.ts';

export async function readAll(source: EventSource): Promise<EventBatch[]> {
  const batches: EventBatch[] = [];
  for await (const batch of source.batches()) batches.push(batch);
  return batches;
}

/** Batches read before the error, and the error, or null where there was none. */
export async function readUntilError(source: EventSource): Promise<{ batches: EventBatch[]; error: Error | null }> {
  const batches: EventBatch[] = [];
  try {
    for await (const batch of source.batches()) batches.push(batch);
    return { batches, error: null };
  } catch (error) {
    return { batches, error: error as Error };
  }
}

export function bytesOf(batches: readonly EventBatch[]): string[] {
  return batches.map((batch) => Buffer.from(batch.buffer).toString('base64'));
}

/** A folder that is gone after the test. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bookcast-tape-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function tapeOf(batches: readonly EventBatch[], options: TapeOptions = {}): string {
  const dir = join(tempFolder(), 'tape');
  const writer = TapeWriter.create(dir, INSTRUMENT, 'simulated', options);
  for (const batch of batches) writer.append(batch);
  writer.close();
  return dir;
}

function smallBatch(sequence: number): EventBatch {
  const builder = new BatchBuilder('sim:FIXTURE', 15_512, 16);
  builder.push(0, 0, 100 + sequence, 5, 1e9 * sequence, 1e9 * sequence + 1, sequence, 0);
  builder.endMessage();
  return builder.finish()!;
}

/** Three batches of one event each. */
export const SMALL = [0, 1, 2].map(smallBatch);

/** Offsets at which the records of a one-segment tape begin, from its length after each append. */
export function recordStarts(): { starts: number[]; bytes: Buffer } {
  const dir = join(tempFolder(), 'tape');
  const path = join(dir, '000000.seg');
  const writer = TapeWriter.create(dir, INSTRUMENT, 'simulated');
  const starts: number[] = [];
  for (const batch of SMALL) {
    starts.push(readFileSync(path).length);
    writer.append(batch);
  }
  writer.close();
  return { starts, bytes: readFileSync(path) };
}

export function tapeWithBytes(bytes: Uint8Array): string {
  const dir = tempFolder();
  writeFileSync(join(dir, '000000.seg'), bytes);
  return dir;
}
