import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EventKind, Side, SyncState } from '../../../src/market/index.ts';
import { openLobster } from '../../../src/venues/lobster/index.ts';
import { unzip } from '../../../src/venues/lobster/zip.ts';
import { dataPath, needs } from '../../support/data.ts';
import { type Replay, replay, sameBatches, writeFiles } from './support.ts';

/** Rows as `wc -l` counts them; checked levels and hidden executions at half a cent as measured when this was written. */
const RECORDINGS = [
  { file: 'lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip', rows: 147_916, checked: 2_913_849, halfCents: 50 },
  { file: 'lobster/LOBSTER_SampleFile_GOOG_2012-06-21_5.zip', rows: 112_673, checked: 1_094_817, halfCents: 50 },
  { file: 'lobster/LOBSTER_SampleFile_GOOG_2012-06-21_1.zip', rows: 49_482, checked: 87_755, halfCents: 50 },
  { file: 'lobster/LOBSTER_SampleFile_AAPL_2012-06-21_1.zip', rows: 118_497, checked: 206_921, halfCents: 372 },
];

describe.each(RECORDINGS)('$file', ({ file, rows, checked, halfCents }) => {
  it.skipIf(dataPath(file) === null)(`is rebuilt without a mismatch${needs(file)}`, async () => {
    const source = await openLobster({ paths: [dataPath(file)!] });
    const { sync, book, report, batches } = await replay(source);
    expect(report).toEqual({ checked, mismatches: 0, firstMismatch: null });
    expect(sync.state).toBe(SyncState.SYNCED);
    expect(sync.lastSequence).toBe(rows - 1);
    expect(Object.values(sync.faults)).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(book.underflows).toBe(0);
    expect(source.counts).toMatchObject({ messages: rows, unparsable: 0 });
    expect(source.counts.bytesRead).toBe(source.counts.bytesTotal);
    // No note on messages that do not fit the book: there are none.
    expect(source.notes).toEqual([
      `${halfCents} hidden executions at a fraction of a tick: each is a trade with its size and without a price`,
    ]);
    expect(batches.every((batch) => batch.length < 8192)).toBe(true);
  });
});

/** Replaces every cell of an order book file that is neither row 0 nor a level that came into view. */
function onlyWhatIsRead(csv: Uint8Array, run: Replay): string {
  const lines = new TextDecoder().decode(csv).trimEnd().split('\n');
  return lines
    .map((line, row) => {
      if (row === 0) return `${line}\n`;
      const cells = line.split(',');
      for (let c = 0; c < cells.length; c += 2) {
        const side = (c & 3) === 0 ? Side.ASK : Side.BID;
        if (!run.revealed.has(`${row}:${side}:${Number(cells[c]) / 100}`)) cells[c] = cells[c + 1] = '7';
      }
      return `${cells.join(',')}\n`;
    })
    .join('');
}

describe('the truth', () => {
  const { file } = RECORDINGS[1];
  it.skipIf(dataPath(file) === null)(`checks the book and does not make it${needs(file)}`, async () => {
    const path = dataPath(file)!;
    const run = await replay(await openLobster({ paths: [path] }));
    const entries = unzip(readFileSync(path), path, (name) => name.endsWith('.csv'));
    const files = entries.map(({ name, bytes }) => [
      name,
      name.includes('orderbook') ? onlyWhatIsRead(bytes, run) : bytes,
    ]);
    const again = await replay(await openLobster({ paths: writeFiles(Object.fromEntries(files)) }));
    expect(sameBatches(run.batches, again.batches)).toBe(true);
    expect(again.book.hash()).toBe(run.book.hash());
    expect(again.report).toMatchObject({ checked: run.report!.checked, mismatches: run.report!.checked });
  });
});

describe('messages without an order book file', () => {
  const file = 'lobster/AAPL_2012-06-21_34200000_37800000_message_50.csv.xz';
  it.skipIf(dataPath(file) === null)(`flow, and no book is made up${needs(file)}`, async () => {
    const source = await openLobster({ paths: [dataPath(file)!] });
    const { sync, batches, report } = await replay(source);
    expect(source.instrument).toMatchObject({ name: 'AAPL', depthLimit: 50, tickSize: '0.01' });
    expect(source.counts.messages).toBe(91_997);
    expect(batches.reduce((sum, batch) => sum + batch.length, 0)).toBe(91_997);
    expect(batches.every((batch) => !batch.kind.includes(EventKind.SNAPSHOT))).toBe(true);
    expect(sync.state).toBe(SyncState.BUFFERING);
    expect(report).toBeNull();
    expect(source.notes[0]).toContain('no order book file');
    expect(source.notes[1]).toContain('1 times have digits past the nanosecond');
    expect(source.notes[2]).toContain('19 hidden executions');
  });
});
