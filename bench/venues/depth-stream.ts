import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Random } from '../../src/core/index.ts';
import type { Instrument } from '../../src/market/index.ts';
import { type BinanceMarket, binanceInstrument, knownSteps } from '../../src/venues/binance/instruments.ts';

/** Depth messages as recorded bytes: a snapshot that bridges, then the diffs after it. */
export interface DepthStream {
  readonly instrument: Instrument;
  readonly symbol: string;
  readonly day: number;
  readonly snapshot: Buffer;
  /** The diffs' lines in pieces as a file is read, and by diff: its piece, and its bounds in that. */
  readonly chunks: readonly Buffer[];
  readonly chunk: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Events of all diffs up to and including this one, heads included. */
  readonly eventsUpTo: Float64Array;
}

const NEWLINE = 10;
const CHUNK_BYTES = 256 * 1024;

/** The snapshot in `lines` and the diffs that follow it, up to so many events. */
export function depthStream(
  symbol: string,
  market: BinanceMarket,
  day: number,
  lines: readonly Buffer[],
  maxEvents: number,
): DepthStream {
  const snapshot = lines.find((line) => line.includes('"lastUpdateId"'))!;
  const id = Number(/"lastUpdateId": ?(\d+)/.exec(snapshot.toString('latin1'))![1]);
  const chunks: Buffer[][] = [[]];
  const chunk: number[] = [];
  const from: number[] = [];
  const to: number[] = [];
  const eventsUpTo: number[] = [];
  let events = 0;
  let bytes = 0;
  for (const line of lines) {
    if (!line.includes('"depthUpdate"')) continue;
    const text = line.toString('latin1');
    if (Number(/"u":(\d+)/.exec(text)![1]) <= id) continue;
    events += 1 + (text.match(/\["/g)?.length ?? 0);
    if (events > maxEvents) break;
    if (bytes + line.length >= CHUNK_BYTES) {
      chunks.push([]);
      bytes = 0;
    }
    chunks[chunks.length - 1].push(line, Buffer.of(NEWLINE));
    chunk.push(chunks.length - 1);
    from.push(bytes);
    to.push(bytes + line.length);
    bytes += line.length + 1;
    eventsUpTo.push(events);
  }
  return {
    instrument: binanceInstrument(symbol, market, knownSteps(symbol, market)!),
    symbol,
    day,
    snapshot,
    chunks: chunks.map((parts) => Buffer.concat(parts)),
    chunk: Int32Array.from(chunk),
    from: Int32Array.from(from),
    to: Int32Array.from(to),
    eventsUpTo: Float64Array.from(eventsUpTo),
  };
}

export function recordedLines(path: string): Buffer[] {
  const all = gunzipSync(readFileSync(path));
  const lines: Buffer[] = [];
  for (let at = 0, end = all.indexOf(NEWLINE); end >= 0; at = end + 1, end = all.indexOf(NEWLINE, at)) {
    lines.push(all.subarray(at, end));
  }
  return lines;
}

/** Seeded messages of the shape of a USD-M recording around a mid that stands still, for machines without one. */
export function syntheticLines(messages: number): Buffer[] {
  const random = new Random(20240808);
  const text = (value: number, decimals: number): string => (value / 10 ** decimals).toFixed(decimals);
  const level = (mid: number, sign: number, present: number): string => {
    const price = mid + sign * (1 + random.geometric(0.01));
    const size = random.bernoulli(present) ? 1 + random.geometric(0.001) : 0;
    return `["${text(price * 10, 2)}","${text(size, 3)}"]`;
  };
  const side = (mid: number, sign: number, n: number, present: number): string =>
    Array.from({ length: n }, () => level(mid, sign, present)).join(',');
  const mid = 618000;
  let id = 5_123_107_832_006;
  let time = 1_723_161_256_298;
  const lines = [
    `${time}000000 {"lastUpdateId":${id},"E":${time},"T":${time},"bids":[${side(mid, -1, 1000, 1)}],"asks":[${side(mid, 1, 1000, 1)}]}`,
  ];
  for (let i = 0; i < messages; i++) {
    const next = id + 1 + random.below(5000);
    time += 30 + random.below(60);
    lines.push(
      `${time}000000 {"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":${time},"T":${time},"s":"BTCUSDT","U":${id + 1},` +
        `"u":${next},"pu":${id},"b":[${side(mid, -1, random.below(70), 0.6)}],"a":[${side(mid, 1, random.below(70), 0.6)}]}}`,
    );
    id = next;
  }
  return lines.map((line) => Buffer.from(line));
}
