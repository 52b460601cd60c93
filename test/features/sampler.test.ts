import { describe, expect, it } from 'vitest';
import { BookcastError, NO_PRICE } from '../../src/core/index.ts';
import { FeatureEngine, parseClock, RowSampler, type SampledRow } from '../../src/features/index.ts';
import { copyMessages, type EventBatch, EventFlag, type Instrument, Side } from '../../src/market/index.ts';
import {
  ask,
  bbo,
  bid,
  delta,
  disconnect,
  execute,
  instrumentOf,
  type Message,
  other,
  snapshot,
  toBatch,
  trade,
} from './random-market.ts';

const instrument = instrumentOf();
const MS = 1e6;

/** Rows of a clock over the messages; `day` of the batch may be set. */
function sample(clock: string, messages: readonly Message[] | readonly EventBatch[], on: Instrument = instrument) {
  const rows: SampledRow[] = [];
  const sampler = new RowSampler(on, { clock: parseClock(clock, on) }, (row) =>
    rows.push({ ...row, row: row.row.slice() }),
  );
  const batches = 'type' in messages[0] ? [toBatch(messages as Message[])] : (messages as EventBatch[]);
  for (const batch of batches) sampler.apply(batch);
  sampler.finish();
  expect(sampler.rows).toBe(rows.length);
  return rows;
}

const times = (rows: readonly SampledRow[]): number[] => rows.map((row) => row.tsEventNs / MS);
/** The best bid's price identifies the state in these tests. */
const bids = (rows: readonly SampledRow[]): number[] => rows.map((row) => row.bidTicks);

const open = (ms: number): Message => snapshot(ms * MS, [bid(100, 5), bid(99, 5), ask(110, 5), ask(111, 5)]);
const quote = (ms: number, price: number): Message => delta(ms * MS, [bid(price, 1)]);

describe('the text of a clock', () => {
  it('is read exactly', () => {
    const on = instrumentOf({ lotSize: '0.001' });
    expect(
      ['burst', 'event', 'mid', 'events:50', 'time:100', 'time:0.5', 'volume:2.5', 'volume:0.003'].map((text) =>
        parseClock(text, on),
      ),
    ).toEqual([
      { kind: 'burst', step: 1, text: 'burst' },
      { kind: 'event', step: 1, text: 'event' },
      { kind: 'mid', step: 1, text: 'mid' },
      { kind: 'events', step: 50, text: 'events:50' },
      { kind: 'time', step: 100 * MS, text: 'time:100' },
      { kind: 'time', step: 0.5 * MS, text: 'time:0.5' },
      { kind: 'volume', step: 2500, text: 'volume:2.5' },
      { kind: 'volume', step: 3, text: 'volume:0.003' },
    ]);
  });

  it.each([
    ['tick', 'is unknown'],
    ['', 'is unknown'],
    ['burst:3', 'takes no number'],
    ['events', 'lacks its number'],
    ['events:0', 'whole number of events'],
    ['events:1.5', 'whole number of events'],
    ['events:-3', 'whole number of events'],
    ['time:0', 'no time from'],
    ['time:1e3', 'no time from'],
    ['time:86400001', 'no time from'],
    ['volume:0.0005', 'lots of 0.001, in which test:TEST trades'],
    ['volume:0', 'lots of 0.001'],
    ['volume:many', 'lots of 0.001'],
  ])('%s is refused, with what there is', (text, reason) => {
    const parse = (): unknown => parseClock(text, instrumentOf({ lotSize: '0.001' }));
    expect(parse).toThrow(BookcastError);
    expect(parse).toThrow(reason);
    expect(parse).toThrow(`the clock ${JSON.stringify(text)}`);
    expect(parse).toThrow('a clock is burst, event, mid, events:N');
  });
});

describe('the clock', () => {
  const story = [
    open(1000),
    quote(1001, 101),
    quote(1001, 102),
    other(1003 * MS, [trade(Side.BID, 110, 3)]),
    other(1003 * MS, [bbo(Side.BID, 102, 1)]),
    delta(1004 * MS, [bid(98, 3)]),
    delta(1007 * MS, [bid(103, 1), execute(Side.ASK, 110, 2)]),
    quote(1009, 104),
  ];

  it('burst has a row at the end of each burst but the last', () => {
    const rows = sample('burst', story);
    expect(times(rows)).toEqual([1000, 1001, 1003, 1004, 1007]);
    expect(bids(rows)).toEqual([100, 102, 102, 102, 103]);
  });

  it('event has a row after each message that changed the book or traded', () => {
    const rows = sample('event', story);
    expect(times(rows)).toEqual([1000, 1001, 1001, 1003, 1004, 1007, 1009]);
    expect(bids(rows)).toEqual([100, 101, 102, 102, 102, 103, 104]);
    expect(rows.map((row) => row.sequence)).toEqual([1, 2, 3, 3, 4, 5, 6]);
    expect(rows.map((row) => row.index)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(rows.every((row) => row.trusted && row.askTicks === 110)).toBe(true);
  });

  it('mid has a row after each message that moved the mid', () => {
    expect(times(sample('mid', story))).toEqual([1001, 1001, 1007, 1009]);
  });

  it('events:N counts level changes, order messages and trades, the snapshot and bookkeeping apart', () => {
    // One event each at 1001, 1001, 1003 and 1004, two at 1007, one at 1009.
    expect(times(sample('events:2', story))).toEqual([1001, 1004, 1007]);
    expect(times(sample('events:5', story))).toEqual([1007]);
    const revealed = { ...bid(97, 3), flags: EventFlag.REVEALED };
    const quiet = [open(1000), delta(1001 * MS, [bid(101, 1), revealed, revealed]), quote(1002, 102)];
    expect(times(sample('events:2', quiet))).toEqual([1002]);
  });

  it('events:N carries over what a long message brought past a multiple', () => {
    const long = [
      open(1000),
      delta(1001 * MS, [bid(101, 1), bid(102, 1), bid(103, 1)]),
      quote(1002, 104),
      quote(1003, 105),
    ];
    expect(times(sample('events:2', long))).toEqual([1001, 1002]);
  });

  it('volume:SIZE counts traded lots, prints and executions', () => {
    // 3 lots at 1003 and 2 at 1007.
    expect(times(sample('volume:3', story))).toEqual([1003]);
    expect(times(sample('volume:4', story))).toEqual([1007]);
    expect(times(sample('volume:1', story))).toEqual([1003, 1007]);
    expect(times(sample('volume:6', story))).toEqual([]);
  });

  it('time:MS has a row on every multiple of MS, of the last message at or before it', () => {
    const rows = sample('time:2', story);
    expect(times(rows)).toEqual([1000, 1002, 1004, 1006, 1008]);
    expect(bids(rows)).toEqual([100, 102, 102, 102, 103]);
    expect(rows.map((row) => row.tsRecvNs / MS)).toEqual([1000, 1001, 1004, 1004, 1007]);
    expect(rows.map((row) => row.sequence)).toEqual([1, 3, 4, 4, 5]);
  });

  it('time:MS has the point of the last message once all its messages are there', () => {
    const rows = sample('time:3', story);
    expect(times(rows)).toEqual([1002, 1005, 1008]);
    const last = sample('time:3', [...story, quote(1011, 105), quote(1011, 106)]);
    expect(times(last)).toEqual([1002, 1005, 1008, 1011]);
    expect(bids(last)).toEqual([102, 102, 103, 106]);
  });

  it('time:MS is of the stream’s own clock: ours where bursts end with silence', () => {
    const batch = toBatch([open(1000), quote(1001, 101), quote(1005, 102)]);
    batch.tsRecvNs.forEach((ns, i) => {
      batch.tsRecvNs[i] = ns + 7 * MS;
    });
    const venue = sample('time:4', [batch]);
    expect(venue.map((row) => [row.tsEventNs / MS, row.tsRecvNs / MS])).toEqual([
      [1000, 1007],
      [1004, 1008],
    ]);
    const ours = sample('time:4', [batch], instrumentOf({ burstQuietNs: MS }));
    expect(ours.map((row) => [row.tsEventNs / MS, row.tsRecvNs / MS])).toEqual([
      [1001, 1008],
      [1005, 1012],
    ]);
    expect(bids(ours)).toEqual([101, 102]);
  });

  it('ages what fades to the point of the grid', () => {
    const rows = sample('time:500', [open(0), delta(100 * MS, [bid(104, 1)]), quote(2900, 105)]);
    const engine = new FeatureEngine(instrument);
    const at = engine.schema.names.indexOf('mid_age');
    expect(at).toBeGreaterThanOrEqual(0);
    // The mid is 0.4, 0.9 … seconds old; the signal is a law of the age alone.
    const ages = rows.slice(1).map((row) => row.row[at]);
    expect(new Set(ages).size).toBe(ages.length);
    expect([...ages].sort((a, b) => a - b)).toEqual(ages);
  });
});

describe('a book that is not trusted', () => {
  const empty = delta(1003 * MS, [ask(110, 0), ask(111, 0)]);
  const story = [
    quote(996, 90),
    open(1000),
    quote(1002, 101),
    empty,
    delta(1005 * MS, [ask(112, 1)]),
    disconnect(1007 * MS),
    other(1008 * MS, [trade(Side.BID, 112, 9)]),
    open(1011),
    quote(1013, 105),
  ];

  it('has no rows, except that a grid goes on with NaN', () => {
    expect(times(sample('event', story))).toEqual([1000, 1002, 1005, 1011, 1013]);
    expect(times(sample('burst', story))).toEqual([1000, 1002, 1005, 1011]);
    expect(times(sample('volume:1', story))).toEqual([]);
    const rows = sample('time:1', story);
    expect(times(rows)).toEqual(Array.from({ length: 18 }, (_, i) => 996 + i));
    const trusted = (t: number): boolean => t >= 1011 || (t >= 1000 && t < 1007 && t !== 1003 && t !== 1004);
    for (const row of rows) {
      const t = row.tsEventNs / MS;
      expect(row.trusted, `at ${t}`).toBe(trusted(t));
      expect(Number.isNaN(row.midTicks)).toBe(!row.trusted);
      if (row.trusted) continue;
      expect([row.bidTicks, row.askTicks]).toEqual([NO_PRICE, NO_PRICE]);
      expect([...row.row].every(Number.isNaN)).toBe(true);
    }
  });

  it('starts the counts anew with the new book', () => {
    const before = [open(1000), quote(1001, 101), other(1002 * MS, [trade(Side.BID, 110, 3)])];
    const after = [open(1011), quote(1012, 101), quote(1013, 102), other(1014 * MS, [trade(Side.BID, 110, 3)])];
    const lost = [...before, disconnect(1007 * MS), ...after];
    expect(times(sample('events:3', lost))).toEqual([1014]);
    expect(times(sample('volume:4', lost))).toEqual([]);
    expect(times(sample('volume:4', [...before, other(1014 * MS, [trade(Side.BID, 110, 3)])]))).toEqual([1014]);
    expect(times(sample('mid', lost))).toEqual([1001, 1012, 1013]);
  });

  it('has an hour of NaN on a grid and no more', () => {
    const hour = 3600e3;
    const rows = sample('time:600000', [open(0), disconnect(60e3 * MS), open(10 * hour), quote(10 * hour + 1, 101)]);
    expect(times(rows)).toEqual([0, 1, 2, 3, 4, 5, 6, 60].map((k) => k * 600e3));
    expect(rows.map((row) => row.trusted)).toEqual([true, false, false, false, false, false, false, true]);
  });

  it('is not what a halt is: a long silence of a trusted market has all its rows', () => {
    const hour = 3600e3;
    const rows = sample('time:600000', [open(0), quote(5 * hour, 101)]);
    expect(rows.length).toBe(31);
    expect(rows.every((row) => row.trusted)).toBe(true);
    expect(bids(rows)).toEqual([...Array<number>(30).fill(100), 101]);
  });
});

describe('a time that goes back', () => {
  it('has no point of the grid twice: the grid waits until the time has come again', () => {
    const rows = sample('time:2', [open(1000), quote(1005, 101), quote(1001, 102), quote(1003, 103), quote(1009, 104)]);
    expect(times(rows)).toEqual([1000, 1002, 1004, 1006, 1008]);
    expect(bids(rows)).toEqual([100, 100, 100, 103, 103]);
  });

  it('with another day begins the grid anew, and leaves out the time between', () => {
    const batch = toBatch([open(1000), quote(1004, 101), quote(3, 102), quote(7, 103)]);
    const first = copyMessages(batch, 0, 7);
    const second = copyMessages(batch, 7, batch.length);
    Object.defineProperty(second, 'day', { value: first.day + 1 });
    const rows = sample('time:2', [first, second]);
    expect(times(rows)).toEqual([1000, 1002, 1004, 4, 6]);
    expect(rows.map((row) => row.day)).toEqual([0, 0, 0, 1, 1]);
    expect(bids(rows)).toEqual([100, 100, 101, 102, 102]);
  });
});
