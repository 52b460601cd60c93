import { describe, expect, it } from 'vitest';
import { CATALOGUE, FeatureEngine } from '../../../src/features/index.ts';
import { BookSync, type EventSource, LadderBook, messageEnd } from '../../../src/market/index.ts';
import { openBinance } from '../../../src/venues/binance/index.ts';
import { openLobster } from '../../../src/venues/lobster/index.ts';
import { dataPath, needs } from '../../support/data.ts';

const signals = CATALOGUE.filter(({ family }) => family === 'volatility');
const MESSAGES = 30_000;

const RECORDINGS: readonly [string, (path: string) => Promise<EventSource>][] = [
  ['lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip', (path) => openLobster({ paths: [path] })],
  ['binance/usdm_btcusdt_20240808.gz', (path) => openBinance({ paths: [path] })],
  ['binance/spot_btcusdt_20240808.gz', (path) => openBinance({ paths: [path] })],
];

/** What a column was over a recording. */
interface Seen {
  numbers: number;
  infinite: number;
  least: number;
  most: number;
}

async function seenOn(source: EventSource): Promise<Map<string, Seen>> {
  const engine = new FeatureEngine(source.instrument, { signals });
  const book = new LadderBook({ windowTicks: 1 << 17 });
  const sync = new BookSync(source.instrument, book);
  const { names } = engine.schema;
  const row = new Float64Array(names.length);
  const seen = names.map(() => ({ numbers: 0, infinite: 0, least: Number.POSITIVE_INFINITY, most: -Infinity }));
  let messages = 0;
  for await (const batch of source.batches()) {
    for (let from = 0; from < batch.length && messages < MESSAGES; messages++) {
      const to = messageEnd(batch, from);
      engine.onMessage(batch, from, to, book, sync.applyMessage(batch, from, to));
      row.set(engine.row());
      row.forEach((x, c) => {
        if (Number.isNaN(x)) return;
        if (Number.isFinite(x)) seen[c].numbers++;
        else seen[c].infinite++;
        seen[c].least = Math.min(seen[c].least, x);
        seen[c].most = Math.max(seen[c].most, x);
      });
      from = to;
    }
    if (messages === MESSAGES) break;
  }
  return new Map(names.map((name, c) => [name, seen[c]]));
}

/** Ends of what a column can be; all others only have to be finite. */
const BOUNDS: Readonly<Record<string, readonly [number, number]>> = {
  efficiency_ratio: [-1, 1],
  semivariance: [-1, 1],
  return_autocorrelation: [-1, 1],
  zero_share: [0, 1],
  kurtosis: [1, 60],
  volatility_of_volatility: [0, Math.sqrt(60)],
  drawdown_high: [0, Number.MAX_VALUE],
  drawdown_low: [0, Number.MAX_VALUE],
};

describe('signals of volatility on recordings', () => {
  for (const [name, open] of RECORDINGS) {
    const path = dataPath(name);
    it.skipIf(path === null)(`${name}: every column is a number in its bounds, and varies${needs(name)}`, async () => {
      for (const [column, seen] of await seenOn(await open(path!))) {
        const { numbers, infinite, least, most } = seen;
        expect(infinite, `${column} is infinite`).toBe(0);
        expect(numbers / MESSAGES, `${column} is known`).toBeGreaterThan(0.1);
        expect(most, `${column} varies`).toBeGreaterThan(least);
        const [low, high] = BOUNDS[column] ?? [least, most];
        expect(least, `least ${column}`).toBeGreaterThanOrEqual(low);
        expect(most, `most ${column}`).toBeLessThanOrEqual(high + 1e-12);
      }
    });
  }
});
