import type { BinanceMarket } from '../../src/venues/binance/instruments.ts';
import { dataPath } from '../../test/support/data.ts';
import { type Benchmark, type BenchResult, packageVersion, type Racer, race } from '../harness.ts';
import { type CcxtClasses, loadCcxt } from './ccxt-binance.ts';
import { Ccxt, JsonParse, JsonParseAlone, Ours } from './depth-racers.ts';
import { type DepthStream, depthStream, recordedLines, syntheticLines } from './depth-stream.ts';

const RECORDINGS: readonly [file: string, symbol: string, market: BinanceMarket][] = [
  ['usdm_btcusdt_20240808.gz', 'BTCUSDT', 'USDM'],
  ['spot_btcusdt_20240808.gz', 'BTCUSDT', 'SPOT'],
  ['cm_btcusd_perp_20240808.gz', 'BTCUSD_PERP', 'COINM'],
];
const DAY_20240808 = 19943;

interface Rival {
  readonly what: string;
  readonly name: string;
  /** Events timed together: a slow rival has fewer. */
  readonly chunk: number;
  racer(stream: DepthStream): Racer;
}

function rivals(ccxt: CcxtClasses): Rival[] {
  return [
    {
      what: 'both keep events and check the chain',
      name: 'JSON.parse',
      chunk: 4096,
      racer: (stream) => new JsonParse(stream),
    },
    { what: 'the rival does neither', name: 'JSON.parse', chunk: 4096, racer: (stream) => new JsonParseAlone(stream) },
    {
      what: 'the rival checks the chain',
      name: packageVersion('ccxt'),
      chunk: 512,
      racer: (stream) => new Ccxt(stream, ccxt),
    },
  ];
}

function streams(maxEvents: number): [string, DepthStream][] {
  const found: [string, DepthStream][] = [];
  for (const [file, symbol, market] of RECORDINGS) {
    const path = dataPath(`binance/${file}`);
    if (path === null) continue;
    found.push([`recorded ${file}`, depthStream(symbol, market, DAY_20240808, recordedLines(path), maxEvents)]);
  }
  if (found.length > 0) return found;
  const lines = syntheticLines(maxEvents / 50);
  const stream = depthStream('BTCUSDT', 'USDM', DAY_20240808, lines, maxEvents);
  return [['synthetic USD-M (no recording here)', stream]];
}

/** From the recorded bytes of a depth message to a ladder that has applied it. An event is one level, or the message's head. */
export const bench: Benchmark = {
  name: 'binance-depth',
  async run({ smoke }): Promise<BenchResult[]> {
    const against = rivals(await loadCcxt());
    return streams(smoke ? 8_000 : 300_000).flatMap(([name, stream]) =>
      against.map((rival) =>
        race({
          case: `bytes to applied ladder, ${name}; ${rival.what}`,
          rival: rival.name,
          ours: new Ours(stream),
          theirs: rival.racer(stream),
          length: stream.eventsUpTo[stream.eventsUpTo.length - 1],
          chunk: 4096,
          rivalChunk: rival.chunk,
          rounds: smoke ? 1 : 5,
          passes: smoke ? 1 : 5,
          warmups: smoke ? 1 : 8,
        }),
      ),
    );
  },
};
