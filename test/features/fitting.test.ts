import { describe, expect, it } from 'vitest';
import { fitHawkes } from '../../src/features/fitting/hawkes.ts';
import { FeatureFitter } from '../../src/features/fitting.ts';
import { CORE_SET, FeatureEngine, type FeatureFit, findSignal, parseFit } from '../../src/features/index.ts';
import { BookSync, type EventSource, type Instrument, LadderBook, messageEnd } from '../../src/market/index.ts';
import { openBinance } from '../../src/venues/binance/index.ts';
import { openLobster } from '../../src/venues/lobster/index.ts';
import { dataPath, needs } from '../support/data.ts';
import { micropriceState, micropriceSteps, paperMicroprice, type Step } from './oracle/fair-value.ts';
import { averageLots, booksOf, type Moment, readHistory, sum, twoSided } from './oracle/history.ts';
import { orderFlows } from './oracle/order-flow.ts';
import {
  bid,
  disconnect,
  instrumentOf,
  type Message,
  mirrored,
  play,
  RandomMarket,
  snapshot,
  toBatch,
} from './random-market.ts';

const INSTRUMENT = instrumentOf();
const market = (seed: number, messages: number): Message[] => new RandomMarket(seed).run({ messages, empties: 0.01 });

function fitOf(messages: readonly Message[], instrument: Instrument = INSTRUMENT): FeatureFit {
  const fitter = new FeatureFitter(instrument);
  const batch = toBatch(messages);
  const book = new LadderBook();
  const sync = new BookSync(instrument, book);
  for (let from = 0; from < batch.length; ) {
    const to = messageEnd(batch, from);
    fitter.onMessage(batch, from, to, book, sync.applyMessage(batch, from, to));
    from = to;
  }
  return fitter.finish();
}

/** g by the test's names of states, as the fit has them. */
function fairOf(fit: FeatureFit): Map<string, number> {
  const states = Array.from({ length: 9 }, (_, s) => [0, 1, 2, 3, 4].map((b) => `${b}/${s}`)).flat();
  expect(fit.microprice.fair).toHaveLength(states.length);
  return new Map([
    ['0', 0],
    ...states.flatMap((state, i): [string, number][] => [
      [`+${state}`, fit.microprice.fair[i]],
      [`-${state}`, -fit.microprice.fair[i]],
    ]),
  ]);
}

function expectFair(fit: FeatureFit, steps: readonly Step[]): void {
  const expected = paperMicroprice(steps, 1);
  for (const [state, g] of fairOf(fit)) expect(g, state).toBeCloseTo(expected.get(state) ?? 0, 9);
}

describe('a fit', () => {
  const messages = market(1, 3000);
  const history = readHistory(messages, INSTRUMENT)!;
  const fit = fitOf(messages);

  it('has Stoikov’s microprice, as the paper computes it', () => {
    expectFair(fit, micropriceSteps(history));
  });

  it('has the first principal component of the levels’ flows', () => {
    const { values, vector, matrix } = eigen(windows(history));
    const { weights, explained } = fit.components;
    expect(explained).toBeCloseTo(values[0] / sum(values), 9);
    const scale = sum(vector.map(Math.abs)) * Math.sign(sum(vector));
    weights.forEach((w, m) => {
      expect(w).toBeCloseTo(vector[m] / scale, 9);
    });
    // And it is an eigenvector, whatever the test's way of finding one.
    matrix.forEach((row, m) => {
      expect(sum(row.map((x, k) => x * weights[k]))).toBeCloseTo(values[0] * weights[m], 6);
    });
    expect(sum(weights.map(Math.abs))).toBeCloseTo(1, 12);
    expect(sum(weights)).toBeGreaterThan(0);
  });

  it('has the Hawkes process of all signed trades', () => {
    const trades = history.flatMap((m) => m.trades.filter((t) => t.sign !== 0).map((t) => ({ t: m.t, sign: t.sign })));
    const times = Float64Array.from(trades, ({ t }) => t);
    const signs = Int8Array.from(trades, ({ sign }) => sign);
    const expected = fitHawkes(times, signs, history[history.length - 1].t);
    for (const [key, x] of Object.entries(fit.hawkes)) {
      expect(x, key).toBeCloseTo(expected[key as keyof typeof expected], 4);
    }
  });

  it('says where it comes from', () => {
    expect(fit).toMatchObject({ instrument: 'test:TEST', depth: 10, messages: messages.length });
    const seconds = messages[messages.length - 1].tsNs / 1e9;
    expect(Date.parse(fit.until) / 1000).toBeCloseTo(seconds, 2);
  });

  it('is the same again, and after a trip through a file', () => {
    expect(fitOf(messages)).toEqual(fit);
    expect(parseFit(JSON.parse(JSON.stringify(fit)), 'test')).toEqual(fit);
    expect(fitOf(market(2, 3000)).hash).not.toBe(fit.hash);
  });

  it('goes on after a lost book, and takes no step or window across it', () => {
    const second = market(3, 1500).map((m) => ({ ...m, tsNs: m.tsNs + 1e13 }));
    const joined = fitOf([...messages, disconnect(1e13), ...second]);
    const rest = readHistory(second, INSTRUMENT)!;
    expectFair(joined, [...micropriceSteps(history), ...micropriceSteps(rest)]);
    const { values, vector } = eigen([...windows(history), ...windows(rest)]);
    expect(joined.components.explained).toBeCloseTo(values[0] / sum(values), 9);
    expect(joined.components.weights[0]).toBeCloseTo(Math.abs(vector[0]) / sum(vector.map(Math.abs)), 9);
  });

  it('refuses too few data, and says what is missing', () => {
    expect(() => fitOf(market(1, 60))).toThrow(/too few to fit signals: \d+ changes of imbalance.*trades whose side/);
    const quiet = [snapshot(0, [bid(99, 1)]), ...Array.from({ length: 5 }, () => disconnect(1))];
    expect(() => fitOf(quiet)).toThrow('0 windows of 20 book messages');
  });
});

describe('signals with a fit', () => {
  const fit = fitOf(market(1, 3000));
  const messages = new RandomMarket(7).run({ messages: 500, empties: 0.01, breaks: 0.002 });

  it('take the microprice from it, at once and for good', () => {
    const signals = ['microprice', 'fair_deviation'].map(findSignal);
    const rows = play(new FeatureEngine(INSTRUMENT, { signals, fit }), INSTRUMENT, messages);
    const g = fairOf(fit);
    let numbers = 0;
    rows.forEach((row, i) => {
      if (i % 5 !== 0) return;
      const history = readHistory(messages.slice(0, i + 1), INSTRUMENT);
      const now = history?.at(-1);
      const state = now === undefined ? null : micropriceState(now);
      if (now === undefined || state === null) expect([...row].every(Number.isNaN)).toBe(true);
      else {
        const [spread, middle] = [now.asks[0][0] - now.bids[0][0], (now.asks[0][0] + now.bids[0][0]) / 2];
        expect(row[0] + 0).toBe(g.get(state)! + 0);
        expect(row[2]).toBeCloseTo((1e4 * g.get(state)!) / middle, 9);
        expect(row[3]).toBeCloseTo(g.get(state)! / spread, 9);
        numbers++;
      }
    });
    expect(numbers).toBeGreaterThan(80);
  });

  it('weigh the levels’ flows with it', () => {
    const signals = [findSignal('ofi_integrated')];
    const engine = new FeatureEngine(INSTRUMENT, { signals, fit });
    expect(engine.schema.names).toEqual(['ofi_integrated_fast', 'ofi_integrated_slow']);
    const rows = play(engine, INSTRUMENT, messages);
    let numbers = 0;
    for (let n = 1; n <= messages.length; n += 7) {
      const history = readHistory(messages.slice(0, n), INSTRUMENT);
      [10, 100].forEach((memory, c) => {
        const want = history === null ? Number.NaN : integrated(history, fit.components.weights, memory);
        if (Number.isNaN(want)) expect(rows[n - 1][c]).toBeNaN();
        else expect(rows[n - 1][c]).toBeCloseTo(want, 9);
        if (!Number.isNaN(want)) numbers++;
      });
    }
    expect(numbers).toBeGreaterThan(60);
  });

  it('carry its hash in the schema’s, whether they need it or only use it', () => {
    const hash = (name: string, with_?: FeatureFit): string =>
      new FeatureEngine(INSTRUMENT, { signals: [findSignal(name)], ...(with_ && { fit: with_ }) }).schema.hash;
    const second = fitOf(market(2, 3000));
    for (const name of ['ofi_integrated', 'microprice', 'fair_deviation']) {
      expect(hash(name, fit), name).not.toBe(hash(name, second));
    }
    expect(hash('microprice')).not.toBe(hash('microprice', fit));
    expect(hash('spread', fit)).toBe(hash('spread'));
    expect(new FeatureEngine(INSTRUMENT, { signals: CORE_SET, fit }).schema.fit).toBe(fit.hash);
    const alone = new FeatureEngine(INSTRUMENT, { signals: CORE_SET }).schema;
    // The hash that models of earlier versions carry.
    expect([alone.hash, alone.fit]).toEqual(['a35fc2b55d09e7cf', null]);
    expect(() => new FeatureEngine(INSTRUMENT, { signals: [findSignal('ofi_integrated')] })).toThrow('come with a fit');
  });

  it('mirror as all others do', () => {
    const signals = ['ofi_integrated', 'microprice'].map(findSignal);
    const rows = play(new FeatureEngine(INSTRUMENT, { signals, fit }), INSTRUMENT, messages);
    const image = play(new FeatureEngine(INSTRUMENT, { signals, fit }), INSTRUMENT, mirrored(messages));
    rows.forEach((row, i) => {
      row.forEach((x, c) => {
        if (Number.isNaN(x)) expect(image[i][c]).toBeNaN();
        else expect(image[i][c]).toBeCloseTo(0 - x, 9);
      });
    });
  });

  it('refuse a fit for another number of levels', () => {
    const five = instrumentOf({ depthLimit: 5 });
    expect(() => new FeatureEngine(five, { signals: [findSignal('ofi_integrated')], fit })).toThrow('for every level');
  });
});

const GOOG = 'lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip';
const USDM = 'binance/usdm_btcusdt_20240808.gz';

describe('fits of recordings', () => {
  it.skipIf(dataPath(GOOG) === null)(`GOOG: what its first third teaches holds in the rest${needs(GOOG)}`, async () => {
    const { fit, ahead } = await fittedThenWatched(await openLobster({ paths: [dataPath(GOOG)!] }), 49_000);
    expect(fit.components.explained).toBeGreaterThan(0.5);
    for (const w of fit.components.weights) expect(w).toBeGreaterThan(0);
    expect(fit.hawkes.logLikelihood).toBeGreaterThan(fit.hawkes.poissonLogLikelihood + 0.5);
    expect(fit.hawkes.self).toBeGreaterThan(fit.hawkes.cross);
    // The frozen microprice points to where the mid goes, on data that it was not fitted on.
    const pairs = ahead.filter(({ micro }) => micro !== 0);
    const up = pairs.filter(({ micro, move }) => Math.sign(micro) === Math.sign(move)).length;
    const down = pairs.filter(({ micro, move }) => Math.sign(micro) === -Math.sign(move)).length;
    expect(up / (up + down)).toBeGreaterThan(0.53);
  });

  it.skipIf(dataPath(USDM) === null)(`BTCUSDT: the adjustment grows with imbalance${needs(USDM)}`, async () => {
    const { fit } = await fittedThenWatched(await openBinance({ paths: [dataPath(USDM)!] }), Infinity);
    // A spread of one tick, which it nearly always is.
    const fair = fit.microprice.fair.slice(0, 5);
    expect(fair[0]).toBeGreaterThan(0);
    for (let b = 1; b < fair.length; b++) expect(fair[b]).toBeGreaterThan(fair[b - 1]);
    expect(fit.components.weights[0]).toBeGreaterThan(0.3);
  });
});

/** Fits on the first messages; then the frozen microprice and the move over the next 100 messages, message by message. */
async function fittedThenWatched(
  source: EventSource,
  training: number,
): Promise<{ fit: FeatureFit; ahead: { micro: number; move: number }[] }> {
  const { instrument } = source;
  const fitter = new FeatureFitter(instrument);
  const book = new LadderBook({ windowTicks: 1 << 17 });
  const sync = new BookSync(instrument, book);
  let fit: FeatureFit | null = null;
  let engine: FeatureEngine | null = null;
  const micros: number[] = [];
  const mids: number[] = [];
  let n = 0;
  for await (const batch of source.batches()) {
    for (let from = 0; from < batch.length; n++) {
      const to = messageEnd(batch, from);
      const effect = sync.applyMessage(batch, from, to);
      if (n < training) fitter.onMessage(batch, from, to, book, effect);
      else if (engine === null) {
        fit = fitter.finish();
        engine = new FeatureEngine(instrument, { signals: [findSignal('microprice')], fit });
      }
      engine?.onMessage(batch, from, to, book, effect);
      if (engine !== null) {
        micros.push(engine.row()[0]);
        mids.push(book.mid);
      }
      from = to;
    }
  }
  const ahead = micros.slice(0, -100).map((micro, i) => ({ micro, move: mids[i + 100] - mids[i] }));
  return { fit: fit ?? fitter.finish(), ahead };
}

/** Flows of whole windows of 20 book messages, by level, in average levels. */
function windows(history: readonly Moment[]): number[][] {
  const flows = orderFlows(history, 10);
  const books = booksOf(history);
  return Array.from({ length: Math.floor(flows.length / 20) }, (_, k) => {
    const end = books[20 * (k + 1)];
    const meanLots = averageLots(history.slice(0, history.indexOf(end) + 1));
    return flows[0].map((_, m) => sum(flows.slice(20 * k, 20 * (k + 1)).map((e) => e[m])) / meanLots);
  });
}

/** Second moments of the windows; eigenvalues by taking one component after another away (power iteration, deflation). */
function eigen(rows: readonly number[][]): { matrix: number[][]; values: number[]; vector: number[] } {
  const n = rows[0].length;
  const matrix = rows[0].map((_, i) => rows[0].map((_, j) => sum(rows.map((x) => x[i] * x[j]))));
  const left = matrix.map((row) => [...row]);
  const values: number[] = [];
  let first: number[] = [];
  for (let k = 0; k < n; k++) {
    let v = Array.from({ length: n }, (_, i) => 1 + i / 10);
    for (let i = 0; i < 20_000; i++) {
      const next = left.map((row) => sum(row.map((x, j) => x * v[j])));
      const length = Math.sqrt(sum(next.map((x) => x * x)));
      v = next.map((x) => x / length);
    }
    const value = sum(v.map((x, i) => x * sum(left[i].map((y, j) => y * v[j]))));
    values.push(value);
    if (k === 0) first = v;
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) left[i][j] -= value * v[i] * v[j];
  }
  return { matrix, values, vector: first };
}

/** Integrated order flow from its definition. */
function integrated(history: readonly Moment[], weights: readonly number[], memory: number): number {
  const flows = orderFlows(history, 10);
  const now = history[history.length - 1];
  if (!twoSided(now) || flows.length < memory) return Number.NaN;
  const faded = flows.map((e, n) => Math.exp(-(flows.length - 1 - n) / memory) * sum(e.map((x, m) => x * weights[m])));
  return sum(faded) / averageLots(history);
}
