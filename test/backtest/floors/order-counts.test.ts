import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { analyseRun, parseLatency, type StrategyConfig, StrategySchema } from '../../../src/backtest/index.ts';
import { recordForecasts } from '../../../src/evaluate/index.ts';
import type { EventBatch, EventSource } from '../../../src/market/index.ts';
import { LogisticModel, parseTarget } from '../../../src/models/index.ts';
import { readConfig } from '../../../src/models/training.ts';
import { openBinance } from '../../../src/venues/binance/index.ts';
import { openLobster } from '../../../src/venues/lobster/index.ts';
import { openSim, SIM_MODES } from '../../../src/venues/sim/index.ts';
import { collect } from '../../support/batches.ts';
import { dataPath, needs } from '../../support/data.ts';
import { play, TERMS } from './sim-tape.ts';

const LEAST_ORDERS = 100;
const DEFAULTS = parse(
  readFileSync(new URL('../../../configs/backtest/default.yaml', import.meta.url), 'utf8'),
) as Record<string, unknown>;
const strategy = readConfig(StrategySchema, DEFAULTS.strategy) as StrategyConfig;
/** As of the file; the models are the desk's baseline alone, which is quick. */
const target = parseTarget((DEFAULTS.forecast as { target: string }).target);

const RECORDINGS: readonly (readonly string[])[] = [
  ['binance/usdm_btcusdt_20230404.dat.gz', 'binance/usdm_btcusdt_20230405.dat.gz'],
  ['binance/usdm_btcusdt_20240718.gz', 'binance/usdm_btcusdt_20240719.gz'],
  ['binance/usdm_btcusdt_20240808.gz'],
  ['binance/spot_btcusdt_20240808.gz'],
  ['binance/cm_btcusd_perp_20240808.gz'],
  ['lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip'],
];

/** Enough of a recording: a strategy that places its orders there places no fewer on the whole. */
const MOST_ROWS = 300_000;

async function* beginningOf(source: EventSource): AsyncGenerator<EventBatch> {
  let rows = 0;
  for await (const batch of source.batches()) {
    yield batch;
    rows += batch.length;
    if (rows >= MOST_ROWS) return;
  }
}

async function* asyncOf<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** Orders placed and orders filled at least in part. */
async function ordersOf(open: () => Promise<EventSource>): Promise<{ placed: number; some: number }> {
  const source = await open();
  const model = new LogisticModel({ name: 'imbalance-logistic', target, featureCount: 0, schemaHash: null });
  const batches = await collect(beginningOf(source));
  const { instrument, origin, counts, notes } = source;
  const again = { instrument, origin, counts, notes, verifier: () => null, batches: () => asyncOf(batches) };
  const forecasts = await recordForecasts(again, target, { signals: [], models: [model] });
  const latency = parseLatency(DEFAULTS.latency, 'latency', { startDay: batches[0].day, seed: 1 });
  const run = play({ instrument: source.instrument, batches, forecasts }, strategy, { latency });
  expect(run.ended).toBe(null);
  const { placed, filled, partlyFilled } = analyseRun(run, TERMS).fills;
  return { placed, some: filled + partlyFilled };
}

describe('the default run', () => {
  it.each(SIM_MODES)(
    'floor: places at least 100 orders on the simulator’s mode %s, and says how many filled',
    async (mode) => {
      const { placed, some } = await ordersOf(async () => openSim({ mode, seed: 1, messages: 8000 }));
      expect(placed).toBeGreaterThanOrEqual(LEAST_ORDERS);
      expect(some).toBeGreaterThan(0);
    },
    60_000,
  );

  for (const names of RECORDINGS) {
    const [name] = names;
    const paths = names.map(dataPath).filter((path) => path !== null);
    it.skipIf(paths.length < names.length)(
      `floor: places at least 100 orders on ${name}${names.map(needs).join('')}`,
      async () => {
        const open = () => (name.startsWith('lobster') ? openLobster({ paths }) : openBinance({ paths }));
        const { placed, some } = await ordersOf(open);
        expect(placed).toBeGreaterThanOrEqual(LEAST_ORDERS);
        expect(some).toBeGreaterThan(0);
      },
      120_000,
    );
  }
});
