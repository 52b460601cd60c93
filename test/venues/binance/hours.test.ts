import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { EventKind, SyncState } from '../../../src/market/index.ts';
import { openBinance, sniffBinance } from '../../../src/venues/binance/index.ts';
import { file, replay, rowsOf } from './support.ts';

const MS = 1604221200000;
type Levels = string[][];
const diff = (ms: number, U: number, u: number, b: Levels, a: Levels = []): object => ({
  e: 'depthUpdate',
  E: MS + ms,
  s: 'ETHBTC',
  U,
  u,
  b,
  a,
});
const trade = (ms: number, a: number): object => ({
  e: 'aggTrade',
  E: MS + ms,
  s: 'ETHBTC',
  a,
  p: '0.02',
  q: '2.000',
  f: a,
  l: a,
  T: MS + ms - 2,
  m: true,
  M: true,
});
const snapshot = (lastUpdateId: number): object => ({
  lastUpdateId,
  bids: [['0.01', '1.000']],
  asks: [['0.03', '1.000']],
});

/** Writes an hour's file, spaced as the originals are. */
function part(hour: string, kind: string, data: unknown): string {
  return file(`ETHBTC_2020-11-01T${hour}-00-00_${kind}.json.gz`, gzipSync(JSON.stringify(data, null, 1)));
}

const HOUR = (): string[] => [
  part('09', 'update', [
    diff(1000, 5, 7, []),
    diff(2000, 8, 11, [['0.01', '2.000']]),
    diff(3000, 12, 12, [['0.01', '3.000']]),
  ]),
  part('09', 'snapshot', snapshot(9)),
  part('09', 'trades', [trade(500, 1), trade(2000, 2), trade(2001, 3), trade(9000, 4)]),
];

const heads = async (paths: string[]) => {
  const source = await openBinance({ paths });
  const replayed = await replay(source, true);
  const rows = replayed.batches.flatMap(rowsOf);
  const messages = rows.filter(({ kind }) => kind !== EventKind.LEVEL).map(({ kind, sequence }) => [kind, sequence]);
  return { source, ...replayed, rows, messages };
};

describe('an hour of JSON arrays', () => {
  it('is in order of sending: trades ahead of the diff of the same time, the snapshot where it bridges', async () => {
    const { messages, source, sync, book, rows } = await heads(HOUR());
    const { TRADE, DELTA, SNAPSHOT } = EventKind;
    expect(messages).toEqual([
      [TRADE, 1],
      [DELTA, 7],
      [TRADE, 2],
      [SNAPSHOT, 9],
      [DELTA, 11],
      [TRADE, 3],
      [DELTA, 12],
      [TRADE, 4],
    ]);
    expect(sync.state).toBe(SyncState.SYNCED);
    expect([book.bestBidTicks, book.bestBidLots]).toEqual([1, 3000]);
    // The time of sending stands for the receive time; a trade has its own.
    expect(rows[0]).toMatchObject({ tsRecvNs: 32400e9 + 500e6, tsEventNs: 32400e9 + 498e6 });
    expect(source.notes).toContain('no receive times in these data: the time of sending stands for them');
    expect(source.counts).toMatchObject({ messages: 8, unparsable: 0, bytesRead: source.counts.bytesTotal });
    expect(source.verifier()).toBeNull();
  });

  it('joined with the next one keeps its book while the diffs chain on', async () => {
    const next = [
      part('10', 'update', [diff(4000, 13, 20, [['0.01', '7.000']])]),
      part('10', 'snapshot', snapshot(15)),
    ];
    const { messages, source, book, sync } = await heads([...next, ...HOUR()]);
    expect(messages.filter(([kind]) => kind === EventKind.SNAPSHOT)).toEqual([[EventKind.SNAPSHOT, 9]]);
    expect(source.notes).toContain('1 snapshots left out: the diffs chain on without a break');
    expect([sync.lastSequence, book.bestBidLots]).toEqual([20, 7000]);
  });

  it('joined with one behind a break begins its book anew', async () => {
    const next = [
      part('10', 'update', [diff(4000, 14, 20, []), diff(5000, 21, 30, [['0.01', '7.000']])]),
      part('10', 'snapshot', snapshot(25)),
    ];
    const { messages, sync } = await heads([...HOUR(), ...next]);
    expect(messages.filter(([kind]) => kind === EventKind.SNAPSHOT).map(([, id]) => id)).toEqual([9, 25]);
    expect(sync.faults.gaps).toBe(1);
    expect([sync.state, sync.lastSequence]).toEqual([SyncState.SYNCED, 30]);
  });

  it('with a snapshot that does not bridge takes the next one', async () => {
    const early = [
      part('09', 'snapshot', snapshot(2)),
      part('09', 'update', [diff(1000, 5, 7, []), diff(2000, 8, 9, [])]),
    ];
    const next = [part('10', 'snapshot', snapshot(10)), part('10', 'update', [diff(3000, 10, 11, [])])];
    const { messages, sync } = await heads([...early, ...next]);
    expect(messages.filter(([kind]) => kind === EventKind.SNAPSHOT)).toHaveLength(2);
    expect([sync.state, sync.lastSequence]).toEqual([SyncState.SYNCED, 11]);
  });

  it('with no diff at all has no book: a snapshot that never changes is none', async () => {
    const { messages, sync } = await heads([
      part('09', 'snapshot', snapshot(9)),
      part('09', 'trades', [trade(500, 1)]),
    ]);
    expect(messages).toEqual([[EventKind.TRADE, 1]]);
    expect(sync.state).toBe(SyncState.EMPTY);
  });

  it('with something unreadable in it goes on behind a fault that has its place', async () => {
    const path = part('09', 'update', [7, diff(1000, 5, 7, [['0.01', '2.0']]), { ...diff(2000, 8, 9, []), u: 'x' }]);
    const { messages, source } = await heads([path]);
    expect(messages.map(([kind]) => kind)).toEqual([EventKind.FAULT, EventKind.DELTA, EventKind.FAULT]);
    expect(source.counts.unparsable).toBe(2);
    expect(source.notes.at(-1)).toMatch(/_update\.json\.gz, message 3: "u" is "x"/);
  });

  it.each([
    ['not JSON', () => [file('ETHBTC_2020-11-01T09-00-00_update.json', '[{"e":')], 'bad-input', /it is not JSON/],
    ['no array', () => [file('ETHBTC_2020-11-01T09-00-00_update.json', '{}')], 'bad-input', /expected an array/],
    ['no snapshot', () => [file('ETHBTC_2020-11-01T09-00-00_snapshot.json', '[]')], 'bad-input', /expected a snapshot/],
    [
      'nothing in it',
      () => [file('ETHBTC_2020-11-01T09-00-00_update.json', '[]')],
      'bad-input',
      /nothing tells its time/,
    ],
    ['no such file', () => ['ETHBTC_2020-11-01T09-00-00_update.json.xz'], 'not-found', /no such file/],
    ['the same file twice', () => [HOUR()[0], HOUR()[0]], 'bad-argument', /the same hour's/],
    [
      'two symbols',
      () => [...HOUR(), 'XRPBTC_2020-11-01T09-00-00_update.json.xz'],
      'bad-argument',
      /hold ETHBTC, XRPBTC; say which/,
    ],
    [
      'lines as well',
      () => [...HOUR(), file('lines', '1723161253937085768 {}\n')],
      'bad-argument',
      /files of one form/,
    ],
  ] as const)('with %s', async (_what, paths, code, message) => {
    const opened = openBinance({ paths: paths() });
    await expect(opened).rejects.toThrow(message);
    await expect(opened).rejects.toMatchObject({ code });
  });

  it('of one symbol of several', async () => {
    const source = await openBinance({
      paths: [...HOUR(), 'XRPBTC_2020-11-01T09-00-00_update.json.xz'],
      symbol: 'ethbtc',
    });
    expect(source.instrument.name).toBe('ETHBTC/SPOT');
    await expect(openBinance({ paths: HOUR(), symbol: 'XRPBTC' })).rejects.toThrow(/nothing of XRPBTC/);
  });

  it('is known by its name', () => {
    expect(sniffBinance(new Uint8Array(0), 'd/ETHBTC_2020-11-01T09-00-00_update.json.xz')).toBe(true);
    expect(sniffBinance(new Uint8Array(0), 'd/ETHBTC_update.json.xz')).toBe(false);
  });
});
