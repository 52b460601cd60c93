import { describe, expect, it } from 'vitest';
import { CATALOGUE, FeatureEngine, type FeatureFit } from '../../../src/features/index.ts';
import { BookSync, type EventSource, LadderBook, messageEnd } from '../../../src/market/index.ts';
import { openBinance } from '../../../src/venues/binance/index.ts';
import { openLobster } from '../../../src/venues/lobster/index.ts';
import { dataPath, needs } from '../../support/data.ts';

const MESSAGES = 20_000;
/** Of the signals of this family only `hawkes` reads a fit, and only these figures of it: about those of GOOG. */
const HAWKES = {
  hawkes: { baseRate: 0.08, self: 21, cross: 3, decay: 70, logLikelihood: 0, poissonLogLikelihood: 0 },
  hash: '0123456789abcdef',
} as FeatureFit;

interface Column {
  known: number;
  infinite: number;
  least: number;
  most: number;
}

/** What the family's columns are over the first messages of a recording. */
async function columnsOf(source: EventSource): Promise<Map<string, Column>> {
  const { instrument } = source;
  const signals = CATALOGUE.filter(
    ({ family, needs: wants }) => family === 'queue' && (instrument.byOrder === true || !wants.includes('orders')),
  );
  const engine = new FeatureEngine(instrument, { signals, fit: HAWKES });
  const { names } = engine.schema;
  const columns = names.map(() => ({ known: 0, infinite: 0, least: Number.POSITIVE_INFINITY, most: -Infinity }));
  const row = new Float64Array(names.length);
  const book = new LadderBook();
  const sync = new BookSync(instrument, book);
  let messages = 0;
  for await (const batch of source.batches()) {
    for (let from = 0; from < batch.length && messages < MESSAGES; messages++) {
      const to = messageEnd(batch, from);
      engine.onMessage(batch, from, to, book, sync.applyMessage(batch, from, to));
      row.set(engine.row());
      row.forEach((x, c) => {
        const column = columns[c];
        if (Number.isNaN(x)) return;
        if (!Number.isFinite(x)) column.infinite++;
        column.known++;
        column.least = Math.min(column.least, x);
        column.most = Math.max(column.most, x);
      });
      from = to;
    }
    if (messages >= MESSAGES) break;
  }
  return new Map(names.map((name, c) => [name, columns[c]]));
}

/** Every column is a number in at least `share` of the rows, never infinite, and varies. */
async function expectSound(source: EventSource, share: number): Promise<void> {
  for (const [name, { known, infinite, least, most }] of await columnsOf(source)) {
    expect(infinite, name).toBe(0);
    expect(known / MESSAGES, name).toBeGreaterThan(share);
    expect(most, name).toBeGreaterThan(least);
  }
}

const GOOG = 'lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip';
const USDM = 'binance/usdm_btcusdt_20240808.gz';
const SPOT = 'binance/spot_btcusdt_20240808.gz';

describe('queue signals on recordings', () => {
  it.skipIf(dataPath(GOOG) === null)(`GOOG${needs(GOOG)}`, async () => {
    await expectSound(await openLobster({ paths: [dataPath(GOOG)!] }), 0.9);
  });

  it.skipIf(dataPath(USDM) === null)(`BTCUSDT perpetual${needs(USDM)}`, async () => {
    await expectSound(await openBinance({ paths: [dataPath(USDM)!] }), 0.8);
  });

  it.skipIf(dataPath(SPOT) === null)(`BTCUSDT spot${needs(SPOT)}`, async () => {
    await expectSound(await openBinance({ paths: [dataPath(SPOT)!] }), 0.8);
  });
});
