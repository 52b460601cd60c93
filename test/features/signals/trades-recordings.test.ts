import { describe, expect, it } from 'vitest';
import { CATALOGUE, FeatureEngine } from '../../../src/features/index.ts';
import { BookSync, type EventSource, LadderBook, messageEnd } from '../../../src/market/index.ts';
import { openBinance } from '../../../src/venues/binance/index.ts';
import { openLobster } from '../../../src/venues/lobster/index.ts';
import { dataPath, needs } from '../../support/data.ts';

const MESSAGES = 30_000;

/** Of every column: how many different numbers it was after the first messages of a recording. Throws where one is infinite. */
async function varietyOf(source: EventSource): Promise<Map<string, number>> {
  const signals = CATALOGUE.filter(({ family }) => family === 'trades');
  const engine = new FeatureEngine(source.instrument, { signals });
  const { names } = engine.schema;
  const book = new LadderBook({ windowTicks: 1 << 17 });
  const sync = new BookSync(source.instrument, book);
  const row = new Float64Array(names.length);
  const seen = names.map(() => new Set<number>());
  let messages = 0;
  for await (const batch of source.batches()) {
    for (let from = 0; from < batch.length && messages < MESSAGES; messages++) {
      const to = messageEnd(batch, from);
      engine.onMessage(batch, from, to, book, sync.applyMessage(batch, from, to));
      row.set(engine.row());
      for (const [c, x] of row.entries()) {
        if (Number.isFinite(x)) seen[c].add(x);
        else if (!Number.isNaN(x)) throw new Error(`${names[c]} is ${x} at message ${messages}`);
      }
      from = to;
    }
    if (messages === MESSAGES) break;
  }
  return new Map(names.map((name, c) => [name, seen[c].size]));
}

const GOOG = 'lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip';
const BINANCE = ['binance/usdm_btcusdt_20240808.gz', 'binance/spot_btcusdt_20240808.gz'];

/** A handful of values is a count of chances, not a signal at work. */
const LEAST = 30;

describe(`trade signals over the first ${MESSAGES} messages`, () => {
  it.skipIf(dataPath(GOOG) === null)(`vary on GOOG${needs(GOOG)}`, async () => {
    const variety = await varietyOf(await openLobster({ paths: [dataPath(GOOG)!] }));
    for (const [name, values] of variety) expect(values, name).toBeGreaterThan(LEAST);
  });

  for (const name of BINANCE) {
    it.skipIf(dataPath(name) === null)(`vary on ${name}${needs(name)}`, async () => {
      const variety = await varietyOf(await openBinance({ paths: [dataPath(name)!] }));
      for (const [column, values] of variety) expect(values, column).toBeGreaterThan(LEAST);
    });
  }
});
