import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_PRICE } from '../../src/core/index.ts';
import { CATALOGUE, FeatureEngine } from '../../src/features/index.ts';
import { EventKind, Fault, type Instrument, Side } from '../../src/market/index.ts';
import {
  ask,
  bid,
  delta,
  instrumentOf,
  type Message,
  other,
  play,
  RandomMarket,
  simMessages,
  snapshot,
  trade,
} from './random-market.ts';

const LEVELS = instrumentOf();
const ORDERS = instrumentOf({ byOrder: true });
const engineOf = (instrument: Instrument): FeatureEngine =>
  new FeatureEngine(instrument, {
    signals: CATALOGUE.filter(({ needs }) => needs.every((need) => need === 'orders' && instrument.byOrder === true)),
  });
const rowsOf = (messages: readonly Message[], instrument = LEVELS): Float64Array[] =>
  play(engineOf(instrument), instrument, messages);
const text = (rows: readonly Float64Array[]): string[] => rows.map((row) => Array.from(row, (x) => x + 0).join(' '));
const fault = (tsNs: number, code: number): Message =>
  other(tsNs, [{ kind: EventKind.FAULT, side: Side.NONE, price: NO_PRICE, lots: code }]);

/** No row ever holds an infinity: what has no value is NaN. */
function expectFinite(rows: readonly Float64Array[], names: readonly string[]): void {
  rows.forEach((row, i) => {
    const wrong = names.filter((_, c) => Math.abs(row[c]) === Number.POSITIVE_INFINITY);
    if (wrong.length > 0) expect.fail(`infinite at message ${i}: ${wrong.join(', ')}`);
  });
}

describe('every signal, in odd markets', () => {
  it('is never infinite, whatever empties, breaks and repeats', async () => {
    const { names } = engineOf(LEVELS).schema;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), (seed) => {
        expectFinite(rowsOf(new RandomMarket(seed).run({ messages: 500, breaks: 0.01, empties: 0.08 })), names);
      }),
      { numRuns: 15, seed: 21 },
    );
    expectFinite(rowsOf(await simMessages(3, 3000), ORDERS), engineOf(ORDERS).schema.names);
  });

  it('survives one lot, one tick, one level, and a book that empties on both sides', () => {
    const { names } = engineOf(LEVELS).schema;
    const messages = [
      snapshot(0, [bid(100, 1), ask(101, 1)]),
      ...Array.from({ length: 300 }, (_, i) => delta(i * 1e8, [bid(100, 1 + (i % 2))])),
      ...Array.from({ length: 100 }, (_, i) =>
        other(31e9 + i * 1e7, [trade(i % 2 === 0 ? Side.BID : Side.ASK, 100 + (i % 2), 1)]),
      ),
      delta(33e9, [bid(100, 0)]),
      delta(34e9, [ask(101, 0)]),
      other(35e9, [trade(Side.BID, 101, 1)]),
      delta(36e9, [bid(100, 1), ask(101, 1)]),
      ...Array.from({ length: 50 }, (_, i) => delta(37e9 + i * 1e8, [ask(101, 1 + (i % 3))])),
    ];
    expectFinite(rowsOf(messages), names);
  });

  it('gives NaN where a side is empty for what needs both, and never a stale number', () => {
    const both = new RandomMarket(4).run({ messages: 600 });
    const lastNs = both.at(-1)!.tsNs;
    const bids = new Set(
      both
        .flatMap((m) => m.rows)
        .filter((row) => row.side === Side.BID && row.kind === EventKind.LEVEL)
        .map((row) => row.price),
    );
    const [emptied] = rowsOf([
      ...both,
      delta(
        lastNs,
        [...bids].map((price) => bid(price, 0)),
      ),
    ]).slice(-1);
    const { columns } = engineOf(LEVELS).schema;
    for (const name of ['spread', 'weighted_mid', 'microprice', 'imbalance_1', 'ofi_1', 'return_1', 'volatility_1s']) {
      expect(emptied[columns.findIndex((column) => column.name === name)], name).toBeNaN();
    }
  });

  it('takes no notice of a level of size zero that was not there, but that a message came', () => {
    const messages = new RandomMarket(5).run({ messages: 400 });
    const at = messages.findIndex((m, i) => i > 300 && m.type === 'delta');
    const padded = messages.map((m, i) => (i === at ? { ...m, rows: [...m.rows, bid(4, 0), ask(19_996, 0)] } : m));
    const { names } = engineOf(LEVELS).schema;
    // What counts events counts two more; nothing else may differ.
    const [plain, more] = [rowsOf(messages), rowsOf(padded)].map((rows) => rows[at]);
    const differ = names.filter((_, c) => !Object.is(plain[c] + 0, more[c] + 0));
    expect(differ.filter((name) => !/event|order_to_trade/.test(name))).toEqual([]);
  });

  it('ages through a halt: nothing resets, time goes on, and the row after it is the row without the fault rows', () => {
    const before = new RandomMarket(6).run({ messages: 500 });
    const at = before.at(-1)!.tsNs;
    const after = delta(at + 60e9, [bid(9_000, 3)]);
    const halted = rowsOf([...before, fault(at + 1e9, Fault.HALT), fault(at + 60e9, Fault.RESUME), after]);
    expect(halted.at(-1)!.some((x) => !Number.isNaN(x))).toBe(true);
    const { names } = engineOf(LEVELS).schema;
    const age = names.indexOf('mid_age');
    expect(halted.at(-1)![age]).toBeGreaterThanOrEqual(Math.log(1 + 60_000));
    expectFinite(halted, names);
  });

  it('begins with the first book where the day begins with a gap', () => {
    const day = new RandomMarket(7).run({ messages: 300 });
    const early = [fault(0, Fault.GAP), delta(1, [bid(100, 4)]), other(2, [trade(Side.ASK, 99, 3)])];
    const rows = rowsOf([...early, ...day]);
    for (const row of rows.slice(0, early.length)) expect([...row].every(Number.isNaN)).toBe(true);
    expect(text(rows.slice(early.length))).toEqual(text(rowsOf(day)));
  });
});
