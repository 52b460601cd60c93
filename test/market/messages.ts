import {
  BatchBuilder,
  BookSync,
  type Effect,
  type EventBatch,
  EventFlag,
  EventKind,
  type Fault,
  type Instrument,
  LadderBook,
  type Sequencing,
  Side,
} from '../../src/market/index.ts';
import { pushRow } from '../support/batches.ts';

export function instrumentWith(sequencing: Sequencing): Instrument {
  return {
    venue: 'test',
    name: 'ABC',
    tickSize: '0.01',
    lotSize: '1',
    sequencing,
    burstQuietNs: 0,
    depthLimit: null,
  };
}

/** side, price in ticks, size in lots. */
export type LevelTuple = readonly [Side, number, number];

function build(fill: (builder: BatchBuilder) => void): EventBatch {
  const builder = new BatchBuilder('test:ABC', 15000, 16);
  fill(builder);
  builder.endMessage();
  return builder.finish() as EventBatch;
}

function pushLevels(builder: BatchBuilder, sequence: number, levels: readonly LevelTuple[], kind: EventKind): void {
  for (const [side, ticks, lots] of levels) builder.push(kind, side, ticks, lots, 0, 0, sequence, 0);
}

/** A message that replaces the book, as of `sequence`. */
export function snapshot(sequence: number, levels: readonly LevelTuple[]): EventBatch {
  return build((builder) => {
    builder.push(EventKind.SNAPSHOT, Side.NONE, 0, 0, 0, 0, sequence, 0);
    pushLevels(builder, sequence, levels, EventKind.LEVEL);
  });
}

/** A message of absolute levels that covers ids `previous + 1 … sequence`. */
export function delta(previous: number, sequence: number, levels: readonly LevelTuple[] = []): EventBatch {
  return build((builder) => {
    builder.push(EventKind.DELTA, Side.NONE, 0, 0, 0, 0, sequence, previous);
    pushLevels(builder, sequence, levels, EventKind.LEVEL);
  });
}

/** A message without a head: one row of any kind. */
export function single(kind: EventKind, sequence: number, [side, ticks, lots]: LevelTuple): EventBatch {
  return build((builder) => pushLevels(builder, sequence, [[side, ticks, lots]], kind));
}

/** The message, and behind it the checksum of the book after it. */
export function checked(message: EventBatch, checksum: number): EventBatch {
  const builder = new BatchBuilder(message.instrument, message.day, message.length + 1);
  for (let i = 0; i < message.length; i++) {
    pushRow(builder, message, i);
    if (i === message.length - 1)
      builder.push(EventKind.CHECKSUM, Side.NONE, 0, checksum, 0, 0, message.sequence[i], 0);
  }
  const rows = builder.reserve(0);
  rows.flags[builder.length - 2] &= ~EventFlag.MESSAGE_END;
  builder.endMessage();
  return builder.finish()!;
}

export function fault(code: Fault): EventBatch {
  return build((builder) => builder.push(EventKind.FAULT, Side.NONE, 0, code, 0, 0, 0, 0));
}

export const TWO_SIDED: LevelTuple[] = [
  [Side.BID, 100, 5],
  [Side.ASK, 102, 7],
];

export function syncOf(
  sequencing: Sequencing,
  bufferEvents?: number,
): { sync: BookSync<LadderBook>; take(batch: EventBatch): Effect } {
  const options = bufferEvents === undefined ? {} : { bufferEvents };
  const sync = new BookSync(instrumentWith(sequencing), new LadderBook(), options);
  return { sync, take: (batch) => sync.applyMessage(batch, 0, batch.length) };
}

export const NO_FAULTS = { gaps: 0, crossed: 0, stale: 0, overflow: 0, disconnects: 0, halts: 0, checksums: 0 };
