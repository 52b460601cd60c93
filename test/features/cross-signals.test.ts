import { describe, expect, it } from 'vitest';
import { FeatureEngine, findSignal } from '../../src/features/index.ts';
import { Side } from '../../src/market/index.ts';
import { OWN, own, PEER, peer, playPair, type Told } from './cross-market.ts';
import { ask, bid, delta, other, snapshot, trade } from './random-market.ts';

const S = 1e9;
const exp = Math.exp;

/** The columns of a signal after the last message. */
function columnsOf(name: string, told: readonly Told[]): number[] {
  const engine = new FeatureEngine(OWN, { signals: [findSignal(name)], peer: PEER });
  return [...playPair(engine, told).at(-1)!];
}

/** Own ticks are 0.01 and the peer's 0.05: both mids are the price 100. The peer's average level has 4 lots. */
const start = [
  ...own(snapshot(0, [bid(9_998, 5), ask(10_002, 5)])),
  ...peer(snapshot(0, [bid(1_998, 6), ask(2_002, 2)])),
];
const pass = (seconds: number): Told[] => own(other(seconds * S, [trade(Side.BID, 10_002, 1)]));

describe('peer_imbalance', () => {
  it('is the difference of the peer’s queues by their sum', () => {
    // (6 − 2) / (6 + 2); there are no five levels.
    expect(columnsOf('peer_imbalance', start)).toEqual([0.5, Number.NaN]);
    const deep = peer(
      delta(
        S,
        [1, 2, 3, 4].flatMap((m) => [bid(1_998 - m, m), ask(2_002 + m, 3)]),
      ),
    );
    // Bids 6 + 1 + 2 + 3 + 4, asks 2 + 4 × 3.
    expect(columnsOf('peer_imbalance', [...start, ...deep])[1]).toBeCloseTo((16 - 14) / (16 + 14), 12);
  });

  it('is NaN where a side of the peer is empty', () => {
    expect(columnsOf('peer_imbalance', [...start, ...peer(delta(S, [ask(2_002, 0)]))])).toEqual([
      Number.NaN,
      Number.NaN,
    ]);
  });
});

describe('peer_ofi', () => {
  it('is what joined the peer’s touch, faded, in its average levels', () => {
    const told = [...start, ...peer(delta(2 * S, [bid(1_998, 10)])), ...pass(2.5)];
    // e = 10 − 6; the average level is (4 × 0.998 + 6) / 1.998, and half a second has passed.
    const lots = (4 * 0.998 + 6) / 1.998;
    const [fast, slow] = columnsOf('peer_ofi', told);
    expect(fast).toBeCloseTo((4 * exp(-5)) / lots, 12);
    expect(slow).toBeCloseTo((4 * exp(-0.5)) / lots, 12);
  });

  it('waits for its decay time', () => {
    const [fast, slow] = columnsOf('peer_ofi', [...start, ...pass(0.5)]);
    expect([fast, slow]).toEqual([0, Number.NaN]);
  });
});

describe('peer_trade_flow', () => {
  it('is what the peer’s buyers took less what its sellers took, faded, in its average levels', () => {
    const trades = [other(2 * S, [trade(Side.BID, 2_002, 3)]), other(2.2 * S, [trade(Side.ASK, 1_998, 1)])];
    const [fast, slow] = columnsOf('peer_trade_flow', [...start, ...peer(...trades), ...pass(2.5)]);
    expect(fast).toBeCloseTo((3 * exp(-5) - exp(-3)) / 4, 12);
    expect(slow).toBeCloseTo((3 * exp(-0.5) - exp(-0.3)) / 4, 12);
  });

  it('signs a trade that nobody signed by the peer’s mid, and passes over one at the mid', () => {
    const flow = (price: number): number =>
      columnsOf('peer_trade_flow', [...start, ...peer(other(2 * S, [trade(Side.NONE, price, 8)])), ...pass(2)])[1];
    expect([flow(2_001), flow(2_000), flow(1_999)]).toEqual([2, 0, -2]);
  });
});

describe('peer_return', () => {
  const up = peer(delta(11 * S, [bid(1_999, 1)]));
  const down = peer(delta(12 * S, [bid(1_999, 0)]));

  it('is the faded sum of the peer’s moves in standard deviations of it', () => {
    const [fast, slow] = columnsOf('peer_return', [...start, ...up, ...down, ...pass(12.5)]);
    // Half a tick up 1.5 s ago and down 0.5 s ago; 12.5 s have been watched.
    const variance = (0.25 * exp(-0.15) + 0.25 * exp(-0.05)) / (10 * (1 - exp(-1.25)));
    expect(fast).toBeCloseTo((0.5 * exp(-15) - 0.5 * exp(-5)) / Math.sqrt(variance * 0.05), 12);
    expect(slow).toBeCloseTo((0.5 * exp(-1.5) - 0.5 * exp(-0.5)) / Math.sqrt(variance * 0.5), 12);
  });

  it('is NaN for ten seconds, and while the peer has never moved', () => {
    expect(columnsOf('peer_return', [...start, ...peer(delta(S, [bid(1_999, 1)])), ...pass(9.9)])[0]).toBeNaN();
    expect(columnsOf('peer_return', [...start, ...pass(20)])).toEqual([Number.NaN, Number.NaN]);
  });
});

describe('basis', () => {
  it('is the own price over the peer’s, and what is left of it less its mean', () => {
    // The own mid goes from 10000 to 10005 at 4 s: 5 basis points, for 6 of the 10 s that were watched.
    const told = [
      ...start,
      ...own(delta(4 * S, [bid(9_998, 0), bid(10_000, 1), ask(10_002, 0), ask(10_010, 1)])),
      ...pass(10),
    ];
    const [bps, deviation] = columnsOf('basis', told);
    expect(bps).toBeCloseTo(5, 12);
    expect(deviation).toBeCloseTo(5 - (5 * (1 - exp(-0.6))) / (1 - exp(-1)), 12);
  });

  it('leaves out of its mean the time in which a side was empty', () => {
    const told = [
      ...start,
      ...own(delta(4 * S, [bid(9_998, 0)])),
      ...own(delta(7 * S, [bid(10_000, 1), ask(10_002, 0), ask(10_010, 1)])),
      ...pass(10),
    ];
    // 0 for the first 4 s and 5 for the last 3 s.
    const [early, late] = [exp(-0.6) - exp(-1), 1 - exp(-0.3)];
    expect(columnsOf('basis', told)[1]).toBeCloseTo(5 - (5 * late) / (early + late), 12);
    expect(columnsOf('basis', told.slice(0, -2))).toEqual([Number.NaN, Number.NaN]);
  });
});

describe('lead_lag and peer_correlation', () => {
  /** The peer goes up by 2 ticks in the first cell, the own market in the second: one cell later. */
  const follow = [
    ...start,
    ...peer(delta(0.05 * S, [ask(2_002, 0), ask(2_006, 2)])),
    ...own(delta(0.15 * S, [ask(10_002, 0), ask(10_006, 5)])),
  ];
  /** Both move in cell 51, against each other. */
  const apart = [
    ...own(delta(5.05 * S, [bid(9_998, 0), bid(9_994, 5)])),
    ...peer(delta(5.06 * S, [ask(2_006, 0), ask(2_010, 2)])),
  ];

  it('say who moves first', () => {
    const told = [...follow, ...pass(10.05)];
    // Of 100 cells the own move stands in the second and the peer's in the first: 4 w⁹⁸ / √(4 w⁹⁸ × 4 w⁹⁹), w = e^(−1/100).
    expect(columnsOf('lead_lag', told)[0]).toBeCloseTo(exp(0.005), 12);
    expect(columnsOf('peer_correlation', told)).toEqual([0]);
  });

  it('say whether they move together', () => {
    const told = [...follow, ...apart, ...pass(10.05)];
    // Own moves: 2 in the second cell, −2 in the 51st; the peer's 2 in the first and 2 in the 51st.
    const [first, second, middle] = [exp(-0.99), exp(-0.98), exp(-0.49)];
    const scale = Math.sqrt(4 * (second + middle) * 4 * (first + middle));
    expect(columnsOf('peer_correlation', told)[0]).toBeCloseTo((-4 * middle) / scale, 12);
    expect(columnsOf('lead_lag', told)[0]).toBeCloseTo((4 * second) / scale, 12);
  });

  it('use closed cells only: a move on the end of a cell is in it, one behind it waits', () => {
    const late = [...follow, ...pass(10), ...own(delta(10 * S, [bid(9_998, 0), bid(9_997, 5)]))];
    expect(columnsOf('lead_lag', late)[0]).toBeNaN();
    // The 100th cell ends at 10 s with a move of half a tick down, and the peer's move lies 99 cells back.
    const own2 = 4 * exp(-0.98) + 0.25;
    const closed = (4 * exp(-0.98)) / Math.sqrt(own2 * 4 * exp(-0.99));
    expect(columnsOf('lead_lag', [...late, ...pass(10.01)])[0]).toBeCloseTo(closed, 12);
    const open = [...late, ...pass(10.01), ...own(delta(10.02 * S, [bid(9_997, 0), bid(9_990, 5)]))];
    expect(columnsOf('lead_lag', open)[0]).toBeCloseTo(closed, 12);
  });

  it('are NaN while one of the two does not move', () => {
    const told = [...start, ...peer(delta(0.05 * S, [ask(2_002, 0), ask(2_006, 2)])), ...pass(12)];
    expect([...columnsOf('lead_lag', told), ...columnsOf('peer_correlation', told)]).toEqual([Number.NaN, Number.NaN]);
  });
});
