import { describe, expect, it } from 'vitest';
import { CATALOGUE, FeatureEngine } from '../../../src/features/index.ts';
import { BookSync, type EventSource, LadderBook, messageEnd } from '../../../src/market/index.ts';
import { openBinance } from '../../../src/venues/binance/index.ts';
import { openLobster } from '../../../src/venues/lobster/index.ts';
import { dataPath, needs } from '../../support/data.ts';

const MESSAGES = 20_000;

/** What a column was over a recording. */
interface Seen {
  numbers: number;
  infinite: number;
  least: number;
  most: number;
}

async function seenOn(source: EventSource): Promise<Map<string, Seen>> {
  const byOrder = source.instrument.byOrder === true;
  const signals = CATALOGUE.filter(({ family, needs }) => family === 'liquidity' && (byOrder || needs.length === 0));
  const engine = new FeatureEngine(source.instrument, { signals });
  const book = new LadderBook({ windowTicks: 1 << 17 });
  const sync = new BookSync(source.instrument, book);
  const { names } = engine.schema;
  const row = new Float64Array(names.length);
  const seen = names.map(() => ({ numbers: 0, infinite: 0, least: Infinity, most: -Infinity }));
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

/** Ends of what a column can be, by the beginning of its name; all others only have to be finite. */
const BOUNDS: readonly (readonly [string, number, number])[] = [
  ['imbalance', -1, 1],
  ['profile_balance', -1, 1],
  ['convexity', -1, 1],
  ['entropy', 0, 1],
  ['herfindahl', 0.1, 1],
  ['top_share', 0, 1],
  ['resiliency', -0.5, 2],
  ['depth', 0, 200],
  ['effective_spread', -100, 5000],
  ['level_gap', 1, Infinity],
  ['spread', 0, Infinity],
  ['slope', 0, 1],
  ['trade_cost', 0.5, Infinity],
];

/**
 * A share's spread is wider than half a basis point, and ten levels of bitcoin end long before five: each distance is for the
 * other kind of market.
 */
const RECORDINGS: readonly [string, RegExp, (path: string) => Promise<EventSource>][] = [
  [
    'lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip',
    /^imbalance_within_05bps/,
    (path) => openLobster({ paths: [path] }),
  ],
  ['binance/usdm_btcusdt_20240808.gz', /_within_5bps/, (path) => openBinance({ paths: [path] })],
  ['binance/spot_btcusdt_20240808.gz', /_within_5bps/, (path) => openBinance({ paths: [path] })],
];

describe('signals of liquidity on recordings', () => {
  for (const [name, foreign, open] of RECORDINGS) {
    const path = dataPath(name);
    it.skipIf(path === null)(`${name}: every column is a number in its bounds, and varies${needs(name)}`, async () => {
      for (const [column, { numbers, infinite, least, most }] of await seenOn(await open(path!))) {
        expect(infinite, `${column} is infinite`).toBe(0);
        const [, low, high] = BOUNDS.find(([beginning]) => column.startsWith(beginning)) ?? ['', -Infinity, Infinity];
        expect(least, `least ${column}`).toBeGreaterThanOrEqual(low - 1e-12);
        expect(most, `most ${column}`).toBeLessThanOrEqual(high + 1e-12);
        if (foreign.test(column)) continue;
        expect(numbers / MESSAGES, `${column} is known`).toBeGreaterThan(0.2);
        expect(most, `${column} varies`).toBeGreaterThan(least);
      }
    });
  }
});
