import {
  BatchBuilder,
  type EventBatch,
  EventKind,
  type Fault,
  type Instrument,
  type Sequencing,
  Side,
} from '../../src/market/index.ts';

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

export function fault(code: Fault): EventBatch {
  return build((builder) => builder.push(EventKind.FAULT, Side.NONE, 0, code, 0, 0, 0, 0));
}
