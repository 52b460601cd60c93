import { existsSync, readdirSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { BookcastError } from '../core/index.ts';
import { inspectFile, readChunks } from '../files/index.ts';
import type { EventSource } from '../market/index.ts';
import { isRecording, isTape, openRecordingFolder, openTape } from '../tape/index.ts';
import { openBinance, sniffBinance } from '../venues/binance/index.ts';
import { openCoinbase, sniffCoinbase } from '../venues/coinbase/index.ts';
import { openKraken, sniffKraken } from '../venues/kraken/index.ts';
import { openLobster, sniffLobster } from '../venues/lobster/index.ts';

const HEAD_BYTES = 65536;

/** What every recording command accepts, for messages. */
export const READABLE =
  'a LOBSTER zip (or its message and orderbook csv), recorded messages of Binance, Coinbase or Kraken (plain, gz, xz or zst), or a folder written by "bookcast record" or "bookcast ingest"';

export interface OpenOptions {
  /** Steps of the instrument where the venue's files do not tell them: decimal text. */
  tick?: string | undefined;
  lot?: string | undefined;
  /** Which instrument, where a recording holds several. */
  symbol?: string | undefined;
}

interface VenueOptions {
  readonly paths: readonly string[];
  readonly symbol?: string;
  readonly tickSize?: string;
  readonly lotSize?: string;
}

interface Reader {
  readonly sniff: (head: Uint8Array, fileName: string) => boolean;
  readonly open: (options: VenueOptions) => Promise<EventSource>;
}

/** In this order they are asked whether a file is theirs. */
const READERS: Readonly<Record<string, Reader>> = {
  lobster: { sniff: sniffLobster, open: openLobsterFiles },
  kraken: { sniff: sniffKraken, open: openKrakenFiles },
  coinbase: { sniff: sniffCoinbase, open: openCoinbase },
  binance: { sniff: sniffBinance, open: openBinance },
};

/** Opens recordings of one instrument, whatever the venue; throws a `BookcastError` a user can act on. */
export async function openRecording(paths: readonly string[], options: OpenOptions = {}): Promise<EventSource> {
  if (paths.length === 0) throw new BookcastError('bad-argument', `no recording was named; give ${READABLE}`);
  for (const path of paths) {
    if (!existsSync(path)) throw new BookcastError('not-found', `${path}: no such file or folder`, { path });
  }
  const { tick, lot, symbol } = options;
  if (statSync(paths[0]).isDirectory()) return openFolder(paths, symbol);
  const venues: string[] = [];
  for (const path of paths) venues.push(await venueOf(path));
  const other = venues.findIndex((venue) => venue !== venues[0]);
  if (other > 0) {
    throw new BookcastError(
      'bad-input',
      `${paths[0]} is from ${venues[0]} and ${paths[other]} from ${venues[other]}; one run replays one instrument of one venue`,
    );
  }
  return READERS[venues[0]].open({
    paths: [...paths],
    ...(symbol === undefined ? {} : { symbol }),
    ...(tick === undefined ? {} : { tickSize: tick }),
    ...(lot === undefined ? {} : { lotSize: lot }),
  });
}

function openLobsterFiles({ paths, symbol, tickSize, lotSize }: VenueOptions): Promise<EventSource> {
  if (lotSize !== undefined)
    throw new BookcastError('bad-argument', '--lot is for venues whose files do not tell: a LOBSTER lot is one share');
  if (symbol !== undefined)
    throw new BookcastError(
      'bad-argument',
      '--symbol is for recordings of several instruments: a LOBSTER file has one',
    );
  if (tickSize !== undefined && tickSize !== '0.01' && tickSize !== '0.0001') {
    throw new BookcastError('bad-argument', `a LOBSTER tick is 0.01 or 0.0001 dollars, not "${tickSize}"`);
  }
  return openLobster({ paths, ...(tickSize === undefined ? {} : { tickSize }) });
}

function openKrakenFiles({ paths, symbol, tickSize, lotSize }: VenueOptions): Promise<EventSource> {
  if (tickSize !== undefined || lotSize !== undefined) {
    throw new BookcastError('bad-argument', '--tick and --lot are not for Kraken: its messages tell their decimals');
  }
  return openKraken({ paths, ...(symbol === undefined ? {} : { symbol }) });
}

async function openFolder(paths: readonly string[], instrument: string | undefined): Promise<EventSource> {
  const [path] = paths;
  if (paths.length > 1) throw new BookcastError('bad-argument', `${path} is a folder; replay one tape at a time`);
  if (isRecording(path)) return openRecordingFolder(path, instrument === undefined ? {} : { instrument });
  if (isTape(path)) return openTape(path);
  const found = readdirSync(path).slice(0, 3).join(', ') || 'nothing';
  throw new BookcastError(
    'bad-input',
    `${path} is a folder without tape segments (it holds ${found}); expected ${READABLE}`,
    { path },
  );
}

async function venueOf(path: string): Promise<string> {
  if (statSync(path).isDirectory())
    throw new BookcastError('bad-argument', `${path} is a folder; give files, or one tape folder alone`);
  const head = await readHead(path);
  if (head.length === 0) throw new BookcastError('bad-input', `${path} is empty; expected ${READABLE}`, { path });
  const name = basename(path);
  const venue = Object.keys(READERS).find((key) => READERS[key].sniff(head, name));
  if (venue !== undefined) return venue;
  throw new BookcastError('bad-input', `${path} ${describe(head)}; expected ${READABLE}`, { path });
}

const ZIP = [0x50, 0x4b];
/** How a raw log of ours begins. */
const OWN_LOG = Buffer.from('{"t":"header","recorder":"bookcast"');

function isZip(head: Uint8Array): boolean {
  return ZIP.every((byte, i) => head[i] === byte);
}

function describe(head: Uint8Array): string {
  if (isZip(head)) return 'is a zip file without LOBSTER files in it';
  if (Buffer.from(head.subarray(0, OWN_LOG.length)).equals(OWN_LOG)) {
    return 'is the raw log of a recording, of a venue whose raw messages are not read back: replay the folder above "raw"';
  }
  const start = head.subarray(0, 512);
  const binary = start.some((byte) => byte < 9 || (byte > 13 && byte < 32));
  if (binary) return 'is binary data of no kind that bookcast reads';
  const line = new TextDecoder().decode(start).split('\n', 1)[0].trim();
  return `begins with "${line.slice(0, 60)}", which no venue's recording does`;
}

/** The first bytes of a file, unpacked except for a zip. What a broken file yields before its break still tells. */
async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path);
  const raw = new Uint8Array(HEAD_BYTES);
  const { bytesRead } = await file.read(raw, 0, HEAD_BYTES, 0);
  await file.close();
  const head = raw.subarray(0, bytesRead);
  if (head.length === 0 || isZip(head)) return head;
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of readChunks(path, await inspectFile(path), () => {})) {
      parts.push(chunk.slice());
      size += chunk.length;
      if (size >= HEAD_BYTES) break;
    }
  } catch (error) {
    if (size === 0) throw error;
  }
  return new Uint8Array(Buffer.concat(parts).subarray(0, HEAD_BYTES));
}
