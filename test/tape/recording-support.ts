import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { BatchBuilder, type EventBatch, EventKind, Fault, type Instrument, type Side } from '../../src/market/index.ts';
import { Recording, type RecordingOptions, rawPaths } from '../../src/tape/index.ts';

/** 2026-03-01. */
export const DAY = 20_513;

export function instrumentOf(name: string): Instrument {
  return {
    venue: 'binance',
    name,
    tickSize: '0.01',
    lotSize: '0.001',
    sequencing: 'spanning',
    burstQuietNs: 0,
    depthLimit: null,
  };
}

export const INSTRUMENTS = [instrumentOf('BTCUSDT/SPOT'), instrumentOf('ETHUSDT/SPOT')];

/** A clock that tests set; it stands still in between. */
export class ManualClock {
  ms = DAY * 86_400_000 + 12 * 3_600_000;

  nowMs(): number {
    return this.ms;
  }

  monotonicNs(): number {
    return this.ms * 1e6;
  }
}

/** Batch `sequence` of an instrument, `rows` long. */
export function batchOf(index: number, sequence: number, rows = 3): EventBatch {
  const builder = new BatchBuilder(`binance:${INSTRUMENTS[index].name}`, DAY, rows);
  for (let i = 0; i < rows; i++) {
    builder.push(EventKind.LEVEL, (i & 1) as Side, 100 + i, sequence, 1e9 * sequence, 1e9 * sequence + i, sequence, 0);
  }
  builder.endMessage();
  return builder.finish()!;
}

export function isDisconnect(batch: EventBatch): boolean {
  return batch.length === 1 && batch.kind[0] === EventKind.FAULT && batch.sizeLots[0] === Fault.DISCONNECT;
}

/** Sequences of an instrument's batches; −1 for the DISCONNECT of a recording that was gone on with. */
export function sequencesOf(batches: readonly EventBatch[]): number[] {
  return batches.map((batch) => (isDisconnect(batch) ? -1 : batch.sequence[0]));
}

export function line(n: number): Uint8Array {
  return Buffer.from(`{"t":"recv","n":${n}}\n`);
}

/** The raw log's lines but the headers, by their number. */
export function rawNumbers(dir: string): number[] {
  return rawPaths(dir)
    .flatMap((path) => {
      const bytes = readFileSync(path);
      return (path.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes).toString().split('\n');
    })
    .filter((text) => text.includes('"n":'))
    .map((text) => (JSON.parse(text) as { n: number }).n);
}

export function createRecording(dir: string, options: Partial<RecordingOptions> = {}): Recording {
  return Recording.create(dir, {
    venue: 'binance',
    instruments: INSTRUMENTS,
    origin: 'live',
    version: '0.2.0',
    command: 'bookcast ingest',
    clock: new ManualClock(),
    ...options,
  });
}

/** As after the death of a process that held the folder. */
export function dropLocks(dir: string): void {
  if (!existsSync(dir)) return;
  for (const name of readdirSync(dir, { recursive: true }) as string[]) {
    if (name.endsWith('writer.lock')) rmSync(join(dir, name));
  }
}

/** Names of all files in a recording. */
export function filesIn(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return (readdirSync(dir, { recursive: true }) as string[])
    .filter((name) => statSync(join(dir, name)).isFile())
    .map((name) => name.replaceAll('\\', '/'))
    .sort();
}

export function manifestOf(dir: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(dir, 'manifest.json'), 'utf8')) as Record<string, unknown>;
}
