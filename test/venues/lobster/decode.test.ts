import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoTime, NO_PRICE, zoneOffsetNs } from '../../../src/core/index.ts';
import { type EventBatch, EventFlag, EventKind, Fault, Side, SyncState } from '../../../src/market/index.ts';
import { openLobster } from '../../../src/venues/lobster/index.ts';
import { Scanner } from '../../../src/venues/lobster/scan.ts';
import { fileName, replay, writeFiles, writePair } from './support.ts';

const encoder = new TextEncoder();
const { SNAPSHOT, DELTA, LEVEL, ADD, CANCEL, DELETE, EXECUTE, TRADE, FAULT } = EventKind;
const { BID, ASK, NONE } = Side;
const { REVEALED, HIDDEN, MESSAGE_END } = EventFlag;

/** `[kind, side, ticks, lots, order id, flags]` of every event, a list a message. */
function messagesOf(batches: readonly EventBatch[]): number[][][] {
  const messages: number[][][] = [[]];
  for (const b of batches) {
    for (let i = 0; i < b.length; i++) {
      const flags = b.flags[i] & ~MESSAGE_END;
      messages.at(-1)!.push([b.kind[i], b.side[i], b.priceTicks[i], b.sizeLots[i], b.orderId[i], flags]);
      if ((b.flags[i] & MESSAGE_END) !== 0) messages.push([]);
    }
  }
  return messages.slice(0, -1);
}

const lines = (...rows: string[]): string => rows.map((row) => `${row}\n`).join('');

describe('times', () => {
  const time = (text: string): number => new Scanner(encoder.encode(`${text},`)).nanoseconds();

  it('are exact, from the digits', () => {
    expect(time('34200.015105074')).toBe(34_200_015_105_074);
    expect(time('34200.05990197')).toBe(34_200_059_901_970);
    expect(time('57599.5')).toBe(57_599_500_000_000);
    expect(time('0.000000001')).toBe(1);
    expect(time('34200')).toBe(34_200_000_000_000);
    // Noise of a copy that went through floating point; at most a hundredth of a nanosecond.
    expect(time('35821.088778456004')).toBe(35_821_088_778_456);
    expect(time('35821.088778455996')).toBe(35_821_088_778_456);
    expect(time('1.0000000010')).toBe(1_000_000_001);
    for (const bad of ['', '-1', '1.', '.5', '1.-5', '1.0000000001', '1.0000000009', '1.00000000005', 'x', '1000000'])
      expect(time(bad), bad).toBeNaN();
  });

  it('equal arithmetic in big integers', () => {
    fc.assert(
      fc.property(fc.nat(99_999), fc.nat(999_999_999), fc.integer({ min: 0, max: 9 }), (seconds, nanos, decimals) => {
        const fraction = String(nanos).padStart(9, '0').slice(0, decimals);
        const expected = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
        expect(BigInt(time(decimals === 0 ? String(seconds) : `${seconds}.${fraction}`))).toBe(expected);
      }),
    );
  });

  it('count from midnight in New York, four hours behind UTC in summer and five in winter', async () => {
    const isoOf = async (day: string, seconds: string): Promise<string> => {
      const message = lines(`${seconds},1,1,100,1000000,1`);
      const source = await openLobster({ paths: writeFiles({ [fileName('message', 1, day)]: message }) });
      const { batches } = await replay(source);
      expect(batches[0].tsRecvNs[0]).toBe(batches[0].tsEventNs[0]);
      return isoTime(batches[0].tsEventNs[0], batches[0].day);
    };
    expect(await isoOf('2012-06-21', '34200.017459617')).toBe('2012-06-21T13:30:00.017459617Z');
    expect(await isoOf('2012-01-03', '34200.5')).toBe('2012-01-03T14:30:00.500000000Z');
    // The last trading day before and the first after the switches of 2012 (11 March, 4 November).
    expect(await isoOf('2012-03-09', '57600')).toBe('2012-03-09T21:00:00.000000000Z');
    expect(await isoOf('2012-03-12', '57600')).toBe('2012-03-12T20:00:00.000000000Z');
    expect(await isoOf('2012-11-02', '57600')).toBe('2012-11-02T20:00:00.000000000Z');
    expect(await isoOf('2012-11-05', '57600')).toBe('2012-11-05T21:00:00.000000000Z');
    // After hours the UTC date has moved on; the batch's day has not.
    expect(await isoOf('2012-01-03', '71999.9')).toBe('2012-01-04T00:59:59.900000000Z');
  });

  it('know zones with and without an offset', () => {
    expect(zoneOffsetNs('UTC', 15_512)).toBe(0);
    expect(zoneOffsetNs('Asia/Kolkata', 15_512)).toBe(5.5 * 3600e9);
  });
});

describe('rows', () => {
  const ROW_0 = '10200,3,10000,5,10300,4,9900,6';

  async function decodePair(messages: string[], rows: string[]) {
    const paths = writePair({ message: lines(...messages), orderbook: lines(...rows) }, 2);
    const source = await openLobster({ paths });
    const result = await replay(source);
    return { source, ...result, messages: messagesOf(result.batches) };
  }

  it('become order messages, with what came into view and what left it', async () => {
    const { source, messages, sync, report, batches } = await decodePair(
      [
        '34200.1,1,9,5,10000,1',
        '34200.2,1,11,7,10100,1', // better bid: 99.00 leaves the window
        '34200.2,2,12,1,10300,-1',
        '34200.3,3,11,7,10100,1', // the better bid goes: what comes into view is 98.00, for 99.00 went unseen
        '34200.4,4,13,3,10200,-1', // the best ask is executed: 1.05 comes into view
        '34200.5,1,14,2,10600,-1', // deeper than the window: never shown by LOBSTER, and hidden at once
      ],
      [
        ROW_0,
        '10200,3,10100,7,10300,4,10000,5',
        '10200,3,10100,7,10300,3,10000,5',
        '10200,3,10000,5,10300,3,9800,1',
        '10300,3,10000,5,10500,8,9800,1',
        '10300,3,10000,5,10500,8,9800,1',
      ],
    );
    expect(source.instrument).toEqual({
      venue: 'lobster',
      name: 'GOOG',
      tickSize: '0.01',
      lotSize: '1',
      sequencing: 'consecutive',
      burstQuietNs: 0,
      byOrder: true,
      depthLimit: 2,
    });
    expect(source.origin).toBe('recorded');
    expect(messages).toEqual([
      [
        [SNAPSHOT, NONE, NO_PRICE, 0, 0, 0],
        [LEVEL, BID, 100, 5, 0, 0],
        [LEVEL, BID, 99, 6, 0, 0],
        [LEVEL, ASK, 102, 3, 0, 0],
        [LEVEL, ASK, 103, 4, 0, 0],
      ],
      [
        [ADD, BID, 101, 7, 11, 0],
        [LEVEL, BID, 99, 0, 0, HIDDEN],
      ],
      [[CANCEL, ASK, 103, 1, 12, 0]],
      [
        [DELETE, BID, 101, 7, 11, 0],
        [LEVEL, BID, 98, 1, 0, REVEALED],
      ],
      [
        [EXECUTE, ASK, 102, 3, 13, 0],
        [LEVEL, ASK, 105, 8, 0, REVEALED],
      ],
      [
        [ADD, ASK, 106, 2, 14, 0],
        [LEVEL, ASK, 106, 0, 0, HIDDEN],
      ],
    ]);
    expect([...batches[0].sequence]).toEqual([0, 0, 0, 0, 0, 1, 1, 2, 3, 3, 4, 4, 5, 5]);
    expect(sync.state).toBe(SyncState.SYNCED);
    // 5 rows of 4 levels, less the two revealed.
    expect(report).toEqual({ checked: 18, mismatches: 0, firstMismatch: null });
    expect(source.notes).toEqual([]);
    expect(source.counts).toMatchObject({ messages: 6, unparsable: 0, bytesRead: source.counts.bytesTotal });
  });

  it('give hidden trades the side that the mid tells, and no price at a fraction of a tick', async () => {
    const { source, messages, report } = await decodePair(
      [
        '34200,1,9,5,10000,1',
        '34201,5,0,10,10150,1', // 1.015 above the mid of 1.01
        '34201,5,0,20,10050,1', // 1.005 below it
        '34201,5,0,30,10100,1', // at it
        '34201,5,0,40,10200,-1', // the direction is masked: not looked at
        '34201,6,77,50,10100,-1',
      ],
      Array<string>(6).fill(ROW_0),
    );
    expect(messages.slice(1)).toEqual([
      [[TRADE, BID, NO_PRICE, 10, 0, 0]],
      [[TRADE, ASK, NO_PRICE, 20, 0, 0]],
      [[TRADE, NONE, 101, 30, 0, 0]],
      [[TRADE, BID, 102, 40, 0, 0]],
      [[TRADE, NONE, 101, 50, 77, 0]],
    ]);
    expect(report).toMatchObject({ checked: 20, mismatches: 0 });
    expect(source.notes).toEqual([
      '2 hidden executions at a fraction of a tick: each is a trade with its size and without a price',
    ]);
  });

  it('keep the chain through a halt, and the book', async () => {
    const { messages, sync } = await decodePair(
      ['34200,1,9,5,10000,1', '36023,7,0,0,-1,-1', '36323,7,0,0,0,-1', '36723,7,0,0,1,-1', '36724,2,1,1,10000,1'],
      [ROW_0, ROW_0, ROW_0, ROW_0, '10200,3,10000,4,10300,4,9900,6'],
    );
    expect(messages.slice(1, 4).map((rows) => rows.map((row) => [row[0], row[3]]))).toEqual([
      [
        [DELTA, 0],
        [FAULT, Fault.HALT],
      ],
      [
        [DELTA, 0],
        [FAULT, Fault.HALT],
      ],
      [
        [DELTA, 0],
        [FAULT, Fault.RESUME],
      ],
    ]);
    expect(sync.state).toBe(SyncState.SYNCED);
    expect(sync.faults).toMatchObject({ gaps: 0, halts: 2 });
    expect(sync.lastSequence).toBe(4);
  });

  it('may have sides with fewer levels than the window, or none', async () => {
    const { messages, report, book } = await decodePair(
      [
        '34200,3,9,5,10000,1',
        '34201,1,1,5,10400,-1',
        '34202,3,1,5,10400,-1',
        '34203,1,2,6,10100,1',
        '34204,5,0,1,10300,1',
      ],
      [
        '9999999999,0,10000,5,9999999999,0,-9999999999,0',
        '10400,5,10000,5,9999999999,0,-9999999999,0',
        '9999999999,0,10000,5,9999999999,0,-9999999999,0',
        '9999999999,0,10100,6,9999999999,0,10000,5',
        '9999999999,0,10100,6,9999999999,0,10000,5',
      ],
    );
    // Nobody knows who was the aggressor while a side is empty.
    expect(messages[4]).toEqual([[TRADE, NONE, 103, 1, 0, 0]]);
    expect(report).toMatchObject({ mismatches: 0 });
    expect(book.bestAskTicks).toBe(NO_PRICE);
    expect(book.levelCount(BID)).toBe(2);
  });

  it('have ticks of a hundredth of a cent where the visible book needs them', async () => {
    const low = await decodePair(
      ['34200,1,1,5,9000,1', '34201,1,2,5,9150,1'],
      ['9999,1,9000,5,10000,2,8999,3', '9999,1,9150,5,10000,2,9000,5'],
    );
    expect(low.source.instrument.tickSize).toBe('0.0001');
    expect(low.book.bestBidTicks).toBe(9150);
    expect(low.report).toMatchObject({ mismatches: 0 });
    // Only the opening book tells here.
    const opening = await decodePair(['34200,1,1,5,9000,1'], ['9999,1,9000,5,10000,2,8900,3']);
    expect(opening.source.instrument.tickSize).toBe('0.0001');
  });

  it('that contradict each other are noted and counted, not used', async () => {
    const { source, report } = await decodePair(
      ['34200,1,9,5,10000,1', '34201,3,9,5,10000,1', '34202,2,8,50,10200,-1'],
      // The delete leaves one bid, the cancel takes a whole ask away: each side's level 2 repeats a level that is there already.
      [ROW_0, '10200,3,9900,6,10300,4,9900,6', '10200,3,9900,6,10300,4,9900,6'],
    );
    expect(source.notes).toEqual([
      '1 messages take more from a level than the book holds there',
      '2 order book cells contradict the messages and were not used: the two files disagree',
    ]);
    expect(report!.mismatches).toBeGreaterThan(0);
    expect(report!.firstMismatch).toContain(
      'orderbook_2.csv, line 3, ask level 1: the book has 4 at 10300, the file 3 at 10200',
    );
  });
});

describe('a message file alone', () => {
  it('flows, and its book is never synced', async () => {
    const message = lines('34200,1,9,5,10000,1', '34201,3,9,5,10000,1', '34202,5,0,5,10000,1');
    const source = await openLobster({ paths: writeFiles({ [fileName('message', 50)]: message }) });
    const { sync, batches, report } = await replay(source);
    expect(messagesOf(batches)).toEqual([
      [[ADD, BID, 100, 5, 9, 0]],
      [[DELETE, BID, 100, 5, 9, 0]],
      [[TRADE, NONE, 100, 5, 0, 0]],
    ]);
    expect(sync.state).toBe(SyncState.BUFFERING);
    expect(report).toBeNull();
    expect(source.instrument.depthLimit).toBe(50);
    expect(source.notes).toHaveLength(1);
    expect(source.notes[0]).toContain('no order book file');
    expect(source.notes[0]).toContain(`give ${fileName('orderbook', 50)} too`);
  });
});
