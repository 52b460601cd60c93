import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, FeatureEngine, type FeatureSchema } from '../../src/features/index.ts';
import { EventKind, type Instrument } from '../../src/market/index.ts';
import { instrumentOf, type Message, mapRows, mirrored, play, RandomMarket, simMessages } from './random-market.ts';

/** Signals that need neither a fit nor a peer. */
const engineOf = (instrument: Instrument): FeatureEngine =>
  new FeatureEngine(instrument, {
    signals: CATALOGUE.filter(({ needs }) => needs.every((need) => need === 'orders' && instrument.byOrder === true)),
  });
const LEVELS = instrumentOf();
const ORDERS = instrumentOf({ byOrder: true });
const SEEDS = fc.integer({ min: 0, max: 1e9 });

/** A market of either kind, the second with named orders, as the properties try them. */
const MARKETS: readonly [string, Instrument, (seed: number) => Promise<Message[]>, number][] = [
  ['levels', LEVELS, async (seed) => new RandomMarket(seed).run({ messages: 700, empties: 0.01 }), 12],
  ['orders', ORDERS, (seed) => simMessages(seed, 1200), 4],
];

function expectClose(
  got: readonly Float64Array[],
  want: readonly Float64Array[],
  names: readonly string[],
  tolerance = 1e-9,
): void {
  want.forEach((row, i) => {
    row.forEach((x, c) => {
      const y = got[i][c];
      if (Number.isNaN(x) && Number.isNaN(y)) return;
      if (Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(x))) return;
      expect.fail(`${names[c]} at message ${i}: ${y}, expected ${x}`);
    });
  });
}

/** A row as the mirrored market's would be. */
function reflect(row: Float64Array, { columns, names }: FeatureSchema): Float64Array {
  const out = new Float64Array(row.length);
  columns.forEach(({ mirror }, c) => {
    if (mirror === 'odd') out[c] = 0 - row[c];
    else out[c] = mirror === 'even' ? row[c] : row[names.indexOf(mirror)];
  });
  return out;
}

const priced = (messages: readonly Message[], change: (price: number) => number): Message[] =>
  mapRows(messages, (row) => (row.kind === EventKind.FAULT ? row : { ...row, price: change(row.price) }));
const sized = (messages: readonly Message[], factor: number): Message[] =>
  mapRows(messages, (row) => (row.kind === EventKind.FAULT ? row : { ...row, lots: row.lots * factor }));

describe.each(MARKETS)('every signal, in a market of %s', (_, instrument, make, runs) => {
  const { schema } = engineOf(instrument);
  const absolute = schema.columns.map((column) => column.absolute === true);
  const without = (rows: readonly Float64Array[]): Float64Array[] =>
    rows.map((row) => row.map((x, c) => (absolute[c] ? 0 : x)));
  const property = (seed: number, check: (messages: Message[]) => void): Promise<void> =>
    fc.assert(
      fc.asyncProperty(SEEDS, async (s) => check(await make(s))),
      { numRuns: runs, seed },
    );

  it('names a mirror image that names it back', () => {
    for (const { name, mirror } of schema.columns) {
      if (mirror === 'odd' || mirror === 'even') continue;
      expect(schema.columns.find((column) => column.name === mirror)?.mirror, `${name} ↔ ${mirror}`).toBe(name);
    }
  });

  it('changes sign in the mirror if odd, stays if even, and changes sides if it speaks of one', async () => {
    await property(8, (messages) => {
      const rows = play(engineOf(instrument), instrument, messages);
      const image = play(engineOf(instrument), instrument, mirrored(messages)).map((row) => reflect(row, schema));
      expectClose(without(image), without(rows), schema.names);
      // Where the price itself counts, so far up that the mirror image has all but the same price.
      const up = priced(messages, (price) => price + 1_000_000_000);
      const high = play(engineOf(instrument), instrument, up);
      const highImage = play(engineOf(instrument), instrument, mirrored(up, 2_000_020_000)).map((row) =>
        reflect(row, schema),
      );
      expectClose(highImage, high, schema.names, 1e-6);
    });
  });

  it('follows its law of scale in prices and in sizes', async () => {
    const scaled = (rows: readonly Float64Array[], power: 'ticks' | 'lots', factor: number): Float64Array[] =>
      rows.map((row) => row.map((x, c) => x * factor ** (schema.columns[c][power] ?? 0)));
    const lawful = (rows: readonly Float64Array[]): Float64Array[] =>
      rows.map((row) => row.map((x, c) => (schema.columns[c].ticks === null ? 0 : x)));
    await property(9, (messages) => {
      const rows = play(engineOf(instrument), instrument, messages);
      const larger = play(engineOf(instrument), instrument, sized(messages, 8));
      expectClose(larger, scaled(rows, 'lots', 8), schema.names);
      const wider = play(
        engineOf(instrument),
        instrument,
        priced(messages, (price) => price * 4),
      );
      expectClose(lawful(wider), lawful(scaled(rows, 'ticks', 4)), schema.names);
    });
  });

  it('does not depend on the price level, unless it says so', async () => {
    await property(10, (messages) => {
      const rows = play(engineOf(instrument), instrument, messages);
      const moved = play(
        engineOf(instrument),
        instrument,
        priced(messages, (price) => price + 512),
      );
      expectClose(without(moved), without(rows), schema.names);
    });
  });
});
