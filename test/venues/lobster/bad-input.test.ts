import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { BookcastError } from '../../../src/core/index.ts';
import type { EventSource } from '../../../src/market/index.ts';
import { openLobster, sniffLobster } from '../../../src/venues/lobster/index.ts';
import { paperDay, textOf } from './paper-market.ts';
import { fileName, replay, sameBatches, tempFolder, writeFiles, writePair } from './support.ts';

const DAY = paperDay(1, 2, 60);
const TEXT = textOf(DAY);
const MESSAGE = fileName('message', 2);
const BOOK = fileName('orderbook', 2);
const encoder = new TextEncoder();

async function refusal(paths: string[]): Promise<BookcastError> {
  const source = await openLobster({ paths }).catch((error: unknown) => error);
  expect(source).toBeInstanceOf(BookcastError);
  return source as BookcastError;
}

function zipOf(files: Record<string, string>, level: 0 | 6 = 6): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, encoder.encode(text)])), {
    level,
  });
}

describe('files', () => {
  it('may be a zip, packed or stored, a gz, or csv in any order: all the same', async () => {
    const plain = await replay(await openLobster({ paths: writePair(TEXT, 2) }));
    const forms: Record<string, string | Uint8Array>[] = [
      { 'a.zip': zipOf({ 'LOBSTER_ReadMe.txt': 'hello', [MESSAGE]: TEXT.message, [BOOK]: TEXT.orderbook }) },
      { 'stored.zip': zipOf({ [`folder/${BOOK}`]: TEXT.orderbook, [`folder/${MESSAGE}`]: TEXT.message }, 0) },
      { [BOOK]: TEXT.orderbook, [`${MESSAGE}.gz`]: gzipSync(TEXT.message) },
      // Unpacked on the way, and not renamed.
      { [`${BOOK}.gz`]: TEXT.orderbook, [`${MESSAGE}.gz`]: TEXT.message },
    ];
    for (const form of forms) {
      const other = await replay(await openLobster({ paths: writeFiles(form) }));
      expect(sameBatches(plain.batches, other.batches)).toBe(true);
      expect(other.report).toEqual(plain.report);
    }
  });

  it('that are missing, folders or empty are named', async () => {
    const folder = tempFolder();
    const absent = await refusal([join(folder, MESSAGE)]);
    expect(absent).toMatchObject({ code: 'not-found' });
    expect(absent.message).toContain('there is no such file');
    mkdirSync(join(folder, 'x'));
    expect((await refusal([join(folder, 'x')])).message).toContain('it is a folder, not a file');
    writeFileSync(join(folder, MESSAGE), '');
    expect((await refusal([join(folder, MESSAGE)])).message).toContain('is empty');
    const inside = writeFiles({ 'a.zip': zipOf({ [MESSAGE]: '', [BOOK]: TEXT.orderbook }) });
    expect((await refusal(inside)).message).toContain(`${MESSAGE} is empty`);
  });

  it('need names that tell ticker, day and levels', async () => {
    for (const name of ['messages.csv', 'GOOG_2012-13-41_1_2_message_1.csv', 'GOOG_2012-06-21_1_2_message_0.csv']) {
      expect((await refusal(writeFiles({ [name]: TEXT.message }))).message).toContain("not a LOBSTER file's name");
    }
    const zip = writeFiles({ 'a.zip': zipOf({ 'readme.txt': 'x' }) });
    expect((await refusal(zip)).message).toContain('the zip file holds no LOBSTER files');
  });

  it('come in pairs that belong together', async () => {
    const alone = await refusal(writeFiles({ [BOOK]: TEXT.orderbook }));
    expect(alone.message).toContain('an order book file without its message file');
    const two = await refusal(
      writeFiles({ [MESSAGE]: TEXT.message, [fileName('message', 2, '2012-06-22')]: TEXT.message }),
    );
    expect(two.message).toContain('2 message and 0 order book files. One stream is read at a time');
    const strangers = await refusal(
      writeFiles({ [MESSAGE]: TEXT.message, [fileName('orderbook', 2, '2012-06-22')]: TEXT.orderbook }),
    );
    expect(strangers.message).toContain('do not belong together');
    const wrongLevels = await refusal(writePair(TEXT, 3));
    expect(wrongLevels.message).toContain('has 2 levels a side, and its name says 3');
    const shorter = await refusal(
      writePair({ ...TEXT, orderbook: TEXT.orderbook.split('\n').slice(0, 40).join('\n').concat('\n') }, 2),
    );
    expect(shorter.message).toContain(`${MESSAGE} has 60 rows and ${BOOK} has 40`);
  });

  it('that were cut short or damaged on the way are refused', async () => {
    const zip = zipOf({ [MESSAGE]: TEXT.message, [BOOK]: TEXT.orderbook });
    const [path] = writeFiles({ 'a.zip': zip });
    for (let length = 2; length < zip.length; length += 7) {
      writeFileSync(path, zip.subarray(0, length));
      expect((await refusal([path])).message, `${length} bytes`).toContain('cut short');
    }
    const plain = await replay(await openLobster({ paths: writePair(TEXT, 2) }));
    let refused = 0;
    for (let at = 4; at < zip.length; at += 3) {
      const bytes = zip.slice();
      bytes[at] ^= 0x10;
      writeFileSync(path, bytes);
      const opened = await openLobster({ paths: [path] }).catch((error: unknown) => error);
      if (opened instanceof BookcastError) {
        refused++;
        continue;
      }
      // Dates of files and the like: nothing that matters.
      const { batches } = await replay(opened as EventSource);
      expect(sameBatches(plain.batches, batches), `byte ${at}`).toBe(true);
    }
    expect(refused).toBeGreaterThan(zip.length / 3 / 2);
    const gz = gzipSync(TEXT.message);
    const cut = writeFiles({ [`${MESSAGE}.gz`]: gz.subarray(0, gz.length - 20) });
    expect((await refusal(cut)).message).toContain('the gzip data end before their end mark: the file was cut short');
    const xz = writeFiles({ [`${MESSAGE}.xz`]: Buffer.from('fd377a585a000004', 'hex') });
    expect((await refusal(xz)).message).toContain('the xz data are damaged');
  });

  it('in zips of other kinds are refused in words', async () => {
    const zip = zipOf({ [MESSAGE]: TEXT.message, [BOOK]: TEXT.orderbook });
    const central = Buffer.from(zip).indexOf(Buffer.from('504b0102', 'hex'));
    const change = async (at: number, value: number): Promise<string> => {
      const bytes = zip.slice();
      bytes[central + at] = value;
      return (await refusal(writeFiles({ 'a.zip': bytes }))).message;
    };
    expect(await change(8, 1)).toContain('is encrypted');
    expect(await change(10, 14)).toContain('is packed by method 14');
    expect(await change(16, 0xaa)).toContain('its checksum differs');
    expect(await change(43, 0xff)).toContain('has no header');
    expect(await change(0, 0)).toContain('a damaged directory');
  });
});

describe('message rows', () => {
  const good = ['34200.1,1,9,5,10000,1', '34200.2,1,10,5,10000,1'];
  const cases: [string, string][] = [
    [
      '34200.3,1,9,5,10000',
      'line 3: 5 columns, expected 6 (time, type, order id, size, price, direction): 34200.3,1,9,5,10000',
    ],
    ['34200.3,1,9,5,10000,1,', 'line 3: 7 columns'],
    ['34200.15,1,9,5,10000,1', 'line 3: the time 34200.15 is before the line above (34200.2)'],
    ['34200.3,8,9,5,10000,1', 'line 3: the type is "8", expected a digit from 1 to 7'],
    ['34200.3,0,9,5,10000,1', 'the type is "0"'],
    ['34200.3,1,9,-5,10000,1', 'line 3: the size is "-5", expected a whole number of shares, not negative'],
    ['34200.3,1,-9,5,10000,1', 'the order id is "-9"'],
    ['34200.3,1,9,5,100.5,1', 'the price is "100.5", expected dollars times 10000'],
    ['34200.3,1,9,5,-1,1', 'the price is "-1"'],
    ['34200.3,1,9,5,10000,2', 'the direction is "2", expected 1 or -1'],
    ['34200.3,7,0,0,2,-1', 'the price is "2"'],
    ['9:30:00,1,9,5,10000,1', 'the time is "9:30:00", expected seconds after midnight'],
    ['34200.3,1,9999999999999999999,5,10000,1', 'the order id is "9999999999999999999"'],
    ['', 'line 3: 1 columns'],
    ['\u0000\u0001PNG', 'line 3: 1 columns, expected 6 (time, type, order id, size, price, direction): \\x00\\x01PNG'],
    ['x'.repeat(500), `: ${'x'.repeat(100)}…`],
  ];

  it.each(cases)('%s', async (row, message) => {
    const text = [...good, row, ''].join('\n');
    const error = await refusal(writeFiles({ [MESSAGE]: text }));
    expect(error).toMatchObject({ code: 'bad-input', context: { file: MESSAGE, line: 3 } });
    expect(error.message).toContain(message);
  });

  it('that stop in the middle of a line are a file cut short', async () => {
    const text = [...good, '34200.3,1,9,5,100'].join('\n');
    const error = await refusal(writeFiles({ [MESSAGE]: text }));
    expect(error.message).toBe(
      `${MESSAGE}, line 3: the last line has no end: 34200.3,1,9,5,100. The file is cut short, get it again (or end the line).`,
    );
    const book = TEXT.orderbook.slice(0, -5);
    expect((await refusal(writePair({ ...TEXT, orderbook: book }, 2))).message).toContain(
      `${BOOK}, line 60: the last line has no end`,
    );
  });

  it('of random bytes are refused, whatever they are', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const bytes = Uint8Array.from(
        { length: 2000 },
        (_, i) => (Math.imul(i + 1, 2654435761 + seed * 40503) >>> 13) & 0xff,
      );
      const error = await refusal(writeFiles({ [MESSAGE]: bytes }));
      expect(error.message).toContain(`${MESSAGE}, line 1:`);
    }
  });
});

describe('order book rows', () => {
  it('have four columns a level, the same in every line', async () => {
    const three = await refusal(writePair({ ...TEXT, orderbook: TEXT.orderbook.replace(/^[^,]*,/, '') }, 2));
    expect(three.message).toContain(`${BOOK}, line 1: 7 columns, expected a multiple of 4`);
    const rows = TEXT.orderbook.split('\n');
    rows[9] += ',1';
    expect((await refusal(writePair({ ...TEXT, orderbook: rows.join('\n') }, 2))).message).toContain(
      `${BOOK}, line 10: 9 columns, expected 8 as above`,
    );
  });

  it('that the book is made from hold whole numbers, in range', async () => {
    const open = async (message: string, orderbook: string, options = {}): Promise<unknown> => {
      const paths = writePair({ message, orderbook }, 1);
      return replay(await openLobster({ paths, ...options })).catch((error: unknown) => error);
    };
    const one = '34200,1,1,1,10000,1\n';
    for (const cell of ['x', '', '-4', '1.5']) {
      const error = (await open(one, `10200,${cell},10000,1\n`)) as Error;
      expect(error.message).toContain(
        `orderbook_1.csv, line 1: the ask price and size of level 1 are not whole numbers`,
      );
    }
    const two = '34200,1,1,1,10000,1\n34200,3,1,1,10000,1\n';
    const subTick = (await open(two, '10200,1,10000,1\n10200,1,9950,1\n')) as Error;
    expect(subTick.message).toContain('line 2: the price 9950 (dollars times 10000) is no whole number of cents');
    const fine = (await open(two, '10200,1,10000,1\n10200,1,9950,1\n', { tickSize: '0.0001' })) as { report: unknown };
    expect(fine.report).toMatchObject({ mismatches: 0 });
    const large = (await open('34200,1,1,1,300000000000,-1\n', '300000000000,1,10000,1\n')) as Error;
    expect(large.message).toContain('is too large: the largest is 214748364700');
  });
});

describe('sniffing', () => {
  const head = (text: string): Uint8Array => encoder.encode(text);

  it('knows the files by name, by content, or by what a zip begins with', () => {
    expect(sniffLobster(head('anything'), MESSAGE)).toBe(true);
    expect(sniffLobster(head('anything'), `${BOOK}.xz`)).toBe(true);
    expect(sniffLobster(head(TEXT.message), 'renamed.csv')).toBe(true);
    expect(sniffLobster(zipOf({ [BOOK]: 'x' }), 'a.zip')).toBe(true);
    expect(sniffLobster(zipOf({ 'readme.txt': 'x' }), 'LOBSTER_SampleFile_GOOG_2012-06-21_10.zip')).toBe(true);
  });

  it('leaves other files alone', () => {
    expect(sniffLobster(zipOf({ 'readme.txt': 'x' }), 'photos.zip')).toBe(false);
    expect(sniffLobster(head('PK'), 'a.zip')).toBe(false);
    expect(sniffLobster(head('1721260800000123456 {"e":"depthUpdate"}\n'), 'usdm_btcusdt_20240718.gz')).toBe(false);
    expect(sniffLobster(new Uint8Array(0), 'x.csv')).toBe(false);
  });
});
