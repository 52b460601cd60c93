import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { SyncState } from '../../../src/market/index.ts';
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
        expect(replayed.sync.faults).toEqual({ gaps: 0, crossed: 0, stale: 0, overflow: 0, disconnects: 0, halts: 0 });
        expect(replayed.verifier.report()).toEqual({ checked, mismatches: 0, firstMismatch: null });
      },
    );
  }

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
