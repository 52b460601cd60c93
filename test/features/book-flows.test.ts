import { describe, expect, it } from 'vitest';
import { BookFlows } from '../../src/features/book-flows.ts';
import { FeatureEngine, type SignalDefinition } from '../../src/features/index.ts';
import { EventKind, type Instrument, Side } from '../../src/market/index.ts';
import { flowsOf, type SideFlow } from './oracle/book-flows.ts';
import { last, readHistory } from './oracle/history.ts';
import {
  ask,
  bid,
  delta,
  disconnect,
  execute,
  instrumentOf,
  type Message,
  other,
  play,
  RandomMarket,
  type Row,
  simMessages,
  snapshot,
  trade,
} from './random-market.ts';

const FIELDS = [
  'joinedTouch',
  'joinedDeep',
  'leftTouch',
  'leftDeep',
  'executed',
  'cancelledTouch',
  'cancelledDeep',
] as const satisfies readonly (keyof SideFlow)[];

/** A signal that shows the flows as they are: seven columns of the bid side, seven of the ask, and whether each side moved. */
const SPY: SignalDefinition = {
  name: 'flows',
  family: 'queue',
  title: 'Flows',
  meaning: 'What the last book message did.',
  tex: 'f',
  formula: 'f',
  warmup: 'none',
  cost: 'none',
  source: 'definition',
  needs: [],
  dependencies: [],
  version: 1,
  columns: () =>
    ['bid', 'ask'].flatMap((side) =>
      [...FIELDS, 'moved'].map((field) => ({
        name: `${side}_${field}`,
        unit: 'lots',
        mirror: 'even' as const,
        ticks: 0,
        lots: 1,
      })),
    ),
  create: (context) => {
    const flows = context.share(BookFlows);
    return {
      write: (_view, out, at) => {
        for (const side of [Side.BID, Side.ASK]) {
          FIELDS.forEach((field, c) => {
            out[at + side * 8 + c] = flows[field][side];
          });
          out[at + side * 8 + 7] = flows.moved[side];
        }
      },
      reset: () => {},
    };
  },
};

const flowOf = (row: Float64Array, side: Side): SideFlow =>
  Object.fromEntries(FIELDS.map((field, c) => [field, row[side * 8 + c]])) as unknown as SideFlow;

function flowsAfter(messages: readonly Message[], fields: Partial<Instrument> = {}): { bid: SideFlow; ask: SideFlow } {
  const instrument = instrumentOf({ depthLimit: 3, ...fields });
  const row = play(new FeatureEngine(instrument, { signals: [SPY] }), instrument, messages).at(-1)!;
  return { bid: flowOf(row, Side.BID), ask: flowOf(row, Side.ASK) };
}

const NONE: SideFlow = {
  joinedTouch: 0,
  joinedDeep: 0,
  leftTouch: 0,
  leftDeep: 0,
  executed: 0,
  cancelledTouch: 0,
  cancelledDeep: 0,
};

/** Three levels a side, as many as the view shows: bids 100 × 8, 99 × 4, 97 × 5; asks 102 × 2, 104 × 6, 105 × 7. */
const start = snapshot(0, [bid(100, 8), bid(99, 4), bid(97, 5), ask(102, 2), ask(104, 6), ask(105, 7)]);

describe('what joins and leaves', () => {
  it('is the change of size at a price, at the touch and behind', () => {
    const { bid: bids, ask: asks } = flowsAfter([
      start,
      delta(1, [bid(100, 11), bid(99, 1), ask(102, 1), ask(105, 9)]),
    ]);
    expect(bids).toEqual({ ...NONE, joinedTouch: 3, leftDeep: 3, cancelledDeep: 3 });
    expect(asks).toEqual({ ...NONE, leftTouch: 1, cancelledTouch: 1, joinedDeep: 2 });
  });

  it('is a whole new queue where a side improves; the old best price is no more the touch', () => {
    // 97 leaves the view, which tells nothing of it.
    const { bid: bids, ask: asks } = flowsAfter([start, delta(1, [bid(101, 5), bid(100, 9)])]);
    expect(bids).toEqual({ ...NONE, joinedTouch: 5, joinedDeep: 1 });
    expect(asks).toEqual(NONE);
  });

  it('is a whole old queue where a side retreats; what joins at the new best price joined at the touch', () => {
    // 96 comes into the view from where nobody looked: nothing joined there.
    const { bid: bids } = flowsAfter([start, delta(1, [bid(96, 3)]), delta(2, [bid(100, 0), bid(99, 6)])]);
    expect(bids).toEqual({ ...NONE, leftTouch: 8, cancelledTouch: 8, joinedTouch: 2 });
  });

  it('tells a price, not a rank: a level between two others leaves them as they are', () => {
    const { bid: bids } = flowsAfter([start, delta(1, [bid(98, 2)])]);
    // 98 × 2 pushes 97 × 5 out of the view.
    expect(bids).toEqual({ ...NONE, joinedDeep: 2 });
  });

  it('knows all of a side that the view does not fill', () => {
    // Two bids, then a third behind them, then none but the best: with fewer than three levels the view shows the whole side.
    const messages = [start, delta(1, [bid(97, 0)]), delta(2, [bid(95, 7)])];
    expect(flowsAfter(messages).bid).toEqual({ ...NONE, joinedDeep: 7 });
    messages.push(delta(3, [bid(95, 0), bid(99, 0)]));
    expect(flowsAfter(messages).bid).toEqual({ ...NONE, leftDeep: 11, cancelledDeep: 11 });
  });

  it('of an emptied side is all that was seen, and of a side quoted again all that is', () => {
    const empty = [bid(100, 0), bid(99, 0), bid(97, 0)];
    const messages = [start, delta(1, empty)];
    expect(flowsAfter(messages).bid).toEqual({
      ...NONE,
      leftTouch: 8,
      leftDeep: 9,
      cancelledTouch: 8,
      cancelledDeep: 9,
    });
    messages.push(delta(2, [bid(98, 4), bid(96, 2)]));
    expect(flowsAfter(messages).bid).toEqual({ ...NONE, joinedTouch: 4, joinedDeep: 2 });
  });

  it('is nothing after a message that changed only the other side, nothing seen, or is a new book', () => {
    const busy = [start, delta(1, [bid(100, 11), bid(99, 1)])];
    expect(flowsAfter([...busy, delta(2, [ask(102, 5)])]).bid).toEqual(NONE);
    expect(flowsAfter([...busy, delta(2, [bid(90, 5)])]).bid).toEqual(NONE);
    expect(flowsAfter([...busy, disconnect(2), snapshot(3, start.rows)]).bid).toEqual(NONE);
  });
});

describe('what was executed', () => {
  it('on a stream of levels: what traded since the book message before, best price first', () => {
    // 10 sold: all 8 at 100 and 2 of the 3 that left 99.
    const messages = [
      start,
      other(1, [trade(Side.ASK, 100, 8)]),
      other(1, [trade(Side.ASK, 99, 2)]),
      delta(2, [bid(100, 0), bid(99, 1)]),
    ];
    expect(flowsAfter(messages).bid).toEqual({ ...NONE, leftTouch: 8, leftDeep: 3, executed: 10, cancelledDeep: 1 });
  });

  it('is no more than what left, and the rest of the trade is forgotten', () => {
    const messages = [start, other(1, [trade(Side.BID, 102, 9)]), delta(2, [ask(102, 1)])];
    expect(flowsAfter(messages).ask).toEqual({ ...NONE, leftTouch: 1, executed: 1 });
    messages.push(delta(3, [ask(104, 5)]));
    expect(flowsAfter(messages).ask).toEqual({ ...NONE, leftDeep: 1, cancelledDeep: 1 });
    // Nor does it wait while only the other side changes.
    const elsewhere = [start, other(1, [trade(Side.BID, 102, 1)]), delta(2, [bid(100, 9)]), delta(3, [ask(102, 1)])];
    expect(flowsAfter(elsewhere).ask).toEqual({ ...NONE, leftTouch: 1, cancelledTouch: 1 });
  });

  it('is nothing of a trade that nobody can sign, nor of one before a new book', () => {
    const unknown = [start, other(1, [trade(Side.NONE, 101, 2)]), delta(2, [bid(100, 6), ask(102, 1)])];
    expect(flowsAfter(unknown)).toMatchObject({ bid: { executed: 0 }, ask: { executed: 0 } });
    const renewed = [
      start,
      other(1, [trade(Side.ASK, 100, 2)]),
      disconnect(1),
      snapshot(2, start.rows),
      delta(3, [bid(100, 6)]),
    ];
    expect(flowsAfter(renewed).bid).toEqual({ ...NONE, leftTouch: 2, cancelledTouch: 2 });
  });

  it('on a stream of orders: what the message’s own EXECUTE rows say, whatever else prints', () => {
    const cancel: Row = { kind: EventKind.CANCEL, side: Side.BID, price: 100, lots: 1, id: 5 };
    const messages = [
      start,
      // A hidden order’s trade changes no queue.
      other(1, [trade(Side.ASK, 100, 4)]),
      delta(2, [execute(Side.BID, 100, 2), cancel]),
    ];
    const { bid: bids } = flowsAfter(messages, { byOrder: true });
    expect(bids).toEqual({ ...NONE, leftTouch: 3, executed: 2, cancelledTouch: 1 });
  });
});

describe('the naive comparison', () => {
  const compare = (messages: readonly Message[], instrument: Instrument): number => {
    const rows = play(new FeatureEngine(instrument, { signals: [SPY] }), instrument, messages);
    let compared = 0;
    const flows = flowsOf(readHistory(messages, instrument) ?? [], instrument);
    let at = flows.length - 1;
    // Backwards, so that it ends where the last book began.
    for (let n = messages.length - 1; n >= 0 && at >= 0; n--) {
      if (messages[n].type !== 'delta') continue;
      const expected = flows[at--];
      for (const [side, flow] of [
        [Side.BID, expected.bid],
        [Side.ASK, expected.ask],
      ] as const) {
        expect(flowOf(rows[n], side), `message ${n}, side ${side}`).toEqual(flow);
        const total = flow.joinedTouch + flow.joinedDeep + flow.leftTouch + flow.leftDeep;
        if (rows[n][side * 8 + 7] === 0) expect(total).toBe(0);
        compared += total;
      }
    }
    expect(last(flows).m.t).toBeGreaterThan(0);
    return compared;
  };

  it('holds for random markets of levels, which fill the view now and then, and for the simulator’s orders', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const messages = new RandomMarket(seed).run({ messages: 400, empties: 0.02 });
      expect(compare(messages, instrumentOf())).toBeGreaterThan(1000);
    }
    const orders = await simMessages(3, 1500);
    expect(compare(orders, instrumentOf({ byOrder: true }))).toBeGreaterThan(1000);
  });
});
