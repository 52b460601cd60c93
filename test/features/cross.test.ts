import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, FeatureEngine } from '../../src/features/index.ts';
import { EventKind, type Instrument } from '../../src/market/index.ts';
import { OWN, own, PEER, peer, playPair, randomPair, type Told } from './cross-market.ts';
import { crossOracle } from './oracle/cross.ts';
import { ask, bid, delta, disconnect, type Message, mapRows, mirrored, snapshot } from './random-market.ts';

const CROSS = CATALOGUE.filter(({ family }) => family === 'cross');
const PLAIN = CATALOGUE.filter(({ needs }) => needs.length === 0);
const SEEDS = fc.integer({ min: 0, max: 1e6 });
const engineOf = (signals = CROSS, on: Instrument = OWN, peer: Instrument = PEER): FeatureEngine =>
  new FeatureEngine(on, { signals, peer });
const { names, columns } = engineOf().schema;
const text = (rows: readonly Float64Array[]): string[] => rows.map((row) => Array.from(row, (x) => x + 0).join(' '));

function expectClose(got: Float64Array, want: readonly number[], where: string, tolerance = 1e-9): void {
  want.forEach((x, c) => {
    if (Number.isNaN(x) && Number.isNaN(got[c])) return;
    const close = Math.abs(got[c] - x) <= tolerance * Math.max(1, Math.abs(x));
    if (!close) expect.fail(`${names[c]} ${where}: ${got[c]}, expected ${x}`);
  });
}

const each = (told: readonly Told[], change: (one: Told) => Told['message']): Told[] =>
  told.map((one) => ({ ...one, message: change(one) }));

describe('cross-instrument signals', () => {
  it('equal their definitions recomputed from both histories', () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 8; seed++) {
      const told = randomPair(seed, 350, { breaks: 0.001, empties: 0.01 });
      const rows = playPair(engineOf(), told);
      for (let n = 20; n <= told.length; n += 61) {
        const want = crossOracle(told.slice(0, n), [OWN, PEER], names);
        const values = names.map((name) => want.get(name)!);
        expectClose(rows[n - 1], values, `of seed ${seed} after message ${n}`);
        for (const name of names) if (!Number.isNaN(want.get(name))) seen.add(name);
      }
    }
    expect([...seen].sort()).toEqual([...names].sort());
  });

  it('never see past their own message', () => {
    fc.assert(
      fc.property(SEEDS, fc.integer({ min: 1, max: 400 }), (seed, cut) => {
        const told = randomPair(seed, 250, { breaks: 0.004, empties: 0.01 });
        const rows = text(playPair(engineOf(), told));
        const past = told.slice(0, cut);
        expect(text(playPair(engineOf(), past))).toEqual(rows.slice(0, past.length));
        const later = randomPair(seed + 1, 40).slice(1);
        expect(text(playPair(engineOf(), [...past, ...later])).slice(0, past.length)).toEqual(
          rows.slice(0, past.length),
        );
      }),
      { numRuns: 20, seed: 41 },
    );
  });

  it('change sign in the mirror of both markets if odd, and stay if even', () => {
    fc.assert(
      fc.property(SEEDS, (seed) => {
        // So far up that the mirror image has all but the same prices.
        const told = each(randomPair(seed, 300, { empties: 0.01 }), (one) => {
          const up = one.peer ? 200_000_000 : 1_000_000_000;
          return mapRows([one.message], (row) => ({ ...row, price: row.price + up }))[0];
        });
        const rows = playPair(engineOf(), told);
        const image = each(told, (one) => mirrored([one.message], one.peer ? 400_004_000 : 2_000_020_000)[0]);
        playPair(engineOf(), image).forEach((row, i) => {
          const reflected = [...rows[i]].map((x, c) => (columns[c].mirror === 'odd' ? 0 - x : x));
          expectClose(row, reflected, `in the mirror after message ${i}`, 1e-5);
        });
      }),
      { numRuns: 8, seed: 42 },
    );
  });

  it('follow their law of scale, of both prices and of both sizes, and of each market’s sizes', () => {
    fc.assert(
      fc.property(SEEDS, fc.boolean(), (seed, ofPeer) => {
        const told = randomPair(seed, 300, { empties: 0.01 });
        const rows = playPair(engineOf(), told);
        const wide = each(told, ({ message }) => mapRows([message], (row) => ({ ...row, price: row.price * 4 }))[0]);
        const large = each(told, (one) =>
          one.peer === ofPeer ? mapRows([one.message], (row) => ({ ...row, lots: row.lots * 8 }))[0] : one.message,
        );
        for (const other of [wide, large]) {
          playPair(engineOf(), other).forEach((row, i) => {
            expectClose(row, [...rows[i]], `scaled, after message ${i}`);
          });
        }
      }),
      { numRuns: 8, seed: 43 },
    );
  });

  it('say the same of two markets as seen from the other one', () => {
    const at = (name: string): number => names.indexOf(name);
    let compared = 0;
    fc.assert(
      fc.property(SEEDS, (seed) => {
        const told = randomPair(seed, 300, { breaks: 0.001, empties: 0.01 });
        const rows = playPair(engineOf(), told);
        const swapped = told.map(({ peer, message }) => ({ peer: !peer, message }));
        playPair(engineOf(CROSS, PEER, OWN), swapped, [PEER, OWN]).forEach((there, i) => {
          const here = rows[i];
          if (Number.isNaN(here[at('lead_lag')]) || Number.isNaN(there[at('lead_lag')])) return;
          compared++;
          expect(there[at('lead_lag')]).toBeCloseTo(-here[at('lead_lag')], 10);
          expect(there[at('peer_correlation')]).toBeCloseTo(here[at('peer_correlation')], 10);
          const product = (1 + here[at('basis_bps')] / 1e4) * (1 + there[at('basis_bps')] / 1e4);
          expect(product).toBeCloseTo(1, 12);
        });
      }),
      { numRuns: 6, seed: 44 },
    );
    expect(compared).toBeGreaterThan(200);
  });
});

describe('the peer', () => {
  it('changes no other signal: its messages only let time pass', () => {
    fc.assert(
      fc.property(SEEDS, (seed) => {
        const told = randomPair(seed, 300, { breaks: 0.003, empties: 0.01 });
        const alone = told.filter((one) => !one.peer);
        const rows = playPair(engineOf(PLAIN), told).filter((_, i) => !told[i].peer);
        // The venue's own quotes do not let time pass, so that a row behind one is as old as the peer's last message.
        const isQuote = (one: Told): boolean => one.message.rows.every((row) => row.kind === EventKind.BBO);
        const without = new FeatureEngine(OWN, { signals: PLAIN, peer: PEER });
        const labels = without.schema.names;
        playPair(without, alone).forEach((row, i) => {
          if (isQuote(alone[i])) return;
          row.forEach((x, c) => {
            const y = rows[i][c];
            const close = Object.is(x, y) || Math.abs(x - y) <= 1e-9 * Math.max(1, Math.abs(x));
            if (!close) expect.fail(`${labels[c]} after own message ${i}: ${y} with a peer, ${x} alone`);
          });
        });
      }),
      { numRuns: 8, seed: 45 },
    );
  });

  /** The best bid of a market around `middle` is `step` ticks higher than at first. */
  const stepTo = (second: number, middle: number, step: number): Message =>
    delta(
      second * 1e9,
      Array.from({ length: 8 }, (_, k) => bid(middle - 1 + k, k < step ? 1 : 0)),
    );
  const quotes = (second: number, i: number): Told[] => [
    ...own(stepTo(second, 10_000, i % 5)),
    ...peer(stepTo(second, 2_000, i % 7)),
  ];
  const levels = (middle: number) =>
    Array.from({ length: 6 }, (_, m) => [bid(middle - 2 - m, 5), ask(middle + 20 + m, 5)]).flat();
  const start = (second: number): Told[] => [
    ...own(snapshot(second * 1e9, levels(10_000))),
    ...peer(snapshot(second * 1e9, levels(2_000))),
  ];
  const busy = (second: number, to: number): Told[] =>
    Array.from({ length: (to - second) * 4 }, (_, i) => quotes(second + i / 4, i)).flat();
  const warm = [...start(0), ...busy(1, 15)];

  it('is waited for: all columns are NaN until its book is known, and begin then', () => {
    const rows = playPair(
      engineOf(),
      warm.filter((one) => !one.peer),
    );
    expect(rows.flatMap((row) => [...row]).every(Number.isNaN)).toBe(true);
    expect([...playPair(engineOf(), warm).at(-1)!].some(Number.isNaN)).toBe(false);
    // The peer's messages before the own book are no news, but its book is the peer's.
    const early = [...peer(snapshot(0, levels(2_000))), ...busy(1, 9).filter((one) => one.peer)];
    const late = [...early, ...own(snapshot(10e9, levels(10_000))), ...busy(11, 30)];
    const [first] = playPair(engineOf(), late).slice(early.length);
    const known = names.filter((_, c) => !Number.isNaN(first[c]));
    expect(known).toEqual(['peer_imbalance_1', 'peer_imbalance_5', 'basis_bps']);
    const row = playPair(engineOf(), late).at(-1)!;
    expect([...row].some(Number.isNaN)).toBe(false);
  });

  it('makes its columns NaN when it is lost, and they begin anew with its next book', () => {
    const again = [...peer(snapshot(16e9, levels(2_000))), ...busy(17, 40)];
    const lost = [...warm, ...peer(disconnect(15e9))];
    const rows = playPair(engineOf([...CROSS, ...PLAIN]), [...lost, ...again]);
    const after = rows.slice(lost.length - 1);
    expect([...after[0].slice(0, names.length)].every(Number.isNaN)).toBe(true);
    expect(after[0].slice(names.length).some((x) => !Number.isNaN(x))).toBe(true);
    // Of the peer nothing is left: the rows are those of two markets that both begin here.
    // The own market is known from before: as it stood after 56 quotes.
    const stood = own(snapshot(16e9, levels(10_000)), stepTo(16, 10_000, 55 % 5));
    const fresh = playPair(engineOf(), [...stood, ...again]).slice(stood.length);
    fresh.forEach((row, i) => {
      expectClose(after[i + 1].slice(0, names.length), [...row], `after the new book, ${i}`);
    });
  });

  it('begins anew with the own market, too', () => {
    const again = [...own(snapshot(16e9, levels(10_000))), ...busy(17, 40)];
    const rows = playPair(engineOf(), [...warm, ...own(disconnect(15e9)), ...again]);
    expect([...rows[warm.length]].every(Number.isNaN)).toBe(true);
    const [first] = rows.slice(warm.length + 1);
    expect(names.filter((_, c) => !Number.isNaN(first[c]))).toEqual([
      'peer_imbalance_1',
      'peer_imbalance_5',
      'basis_bps',
    ]);
    expect([...rows.at(-1)!].some(Number.isNaN)).toBe(false);
  });

  it('may be ahead of the own clock, whose time then waits and is not counted twice', () => {
    const ahead = each(warm, ({ peer, message }) => (peer ? { ...message, tsNs: message.tsNs + 1e8 } : message));
    const rows = playPair(engineOf(PLAIN), ahead).filter((_, i) => !warm[i].peer);
    const alone = playPair(
      engineOf(PLAIN),
      warm.filter((one) => !one.peer),
    );
    const at = engineOf(PLAIN).schema.names.indexOf('event_rate_1s');
    // An event every quarter of a second: the rate stays near four, and does not fall as if more time had passed.
    expect(alone.at(-1)![at]).toBeGreaterThan(3);
    expect(Math.abs(rows.at(-1)![at] - alone.at(-1)![at])).toBeLessThan(0.5);
  });
});
