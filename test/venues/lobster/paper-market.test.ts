import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventKind, type LadderBook, Side, SyncState } from '../../../src/market/index.ts';
import { openLobster } from '../../../src/venues/lobster/index.ts';
import { type PaperDay, paperDay, textOf } from './paper-market.ts';
import { type Replay, replay, sameBatches, writePair } from './support.ts';

function levelsOf(book: LadderBook, side: Side): [number, number][] {
  const ticks = new Int32Array(64);
  const lots = new Float64Array(64);
  const count = book.top(side, 64, ticks, lots);
  return Array.from({ length: count }, (_, i) => [ticks[i], lots[i]]);
}

/** Replays a day and compares the book with the paper market's after every message. */
async function replayDay(day: PaperDay): Promise<Replay & { notes: readonly string[] }> {
  const source = await openLobster({ paths: writePair(textOf(day), day.levels) });
  const result = await replay(source, (book, sequence) => {
    expect(levelsOf(book, Side.BID)).toEqual(day.truth[sequence].bids);
    expect(levelsOf(book, Side.ASK)).toEqual(day.truth[sequence].asks);
  });
  return { ...result, notes: source.notes };
}

/** Overwrites every cell that the decoder has no business to read. */
function withGarbage(day: PaperDay, run: Replay, garbage: readonly string[]): PaperDay {
  const touched = new Set<string>();
  for (const batch of run.batches) {
    for (let i = 0; i < batch.length; i++) {
      if (batch.kind[i] <= EventKind.EXECUTE) touched.add(`${batch.sequence[i]}:${batch.side[i]}`);
    }
  }
  const rows = day.rows.map((cells, row) => {
    if (row === 0) return cells;
    return cells.map((cell, column) => {
      const rank = column >> 2;
      const side = (column & 3) < 2 ? Side.ASK : Side.BID;
      const known = side === Side.ASK ? day.truth[row].asks : day.truth[row].bids;
      const revealed = rank < known.length && run.revealed.has(`${row}:${side}:${known[rank][0]}`);
      // On a side that changed and is not full, the first absent level was read, to learn that it is absent.
      const end = rank === known.length && touched.has(`${row}:${side}`);
      return revealed || end ? cell : garbage[(row * 31 + column * 7) % garbage.length];
    });
  });
  return { ...day, rows };
}

describe('a paper market written out as LOBSTER files', () => {
  it.each([1, 2, 5, 10])('is rebuilt exactly at %i levels', async (levels) => {
    for (let seed = 1; seed <= 6; seed++) {
      const day = paperDay(seed, levels, 400);
      const { sync, book, report, notes } = await replayDay(day);
      expect(sync.state).toBe(SyncState.SYNCED);
      expect(sync.lastSequence).toBe(399);
      expect(sync.faults).toMatchObject({ gaps: 0, crossed: 0, stale: 0 });
      expect(book.underflows).toBe(0);
      expect(report).toMatchObject({ mismatches: 0, firstMismatch: null });
      // Level 1 of a side that moved is often the very cell that was revealed; most others are checked.
      expect(report!.checked).toBeGreaterThan(399 * levels);
      expect(report!.checked).toBeLessThan(399 * levels * 2);
      expect(notes.every((note) => note.includes('fraction of a tick'))).toBe(true);
    }
  });

  it('gives the same batches whatever stands in the cells that only check the book', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.constantFrom(1, 3, 10), async (seed, levels) => {
        const day = paperDay(seed, levels, 150);
        const run = await replayDay(day);
        const wrong = withGarbage(day, run, ['7', '', 'x', '-3', '1e5', '12x', '5794000']);
        const source = await openLobster({ paths: writePair(textOf(wrong), levels) });
        const again = await replay(source);
        expect(sameBatches(run.batches, again.batches)).toBe(true);
        expect(again.book.hash()).toBe(run.book.hash());
        expect(again.report!.checked).toBe(run.report!.checked);
        // Each of these cells was overwritten, and hardly ever by what was there.
        expect(again.report!.mismatches).toBeGreaterThan(0.9 * run.report!.checked);
      }),
      { numRuns: 15 },
    );
  });

  it('shows a lost message as mismatches', async () => {
    let noticed = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const day = paperDay(seed, 3, 300);
      const lost = day.messages.findIndex((line, row) => row > 50 && line.split(',')[1] === '3');
      day.messages.splice(lost, 1);
      day.rows.splice(lost, 1);
      const source = await openLobster({ paths: writePair(textOf(day), 3) });
      const { report } = await replay(source);
      if (report!.mismatches > 0) noticed++;
      expect(report!.firstMismatch).toMatch(
        /orderbook_3.csv, line \d+, (ask|bid) level [123]: the book has .*, the file /,
      );
    }
    expect(noticed).toBe(10);
  });

  it('reads the same from CRLF files', async () => {
    const day = paperDay(3, 4, 200);
    const text = textOf(day);
    const plain = await replay(await openLobster({ paths: writePair(text, 4) }));
    const crlf = { message: text.message.replaceAll('\n', '\r\n'), orderbook: text.orderbook.replaceAll('\n', '\r\n') };
    const dos = await replay(await openLobster({ paths: writePair(crlf, 4) }));
    expect(sameBatches(plain.batches, dos.batches)).toBe(true);
    expect(dos.report).toEqual(plain.report);
  });
});
