import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_PRICE } from '../../src/core/index.ts';
import { BatchBuilder, BookSync, EventKind, LadderBook, messageEnd, Side, SyncState } from '../../src/market/index.ts';
import { isTape, openTape, TapeWriter } from '../../src/tape/index.ts';
import { fixtureBatch, FIXTURE_INSTRUMENT as INSTRUMENT } from './make-fixture.ts';
import { bytesOf, readAll, recordStarts, SMALL, tapeOf, tapeWithBytes, tempFolder } from './support.ts';

const event = fc.record({
  kind: fc.integer({ min: 0, max: 9 }),
  side: fc.integer({ min: 0, max: 2 }),
  ticks: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  lots: fc.oneof(fc.maxSafeNat(), fc.double()),
  ts: fc.maxSafeInteger(),
  sequence: fc.maxSafeNat(),
  id: fc.maxSafeNat(),
  last: fc.boolean(),
});

describe('a tape', () => {
  it('reads as it was written, whatever the batches and the size of its segments', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(event, { minLength: 1, maxLength: 30 }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 4000 }),
        async (groups, segmentBytes) => {
          const batches = groups.map((rows) => {
            const builder = new BatchBuilder('sim:FIXTURE', 15_512, 8);
            rows.forEach((row, i) => {
              builder.push(
                row.kind as EventKind,
                row.side as Side,
                row.ticks,
                row.lots,
                row.ts,
                -row.ts,
                row.sequence,
                row.id,
              );
              if (row.last || i === rows.length - 1) builder.endMessage();
            });
            return builder.finish()!;
          });
          const dir = tapeOf(batches, { segmentBytes, syncEveryMs: 1e9 });
          const tape = await openTape(dir);
          expect(bytesOf(await readAll(tape))).toEqual(bytesOf(batches));
          expect(tape.instrument).toEqual(INSTRUMENT);
          expect(tape.origin).toBe('simulated');
          expect(tape.counts.bytesRead).toBe(tape.counts.bytesTotal);
          expect(tape.notes).toEqual([]);
          rmSync(dir, { recursive: true });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('begins anew with each call, and counts messages and unparsable ones', async () => {
    const tape = await openTape(tapeOf([fixtureBatch(0), fixtureBatch(1)], { segmentBytes: 1 }));
    const once = bytesOf(await readAll(tape));
    expect(bytesOf(await readAll(tape))).toEqual(once);
    expect(tape.counts).toMatchObject({ messages: 40, unparsable: 4 });
    expect(tape.verifier()).toBeNull();
  });

  it('goes on where it ended, in new segments once the last is full', async () => {
    const dir = tapeOf([SMALL[0]], { segmentBytes: 400 });
    for (const batch of SMALL.slice(1)) {
      const writer = TapeWriter.create(dir, INSTRUMENT, 'simulated', { segmentBytes: 400 });
      expect(writer.notes).toEqual([]);
      writer.append(batch);
      writer.close();
      writer.close();
    }
    expect(readdirSync(dir).sort()).toEqual(['000000.seg', '000001.seg']);
    expect(bytesOf(await readAll(await openTape(dir)))).toEqual(bytesOf(SMALL));
  });

  it('carries the best quotes that a venue sent, for verification', async () => {
    const instrument = { ...INSTRUMENT, sequencing: 'linked' } as const;
    const builder = new BatchBuilder('sim:FIXTURE', 15_512);
    const message = (sequence: number, rows: [EventKind, Side, number, number][]): void => {
      for (const [kind, side, ticks, lots] of rows) builder.push(kind, side, ticks, lots, 0, 0, sequence, sequence - 1);
      builder.endMessage();
    };
    const { SNAPSHOT, DELTA, LEVEL, BBO } = EventKind;
    message(1, [
      [SNAPSHOT, Side.NONE, NO_PRICE, 0],
      [LEVEL, Side.BID, 10, 5],
      [LEVEL, Side.ASK, 12, 5],
    ]);
    message(2, [
      [DELTA, Side.NONE, NO_PRICE, 0],
      [LEVEL, Side.BID, 11, 3],
    ]);
    message(2, [
      [BBO, Side.BID, 11, 3],
      [BBO, Side.ASK, 12, 5],
    ]);
    message(3, [
      [DELTA, Side.NONE, NO_PRICE, 0],
      [LEVEL, Side.BID, 11, 2],
    ]);
    message(3, [
      [BBO, Side.BID, 11, 9],
      [BBO, Side.ASK, 12, 5],
    ]);
    message(4, [
      [BBO, Side.BID, 11, 9],
      [BBO, Side.ASK, 12, 5],
    ]);
    const dir = join(tempFolder(), 'tape');
    const writer = TapeWriter.create(dir, instrument, 'recorded');
    writer.append(builder.finish()!);
    writer.close();
    const tape = await openTape(dir);
    const book = new LadderBook();
    const sync = new BookSync(tape.instrument, book);
    const verifier = tape.verifier()!;
    for await (const batch of tape.batches()) {
      for (let from = 0; from < batch.length; ) {
        const to = messageEnd(batch, from);
        sync.applyMessage(batch, from, to);
        verifier.afterMessage(batch, from, to, book, sync.state === SyncState.SYNCED);
        from = to;
      }
    }
    expect(verifier.report()).toMatchObject({ checked: 2, mismatches: 1 });
    expect(verifier.report().firstMismatch).toContain('as of id 3');
  });

  it('holds one instrument', () => {
    const writer = TapeWriter.create(join(tempFolder(), 't'), { ...INSTRUMENT, name: 'OTHER' }, 'simulated');
    expect(() => writer.append(SMALL[0])).toThrow('one instrument');
    writer.close();
  });
});

describe('opening', () => {
  it('tells a tape from anything else', async () => {
    const dir = tempFolder();
    expect(isTape(dir)).toBe(false);
    expect(isTape(join(dir, 'absent'))).toBe(false);
    await expect(openTape(join(dir, 'absent'))).rejects.toThrow('there is no such tape');
    await expect(openTape(dir)).rejects.toThrow('expected a folder with segment files such as 000000.seg');
    expect(isTape(tapeOf(SMALL))).toBe(true);
  });

  it('names a header that is empty, foreign, too new or cut short', async () => {
    const { bytes } = recordStarts();
    const newer = Buffer.from(bytes);
    newer[4] = 9;
    const cases: [Uint8Array, string][] = [
      [new Uint8Array(0), "0 bytes, and a segment's header has at least 16"],
      [Buffer.from('time,price,size\n1,2,3\n'), 'it does not begin with "BKTP"'],
      [newer, 'a tape segment of version 9; this bookcast reads versions 1 to 2'],
      [bytes.subarray(0, 40), 'the header is cut short'],
    ];
    for (const [data, message] of cases) await expect(openTape(tapeWithBytes(data))).rejects.toThrow(message);
  });

  it('refuses to go on with a tape of something else', () => {
    const dir = tapeOf(SMALL);
    const create =
      (change: object, origin: 'live' | 'simulated' = 'simulated') =>
      () =>
        TapeWriter.create(dir, { ...INSTRUMENT, ...change }, origin);
    expect(create({ name: 'OTHER' })).toThrow('holds a tape of sim:FIXTURE (simulated), not of sim:OTHER (simulated)');
    expect(create({}, 'live')).toThrow('not of sim:FIXTURE (live)');
    expect(create({ tickSize: '1' })).toThrow('with other steps');
    // None of these left a lock behind.
    expect(existsSync(join(dir, 'writer.lock'))).toBe(false);
  });

  it('has one writer at a time', () => {
    const dir = join(tempFolder(), 'tape');
    const writer = TapeWriter.create(dir, INSTRUMENT, 'simulated');
    expect(() => TapeWriter.create(dir, INSTRUMENT, 'simulated')).toThrow(`is being written by process ${process.pid}`);
    writer.close();
    // A lock with our own id that we did not write, and one of a process that cannot be: both are left overs.
    for (const owner of [String(process.pid), '999999999', 'x']) {
      writeFileSync(join(dir, 'writer.lock'), owner);
      TapeWriter.create(dir, INSTRUMENT, 'simulated').close();
    }
    writeFileSync(join(dir, 'writer.lock'), String(process.ppid));
    expect(() => TapeWriter.create(dir, INSTRUMENT, 'simulated')).toThrow(`written by process ${process.ppid}`);
  });

  it('says where no tape can be written', () => {
    const dir = tempFolder();
    writeFileSync(join(dir, 'file'), '');
    expect(() => TapeWriter.create(join(dir, 'file'), INSTRUMENT, 'simulated')).toThrow('no tape can be written here');
  });

  it('does not mind what a dying writer left of a segment not yet begun', async () => {
    const dir = tapeOf(SMALL.slice(0, 1), { segmentBytes: 1 });
    writeFileSync(join(dir, '000001.seg.new'), 'half a hea');
    const writer = TapeWriter.create(dir, INSTRUMENT, 'simulated', { segmentBytes: 1 });
    writer.append(SMALL[1]);
    writer.close();
    expect(readdirSync(dir).sort()).toEqual(['000000.seg', '000001.seg']);
    expect(bytesOf(await readAll(await openTape(dir)))).toEqual(bytesOf(SMALL.slice(0, 2)));
  });
});
