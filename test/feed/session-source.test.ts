import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SessionReader, SessionRecord } from '../../src/feed/index.ts';
import { encodeRecord, openSession } from '../../src/feed/index.ts';
import { type EventBatch, EventKind, type EventSource, Fault } from '../../src/market/index.ts';
import { collect } from '../support/batches.ts';
import { dataPath, needs } from '../support/data.ts';
import { FEED, ToyConversation, toyReader } from './toy-venue.ts';

const DAY = 20_513;

/** Rows in short: what came, and of which second. */
function told(batches: readonly EventBatch[]): string[] {
  return batches.flatMap((batch) =>
    Array.from(batch.kind, (kind, i) => {
      const second = batch.tsRecvNs[i] / 1e9;
      if (kind === EventKind.SNAPSHOT) return `${second}: s${batch.sequence[i]}`;
      if (kind === EventKind.DELTA) return `${second}: d${batch.sequence[i]}`;
      if (kind === EventKind.TRADE) return `${second}: t${batch.orderId[i]}`;
      return kind === EventKind.FAULT ? `${second}: fault ${batch.sizeLots[i]}` : '';
    }).filter((text) => text !== ''),
  );
}

function file(content: string | Uint8Array, name = 'session.jsonl'): string {
  const path = join(tmpdir(), `bookcast-session-${process.pid}-${files++}-${name}`);
  writeFileSync(path, content);
  onTestFinished(() => rmSync(path, { force: true }));
  return path;
}
let files = 0;

type Short = [second: number, conn: string, what: string];

/** Lines of a session: `+` connects, `-` closes, `=…` is a snapshot over HTTP, `!n` a fault, anything else is received. */
function lines(records: readonly Short[], address = 'wss://toy'): string {
  return records
    .map(([second, conn, what]) => {
      const common = { conn, recvNs: second * 1e9 };
      let entry: SessionRecord = { kind: 'recv', ...common, bytes: Buffer.from(what) };
      if (what === '+') entry = { kind: 'connect', ...common, address };
      if (what === '+again') entry = { kind: 'connect', ...common, address, again: true };
      if (what === '-') entry = { kind: 'close', ...common, why: 'done' };
      if (what.startsWith('=')) {
        entry = { kind: 'http', ...common, url: 'https://toy/snapshot', bytes: Buffer.from(what.slice(1)) };
      }
      if (what.startsWith('!')) entry = { kind: 'fault', ...common, instrument: 'toy:A', fault: Number(what.slice(1)) };
      return encodeRecord(entry, DAY).toString();
    })
    .join('');
}

const OURS = '{"t":"header","recorder":"bookcast"}\n';

async function replay(content: string | string[], joinable = false): Promise<{ rows: string[]; source: EventSource }> {
  const paths = (typeof content === 'string' ? [content] : content).map((text) => file(text));
  const source = await openSession(paths, toyReader(joinable));
  return { rows: told(await collect(source.batches())), source };
}

describe('a recorded session', () => {
  it('gives what its connection said, in order, with snapshots over HTTP where they came', async () => {
    const { rows, source } = await replay(
      lines([
        [1, 'w', '+'],
        [2, 'w', 'd1-2'],
        [3, 'h', '=s2'],
        [4, 'w', 'd2-3'],
        [5, 'w', 't7'],
        [6, 'w', 't7'],
        [7, 'w', 't9'],
        [8, 'w', 'beat'],
        [9, 'w', '-'],
      ]),
    );
    expect(rows).toEqual(['2: d2', '3: s2', '4: d3', '5: t7', '7: t9', `9: fault ${Fault.DISCONNECT}`]);
    expect(source.counts).toMatchObject({ messages: 7, unparsable: 0 });
    expect(source.counts.bytesRead).toBe(source.counts.bytesTotal);
    expect(source.origin).toBe('recorded');
    expect(source.instrument).toBe(FEED.instrument);
    expect(source.notes).toEqual([
      expect.stringContaining('disconnected (done)'),
      '1 trades missing: their ids were skipped',
    ]);
    // Anew with each call.
    expect(told(await collect(source.batches({ lend: true })))).toEqual(rows);
    expect(source.verifier()).toBeNull();
  });

  it('reads every packing alike, and files one after the other', async () => {
    const first = lines([
      [1, 'w', '+'],
      [2, 'w', 's5'],
    ]);
    const second = lines([[3, 'w', 'd5-6']]);
    const expected = ['2: s5', '3: d6'];
    for (const [a, b] of [
      [first, second],
      [gzipSync(first), zstdCompressSync(second)],
    ]) {
      const source = await openSession([file(a), file(b)], toyReader());
      expect(told(await collect(source.batches()))).toEqual(expected);
    }
  });

  it('counts what cannot be read as faults, in order, and says where', async () => {
    const { rows, source } = await replay(
      `${lines([
        [1, 'w', '+'],
        [2, 'w', 's5'],
        [3, 'w', '?'],
      ])}{"t":"recv"}\n${lines([
        [4, 'w', 'half'],
        [5, 'w', 'g'],
        [5, 'w', '?'],
        [6, 'w', 'refuse'],
        [7, 'w', 'bye'],
      ])}\n{"t":"recv","conn":"w","ts":17`,
    );
    const { UNPARSABLE, GAP } = Fault;
    expect(rows).toEqual([
      '2: s5',
      `3: fault ${UNPARSABLE}`,
      `3: fault ${UNPARSABLE}`,
      `4: fault ${UNPARSABLE}`,
      `4: fault ${GAP}`,
      `5: fault ${GAP}`,
      `5: fault ${UNPARSABLE}`,
    ]);
    expect(source.counts.unparsable).toBe(4);
    const notes = source.notes.join('\n');
    expect(notes).toMatch(/unreadable: \S+, line 3: nonsense/);
    expect(notes).toMatch(/line 4: a "recv" line without "conn"/);
    expect(notes).toMatch(/line 5: half a message/);
    expect(notes).toContain('unreadable: 1 more');
    expect(notes).toMatch(/fault: \S+, line 6: a hole/);
    expect(notes).toContain('no such thing');
    expect(notes).toContain('fault: 1 more');
    expect(notes).toContain('the last line was cut off: 30 bytes are left out');
  });

  it('takes connections of which the beginning is missing, and passes over those of no interest', async () => {
    const { rows } = await replay(
      lines([[1, 'v', '+']], 'wss://other') +
        lines([
          [2, 'v', 'd7-8'],
          [3, 'w', 's5'],
          [4, 'w', 'd5-6'],
        ]),
    );
    expect(rows).toEqual(['3: s5', '4: d6']);
    const nothing = await replay(lines([[1, 'v', '+']], 'wss://other') + lines([[2, 'h', '=s5']]));
    expect(nothing.rows).toEqual([]);
    expect(nothing.source.notes).toEqual([
      'no connection of this session is of interest for toy:A',
      '1 snapshots left out: no connection was open that they could belong to',
    ]);
  });

  it('begins anew with a connection of the same name', async () => {
    const { rows } = await replay(
      lines([
        [1, 'w', '+'],
        [2, 'w', 's5'],
        [3, 'w', '+'],
        [4, 'w', 's1'],
      ]),
    );
    expect(rows).toEqual(['2: s5', `3: fault ${Fault.DISCONNECT}`, '4: s1']);
  });

  it('brings connections into order that stand one after the other, each with its own channel', async () => {
    const header = '{"t":"header","format":2}\n';
    const { rows } = await replay(
      header +
        lines([
          [3, 'h', '=s6'],
          [1, 'trades', '+'],
          [2, 'trades', 't1'],
          [6, 'trades', 't2'],
          [1, 'book', '+'],
          [2, 'book', 'd5-6'],
          [5, 'book', 'd6-7'],
          [7, 'book', 'd7-8'],
        ]),
    );
    expect(rows).toEqual(['2: t1', '2: d6', '3: s6', '5: d7', '6: t2', '7: d8']);
  });

  it('lets a connection that overlaps take over without a hole', async () => {
    const { rows } = await replay(
      OURS +
        lines([
          [1, '1', '+'],
          [2, '1', 's5'],
          [3, '2', '+'],
          [4, '2', 'd5-6'],
          [4, '1', 'd5-6'],
          [5, '2', 'd6-7'],
          [6, '1', '-'],
          [7, '2', 'd7-8'],
          [8, '1', 'd7-8'],
        ]),
      true,
    );
    expect(rows.filter((row) => row.includes('fault'))).toEqual([]);
    expect(rows.map((row) => row.split(' ')[1])).toEqual(['s5', 'd6', 'd7', 'd8']);
  });

  it('takes the faults of a session of ours from its log, not from its frames', async () => {
    const { rows } = await replay([
      OURS +
        lines([
          [1, '1', '+'],
          [2, '1', 's5'],
          [3, '1', `!${Fault.STALE}`],
          [3, '1', '-'],
          [4, '2', '+'],
          [5, '2', 's7'],
        ]),
      // A further file of the same recorder, and then one that began anew, as after a crash.
      '{"t":"header","recorder":"bookcast","goesOn":true}\n' +
        lines([
          [6, '2', '+again'],
          [7, '2', 'd7-8'],
        ]),
      OURS +
        lines([
          [8, '1', '+'],
          [9, '1', 's9'],
        ]),
    ]);
    const { STALE, DISCONNECT } = Fault;
    expect(rows).toEqual(['2: s5', `3: fault ${STALE}`, '5: s7', '7: d8', `7: fault ${DISCONNECT}`, '9: s9']);
  });

  it('may begin with a further file', async () => {
    const { rows } = await replay(
      '{"t":"header","recorder":"bookcast","goesOn":true}\n' +
        lines([
          [6, '2', '+again'],
          [7, '2', 's7'],
        ]),
    );
    expect(rows).toEqual(['7: s7']);
  });

  it('gives what could be unpacked of a cut file before it throws', async () => {
    const all: Short[] = [[1, 'w', '+']];
    for (let i = 2; i < 4000; i++) all.push([i, 'w', `d${i * 7919}-${i * 7919 + 1}`]);
    const packed = gzipSync(lines(all));
    const source = await openSession([file(packed.subarray(0, packed.length >> 1))], toyReader());
    const batches: EventBatch[] = [];
    const read = async (): Promise<void> => {
      for await (const batch of source.batches()) batches.push(batch);
    };
    await expect(read()).rejects.toThrow('the file was cut short');
    const rows = told(batches);
    expect(rows.length).toBeGreaterThan(1000);
    expect(rows).toEqual(all.slice(1, rows.length + 1).map(([second, , what]) => `${second}: d${what.split('-')[1]}`));
  });

  it('says what is no session', async () => {
    const open = (content: string): Promise<EventSource> => openSession([file(content)], toyReader());
    await expect(open('time,price\n1,2\n')).rejects.toThrow(
      'the line is no record of a session. It begins with "time,price"',
    );
    await expect(open('')).rejects.toThrow('the file is empty');
    await expect(openSession(['/nowhere'], toyReader())).rejects.toMatchObject({ code: 'not-found' });
    expect(await collect((await open(OURS.trimEnd())).batches())).toEqual([]);
    expect(await collect((await open('\n\n')).batches())).toEqual([]);
  });

  it('does not hide a mistake in a conversation', async () => {
    const broken: SessionReader = {
      ...toyReader(),
      open: (_, sink) => Object.assign(new ToyConversation(sink, false), { receive: () => mistake() }),
    };
    const source = await openSession(
      [
        file(
          lines([
            [1, 'w', '+'],
            [2, 'w', 's1'],
          ]),
        ),
      ],
      broken,
    );
    await expect(collect(source.batches())).rejects.toThrow('a mistake');
  });
});

function mistake(): never {
  throw new Error('a mistake');
}

describe('recorded sessions of others', () => {
  const expected: [name: string, connections: number, messages: number][] = [
    ['binance/BINANCE.jsonl.zst', 1, 265],
    ['binance/BINANCE_FUTURES.jsonl.zst', 1, 1535],
    ['coinbase/COINBASE.jsonl.zst', 1, 1030],
    ['coinbase/COINBASE.ws.28.0.xz', 1, 9946],
    ['kraken/KRAKEN.jsonl.zst', 3, 4430],
    ['kraken/KRAKEN.ws.50.0.xz', 1, 4321],
  ];
  for (const [name, connections, messages] of expected) {
    it.skipIf(dataPath(name) === null)(`${name} is read whole, in the order of time${needs(name)}`, async () => {
      let opened = 0;
      let heard = 0;
      let lastNs = Number.NEGATIVE_INFINITY;
      const source = await openSession([dataPath(name)!], {
        ...toyReader(),
        open: () => {
          opened++;
          return {
            greeting: () => [],
            resync: mistake,
            answer: mistake,
            receive: (bytes, from, to, recvNs) => {
              heard++;
              JSON.parse(bytes.toString('utf8', from, to));
              expect(recvNs).toBeGreaterThanOrEqual(lastNs);
              lastNs = recvNs;
            },
          };
        },
      });
      await collect(source.batches());
      expect([opened, heard]).toEqual([connections, messages]);
      expect(source.counts.unparsable).toBe(0);
    });
  }
});
