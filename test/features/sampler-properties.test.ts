import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';
import { CATALOGUE, parseClock, RowSampler, type SampledRow } from '../../src/features/index.ts';
import { Digest } from '../../src/forecast/digest.ts';
import { Forecaster } from '../../src/forecast/index.ts';
import {
  copyMessages,
  type EventBatch,
  type EventSource,
  type Instrument,
  messageEnd,
} from '../../src/market/index.ts';
import { parseTarget } from '../../src/models/index.ts';
import { openBinance } from '../../src/venues/binance/index.ts';
import { openLobster } from '../../src/venues/lobster/index.ts';
import { openSim } from '../../src/venues/sim/index.ts';
import { dataPath, needs } from '../support/data.ts';
import { instrumentOf, type Message, RandomMarket, toBatch } from './random-market.ts';

const VENUE_TIMED = instrumentOf();
/** Bursts that end with silence. */
const QUIET_TIMED = instrumentOf({ burstQuietNs: 5e6 });
const CLOCKS = ['burst', 'event', 'mid', 'events:7', 'time:200', 'volume:40'];
const SEEDS = fc.integer({ min: 0, max: 1e9 });
const signals = CATALOGUE.filter(({ needs }) => needs.length === 0);
const market = (seed: number, messages = 300): Message[] =>
  new RandomMarket(seed).run({ messages, breaks: 0.004, empties: 0.01 });

interface Taken {
  ns: number;
  midTicks: number;
  sequence: number;
  row: Float64Array;
}

function sample(clock: string, instrument: Instrument, batches: readonly EventBatch[], finish = true): Taken[] {
  const taken: Taken[] = [];
  const note = ({ tsEventNs, tsRecvNs, midTicks, sequence, row }: SampledRow): void => {
    const ns = instrument.burstQuietNs === 0 ? tsEventNs : tsRecvNs;
    taken.push({ ns, midTicks, sequence, row: row.slice() });
  };
  const sampler = new RowSampler(instrument, { clock: parseClock(clock, instrument), signals }, note);
  for (const batch of batches) sampler.apply(batch);
  if (finish) sampler.finish();
  return taken;
}

/** Bit for bit, but that all `NaN` are alike. */
const text = (rows: readonly Taken[]): string[] =>
  rows.map(({ ns, midTicks, sequence, row }) => [ns, midTicks, sequence, ...row].join(' '));

/** The batch in pieces of whole messages, cut where the seed says. */
function cut(batch: EventBatch, seed: number): EventBatch[] {
  const random = new Random(seed);
  const pieces: EventBatch[] = [];
  let from = 0;
  for (let i = 0; i < batch.length; ) {
    i = messageEnd(batch, i);
    if (i < batch.length && !random.bernoulli(0.3)) continue;
    pieces.push(copyMessages(batch, from, i));
    from = i;
  }
  return pieces;
}

describe.each(CLOCKS)('rows of the clock %s', (clock) => {
  it.each([
    ['the venue’s time', VENUE_TIMED],
    ['ours', QUIET_TIMED],
  ])('never see past their own time, whatever follows and however it is cut (%s)', (_, instrument) => {
    let seen = 0;
    fc.assert(
      fc.property(SEEDS, fc.integer({ min: 1, max: 300 }), (seed, length) => {
        const messages = market(seed);
        const batch = toBatch(messages);
        const rows = text(sample(clock, instrument, [batch]));
        seen += rows.length;
        expect(text(sample(clock, instrument, cut(batch, seed)))).toEqual(rows);
        // What a prefix has given before its end it gives whatever follows; its end itself only ends a grid.
        const past = messages.slice(0, length);
        const early = text(sample(clock, instrument, [toBatch(past)], false));
        expect(early).toEqual(rows.slice(0, early.length));
        const future = [...past, ...market(seed + 1, 50).map((m) => ({ ...m, tsNs: m.tsNs + 2e11 }))];
        expect(text(sample(clock, instrument, [toBatch(future)])).slice(0, early.length)).toEqual(early);
      }),
      { numRuns: 12, seed: 21 },
    );
    expect(seen).toBeGreaterThan(50);
  });
});

describe('rows of two clocks at one instant', () => {
  /** So that many messages fall on the grid. */
  const rounded = (messages: readonly Message[]): Message[] =>
    messages.map((message) => ({ ...message, tsNs: Math.floor(message.tsNs / 50e6) * 50e6 }));
  const property = (check: (instrument: Instrument, batch: EventBatch) => number): void => {
    let compared = 0;
    fc.assert(
      fc.property(SEEDS, fc.constantFrom(VENUE_TIMED, QUIET_TIMED), (seed, instrument) => {
        compared += check(instrument, toBatch(rounded(market(seed))));
      }),
      { numRuns: 8, seed: 22 },
    );
    expect(compared).toBeGreaterThan(50);
  };

  it.each(['mid', 'events:7', 'volume:40', 'burst'])('are the same, bit for bit: %s and event', (clock) => {
    property((instrument, batch) => {
      const rows = sample('event', instrument, [batch]);
      const all = new Set(text(rows));
      const taken = sample(clock, instrument, [batch]);
      for (const [i, line] of text(taken).entries()) {
        if (!all.has(line)) expect.fail(`${clock} has a row at ${taken[i].ns} that event has not`);
      }
      return taken.length;
    });
  });

  it('are the same, but for the last digits of what fades, on a grid', () => {
    property((instrument, batch) => {
      const last = new Map(sample('event', instrument, [batch]).map((row) => [row.ns, row]));
      let compared = 0;
      for (const { ns, midTicks, row } of sample('time:50', instrument, [batch])) {
        const same = last.get(ns);
        if (same === undefined || Number.isNaN(midTicks)) continue;
        compared++;
        row.forEach((x, c) => {
          const y = same.row[c];
          const close = Object.is(x, y) || Math.abs(x - y) <= 1e-9 * Math.max(1, Math.abs(y));
          if (!close) expect.fail(`column ${c} at ${ns}: ${x}, expected ${y}`);
        });
      }
      return compared;
    });
  });
});

describe('rows of the clock burst', () => {
  const GOOG = 'lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip';
  const USDM = 'binance/usdm_btcusdt_20240808.gz';

  async function expectForecasters(source: EventSource, most: number): Promise<void> {
    const { instrument } = source;
    const forecaster = new Forecaster(instrument, parseTarget('events:10'));
    const digest = new Digest();
    const sampler = new RowSampler(instrument, { clock: parseClock('burst', instrument) }, ({ row }) =>
      digest.add(row),
    );
    let messages = 0;
    for await (const batch of source.batches()) {
      forecaster.apply(batch);
      sampler.apply(batch);
      messages += batch.length;
      if (messages > most) break;
    }
    sampler.finish();
    expect(forecaster.decisions).toBeGreaterThan(500);
    expect(sampler.rows).toBe(forecaster.decisions);
    expect(digest.hex()).toBe(forecaster.hash().rows);
  }

  it('are the forecaster’s decisions, bit for bit, on the simulator', async () => {
    await expectForecasters(openSim({ mode: 'realistic', seed: 3, messages: 4000 }), Number.POSITIVE_INFINITY);
  });

  it('are the forecaster’s decisions where messages come again, break off and start anew', () => {
    fc.assert(
      fc.property(SEEDS, (seed) => {
        const batches = cut(toBatch(market(seed)), seed);
        const again = batches.flatMap((batch, i) => (i % 3 === 0 ? [batch, batch] : [batch]));
        const forecaster = new Forecaster(QUIET_TIMED, parseTarget('events:10'));
        const digest = new Digest();
        const options = { clock: parseClock('burst', QUIET_TIMED) };
        const sampler = new RowSampler(QUIET_TIMED, options, ({ row }) => digest.add(row));
        for (const batch of again) {
          forecaster.apply(batch);
          sampler.apply(batch);
        }
        expect(sampler.rows).toBe(forecaster.decisions);
        expect(digest.hex()).toBe(forecaster.hash().rows);
      }),
      { numRuns: 10, seed: 23 },
    );
  });

  it.skipIf(dataPath(GOOG) === null)(`are the forecaster’s decisions on GOOG${needs(GOOG)}`, async () => {
    await expectForecasters(await openLobster({ paths: [dataPath(GOOG)!] }), 60_000);
  });

  it.skipIf(dataPath(USDM) === null)(`are the forecaster’s decisions on BTCUSDT${needs(USDM)}`, async () => {
    await expectForecasters(await openBinance({ paths: [dataPath(USDM)!] }), 200_000);
  });
});
