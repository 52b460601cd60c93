import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';
import { selectSignals } from '../../src/features/index.ts';
import { type Forecast, Forecaster } from '../../src/forecast/index.ts';
import {
  BatchBuilder,
  copyMessages,
  type EventBatch,
  EventKind,
  Fault,
  type Instrument,
  instrumentKey,
  messageEnd,
  Side,
} from '../../src/market/index.ts';
import { type Model, parseTarget } from '../../src/models/index.ts';
import { openSim } from '../../src/venues/sim/index.ts';
import { collect, filterMessages, pushRow } from '../support/batches.ts';

const TARGET = parseTarget('events:10');

async function simulated(messages: number, seed = 1): Promise<{ instrument: Instrument; batches: EventBatch[] }> {
  const source = openSim({ mode: 'realistic', seed, messages });
  return { instrument: source.instrument, batches: await collect(source.batches()) };
}

interface Seen {
  index: number;
  abstained: string | null;
  row: number[];
  probabilities: number[][];
}

function copy(forecast: Forecast): Seen {
  return {
    index: forecast.index,
    abstained: forecast.abstained,
    row: [...forecast.row],
    probabilities: forecast.probabilities.map((p) => [...p]),
  };
}

function run(instrument: Instrument, batches: readonly EventBatch[]): { forecaster: Forecaster; seen: Seen[] } {
  const seen: Seen[] = [];
  const forecaster = new Forecaster(instrument, TARGET, { onForecast: (forecast) => seen.push(copy(forecast)) });
  for (const batch of batches) forecaster.apply(batch);
  return { forecaster, seen };
}

/** A book whose bursts end by quiet time on our own clock, as those of live venues do. */
function liveLike(seed: number): { instrument: Instrument; batches: EventBatch[] } {
  const instrument: Instrument = {
    venue: 'test',
    name: 'LIVE',
    tickSize: '1',
    lotSize: '1',
    sequencing: 'consecutive',
    burstQuietNs: 1e6,
    depthLimit: null,
  };
  const random = new Random(seed);
  const builder = new BatchBuilder('test:LIVE', 20000, 64);
  const batches: EventBatch[] = [];
  let recvNs = 0;
  for (let k = 1; k <= 300; k++) {
    recvNs += random.bernoulli(0.5) ? 1e5 : 3e6;
    if (k === 1) builder.push(EventKind.SNAPSHOT, Side.NONE, 0, 0, recvNs, recvNs, k, 0);
    const level = (side: Side, ticks: number): void =>
      builder.push(EventKind.LEVEL, side, ticks, 1 + random.below(9), recvNs, recvNs, k, 0);
    if (k === 1 || random.bernoulli(0.5)) level(Side.BID, 100 - random.below(3));
    level(Side.ASK, 101 + random.below(3));
    builder.endMessage();
    if (builder.full) batches.push(builder.finish()!);
  }
  // Nothing is left where the last message filled a batch.
  const rest = builder.finish();
  return { instrument, batches: rest === null ? batches : [...batches, rest] };
}

/** A fault message on its own, at the time and sequence of row `i`. */
function faultAt(batch: EventBatch, i: number, fault: Fault): EventBatch {
  const builder = new BatchBuilder(batch.instrument, batch.day, 1);
  builder.push(EventKind.FAULT, Side.NONE, 0, fault, batch.tsEventNs[i], batch.tsRecvNs[i], batch.sequence[i], 0);
  builder.endMessage();
  return builder.finish()!;
}

describe('Forecaster', () => {
  it('takes nothing from what comes again: not its trades, not its time', async () => {
    const { instrument, batches } = await simulated(1500);
    const random = new Random(5);
    const again: EventBatch[] = [];
    const past: EventBatch[] = [];
    let repeated = 0;
    let trades = 0;
    for (const batch of batches) {
      for (let from = 0; from < batch.length; ) {
        const to = messageEnd(batch, from);
        const message = copyMessages(batch, from, to);
        again.push(message);
        past.push(message);
        from = to;
        if (!random.bernoulli(0.2)) continue;
        // Late, so that the stream's time goes back, or forward where the copy is stamped anew.
        const source = past[Math.max(0, past.length - 1 - random.below(4))];
        const late = copyMessages(source, 0, source.length);
        if (random.bernoulli(0.5)) late.tsEventNs.fill(message.tsEventNs[0] + 1e9);
        again.push(late);
        repeated++;
        if (late.kind.some((kind) => kind === EventKind.EXECUTE || kind === EventKind.TRADE)) trades++;
      }
    }
    const once = run(instrument, batches);
    const twice = run(instrument, again);
    expect(trades).toBeGreaterThan(5);
    expect(twice.seen).toEqual(once.seen);
    expect(twice.forecaster.hash()).toEqual(once.forecaster.hash());
    expect(twice.forecaster.events).toBe(once.forecaster.events);
    expect(twice.forecaster.sync.faults.stale).toBeGreaterThan(repeated / 2);
  });

  it('forecasts with probabilities that are positive and sum to one', async () => {
    const { instrument, batches } = await simulated(6000);
    const { seen } = run(instrument, batches);
    const ready = seen.filter((forecast) => forecast.abstained === null);
    expect(ready.length).toBeGreaterThan(3000);
    for (const { probabilities } of ready) {
      for (const p of probabilities) {
        expect(Math.min(...p)).toBeGreaterThan(0);
        expect(p.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
      }
    }
  });

  it('makes the same forecasts, bit for bit, where it is told of every silence as it happens', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const { instrument, batches } = liveLike(seed);
        const plain = run(instrument, batches);
        const seen: Seen[] = [];
        const told = new Forecaster(instrument, TARGET, { onForecast: (forecast) => seen.push(copy(forecast)) });
        const random = new Random(seed);
        let early = 0;
        for (const batch of batches) {
          for (let i = 0; i < batch.length; ) {
            // Any time up to the next message's receipt may be announced.
            const last = i === 0 ? batch.tsRecvNs[0] : batch.tsRecvNs[i - 1];
            const before = told.decisions;
            told.quietUntil(last + random.float() * (batch.tsRecvNs[i] - last));
            early += told.decisions - before;
            const end = messageEnd(batch, i);
            told.apply(batch, i, end);
            i = end;
          }
        }
        expect(early).toBeGreaterThan(5);
        expect(seen).toEqual(plain.seen);
        expect(told.hash()).toEqual(plain.forecaster.hash());
      }),
      { numRuns: 10 },
    );
  });

  it('numbers forecasts without holes, from the first burst of a synced book on', async () => {
    const { instrument, batches } = await simulated(6000);
    const { seen, forecaster } = run(instrument, batches);
    const ready = seen.filter((forecast) => forecast.abstained === null);
    expect(ready.map((forecast) => forecast.index)).toEqual(ready.map((_, i) => i));
    expect(forecaster.decisions).toBe(ready.length);
    expect(ready).toHaveLength(seen.length);
    // What is not known yet is NaN, never 0; after a while everything is known.
    expect(seen[0].row.some((value) => Number.isNaN(value))).toBe(true);
    expect(seen.at(-1)!.row.some((value) => Number.isNaN(value))).toBe(false);
  });

  it('is invariant to the future: cutting the stream anywhere changes no earlier forecast', async () => {
    const { instrument, batches } = await simulated(4000);
    const whole = run(instrument, batches).seen;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: batches.length - 1 }), (cut) => {
        const part = run(instrument, batches.slice(0, cut)).seen;
        expect(part).toEqual(whole.slice(0, part.length));
      }),
      { numRuns: 10 },
    );
  });

  it('does not depend on how messages are cut into batches', async () => {
    const { instrument, batches } = await simulated(4000);
    const whole = run(instrument, batches).forecaster;
    const single = new Forecaster(instrument, TARGET);
    for (const batch of batches) {
      for (let from = 0; from < batch.length; ) {
        const to = messageEnd(batch, from);
        single.apply(batch, from, to);
        from = to;
      }
    }
    expect(single.hash()).toEqual(whole.hash());
    expect(single.decisions).toBe(whole.decisions);
  });

  it('learns a label only after the forecast that it settles, and in order', async () => {
    const { instrument, batches } = await simulated(4000);
    let last = -1;
    const forecaster = new Forecaster(instrument, TARGET, {
      onForecast: ({ abstained, index }) => {
        if (abstained === null) last = index;
      },
      onOutcome: (decision) => {
        // The outcome of decision i arrives at decision i + 10, before that one is published.
        expect(decision.index).toBe(last + 1 - TARGET.horizon);
      },
    });
    for (const batch of batches) forecaster.apply(batch);
    expect(last).toBeGreaterThan(1000);
  });

  it("ignores the venue's verifying quotes altogether", async () => {
    const { instrument, batches } = await simulated(3000);
    const withQuotes = batches.map((batch) => {
      const builder = new BatchBuilder(batch.instrument, batch.day, batch.length * 2);
      for (let from = 0; from < batch.length; ) {
        const to = messageEnd(batch, from);
        for (let i = from; i < to; i++) pushRow(builder, batch, i);
        // A quote far away in time and price after every message.
        builder.push(EventKind.BBO, Side.BID, 1, 1, batch.tsEventNs[from] + 1e9, batch.tsRecvNs[from] + 1e9, 0, 0);
        builder.endMessage();
        from = to;
      }
      return builder.finish()!;
    });
    const without = run(instrument, batches).forecaster;
    const quoted = run(instrument, withQuotes).forecaster;
    expect(quoted.hash()).toEqual(without.hash());
    expect(quoted.events).toBe(without.events);
  });

  it('abstains from a gap on, drops what was pending, and says why', async () => {
    const { instrument, batches } = await simulated(6000);
    const middle = Math.floor(batches.length * 0.9);
    const holed = batches.flatMap((batch, b) => {
      if (b !== middle) return [batch];
      let skipped = false;
      const rest = filterMessages(batch, (rows, from) => {
        const drop = !skipped && rows.kind[from] <= EventKind.EXECUTE;
        skipped ||= drop;
        return !drop;
      });
      return rest === null ? [] : [rest];
    });
    const { forecaster, seen } = run(instrument, holed);
    expect(seen.at(-1)?.abstained).toBe('the book lost its sequence or crossed, and waits for a snapshot');
    expect(forecaster.sync.faults.gaps).toBe(1);
    expect(forecaster.unresolved).toEqual({ pending: 0, dropped: TARGET.horizon, overflowed: 0 });
    expect(Number.isNaN(forecaster.last.midTicks)).toBe(true);
  });

  it('forecasts again after a new snapshot, with signals that know nothing of before', async () => {
    const { instrument, batches } = await simulated(4000, 3);
    const middle = Math.floor(batches.length / 2);
    const fault = faultAt(batches[middle], 0, Fault.DISCONNECT);
    const again = [...batches.slice(0, middle), fault, ...batches];
    const reasons: (string | null)[] = [];
    const unknown: number[] = [];
    const forecaster = new Forecaster(instrument, TARGET, {
      onForecast: ({ abstained, row }) => {
        reasons.push(abstained);
        unknown.push(row.filter(Number.isNaN).length);
      },
    });
    for (const batch of again) forecaster.apply(batch);
    const lost = reasons.indexOf('the book lost its sequence or crossed, and waits for a snapshot');
    expect(lost).toBeGreaterThan(0);
    expect(reasons[lost + 1]).toBe(null);
    expect(unknown[lost + 1]).toBeGreaterThan(unknown[lost - 1]);
  });

  it('abstains while a side is empty', () => {
    const instrument = openSim({ mode: 'realistic', seed: 1, messages: 1 }).instrument;
    const builder = new BatchBuilder(instrumentKey(instrument), 20000, 8);
    builder.push(EventKind.SNAPSHOT, Side.NONE, 0, 0, 1e9, 1e9, 1, 0);
    builder.push(EventKind.LEVEL, Side.BID, 100, 5, 1e9, 1e9, 1, 0);
    builder.endMessage();
    builder.push(EventKind.LEVEL, Side.BID, 100, 6, 2e9, 2e9, 2, 0);
    builder.endMessage();
    const { seen, forecaster } = run(instrument, [builder.finish()!]);
    expect(seen.at(-1)?.abstained).toBe('a side of the book is empty');
    expect(forecaster.decisions).toBe(0);
  });

  it('takes other signals, and refuses a model made for rows of another schema', async () => {
    const { instrument, batches } = await simulated(3000);
    const { signals } = selectSignals('full', { instrument });
    const full = new Forecaster(instrument, TARGET, {}, { signals });
    const core = new Forecaster(instrument, TARGET);
    expect(full.features.schema.names.length).toBeGreaterThan(core.features.schema.names.length);
    for (const batch of batches) full.apply(batch);
    expect(full.decisions).toBeGreaterThan(100);
    const { schema } = core.features;
    expect(() => new Forecaster(instrument, TARGET, {}, { signals, models: core.models })).toThrow(
      `reads rows of schema ${schema.hash}, and these are of schema ${full.features.schema.hash}`,
    );
    expect(() => new Forecaster(instrument, TARGET, {}, { models: core.models })).not.toThrow();
  });

  it('tells models that look back where rows do not follow on: a lost book, a new one, an empty side', async () => {
    const { instrument, batches } = await simulated(3000);
    const rows: string[] = [];
    const witness: Model = {
      name: 'witness',
      baseline: false,
      schemaHash: null,
      predict: (_, out) => {
        rows.push('row');
        out.fill(1 / 3);
      },
      update: () => {},
      reset: () => rows.push('reset'),
    };
    const forecaster = new Forecaster(instrument, TARGET, {}, { models: [witness] });
    const half = batches.slice(0, batches.length / 2);
    for (const batch of half) forecaster.apply(batch);
    const before = rows.length;
    // The first snapshot is a beginning; then rows follow on each other.
    expect(rows.lastIndexOf('reset')).toBeLessThan(rows.indexOf('row'));
    forecaster.apply(faultAt(half.at(-1)!, 0, Fault.DISCONNECT));
    expect(rows.slice(before)).toContain('reset');
    const lost = rows.length;
    for (const batch of half) forecaster.apply(batch);
    expect(rows[lost]).toBe('reset');
    expect(rows.filter((what) => what === 'row')).toHaveLength(forecaster.decisions);
    const builder = new BatchBuilder(instrumentKey(instrument), 20000, 8);
    builder.push(EventKind.SNAPSHOT, Side.NONE, 0, 0, 1e9, 1e9, 1, 0);
    builder.push(EventKind.LEVEL, Side.BID, 100, 5, 1e9, 1e9, 1, 0);
    builder.endMessage();
    const oneSided = new Forecaster(instrument, TARGET, {}, { models: [witness] });
    oneSided.apply(builder.finish()!);
    const begun = rows.length;
    builder.push(EventKind.LEVEL, Side.BID, 100, 6, 2e9, 2e9, 2, 0);
    builder.endMessage();
    oneSided.apply(builder.finish()!);
    expect(oneSided.last.abstained).toBe('a side of the book is empty');
    expect(rows.slice(begun)).toEqual(['reset']);
  });
});
