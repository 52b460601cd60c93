import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';
import { CATALOGUE, FeatureEngine, parseClock, RowSampler } from '../../src/features/index.ts';
import { EventKind, messageEnd, Side } from '../../src/market/index.ts';
import { OWN, own, PEER, peer, playPair, randomPair, type Told } from './cross-market.ts';
import { ask, bbo, bid, delta, instrumentOf, type Message, other, snapshot, toBatch, trade } from './random-market.ts';

const SEEDS = fc.integer({ min: 0, max: 1e6 });
const CLOCKS = ['burst', 'event', 'events:7', 'time:200', 'volume:40'];
const signals = CATALOGUE.filter(({ family }) => family === 'cross');
/** Bursts that end with silence, so that the peer may speak before one is over. */
const QUIET = instrumentOf({ burstQuietNs: 50e6 });

interface Taken {
  ns: number;
  sequence: number;
  trusted: boolean;
  row: Float64Array;
}

/** Rows of both markets' messages; runs of one side are cut where the seed says. */
function sample(clock: string, told: readonly Told[], seed = 0, finish = true): Taken[] {
  const taken: Taken[] = [];
  const sampler = new RowSampler(QUIET, { clock: parseClock(clock, QUIET), signals, peer: PEER }, (row) =>
    taken.push({ ns: row.tsRecvNs, sequence: row.sequence, trusted: row.trusted, row: row.row.slice() }),
  );
  const random = new Random(seed);
  const sides = [false, true].map((which) => {
    const batch = toBatch(told.filter((one) => one.peer === which).map((one) => one.message));
    return { batch, from: 0, to: 0, apply: which ? sampler.applyPeer.bind(sampler) : sampler.apply.bind(sampler) };
  });
  const flush = (side: (typeof sides)[number]): void => {
    side.apply(side.batch, side.from, side.to);
    side.from = side.to;
  };
  for (const one of told) {
    const [side, opposite] = one.peer ? [sides[1], sides[0]] : sides;
    flush(opposite);
    side.to = messageEnd(side.batch, side.to);
    if (random.bernoulli(0.5)) flush(side);
  }
  for (const side of sides) flush(side);
  if (finish) sampler.finish();
  return taken;
}

const text = (rows: readonly Taken[]): string[] =>
  rows.map(({ ns, sequence, trusted, row }) => [ns, sequence, trusted, ...Array.from(row, (x) => x + 0)].join(' '));

describe.each(CLOCKS)('rows of the clock %s beside a peer', (clock) => {
  it('never see past their own time, whatever follows of either and however it is cut', () => {
    let seen = 0;
    fc.assert(
      fc.property(SEEDS, fc.integer({ min: 1, max: 500 }), (seed, length) => {
        const told = randomPair(seed, 250, { breaks: 0.003, empties: 0.01 });
        const rows = text(sample(clock, told, seed));
        seen += rows.length;
        expect(text(sample(clock, told, seed + 1))).toEqual(rows);
        const past = told.slice(0, length);
        const early = text(sample(clock, past, seed, false));
        expect(early).toEqual(rows.slice(0, early.length));
        const later = randomPair(seed + 1, 30).map(({ peer, message }) => ({
          peer,
          message: { ...message, tsNs: message.tsNs + 1e11 },
        }));
        expect(text(sample(clock, [...past, ...later], seed)).slice(0, early.length)).toEqual(early);
      }),
      { numRuns: 10, seed: 51 },
    );
    expect(seen).toBeGreaterThan(30);
  });

  it('are what an engine says that heard what arrived up to then, and nothing else', () => {
    fc.assert(
      fc.property(SEEDS, (seed) => {
        const told = randomPair(seed, 200, { breaks: 0.003, empties: 0.01 });
        const rows = sample(clock, told).filter(({ trusted }) => trusted);
        const isBbo = ({ message }: Told): boolean => message.rows.every((row) => row.kind === EventKind.BBO);
        const step = Math.max(1, Math.floor(rows.length / 12));
        for (let k = 0; k < rows.length; k += step) {
          const { ns, row } = rows[k];
          // Up to the last own message that the row knows; on a grid, up to the last of either at or before the point.
          const known = told.filter(
            ({ peer, message }) => message.tsNs <= ns && (!peer || clock.startsWith('time') || message.tsNs < ns),
          );
          const engine = new FeatureEngine(QUIET, { signals, peer: PEER });
          const heard = known.filter((one) => !isBbo(one));
          playPair(engine, heard, [QUIET, PEER]);
          engine.advance(ns);
          const want = new Float64Array(row.length);
          want.set(engine.row());
          // Of several own messages at one time a row may stand behind any.
          if (known.filter(({ peer, message }) => !peer && message.tsNs === ns).length > 1) continue;
          want.forEach((x, c) => {
            const close = Object.is(x, row[c]) || Math.abs(x - row[c]) <= 1e-9 * Math.max(1, Math.abs(x));
            if (!close) expect.fail(`${engine.schema.names[c]} at ${ns}: ${row[c]}, expected ${x}`);
          });
        }
      }),
      { numRuns: 6, seed: 52 },
    );
  });
});

describe('the peer', () => {
  const MS = 1e6;
  const start = [
    ...own(snapshot(0, [bid(9_998, 5), ask(10_002, 5)])),
    ...peer(snapshot(0, [bid(1_998, 5), ask(2_002, 5)])),
  ];
  const quote = (ms: number, price: number): Told[] => own(delta(ms * MS, [bid(price, 1)]));
  /** The peer's imbalance tells how much of it a row has heard: (n − 5) / (n + 5). */
  const say = (ms: number, lots: number): Told[] => peer(delta(ms * MS, [bid(1_998, lots)]));
  const heard = (rows: readonly Taken[]): [number, number][] =>
    rows.map(({ ns, row }) => [ns / MS, Math.round((5 * (1 + row[at])) / (1 - row[at]))]);
  const at = new FeatureEngine(OWN, { signals, peer: PEER }).schema.names.indexOf('peer_imbalance_1');

  it('is not in the row of a burst that it speaks after, whether that is known to be over or not', () => {
    const told = [
      ...start,
      ...say(95, 6),
      ...quote(100, 9_999),
      ...say(120, 7),
      ...say(180, 8),
      ...quote(300, 9_998),
      ...quote(400, 9_999),
    ];
    // Its snapshot came behind the first burst, too.
    expect(heard(sample('burst', told))).toEqual([
      [0, Number.NaN],
      [100, 6],
      [300, 8],
    ]);
    // The burst went on after the peer had spoken: its row knows what was said before its end.
    const longer = [
      ...start,
      ...say(95, 6),
      ...quote(100, 9_999),
      ...say(120, 7),
      ...quote(130, 9_998),
      ...say(140, 8),
      ...quote(300, 9_999),
    ];
    expect(heard(sample('burst', longer))).toEqual([
      [0, Number.NaN],
      [130, 7],
    ]);
  });

  it('is not in the row of a point of the grid that it speaks after, and shows that the point is past', () => {
    const told = [...start, ...say(150, 6), ...say(200, 7), ...say(201, 8), ...say(450, 9)];
    expect(heard(sample('time:100', told, 0, false))).toEqual([
      [0, 5],
      [100, 5],
      [200, 7],
      [300, 8],
      [400, 8],
    ]);
  });

  it('begins no grid, and its own quotes and old messages end nothing', () => {
    expect(sample('time:100', [...say(0, 5), ...say(1000, 5)])).toEqual([]);
    const quiet = peer(other(900 * MS, [bbo(Side.BID, 1_998, 3)]));
    expect(sample('time:100', [...start, ...quiet], 0, false)).toEqual([]);
    expect(heard(sample('time:100', [...start, ...peer(other(250 * MS, [trade(Side.BID, 2_002, 3)]))]))).toEqual([
      [0, 5],
      [100, 5],
      [200, 5],
    ]);
  });

  it('may be of another day: its times are moved to the own one', () => {
    const rows: Taken[] = [];
    const sampler = new RowSampler(QUIET, { clock: parseClock('time:100', QUIET), signals, peer: PEER }, (row) =>
      rows.push({ ns: row.tsRecvNs, sequence: row.sequence, trusted: row.trusted, row: row.row.slice() }),
    );
    const midnight = 86_400_000;
    const batchOf = (messages: readonly Message[], day: number) => {
      const batch = toBatch(messages);
      Object.defineProperty(batch, 'day', { value: day });
      return batch;
    };
    // The peer's stream counts from the day before, so that its day has more than 24 hours.
    const later = (one: Told, shift: number): Message => ({ ...one.message, tsNs: one.message.tsNs + shift });
    sampler.apply(batchOf([start[0].message], 5));
    sampler.applyPeer(
      batchOf(
        [start[1], ...say(250, 6)].map((one) => later(one, midnight * MS)),
        4,
      ),
    );
    expect(heard(rows)).toEqual([
      [0, 5],
      [100, 5],
      [200, 5],
    ]);
  });
});
