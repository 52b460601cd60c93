import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BookSync, EventKind, LadderBook, messageEnd, type Side, SyncState } from '../../../src/market/index.ts';
import { openBinance } from '../../../src/venues/binance/index.ts';
import { dataPath, needs } from '../../support/data.ts';
import { file, replay } from './support.ts';

/**
 * Every recorded session with a snapshot: its messages, events and checks of the best quotes as measured. On futures each diff
 * after the snapshot is checked but the last few, which no later quote follows; on spot those whose id a quote has too.
 */
const SESSIONS: [name: string, files: string[], messages: number, events: number, checked: number][] = [
  ['USD-M 2023-04-04', ['usdm_btcusdt_20230404.dat.gz', 'usdm_btcusdt_20230405.dat.gz'], 73765, 442138, 16109],
  ['USD-M 2024-07-18', ['usdm_btcusdt_20240718.gz', 'usdm_btcusdt_20240719.gz'], 71984, 527103, 9016],
  ['USD-M 2024-08-08', ['usdm_btcusdt_20240808.gz'], 93954, 605564, 6544],
  ['spot 2024-08-08', ['spot_btcusdt_20240808.gz', 'spot_btcusdt_20240809.gz'], 99574, 472859, 1072],
  ['COIN-M 2024-08-08', ['cm_btcusd_perp_20240808.gz', 'cm_btcusd_perp_20240809.gz'], 98386, 808412, 44768],
];

const path = (name: string): string | null => dataPath(`binance/${name}`);

/** The snapshot of an hour, and the diff that reaches over it. Levels are `side ticks`. */
async function bridged(paths: string[]) {
  const { batches } = await replay(await openBinance({ paths }), true);
  const batch = batches.find(({ kind }) => kind.includes(EventKind.SNAPSHOT))!;
  const from = batch.kind.indexOf(EventKind.SNAPSHOT);
  const bridge = messageEnd(batch, from);
  const levels = new Map<string, number>();
  const changed = new Set<string>();
  const key = (i: number): string => `${batch.side[i]} ${batch.priceTicks[i]}`;
  for (let i = from + 1; i < bridge; i++) levels.set(key(i), batch.sizeLots[i]);
  for (let i = bridge + 1; i < messageEnd(batch, bridge); i++) changed.add(key(i));
  const ticks = batch.priceTicks.subarray(from + 1, bridge);
  return { levels, changed, bridgeId: batch.sequence[bridge], lowest: Math.min(...ticks), highest: Math.max(...ticks) };
}

describe('recorded sessions', () => {
  for (const [name, files, messages, events, checked] of SESSIONS) {
    const paths = files.map(path);
    const missing = files.find((_, i) => paths[i] === null);
    it.skipIf(missing !== undefined)(
      `${name}: no break, no cross, every checked quote equal${missing === undefined ? '' : needs(`binance/${missing}`)}`,
      async () => {
        const source = await openBinance({ paths: paths as string[] });
        const replayed = await replay(source);
        expect(source.counts).toMatchObject({ messages, unparsable: 0 });
        expect(replayed.events).toBe(events);
        expect(replayed.sync.state).toBe(SyncState.SYNCED);
        expect(Object.values(replayed.sync.faults).every((count) => count === 0)).toBe(true);
        expect(replayed.verifier.report()).toEqual({ checked, mismatches: 0, firstMismatch: null });
      },
    );
  }

  /** By symbol: messages of the whole file, events, and checks of the best quotes, as measured. */
  const JSONL: [file: string, messages: number, Record<string, [tick: string, events: number, checked: number]>][] = [
    [
      'BINANCE.jsonl.zst',
      266,
      {
        NKNUSDT: ['0.00001', 2288, 19],
        BLZETH: ['0.00000001', 1199, 1],
        LRCBTC: ['0.00000001', 1238, 6],
        RUNEEUR: ['0.001', 696, 0],
      },
    ],
    [
      'BINANCE_FUTURES.jsonl.zst',
      1536,
      {
        SUSHIUSDT: ['0.001', 6935, 252],
        AKROUSDT: ['0.00001', 2699, 177],
        KEEPUSDT: ['0.0001', 1902, 114],
        CTKUSDT: ['0.00001', 2459, 177],
      },
    ],
  ];
  for (const [name, messages, symbols] of JSONL) {
    for (const [symbol, [tick, events, checked]] of Object.entries(symbols)) {
      it.skipIf(path(name) === null)(
        `${name} ${symbol}: the snapshot bridges, no break, no cross, every checked quote equal${needs(`binance/${name}`)}`,
        async () => {
          const source = await openBinance({ paths: [path(name)!], symbol });
          expect(source.instrument.tickSize).toBe(tick);
          const replayed = await replay(source);
          expect(source.counts).toMatchObject({ messages, unparsable: 0 });
          expect(replayed.events).toBe(events);
          expect(replayed.sync.state).toBe(SyncState.SYNCED);
          expect(Object.values(replayed.sync.faults).every((count) => count === 0)).toBe(true);
          expect(replayed.verifier.report()).toEqual({ checked, mismatches: 0, firstMismatch: null });
          expect(source.notes).toEqual([]);
        },
      );
    }
  }

  const hour = (begin: string): string[] =>
    ['trades', 'update', 'snapshot'].map((part) => `ETHBTC_2020-11-01T${begin}-00-00_${part}.json.xz`);
  const HOURS: [what: string, files: string[], messages: number, events: number][] = [
    ['the first hour', hour('09'), 5337, 74938],
    ['the second hour', hour('10'), 5365, 79301],
    ['both, in any order', [...hour('10'), ...hour('09')], 10701, 152238],
  ];
  for (const [what, files, messages, events] of HOURS) {
    const absent = files.find((name) => path(name) === null);
    it.skipIf(absent !== undefined)(
      `ETHBTC 2020-11-01, ${what}: the snapshot bridges, no break, no cross${absent === undefined ? '' : needs(`binance/${absent}`)}`,
      async () => {
        const source = await openBinance({ paths: files.map((name) => path(name)!) });
        expect([source.instrument.tickSize, source.instrument.lotSize]).toEqual(['0.000001', '0.00000001']);
        const { sync, events: found } = await replay(source);
        expect(source.counts).toMatchObject({ messages, unparsable: 0, bytesRead: source.counts.bytesTotal });
        expect(found).toBe(events);
        expect(sync.state).toBe(SyncState.SYNCED);
        expect(Object.values(sync.faults).every((count) => count === 0)).toBe(true);
      },
    );
  }

  const second = hour('10').map(path);
  it.skipIf([...second, ...hour('09').map(path)].includes(null))(
    `ETHBTC: after an hour of diffs the book is the venue's next snapshot${needs(`binance/${hour('10')[0]}`)}`,
    async () => {
      const snapshot = await bridged(second as string[]);
      const first = await bridged(hour('09').map((name) => path(name)!));
      const both = await openBinance({ paths: [...hour('09'), ...hour('10')].map((name) => path(name)!) });
      const book = new LadderBook();
      const sync = new BookSync(both.instrument, book);
      let equal = 0;
      const different: unknown[] = [];
      for await (const batch of both.batches()) {
        for (let i = 0; i < batch.length; i = messageEnd(batch, i)) {
          if (batch.kind[i] === EventKind.DELTA && batch.sequence[i] === snapshot.bridgeId) {
            for (const [level, lots] of snapshot.levels) {
              const [side, ticks] = level.split(' ').map(Number);
              // The snapshot was taken within the second of this diff, which may have changed a level before or after it. Beyond
              // the range of the first snapshot, what never changed is unknown.
              if (snapshot.changed.has(level) || ticks < first.lowest || ticks > first.highest) continue;
              if (book.lotsAt(side as Side, ticks) === lots) equal++;
              else different.push([level, lots, book.lotsAt(side as Side, ticks)]);
            }
          }
          sync.applyMessage(batch, i, messageEnd(batch, i));
        }
      }
      expect(different).toEqual([]);
      expect(equal).toBeGreaterThan(900);
    },
  );

  const bare = 'spot_btcusdt_20230405.dat.gz';
  it.skipIf(path(bare) === null)(
    `spot 2023-04-05 has no snapshot, and no book${needs(`binance/${bare}`)}`,
    async () => {
      const source = await openBinance({ paths: [path(bare)!] });
      const { sync, verifier, events } = await replay(source);
      expect(events).toBeGreaterThan(50000);
      expect(sync.state).toBe(SyncState.BUFFERING);
      expect(verifier.report().checked).toBe(0);
      expect(source.notes).toContain('no snapshot in the recording: the book is never synced, and no forecast is made');
    },
  );

  const usdm = 'usdm_btcusdt_20240718.gz';
  it.skipIf(path(usdm) === null)(
    `the same book with every bookTicker line deleted${needs(`binance/${usdm}`)}`,
    async () => {
      const lines = gunzipSync(readFileSync(path(usdm)!))
        .toString('latin1')
        .split('\n');
      const without = lines.filter((line) => !line.includes('bookTicker'));
      expect(without.length).toBeLessThan(lines.length / 2);
      const full = await replay(await openBinance({ paths: [path(usdm)!] }));
      const cut = await replay(await openBinance({ paths: [file('cut', without.join('\n'))] }));
      expect(cut.book.hash()).toBe(full.book.hash());
      expect(cut.sync.lastSequence).toBe(full.sync.lastSequence);
      expect(cut.verifier.report().checked).toBe(0);
      expect(full.verifier.report().checked).toBeGreaterThan(3000);
    },
  );
});
