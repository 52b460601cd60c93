import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { createGunzip } from 'node:zlib';
import { BookcastError } from '../core/index.ts';
import type { EventSource } from '../market/index.ts';
import { isTape, openTape } from '../tape/index.ts';
import { openBinance, sniffBinance } from '../venues/binance/index.ts';
import { openLobster, sniffLobster } from '../venues/lobster/index.ts';

const HEAD_BYTES = 65536;

/** What every recording command accepts, for messages. */
export const READABLE =
  'a LOBSTER zip (or its message and orderbook csv, csv.xz, csv.gz), recorded Binance lines "<receive time> <json>" (.gz or plain), or a tape folder written by "bookcast record"';

export interface OpenOptions {
  /** Steps of the instrument where the venue's files do not tell them: decimal text. */
  tick?: string | undefined;
  lot?: string | undefined;
}

/** Opens recordings of one instrument, whatever the venue; throws a `BookcastError` a user can act on. */
export async function openRecording(paths: readonly string[], options: OpenOptions = {}): Promise<EventSource> {
  if (paths.length === 0) throw new BookcastError('bad-argument', `no recording was named; give ${READABLE}`);
  for (const path of paths) {
    if (!existsSync(path)) throw new BookcastError('not-found', `${path}: no such file or folder`, { path });
  }
  if (statSync(paths[0]).isDirectory()) return openFolder(paths);
  const venues = await Promise.all(paths.map(venueOf));
  const other = venues.findIndex((venue) => venue !== venues[0]);
  if (other > 0) {
    throw new BookcastError(
      'bad-input',
      `${paths[0]} is from ${venues[0]} and ${paths[other]} from ${venues[other]}; one run replays one instrument of one venue`,
    );
  }
  const { tick, lot } = options;
  if (venues[0] === 'binance') {
    return openBinance({
      paths: [...paths],
      ...(tick === undefined ? {} : { tickSize: tick }),
      ...(lot === undefined ? {} : { lotSize: lot }),
    });
  }
  if (lot !== undefined)
    throw new BookcastError('bad-argument', '--lot is for venues whose files do not tell: a LOBSTER lot is one share');
  if (tick !== undefined && tick !== '0.01' && tick !== '0.0001') {
    throw new BookcastError('bad-argument', `a LOBSTER tick is 0.01 or 0.0001 dollars, not "${tick}"`);
  }
  return openLobster({ paths: [...paths], ...(tick === undefined ? {} : { tickSize: tick }) });
}

async function openFolder(paths: readonly string[]): Promise<EventSource> {
  const [path] = paths;
  if (paths.length > 1) throw new BookcastError('bad-argument', `${path} is a folder; replay one tape at a time`);
  if (isTape(path)) return openTape(path);
  const found = readdirSync(path).slice(0, 3).join(', ') || 'nothing';
  throw new BookcastError(
    'bad-input',
    `${path} is a folder without tape segments (it holds ${found}); expected ${READABLE}`,
    { path },
  );
}

async function venueOf(path: string): Promise<'lobster' | 'binance'> {
  if (statSync(path).isDirectory())
    throw new BookcastError('bad-argument', `${path} is a folder; give files, or one tape folder alone`);
  const head = await readHead(path);
  if (head.length === 0) throw new BookcastError('bad-input', `${path} is empty; expected ${READABLE}`, { path });
  const name = basename(path);
  if (sniffLobster(head, name)) return 'lobster';
  if (sniffBinance(head, name)) return 'binance';
  throw new BookcastError('bad-input', `${path} ${describe(head)}; expected ${READABLE}`, { path });
}

/** First bytes of the compressions that recordings of other venues come in. */
const COMPRESSIONS: [string, number[]][] = [
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['zip', [0x50, 0x4b, 3, 4]],
];

function describe(head: Uint8Array): string {
  const packed = COMPRESSIONS.find(([, magic]) => magic.every((byte, i) => head[i] === byte));
  if (packed !== undefined) return `is a ${packed[0]} file whose name is not that of a recording that bookcast reads`;
  const start = head.subarray(0, 512);
  const binary = start.some((byte) => byte < 9 || (byte > 13 && byte < 32));
  if (binary) return 'is binary data of no kind that bookcast reads';
  const line = new TextDecoder().decode(start).split('\n', 1)[0].trim();
  return `begins with "${line.slice(0, 60)}", which no venue's recording does`;
}

/** The first bytes of a file, unzipped where it is gzip. What a broken gzip file yields before its break still tells. */
async function readHead(path: string): Promise<Uint8Array> {
  const raw = new Uint8Array(HEAD_BYTES);
  const file = openSync(path, 'r');
  let length: number;
  try {
    length = readSync(file, raw, 0, HEAD_BYTES, 0);
  } finally {
    closeSync(file);
  }
  const head = raw.subarray(0, length);
  if (head[0] !== 0x1f || head[1] !== 0x8b) return head;
  return await new Promise((resolve) => {
    const gunzip = createGunzip();
    const parts: Buffer[] = [];
    let size = 0;
    const done = (): void => resolve(new Uint8Array(Buffer.concat(parts).subarray(0, HEAD_BYTES)));
    gunzip.on('data', (part: Buffer) => {
      parts.push(part);
      size += part.length;
      if (size >= HEAD_BYTES) gunzip.destroy();
    });
    gunzip.on('close', done);
    // A head cut in the middle of the stream always ends in an error: what came before it is enough.
    gunzip.on('error', done);
    gunzip.end(head);
  });
}
