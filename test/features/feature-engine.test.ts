import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_PRICE } from '../../src/core/index.ts';
import { CATALOGUE, CORE_SET, FeatureEngine } from '../../src/features/index.ts';
import { BookSync, Effect, EventKind, LadderBook, messageEnd, Side } from '../../src/market/index.ts';
import {
  ask,
  bbo,
  bid,
  delta,
  disconnect,
  instrumentOf,
  type Message,
  other,
  play,
  RandomMarket,
  snapshot,
  toBatch,
  trade,
} from './random-market.ts';

const instrument = instrumentOf();
const signals = CATALOGUE.filter(({ needs }) => needs.length === 0);
const engineOf = (): FeatureEngine => new FeatureEngine(instrument, { signals });
const coreOf = (): FeatureEngine => new FeatureEngine(instrument);
const seeds = fc.integer({ min: 0, max: 1e9 });
const market = (seed: number, messages = 400, faults = {}): Message[] =>
  new RandomMarket(seed).run({ messages, ...faults });

/** Quotes twelve levels far behind each side, so that no level is absent. */
const backdrop = (tsNs: number): Message =>
  delta(tsNs, Array.from({ length: 12 }, (_, m) => [bid(9_000 - m, 5), ask(11_000 + m, 5)]).flat());

/** Rows as text, so that a difference shows; `NaN` equals `NaN` and 0 equals −0. */
const text = (rows: readonly Float64Array[]): string[] => rows.map((row) => Array.from(row, (x) => x + 0).join(' '));

describe('every column', () => {
  it('never sees past its own message: another future, or none, leaves the rows before it alone', () => {
    fc.assert(
      fc.property(seeds, fc.nat(400), (seed, cut) => {
        const faults = { breaks: 0.003, empties: 0.01 };
        const whole = market(seed, 400, faults);
        const rows = play(engineOf(), instrument, whole);
        const past = whole.slice(0, Math.max(1, cut));
        expect(text(play(engineOf(), instrument, past))).toEqual(text(rows.slice(0, past.length)));
        const otherFuture = [...past, ...market(seed + 1, 100)];
        expect(text(play(engineOf(), instrument, otherFuture)).slice(0, past.length)).toEqual(
          text(rows.slice(0, past.length)),
        );
      }),
      { numRuns: 25, seed: 7 },
    );
  });
});

describe('what feeds a row', () => {
  it('is not the venue’s own best quote: deleting BBO messages leaves every other row as it is', () => {
    const isBbo = (message: Message): boolean => message.rows.every((row) => row.kind === EventKind.BBO);
    fc.assert(
      fc.property(seeds, (seed) => {
        const messages = market(seed, 300, { breaks: 0.003 });
        const rows = play(engineOf(), instrument, messages).filter((_, i) => !isBbo(messages[i]));
        expect(
          text(
            play(
              engineOf(),
              instrument,
              messages.filter((m) => !isBbo(m)),
            ),
          ),
        ).toEqual(text(rows));
      }),
      { numRuns: 20, seed: 10 },
    );
  });

  it('takes no side for a trade whose side and price nobody knows, as for one at the mid', () => {
    const ending = (price: number): Message[] => [
      snapshot(1e9, [bid(9_999, 5), ask(10_001, 5)]),
      ...Array.from({ length: 150 }, (_, i) => delta(1e9 + i * 2e8, [bid(9_999, 5 + (i % 3))])),
      other(32e9, [trade(Side.NONE, price, 7)]),
      delta(33e9, [bid(9_999, 4)]),
    ];
    const [unknown, atMid, above] = [NO_PRICE, 10_000, 10_001].map((price) =>
      text(play(coreOf(), instrument, ending(price))).at(-1),
    );
    expect(unknown).toBe(atMid);
    expect(unknown).not.toBe(above);
  });

  it('takes nothing from a message that comes again, its trades included', () => {
    const messages = market(4, 200);
    const expected = play(engineOf(), instrument, messages).at(-1)!;
    const engine = engineOf();
    const book = new LadderBook();
    const sync = new BookSync(instrument, book);
    const batch = toBatch(messages);
    const later = toBatch([other(9e12, [trade(Side.BID, 10_000, 7)])]);
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      engine.onMessage(batch, from, to, book, sync.applyMessage(batch, from, to));
      engine.onMessage(batch, from, to, book, Effect.OLD);
      engine.onMessage(later, 0, later.length, book, Effect.OLD);
      from = to;
    }
    const row = new Float64Array(expected.length);
    row.set(engine.row());
    expect(row).toEqual(expected);
  });

  it('is every message once, whatever the batches, and rows that nobody took change nothing', () => {
    const messages = market(3, 300);
    const expected = play(engineOf(), instrument, messages).at(-1)!;
    const engine = engineOf();
    const book = new LadderBook();
    const sync = new BookSync(instrument, book);
    const batch = toBatch(messages);
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      engine.onMessage(batch, from, to, book, sync.applyMessage(batch, from, to));
      from = to;
    }
    const row = new Float64Array(expected.length);
    row.set(engine.row());
    row.set(engine.row());
    expect(row).toEqual(expected);
  });

  it('is timed by the venue where bursts end with the timestamp, and by us where they end with silence', () => {
    const run = (burstQuietNs: number): number => {
      const instrument = instrumentOf({ burstQuietNs });
      const engine = new FeatureEngine(instrument);
      const book = new LadderBook();
      const sync = new BookSync(instrument, book);
      const batch = toBatch([
        snapshot(0, [bid(99, 1), ask(101, 1)]),
        delta(1e9, [bid(100, 1)]),
        delta(1e9, [bid(97, 1)]),
      ]);
      // The venue says one second for the second message, we heard it after three; the third one comes 1 s later for both.
      batch.tsRecvNs.set([0, 0, 0, 3e9, 3e9, 4e9, 4e9]);
      batch.tsEventNs.set([0, 0, 0, 1e9, 1e9, 2e9, 2e9]);
      for (let from = 0; from < batch.length; ) {
        const to = messageEnd(batch, from);
        engine.onMessage(batch, from, to, book, sync.applyMessage(batch, from, to));
        from = to;
      }
      const row = new Float64Array(engine.schema.names.length);
      row.set(engine.row());
      return row[engine.schema.names.indexOf('volatility_1s')];
    };
    // One move of half a tick a second ago: 0.25 e⁻¹ / (1 − e⁻ᵀ), T the seconds since the start on each clock.
    expect(run(0)).toBeCloseTo(Math.sqrt((0.25 * Math.exp(-1)) / (1 - Math.exp(-2))), 14);
    expect(run(1e6)).toBeCloseTo(Math.sqrt((0.25 * Math.exp(-1)) / (1 - Math.exp(-4))), 14);
  });
});

describe('a lost book', () => {
  it('makes the whole row NaN until a new one is known', () => {
    const messages = [...market(4, 699), backdrop(2e12), disconnect(2e12), other(2e12, [trade(Side.BID, 10_000, 5)])];
    const rows = play(coreOf(), instrument, messages);
    expect(rows[699].filter(Number.isNaN).length).toBe(0);
    for (const row of rows.slice(700)) expect([...row].every(Number.isNaN)).toBe(true);
  });

  it('leaves nothing of the past: from the new book on the rows are those of a new engine', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const after = market(seed + 1, 300);
        const before = [...market(seed, 300), disconnect(2e12)];
        const rows = play(engineOf(), instrument, [...before, ...after]).slice(before.length);
        expect(text(rows)).toEqual(text(play(engineOf(), instrument, after)));
        const engine = engineOf();
        play(engine, instrument, before);
        engine.reset();
        expect(text(play(engine, instrument, after))).toEqual(text(rows));
      }),
      { numRuns: 10, seed: 11 },
    );
  });

  it('is not what an empty side is: the row loses what needs both sides, and has it back at once', () => {
    const messages = [...market(5, 700), backdrop(2e12)];
    const names = coreOf().schema.names;
    const bids = new Map<number, number>();
    for (const row of messages.flatMap((m) => m.rows)) {
      if (row.side !== Side.BID) continue;
      if (row.kind === EventKind.LEVEL) bids.set(row.price, row.lots);
      if (row.kind === EventKind.EXECUTE) bids.set(row.price, bids.get(row.price)! - row.lots);
    }
    const resting = [...bids].filter(([, lots]) => lots > 0);
    const gone = delta(
      2e12,
      resting.map(([price]) => bid(price, 0)),
    );
    const back = delta(
      2e12 + 1e6,
      resting.map(([price, lots]) => bid(price, lots)),
    );
    const [emptied, whole] = play(coreOf(), instrument, [...messages, gone, back]).slice(-2);
    const left = names.filter((_, c) => !Number.isNaN(emptied[c]));
    expect(left).toEqual([
      'trade_count_imbalance_100ms',
      'trade_count_imbalance_1s',
      'trade_count_imbalance_10s',
      'event_rate_100ms',
      'event_rate_1s',
      'trade_rate_1s',
    ]);
    // The return over one burst still looks at the empty book.
    expect(names.filter((_, c) => Number.isNaN(whole[c]))).toEqual(['return_1']);
  });
});

describe('before anything is known', () => {
  it('gives NaN in every column, and never 0 while a memory fills', () => {
    const engine = coreOf();
    const row = new Float64Array(engine.schema.names.length);
    row.set(engine.row());
    expect([...row].every(Number.isNaN)).toBe(true);
    const names = engine.schema.names;
    const levels = Array.from({ length: 10 }, (_, m) => [bid(99 - m, 5), ask(101 + m, 5)]).flat();
    const [first] = play(coreOf(), instrument, [snapshot(0, levels)]);
    const stateOnly = engine.schema.columns
      .filter((feature) => feature.warmup === 'none')
      .map((feature) => feature.name);
    expect(names.filter((_, c) => !Number.isNaN(first[c]))).toEqual(stateOnly);
  });

  it('waits for a book: neither trades nor changes count before the first snapshot', () => {
    const rest = market(6, 50);
    const early = [other(0, [trade(Side.BID, 100, 5)]), other(5, [bbo(Side.BID, 99, 1)])];
    const rows = play(engineOf(), instrument, [...early, ...rest]);
    expect(text(rows.slice(2))).toEqual(text(play(engineOf(), instrument, rest)));
  });
});

describe('the schema', () => {
  it('names every column once, says what a desk would ask, and hashes names with versions', () => {
    const { names, hash, columns } = coreOf().schema;
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(columns.map((feature) => feature.name));
    for (const feature of columns) {
      expect(feature.name).toMatch(/^[a-z][a-z0-9_]*$/);
      for (const field of [feature.unit, feature.formula, feature.warmup, feature.source]) expect(field).not.toBe('');
    }
    const lines = columns.map((feature) => `${feature.name}@${feature.version}`).join('\n');
    expect(hash).toBe(createHash('sha256').update(lines).digest('hex').slice(0, 16));
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
  });

  it('is the same for every instrument of one depth, and leaves out levels that the venue does not report', () => {
    expect(new FeatureEngine(instrumentOf({ name: 'OTHER', burstQuietNs: 1e6 })).schema).toEqual(coreOf().schema);
    const one = new FeatureEngine(instrumentOf({ depthLimit: 1 })).schema;
    expect(one.names.filter((name) => /^ofi_\d|^imbalance_\d|depth/.test(name))).toEqual(['ofi_1', 'imbalance_1']);
    const five = new FeatureEngine(instrumentOf({ depthLimit: 5 })).schema;
    expect(five.names).toContain('ofi_5');
    expect(five.names).not.toContain('ofi_6');
    expect(new Set([one.hash, five.hash, coreOf().schema.hash]).size).toBe(3);
    expect(new FeatureEngine(instrumentOf({ depthLimit: 50 })).schema.hash).toBe(coreOf().schema.hash);
  });

  it('explains a column by name, and knows none of another', () => {
    expect(coreOf().explain('ofi_3')).toMatchObject({ family: 'order-flow', mirror: 'odd', unit: 'average levels' });
    expect(coreOf().explain('nonsense')).toBeNull();
  });

  it('refuses two columns of one name', () => {
    expect(() => new FeatureEngine(instrument, { signals: [...CORE_SET, ...CORE_SET] })).toThrow('a name of its own');
  });
});
