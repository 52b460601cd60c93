import { beforeEach, describe, expect, it } from 'vitest';
import { OrderExchange } from '../../../src/backtest/exchange/order-exchange.ts';
import { EventFlag, EventKind, Fault, messageEnd, Side } from '../../../src/market/index.ts';
import { openLobster } from '../../../src/venues/lobster/index.ts';
import { collect } from '../../support/batches.ts';
import { dataPath, needs } from '../../support/data.ts';
import {
  A,
  add,
  B,
  execute,
  fault,
  instrumentOf,
  level,
  levelsOf,
  type Row,
  reduce,
  remove,
  trade,
  VenueTape,
} from './venue-tape.ts';

let tape: VenueTape;
let exchange: OrderExchange;

const delta = (): Row => [EventKind.DELTA, Side.NONE, 0, 0, tape.sequence];
const queued = (side: Side): string[] => levelsOf(exchange.counterfactual, side);
const hidden = (side: Side, ticks: number): Row => level(side, ticks, 0, EventFlag.HIDDEN);
const revealed = (side: Side, ticks: number, lots: number): Row => level(side, ticks, lots, EventFlag.REVEALED);

function open(depthLimit: number | null, ...rows: Row[]): void {
  tape = new VenueTape();
  exchange = new OrderExchange(instrumentOf({ byOrder: true, depthLimit }), tape.sink);
  tape.exchange = exchange;
  tape.snapshot(...rows);
}

/** Bids: 100 with orders 1 (6 lots) and 2 (4 lots), 99 with 3 (20). Asks: 102 with 4 (8), 103 with 5 (9). */
beforeEach(() =>
  open(null, add(B, 100, 6, 1), add(B, 100, 4, 2), add(B, 99, 20, 3), add(A, 102, 8, 4), add(A, 103, 9, 5)),
);

describe('our orders among those of the tape', () => {
  it('trade in turn: what we absorb does not reach those behind us, who keep their lots', () => {
    tape.limit(B, 100, 5);
    tape.message(add(B, 100, 7, 6));
    // An aggressor sold 6 + 4 + 3 = 13: 1 and 2 are before us, and the 3 that order 6 lost on the tape are ours.
    tape.message(execute(B, 100, 6, 1), execute(B, 100, 4, 2), execute(B, 100, 3, 6));
    expect(tape.fills()).toEqual(['1 buy 3@100 maker left 2']);
    // On the tape 4 of order 6 are left; here 2 of ours and all 7 of its own.
    expect(levelsOf(exchange.book, B)).toEqual(['100×4', '99×20']);
    expect(queued(B)).toEqual(['100×9', '99×20']);
    // The tape's last 4: 2 to us, 2 from order 6, which then has 5; its owner takes off what is left of it.
    tape.message(execute(B, 100, 4, 6));
    expect(tape.fills()).toEqual(['1 buy 2@100 maker left 0']);
    expect(queued(B)).toEqual(['100×5', '99×20']);
  });

  it('leave their place to none by a cancel before them', () => {
    tape.limit(B, 100, 5);
    tape.message(reduce(B, 100, 2, 1), remove(B, 100, 4, 2));
    // 6 − 2 = 4 before us: a seller of 4 + 1 gives us 1 from what the tape says order 3 sold, at our price.
    tape.message(execute(B, 100, 4, 1), execute(B, 99, 1, 3));
    expect(tape.fills()).toEqual(['1 buy 1@100 maker left 4']);
  });

  it('meet orders that the tape adds through them', () => {
    tape.limit(B, 101, 5);
    // On the tape 7 rest at 101; here 5 of them meet us.
    tape.message(add(A, 101, 7, 6));
    expect(tape.fills()).toEqual(['1 buy 5@101 maker left 0']);
    expect(queued(A)).toEqual(['101×2', '102×8', '103×9']);
    tape.message(remove(A, 101, 7, 6));
    expect(queued(A)).toEqual(['102×8', '103×9']);
  });

  it('take what is there, which the tape then finds gone', () => {
    tape.market(B, 10);
    expect(tape.fills()).toEqual(['1 buy 8@102 taker left 2', '1 buy 2@103 taker left 0']);
    // A buyer of 8 at 102 on the tape finds nobody within its limit; the delete of order 4's rest would find nothing.
    tape.message(execute(A, 102, 8, 4));
    expect(queued(A)).toEqual(['103×7']);
    expect(exchange.missed).toBe(0);
    tape.message(remove(A, 102, 0, 4));
    expect(exchange.missed).toBe(1);
  });

  it('are filled first by hidden executions at or through their price, up to their size', () => {
    tape.limit(B, 101, 3);
    tape.limit(B, 100, 3);
    tape.heard();
    tape.message(trade(A, 101, 2));
    expect(tape.fills()).toEqual(['1 buy 2@101 maker left 1']);
    tape.message(trade(Side.NONE, 100, 3));
    expect(tape.fills()).toEqual(['1 buy 1@101 maker left 0', '2 buy 2@100 maker left 1']);
    // At the mid (101) nobody knows; above it somebody bought.
    tape.message(trade(Side.NONE, 101, 9), trade(B, 100, 9), [EventKind.TRADE, A, -2147483648, 9]);
    expect(tape.fills()).toEqual([]);
  });

  it('stop at one another: the newest is cancelled', () => {
    tape.limit(A, 102, 5);
    tape.heard();
    tape.limit(B, 102, 9);
    expect(tape.heard()).toEqual([
      '2 accepted 9',
      '2 buy 8@102 taker left 1',
      '2 cancelled 1: self-trade prevention: it came upon an order of our own, and the newest is cancelled',
    ]);
  });

  it('keep their place with less, and lose it with more', () => {
    const id = tape.limit(B, 100, 5);
    tape.message(add(B, 100, 7, 6));
    exchange.replace(id, 100, 2, tape.now);
    tape.message(execute(B, 100, 6, 1), execute(B, 100, 4, 2), execute(B, 100, 1, 6));
    exchange.replace(id, 100, 3, tape.now);
    expect(tape.heard()).toEqual(['1 accepted 5', '1 replaced 2', '1 buy 1@100 maker left 1', '1 replaced 3']);
    // All 7 of order 6 are before us now.
    tape.message(execute(B, 100, 6, 6), execute(B, 99, 2, 3));
    expect(tape.fills()).toEqual(['1 buy 1@100 maker left 2']);
  });
});

describe('halts and gaps', () => {
  it('fill nothing in a halt, and fill at our price on resuming where the book has come to cross us', () => {
    tape.limit(B, 101, 5);
    tape.message(delta(), fault(Fault.HALT));
    tape.message(add(A, 101, 3, 6), trade(A, 100, 9));
    tape.market(B, 1);
    tape.limit(A, 101, 1);
    expect(tape.heard()).toEqual(['1 accepted 5', '2 rejected 1: trading is halted', '3 accepted 1']);
    tape.message(delta(), fault(Fault.RESUME));
    expect(tape.heard()).toEqual([
      '1 buy 3@101 maker left 2',
      '3 cancelled 1: self-trade prevention: it came upon an order of our own, and the newest is cancelled',
    ]);
  });

  it('after a gap we stand at the back of the new book, which what waited for it has moved on', () => {
    tape.limit(B, 100, 5);
    tape.limit(B, 101, 2);
    tape.message(fault(Fault.GAP));
    tape.sequence += 5;
    // Told before its snapshot: it waits, and is applied on top.
    tape.message(add(B, 100, 3, 9));
    tape.heard();
    tape.sequence -= 2;
    tape.snapshot(add(B, 100, 6, 7), add(A, 101, 1, 8));
    expect(tape.heard()).toEqual(['2 buy 1@101 maker left 1']);
    // 6 + 3 before us.
    tape.sequence += 1;
    tape.message(execute(B, 100, 6, 7), execute(B, 100, 3, 9));
    expect(tape.fills()).toEqual(['2 buy 1@101 maker left 0']);
    // On the tape order 9 is gone; here it has 1 lot left, since we took one at 101.
    expect(queued(B)).toEqual(['100×6']);
  });

  it('refuses a tape whose ids cannot be told from ours', () => {
    expect(() => tape.message(add(B, 98, 1, 2 ** 51))).toThrow('ids up to');
  });
});

describe('tapes that tell the best levels only', () => {
  beforeEach(() => open(2, level(B, 100, 10), level(B, 99, 20), level(A, 102, 8), level(A, 103, 9)));

  it('put lots without ids before those with ids', () => {
    tape.message(add(B, 100, 3, 11));
    tape.limit(B, 100, 2);
    // 4 of the 10 without ids go, by an id that was never told; then 6 + 3 stand before us.
    tape.message(remove(B, 100, 4, 1));
    tape.message(execute(B, 100, 6, 2), execute(B, 100, 3, 11), execute(B, 99, 1, 3));
    expect(tape.fills()).toEqual(['1 buy 1@100 maker left 1']);
  });

  it('forget the names of a level that leaves the window, and take it as it comes back', () => {
    tape.message(add(B, 101, 5, 11), hidden(B, 99));
    expect(queued(B)).toEqual(['101×5', '100×10']);
    tape.message(remove(B, 101, 5, 11), revealed(B, 99, 22));
    expect(queued(B)).toEqual(['100×10', '99×22']);
  });

  it('keep our place at a level that leaves the window: fewer lots have left from the back, more came behind us', () => {
    tape.limit(B, 99, 2);
    tape.message(add(B, 99, 6, 11));
    tape.message(add(B, 101, 5, 12), hidden(B, 99));
    expect(queued(B)).toEqual(['101×5', '100×10', '99×28']);
    // 26 → 21: of the 6 behind us 1 is left; of the 20 before us all.
    tape.message(remove(B, 101, 5, 12), revealed(B, 99, 21));
    expect(queued(B)).toEqual(['100×10', '99×23']);
    tape.message(remove(B, 100, 10, 1), revealed(B, 98, 1));
    tape.message(execute(B, 99, 20, 2), execute(B, 99, 1, 11));
    expect(tape.fills()).toEqual(['1 buy 1@99 maker left 1']);
  });

  it('put an order at an unseen price behind what turns out to rest there, and before nothing where nothing does', () => {
    tape.limit(B, 98, 2);
    tape.limit(B, 97, 2);
    tape.message(remove(B, 100, 10, 1), revealed(B, 98, 4));
    tape.message(execute(B, 99, 20, 2), revealed(B, 96, 7));
    tape.heard();
    tape.message(execute(B, 98, 4, 3), execute(B, 96, 3, 4));
    expect(tape.fills()).toEqual(['1 buy 2@98 maker left 0', '2 buy 1@97 maker left 1']);
  });

  it('drop what a level out of sight held once a deeper one shows that it is gone', () => {
    tape.limit(B, 99, 2);
    tape.message(add(B, 101, 5, 12), hidden(B, 99));
    tape.message(remove(B, 101, 5, 12), revealed(B, 98, 3));
    expect(queued(B)).toEqual(['100×10', '99×2', '98×3']);
  });

  it('count what concerns lots that were never told', () => {
    tape.message(remove(B, 95, 1, 77));
    expect(exchange.missed).toBe(1);
  });
});

const GOOG = 'lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip';

describe('a recording by order', () => {
  it.skipIf(dataPath(GOOG) === null)(
    `is the tape's own book at every message while we send nothing${needs(GOOG)}`,
    async () => {
      const source = await openLobster({ paths: [dataPath(GOOG)!] });
      const goog = new OrderExchange(source.instrument, () => expect.unreachable());
      let messages = 0;
      for (const batch of (await collect(source.batches())).slice(0, 40)) {
        for (let from = 0; from < batch.length; ) {
          const to = messageEnd(batch, from);
          goog.onMessage(batch, from, to, batch.tsEventNs[from]);
          from = to;
          if (++messages % 50 === 0) expect(goog.counterfactual.hash()).toBe(goog.book.hash());
        }
      }
      expect(messages).toBeGreaterThan(50);
      expect(goog.counterfactual.hash()).toBe(goog.book.hash());
    },
    60_000,
  );
});
