import { describe, expect, it } from 'vitest';
import { CATALOGUE, FAMILIES, FeatureEngine, type SignalDefinition } from '../../src/features/index.ts';
import type { EventSource, Instrument } from '../../src/market/index.ts';
import { openBinance } from '../../src/venues/binance/index.ts';
import { openLobster } from '../../src/venues/lobster/index.ts';
import { dataPath, needs } from '../support/data.ts';
import { type Moment, readHistory } from './oracle/history.ts';
import { ORACLES } from './oracle/index.ts';
import { instrumentOf, type Message, play, RandomMarket, simMessages } from './random-market.ts';
import { recordedMessages } from './recorded-market.ts';

const LEVELS = instrumentOf();
const ORDERS = instrumentOf({ byOrder: true });

/** Signals that need neither a fit nor a peer: those are tested where their data are made. */
const plain = (family: string, byOrder: boolean): readonly SignalDefinition[] =>
  CATALOGUE.filter(({ family: own, needs }) => own === family && needs.every((need) => need === 'orders' && byOrder));

/** Histories of a recording's first messages: all families are compared on the same ones. */
const histories = new Map<readonly Message[], Map<number, Moment[] | null>>();

function historyOf(instrument: Instrument, messages: readonly Message[], n: number): Moment[] | null {
  const kept = histories.get(messages) ?? new Map<number, Moment[] | null>();
  histories.set(messages, kept);
  if (!kept.has(n)) kept.set(n, readHistory(messages.slice(0, n), instrument));
  return kept.get(n)!;
}

/** Compares the columns of a family with its oracle at messages `at`; adds those seen as numbers to `seen`. */
function compare(
  family: Exclude<(typeof FAMILIES)[number], 'cross'>,
  instrument: Instrument,
  messages: readonly Message[],
  at: readonly number[],
  seen: Set<string>,
): void {
  const signals = plain(family, instrument.byOrder === true);
  const engine = new FeatureEngine(instrument, { signals });
  const rows = play(engine, instrument, messages);
  for (const n of at) {
    const history = historyOf(instrument, messages, n);
    const expected = history === null ? null : ORACLES[family](history, instrument);
    engine.schema.names.forEach((name, c) => {
      const got = rows[n - 1][c];
      const want = expected === null ? Number.NaN : expected.get(name);
      if (want === undefined) throw new Error(`the oracle of ${family} lacks ${name}`);
      if (Number.isNaN(want)) expect(got, `${name} at message ${n}`).toBeNaN();
      else {
        const miss = Math.abs(got - want) / Math.max(1, Math.abs(want));
        expect(miss, `${name}: ${got}, expected ${want}, at message ${n}`).toBeLessThan(1e-9);
        seen.add(name);
      }
    });
  }
}

const RECORDINGS: readonly [string, (path: string) => Promise<EventSource>, readonly number[]][] = [
  ['lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip', (path) => openLobster({ paths: [path] }), [500, 3000, 8000]],
  ['binance/usdm_btcusdt_20240808.gz', (path) => openBinance({ paths: [path] }), [2000, 12_000]],
];

/** Read once for all families. */
const recorded = new Map<string, ReturnType<typeof recordedMessages>>();

describe.each(FAMILIES.filter((family) => family !== 'cross'))('%s', (family) => {
  it('equals its definitions recomputed from the whole history', { timeout: 120_000 }, async () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 6; seed++) {
      const messages = new RandomMarket(seed).run({ messages: 700, breaks: 0.0005, empties: 0.01 });
      compare(family, LEVELS, messages, [5, 60, 150, 280, 400, 520, 610, messages.length], seen);
    }
    for (let seed = 1; seed <= 2; seed++) {
      const messages = await simMessages(seed, 1500);
      compare(family, ORDERS, messages, [40, 300, 800, 1200, messages.length], seen);
    }
    const { names } = new FeatureEngine(ORDERS, { signals: plain(family, true) }).schema;
    expect(
      names.filter((name) => !seen.has(name)),
      'columns that the test never saw as a number',
    ).toEqual([]);
  });

  for (const [name, open, at] of RECORDINGS) {
    const path = dataPath(name);
    it.skipIf(path === null)(`equals its definitions on ${name}${needs(name)}`, { timeout: 120_000 }, async () => {
      if (!recorded.has(name))
        recorded.set(
          name,
          open(path!).then((source) => recordedMessages(source, Math.max(...at))),
        );
      const { instrument, messages } = await recorded.get(name)!;
      const seen = new Set<string>();
      compare(family, instrument, messages, at, seen);
      expect(seen.size).toBeGreaterThan(0);
    });
  }
});
