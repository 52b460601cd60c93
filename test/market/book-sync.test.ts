import { describe, expect, it } from 'vitest';
import { Effect, EventKind, Fault, Side, SyncState } from '../../src/market/index.ts';
import { delta, fault, type LevelTuple, NO_FAULTS, single, snapshot, syncOf, TWO_SIDED } from './messages.ts';

describe('BookSync', () => {
  it('goes from empty through buffering to synced, and replays what it kept', () => {
    const { sync, take } = syncOf('consecutive');
    expect(sync.state).toBe(SyncState.EMPTY);
    expect(sync.lastSequence).toBeNaN();
    for (const sequence of [5, 6, 7]) {
      expect(take(single(EventKind.LEVEL, sequence, [Side.BID, 101, sequence]))).toBe(Effect.NONE);
      expect(sync.state).toBe(SyncState.BUFFERING);
    }
    expect(take(snapshot(5, TWO_SIDED))).toBe(Effect.RESYNCED);
    expect(sync.state).toBe(SyncState.SYNCED);
    expect(sync.lastSequence).toBe(7);
    expect([sync.book.bestBidTicks, sync.book.bestBidLots]).toEqual([101, 7]);
    expect(sync.faults).toEqual(NO_FAULTS);
  });

  it('keeps its book empty while there was no snapshot', () => {
    const { sync, take } = syncOf('linked');
    take(delta(1, 2, TWO_SIDED));
    expect(sync.book.levelCount(Side.BID)).toBe(0);
    expect(sync.state).toBe(SyncState.BUFFERING);
  });

  it('accepts an empty snapshot: a market that begins', () => {
    const { sync, take } = syncOf('consecutive');
    expect(take(snapshot(0, []))).toBe(Effect.RESYNCED);
    expect(take(single(EventKind.ADD, 1, [Side.BID, 100, 3]))).toBe(Effect.CHANGED);
    expect(sync.book.bestBidLots).toBe(3);
  });

  it('tells a change from what leaves the book alone', () => {
    const { take } = syncOf('linked');
    take(snapshot(10, TWO_SIDED));
    expect(take(delta(10, 12, [[Side.BID, 101, 1]]))).toBe(Effect.CHANGED);
    expect(take(delta(12, 13))).toBe(Effect.CHANGED);
    expect(take(single(EventKind.TRADE, 999, [Side.BID, 102, 1]))).toBe(Effect.NONE);
    expect(take(single(EventKind.BBO, 3, [Side.BID, 50, 1]))).toBe(Effect.NONE);
    expect(take(delta(13, 14, [[Side.BID, 101, 0]]))).toBe(Effect.CHANGED);
  });

  it('takes a newer snapshot while synced, and passes over an older one', () => {
    const { sync, take } = syncOf('spanning');
    take(snapshot(10, TWO_SIDED));
    expect(take(snapshot(20, [[Side.BID, 90, 1]]))).toBe(Effect.RESYNCED);
    expect(take(snapshot(15, TWO_SIDED))).toBe(Effect.OLD);
    expect(sync.book.bestBidTicks).toBe(90);
    expect(sync.faults.stale).toBe(1);
    expect(take(delta(19, 22, [[Side.BID, 91, 1]]))).toBe(Effect.CHANGED);
  });

  it('loses a book that crosses, by a change or in a snapshot, and recovers with the next snapshot', () => {
    const { sync, take } = syncOf('linked');
    take(snapshot(10, TWO_SIDED));
    expect(take(delta(10, 11, [[Side.BID, 102, 1]]))).toBe(Effect.LOST);
    expect(sync.state).toBe(SyncState.GAPPED);
    expect(take(snapshot(11, [...TWO_SIDED, [Side.BID, 103, 1]]))).toBe(Effect.NONE);
    expect(sync.faults).toEqual({ ...NO_FAULTS, crossed: 2 });
    expect(take(delta(11, 12, [[Side.BID, 99, 2]]))).toBe(Effect.NONE);
    expect(take(snapshot(11, TWO_SIDED))).toBe(Effect.RESYNCED);
    expect(sync.lastSequence).toBe(12);
    expect(sync.book.lotsAt(Side.BID, 99)).toBe(2);
  });

  it('judges a message as a whole: a book crossed halfway through is not crossed', () => {
    const { sync, take } = syncOf('linked');
    take(snapshot(10, TWO_SIDED));
    const moved: LevelTuple[] = [
      [Side.BID, 102, 1],
      [Side.ASK, 102, 0],
      [Side.ASK, 103, 4],
    ];
    expect(take(delta(10, 11, moved))).toBe(Effect.CHANGED);
    expect(sync.faults.crossed).toBe(0);
  });

  it('is lost by the faults that the feed reports, counts halts, and leaves unreadable lines to the chain', () => {
    for (const code of [Fault.GAP, Fault.DISCONNECT, Fault.OVERFLOW, Fault.STALE, Fault.CROSSED, Fault.CHECKSUM]) {
      const { sync, take } = syncOf('linked');
      take(snapshot(10, TWO_SIDED));
      expect(take(fault(code))).toBe(Effect.LOST);
      expect(take(fault(code))).toBe(Effect.NONE);
      expect(sync.state).toBe(SyncState.GAPPED);
      expect(Object.values(sync.faults).reduce((a, b) => a + b)).toBe(2);
      expect(take(snapshot(10, TWO_SIDED))).toBe(Effect.RESYNCED);
    }
    const { sync, take } = syncOf('linked');
    take(snapshot(10, TWO_SIDED));
    for (const code of [Fault.HALT, Fault.RESUME, Fault.UNPARSABLE]) expect(take(fault(code))).toBe(Effect.NONE);
    expect(sync.state).toBe(SyncState.SYNCED);
    expect(sync.faults).toEqual({ ...NO_FAULTS, halts: 1 });
  });

  it('forgets what it kept when the feed disconnects: the next connection may count anew', () => {
    const { sync, take } = syncOf('consecutive');
    take(single(EventKind.LEVEL, 8, [Side.BID, 101, 1]));
    take(fault(Fault.DISCONNECT));
    take(snapshot(7, TWO_SIDED));
    expect(sync.lastSequence).toBe(7);
    expect(sync.book.bestBidTicks).toBe(100);
  });

  it('keeps the newest messages where the buffer is too small, and counts the others', () => {
    const { sync, take } = syncOf('consecutive', 3);
    for (let sequence = 1; sequence <= 5; sequence++) {
      take(single(EventKind.LEVEL, sequence, [Side.BID, 101, sequence]));
    }
    expect(sync.faults.overflow).toBe(2);
    expect(take(snapshot(1, TWO_SIDED))).toBe(Effect.NONE);
    expect(sync.state).toBe(SyncState.GAPPED);
    expect(take(snapshot(2, TWO_SIDED))).toBe(Effect.RESYNCED);
    expect(sync.lastSequence).toBe(5);
    const tooLarge = syncOf('linked', 1);
    tooLarge.take(delta(1, 2, TWO_SIDED));
    expect(tooLarge.sync.faults.overflow).toBe(1);
  });

  it('keeps what follows a break among the kept messages for a later snapshot', () => {
    const { sync, take } = syncOf('linked');
    take(delta(1, 3, [[Side.BID, 101, 1]]));
    take(delta(5, 7, [[Side.BID, 101, 2]]));
    expect(take(snapshot(2, TWO_SIDED))).toBe(Effect.NONE);
    expect([sync.state, sync.faults.gaps]).toEqual([SyncState.GAPPED, 1]);
    expect(take(snapshot(6, TWO_SIDED))).toBe(Effect.RESYNCED);
    expect([sync.lastSequence, sync.book.bestBidLots]).toEqual([7, 2]);
  });

  it('takes a long run of old numbers for a venue that counts anew, not for an echo', () => {
    const { take } = syncOf('consecutive');
    take(snapshot(5000, TWO_SIDED));
    take(single(EventKind.LEVEL, 5001, [Side.BID, 100, 6]));
    let lostAt = 0;
    for (let sequence = 1; lostAt === 0 && sequence < 4000; sequence++) {
      if (take(single(EventKind.LEVEL, sequence, [Side.BID, 100, 1])) === Effect.LOST) lostAt = sequence;
    }
    expect(lostAt).toBe(1000);
    expect(take(snapshot(1005, TWO_SIDED))).toBe(Effect.RESYNCED);
  });
});

describe('the rule of consecutive numbers', () => {
  it('passes over repeats and stops at a hole', () => {
    const { sync, take } = syncOf('consecutive');
    take(snapshot(10, TWO_SIDED));
    expect(take(single(EventKind.ADD, 11, [Side.BID, 100, 1]))).toBe(Effect.CHANGED);
    expect(take(single(EventKind.ADD, 11, [Side.BID, 100, 1]))).toBe(Effect.OLD);
    expect(sync.book.bestBidLots).toBe(6);
    expect(take(single(EventKind.ADD, 13, [Side.BID, 100, 1]))).toBe(Effect.LOST);
    expect(sync.faults).toEqual({ ...NO_FAULTS, gaps: 1, stale: 1 });
  });

  it('counts trades among the numbers: a lost trade is a hole, one that came is not', () => {
    const { sync, take } = syncOf('consecutive');
    take(snapshot(10, TWO_SIDED));
    expect(take(single(EventKind.TRADE, 11, [Side.BID, 102, 1]))).toBe(Effect.NONE);
    expect(take(single(EventKind.LEVEL, 12, [Side.BID, 101, 1]))).toBe(Effect.CHANGED);
    expect(take(single(EventKind.TRADE, 14, [Side.BID, 102, 1]))).toBe(Effect.LOST);
    expect(sync.lastSequence).toBe(12);
  });
});

describe('the rule of Binance spot', () => {
  it('needs the first event to span lastUpdateId + 1, and passes over older ones', () => {
    for (const [previous, sequence, state] of [
      [150, 160, SyncState.SYNCED],
      [159, 161, SyncState.SYNCED],
      [160, 165, SyncState.SYNCED],
      [161, 165, SyncState.GAPPED],
    ] as const) {
      const { sync, take } = syncOf('spanning');
      take(delta(previous, sequence, [[Side.BID, 101, 1]]));
      take(snapshot(160, TWO_SIDED));
      expect(sync.state).toBe(state);
      if (state === SyncState.SYNCED) expect(sync.lastSequence).toBe(Math.max(160, sequence));
    }
  });

  it('allows overlap and stops at a hole', () => {
    const { sync, take } = syncOf('spanning');
    take(snapshot(160, TWO_SIDED));
    expect(take(delta(155, 170))).toBe(Effect.CHANGED);
    expect(take(delta(165, 180))).toBe(Effect.CHANGED);
    expect(take(delta(181, 190))).toBe(Effect.LOST);
    expect(sync.faults.gaps).toBe(1);
  });
});

describe('the rule of Binance futures', () => {
  it('needs the first event to have pu <= lastUpdateId <= u, wherever U is', () => {
    for (const [previous, sequence, state] of [
      [140, 159, SyncState.SYNCED],
      [140, 160, SyncState.SYNCED],
      // The snapshot's id lies in the hole between pu and U.
      [158, 170, SyncState.SYNCED],
      [160, 170, SyncState.SYNCED],
      [161, 170, SyncState.GAPPED],
    ] as const) {
      const { sync, take } = syncOf('linked');
      take(delta(previous, sequence, [[Side.BID, 101, 1]]));
      take(snapshot(160, TWO_SIDED));
      expect(sync.state).toBe(state);
    }
  });

  it('follows pu, whatever ids are missing between, and stops where pu is not the last u', () => {
    const { take } = syncOf('linked');
    take(snapshot(160, TWO_SIDED));
    expect(take(delta(158, 170))).toBe(Effect.CHANGED);
    expect(take(delta(170, 900))).toBe(Effect.CHANGED);
    expect(take(delta(170, 900))).toBe(Effect.OLD);
    expect(take(delta(890, 950))).toBe(Effect.LOST);
  });
});
