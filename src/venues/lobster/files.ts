import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { BookcastError, parseDay } from '../../core/index.ts';
import { inspectFile, readChunks } from '../../files/index.ts';
import { unzip } from './zip.ts';

/** What a LOBSTER file's name says. */
export interface FileName {
  readonly ticker: string;
  /** As written, such as `2012-06-21`: a date in New York. */
  readonly date: string;
  readonly kind: 'message' | 'orderbook';
  /** Levels a side. */
  readonly levels: number;
  /** All but the kind: equal for the two files of a pair. */
  readonly pair: string;
}

/** One csv file, whole and decompressed. */
export interface CsvFile {
  readonly name: string;
  readonly says: FileName;
  readonly bytes: Uint8Array;
}

export interface LobsterFiles {
  readonly message: CsvFile;
  /** Null where only messages were given: there is no truth and no opening book. */
  readonly orderbook: CsvFile | null;
}

const NAME = /^([A-Za-z][A-Za-z0-9.-]*)_(\d{4}-\d{2}-\d{2})_(\d+)_(\d+)_(message|orderbook)_(\d+)\.csv(?:\.gz|\.xz)?$/;
const EXPECTED = 'names such as GOOG_2012-06-21_34200000_57600000_message_10.csv';

/** Null where it is not a LOBSTER file's name, `.gz` and `.xz` aside. */
export function parseFileName(path: string): FileName | null {
  const match = NAME.exec(basename(path));
  if (match === null || Number.isNaN(parseDay(match[2])) || Number(match[6]) === 0) return null;
  const [, ticker, date, from, to, kind, levels] = match;
  return {
    ticker: ticker.toUpperCase(),
    date,
    kind: kind as FileName['kind'],
    levels: Number(levels),
    pair: [ticker, date, from, to, levels].join('_'),
  };
}

/** Reads, decompresses and pairs up what the user gave. Throws a `BookcastError` that says what is wrong. */
export async function readLobsterFiles(paths: readonly string[]): Promise<LobsterFiles> {
  const files: CsvFile[] = [];
  for (const path of paths) files.push(...(await readCsvFiles(path)));
  const messages = files.filter((file) => file.says.kind === 'message');
  const books = files.filter((file) => file.says.kind === 'orderbook');
  const names = files.map((file) => file.name).join(', ');
  if (messages.length === 0) {
    throw new BookcastError(
      'bad-input',
      `${names}: an order book file without its message file. Give both, or the zip that holds both.`,
      { paths },
    );
  }
  if (messages.length > 1 || books.length > 1) {
    throw new BookcastError(
      'bad-input',
      `${names}: ${messages.length} message and ${books.length} order book files. One stream is read at a time: give one pair.`,
      { paths },
    );
  }
  const [message] = messages;
  const orderbook = books[0] ?? null;
  if (orderbook !== null && orderbook.says.pair !== message.says.pair) {
    throw new BookcastError(
      'bad-input',
      `${names}: these do not belong together; a pair has the same ticker, date, times and levels in its names.`,
      { paths },
    );
  }
  return { message, orderbook };
}

async function readCsvFiles(path: string): Promise<CsvFile[]> {
  const raw = await readWhole(path);
  if (raw.length === 0) throw new BookcastError('bad-input', `${path} is empty: expected a LOBSTER file`, { path });
  if (startsWith(raw, ZIP)) {
    const entries = unzip(raw, path, (name) => parseFileName(name) !== null);
    if (entries.length === 0) {
      throw new BookcastError('bad-input', `${path}: the zip file holds no LOBSTER files, which have ${EXPECTED}`, {
        path,
      });
    }
    return entries.map(({ name, bytes }) => csvFile(basename(name), bytes));
  }
  if (parseFileName(path) === null) {
    throw new BookcastError(
      'bad-input',
      `${path}: not a LOBSTER file's name. Ticker, day and levels are read from the name: expected a zip, or ${EXPECTED}`,
      { path },
    );
  }
  const name = basename(path).replace(/\.(gz|xz)$/, '');
  return [csvFile(name, await unpacked(raw, path))];
}

function csvFile(name: string, bytes: Uint8Array): CsvFile {
  if (bytes.length === 0)
    throw new BookcastError('bad-input', `${name} is empty: expected one line an event`, { name });
  return { name, says: parseFileName(name)!, bytes };
}

async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw new BookcastError('not-found', `${path}: there is no such file`, { path, cause });
    const why = code === 'EISDIR' ? 'it is a folder, not a file' : (cause as Error).message;
    throw new BookcastError('bad-input', `${path} cannot be read: ${why}`, { path, cause });
  }
}

const ZIP = [0x50, 0x4b];

export function isZip(head: Uint8Array): boolean {
  return startsWith(head, ZIP);
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return bytes.length >= magic.length && magic.every((byte, i) => bytes[i] === byte);
}

/** By content, not by name: a browser may have unpacked the file and left its name as it was. */
async function unpacked(raw: Uint8Array, path: string): Promise<Uint8Array> {
  const facts = await inspectFile(path);
  if (facts.packing === 'plain') return raw;
  const chunks: Buffer[] = [];
  for await (const chunk of readChunks(path, facts, () => {})) chunks.push(chunk);
  return Buffer.concat(chunks);
}
