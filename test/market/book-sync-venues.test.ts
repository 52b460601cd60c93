import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  BatchBuilder,
  BookSync,
  Effect,
  type EventBatch,
  EventFlag,
  EventKind,
  Fault,
  LadderBook,
  OrderBook,
  Side,
  SyncState,
} from '../../src/market/index.ts';
import {
  checked,
  delta,
  fault,
  instrumentWith,
  type LevelTuple,
  NO_FAULTS,
  single,
  snapshot,
  syncOf,
  TWO_SIDED,
} from './messages.ts';

describe('a venue that numbers each connection from the start', () => {
  const restart = (batch: EventBatch): EventBatch => {
    batch.flags[0] |= EventFlag.RESTART;
    return batch;
  };

  it('is taken however low its number, and what waits from before is dropped', () => {
    const { sync, take } = syncOf('linked');
    take(snapshot(500, TWO_SIDED));
    expect(take(restart(snapshot(1, [[Side.BID, 90, 1]])))).toBe(Effect.RESYNCED);
    expect(sync.lastSequence).toBe(1);
    expect(take(delta(1, 2, [[Side.BID, 91, 1]]))).toBe(Effect.CHANGED);
    take(fault(Fault.GAP));
    // Numbers 2 to 3 of the old connection would chain on to the new one's snapshot.
    take(delta(2, 3, [[Side.BID, 200, 1]]));
    expect(take(restart(snapshot(2, TWO_SIDED)))).toBe(Effect.RESYNCED);
    expect([sync.lastSequence, sync.levels.bestBidTicks]).toEqual([2, 100]);
    expect(sync.faults).toEqual({ ...NO_FAULTS, gaps: 1 });
  });
});

describe('messages that come again', () => {
  it('are foreseen by isOld exactly where applyMessage passes over them', () => {
    for (const sequencing of ['consecutive', 'spanning', 'linked'] as const) {
      const { sync, take } = syncOf(sequencing);
      const messages = [
        delta(9, 10, TWO_SIDED),
        snapshot(10, TWO_SIDED),
        delta(9, 10, [[Side.BID, 99, 1]]),
        delta(10, 11, [[Side.BID, 99, 1]]),
        single(EventKind.TRADE, 11, [Side.BID, 102, 1]),
        single(EventKind.LEVEL, 11, [Side.BID, 101, 1]),
        snapshot(10, TWO_SIDED),
        fault(Fault.HALT),
        single(EventKind.LEVEL, 12, [Side.BID, 101, 1]),
        snapshot(12, TWO_SIDED),
        fault(Fault.GAP),
        delta(9, 10, TWO_SIDED),
      ];
      for (const [i, message] of messages.entries()) {
        const foreseen = sync.isOld(message, 0, message.length);
        expect(take(message) === Effect.OLD, `${sequencing}, message ${i}`).toBe(foreseen);
      }
    }
  });

  it('count on a consecutive stream with their trades; elsewhere trades have numbers of their own', () => {
    const trade = single(EventKind.TRADE, 11, [Side.BID, 102, 1]);
    const consecutive = syncOf('consecutive');
    consecutive.take(snapshot(10, TWO_SIDED));
    expect([consecutive.take(trade), consecutive.take(trade)]).toEqual([Effect.NONE, Effect.OLD]);
    expect(consecutive.sync.faults.stale).toBe(1);
    const linked = syncOf('linked');
    linked.take(snapshot(10, TWO_SIDED));
    expect([linked.take(trade), linked.take(trade)]).toEqual([Effect.NONE, Effect.NONE]);
  });

  it('are no more foreseen once they are the sign of a new numbering', () => {
    const { sync, take } = syncOf('consecutive');
    take(snapshot(2000, TWO_SIDED));
    take(single(EventKind.LEVEL, 2001, [Side.BID, 100, 1]));
    const old = single(EventKind.LEVEL, 5, [Side.BID, 100, 1]);
    let passed = 0;
    while (sync.isOld(old, 0, 1)) {
      expect(take(old)).toBe(Effect.OLD);
      passed++;
    }
    expect(passed).toBe(999);
    expect(take(old)).toBe(Effect.LOST);
  });

  it('are news where they carry a fault', () => {
    const { sync, take } = syncOf('consecutive');
    take(snapshot(10, TWO_SIDED));
    take(single(EventKind.LEVEL, 11, [Side.BID, 100, 1]));
    const builder = new BatchBuilder('test:ABC', 15000);
    builder.push(EventKind.FAULT, Side.NONE, 0, Fault.HALT, 0, 0, 11, 0);
    builder.push(EventKind.LEVEL, Side.BID, 100, 1, 0, 0, 11, 0);
    builder.endMessage();
    const both = builder.finish()!;
    expect(sync.isOld(both, 0, 2)).toBe(false);
    expect(take(both)).toBe(Effect.NONE);
    expect(sync.faults).toEqual({ ...NO_FAULTS, halts: 1, stale: 1 });
  });
});

describe('a venue that reports a number of levels', () => {
  const limited = (): { sync: BookSync<LadderBook>; take(batch: EventBatch): Effect } => {
    const sync = new BookSync({ ...instrumentWith('linked'), depthLimit: 2 }, new LadderBook());
    return { sync, take: (batch) => sync.applyMessage(batch, 0, batch.length) };
  };
  const three: LevelTuple[] = [
    [Side.BID, 100, 1],
    [Side.BID, 99, 2],
    [Side.BID, 98, 3],
    [Side.ASK, 102, 1],
  ];

  it('has no more of them in its book, after a snapshot, a change and what was kept', () => {
    const { sync, take } = limited();
    take(delta(1, 2, [[Side.BID, 101, 9]]));
    take(snapshot(1, three));
    expect([sync.levels.levelCount(Side.BID), sync.levels.lotsAt(Side.BID, 99)]).toEqual([2, 0]);
    take(
      delta(2, 3, [
        [Side.ASK, 103, 1],
        [Side.ASK, 104, 1],
      ]),
    );
    expect([sync.levels.levelCount(Side.ASK), sync.levels.lotsAt(Side.ASK, 104)]).toEqual([2, 0]);
    take(delta(3, 4, [[Side.BID, 101, 0]]));
    expect(sync.levels.levelCount(Side.BID)).toBe(1);
  });

  it('judges the message as a whole: a level that comes and goes within it pushes nothing out', () => {
    const { sync, take } = limited();
    take(snapshot(1, three.slice(1)));
    take(
      delta(1, 2, [
        [Side.BID, 100, 1],
        [Side.BID, 100, 0],
      ]),
    );
    expect([sync.levels.lotsAt(Side.BID, 99), sync.levels.lotsAt(Side.BID, 98)]).toEqual([2, 3]);
  });
});

describe('a venue that sends checksums', () => {
  const checksum = { rule: 'kraken', priceDecimals: 2, sizeDecimals: 0 } as const;
  const verified = (): { sync: BookSync<LadderBook>; take(batch: EventBatch): Effect } => {
    const sync = new BookSync({ ...instrumentWith('linked'), depthLimit: 10, checksum }, new LadderBook());
    return { sync, take: (batch) => sync.applyMessage(batch, 0, batch.length) };
  };
  // The ask 1.02 × 7, then the bid 1.00 × 5.
  const right = crc32('10271005');

  it('keeps the book while they agree, and loses it where they do not', () => {
    const { sync, take } = verified();
    expect(take(checked(snapshot(1, TWO_SIDED), right))).toBe(Effect.RESYNCED);
    expect(take(checked(delta(1, 2, [[Side.ASK, 102, 8]]), crc32('10281005')))).toBe(Effect.CHANGED);
    expect(take(checked(delta(2, 3, [[Side.ASK, 102, 7]]), crc32('10281005')))).toBe(Effect.LOST);
    expect([sync.state, sync.faults.checksums]).toEqual([SyncState.GAPPED, 1]);
    // A snapshot that is wrong itself brings nothing back; one that is right does, and what it lets follow.
    expect(take(checked(delta(3, 4, [[Side.BID, 100, 6]]), crc32('10271006')))).toBe(Effect.NONE);
    expect(take(checked(snapshot(3, TWO_SIDED), 1))).toBe(Effect.NONE);
    expect(take(checked(snapshot(3, TWO_SIDED), right))).toBe(Effect.RESYNCED);
    expect([sync.lastSequence, sync.levels.bestBidLots]).toEqual([4, 6]);
    expect(sync.faults).toEqual({ ...NO_FAULTS, checksums: 2 });
  });

  it('may leave one out, and is not asked by an instrument that does not say how', () => {
    const { take } = verified();
    expect(take(snapshot(1, TWO_SIDED))).toBe(Effect.RESYNCED);
    expect(take(delta(1, 2, [[Side.ASK, 102, 8]]))).toBe(Effect.CHANGED);
    const plain = syncOf('linked');
    expect(plain.take(checked(snapshot(1, TWO_SIDED), 1))).toBe(Effect.RESYNCED);
  });

  it('counts a crossed book and its checksum apart', () => {
    const { sync, take } = verified();
    take(checked(snapshot(1, TWO_SIDED), right));
    expect(take(checked(delta(1, 2, [[Side.BID, 103, 1]]), 1))).toBe(Effect.LOST);
    expect(sync.faults).toEqual({ ...NO_FAULTS, crossed: 1, checksums: 1 });
  });
});

describe('a book by order', () => {
  it('is followed as one by price is', () => {
    const sync = new BookSync(instrumentWith('consecutive'), new OrderBook());
    const take = (...rows: [EventKind, Side, number, number, number][]): Effect => {
      const builder = new BatchBuilder('test:ABC', 15000);
      for (const [kind, side, ticks, lots, id] of rows) builder.push(kind, side, ticks, lots, 0, 0, ++sequence, id);
      builder.endMessage();
      const batch = builder.finish()!;
      return sync.applyMessage(batch, 0, batch.length);
    };
    let sequence = 0;
    const head = new BatchBuilder('test:ABC', 15000);
    head.push(EventKind.SNAPSHOT, Side.NONE, 0, 0, 0, 0, 0, 0);
    head.push(EventKind.ADD, Side.BID, 100, 5, 0, 0, 0, 1);
    head.push(EventKind.ADD, Side.ASK, 102, 7, 0, 0, 0, 2);
    head.endMessage();
    const snapshotOfOrders = head.finish()!;
    expect(sync.applyMessage(snapshotOfOrders, 0, 3)).toBe(Effect.RESYNCED);
    expect(take([EventKind.ADD, Side.BID, 100, 4, 3])).toBe(Effect.CHANGED);
    expect([sync.book.ordersAt(Side.BID, 100), sync.levels.bestBidLots]).toEqual([2, 9]);
    expect(take([EventKind.EXECUTE, Side.BID, 100, 5, 1])).toBe(Effect.CHANGED);
    expect(sync.book.lotsAhead(3)).toBe(0);
    expect(take([EventKind.ADD, Side.BID, 102, 1, 4])).toBe(Effect.LOST);
    expect(sync.faults).toEqual({ ...NO_FAULTS, crossed: 1 });
  });
});
