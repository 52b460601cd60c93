import { describe, expect, it } from 'vitest';
import { BookcastError } from '../../../src/core/index.ts';
import {
  BatchBuilder,
  BookSync,
  Effect,
  type EventBatch,
  EventKind,
  LadderBook,
  messageEnd,
  OrderBook,
  Side,
} from '../../../src/market/index.ts';
import { openSim, SIM_MODES, type SimMode } from '../../../src/venues/sim/index.ts';
import { Simulation } from '../../../src/venues/sim/simulation.ts';

async function collect(batches: AsyncIterable<EventBatch>, limit = Number.POSITIVE_INFINITY): Promise<EventBatch[]> {
  const out: EventBatch[] = [];
  for await (const batch of batches) {
    out.push(batch);
    if (out.length === limit) break;
  }
  return out;
}

const bytes = (batches: readonly EventBatch[]): Buffer =>
  Buffer.concat(batches.map((batch) => Buffer.from(batch.buffer)));

describe.each(SIM_MODES)('the feed of mode %s', (mode: SimMode) => {
  it('rebuilds the exchange, order by order, after every message', async () => {
    const messages = 3000;
    const source = openSim({ mode, seed: 11, messages });
    const exchange = new Simulation(mode, 11, new BatchBuilder('sim:x', 0));
    const ladder = new LadderBook();
    const orders = new OrderBook();
    let sequence = 0;
    for await (const batch of source.batches()) {
      for (let from = 0; from < batch.length; ) {
        const to = messageEnd(batch, from);
        for (let i = from; i < to; i++) {
          ladder.applyRow(batch, i);
          orders.applyRow(batch, i);
        }
        exchange.step();
        expect(batch.sequence[from]).toBe(++sequence);
        expectSameBook(exchange, ladder, orders, sequence % 10 === 0);
        from = to;
      }
    }
    expect(sequence).toBe(messages);
    expect(source.counts).toMatchObject({ messages, unparsable: 0 });
    expect(orders.faults).toEqual({ unknown: 0, duplicate: 0, overflow: 0, underflow: 0, outOfTurn: 0 });
    expect(ladder.underflows).toBe(0);
  });

  it('begins with a snapshot, then order messages, each of one instant later than the last, received in order', async () => {
    const batches = await collect(openSim({ mode, seed: 3, messages: 500, startDay: 20_000 }).batches());
    let [lastSequence, lastEvent, lastRecv] = [0, 0, 0];
    for (const batch of batches) {
      expect(batch.day).toBe(20_000);
      expect(batch.instrument).toBe(`sim:${mode.toUpperCase()}-3`);
      if (batch !== batches[0]) expect(batch.length).toBeLessThanOrEqual(256);
      for (let from = 0; from < batch.length; ) {
        const to = messageEnd(batch, from);
        expect(batch.kind[from] === EventKind.SNAPSHOT).toBe(lastSequence === 0);
        for (let i = from; i < to; i++) {
          const kind = batch.kind[i];
          if (i > from || lastSequence > 0) expect(kind >= EventKind.ADD && kind <= EventKind.EXECUTE).toBe(true);
          if (kind !== EventKind.SNAPSHOT) expect(batch.sizeLots[i]).toBeGreaterThan(0);
          expect(batch.sequence[i]).toBe(lastSequence + 1);
          expect(batch.tsEventNs[i]).toBe(batch.tsEventNs[from]);
          expect(batch.tsRecvNs[i]).toBe(batch.tsRecvNs[from]);
        }
        expect(Number.isInteger(batch.tsEventNs[from]) && Number.isInteger(batch.tsRecvNs[from])).toBe(true);
        expect(batch.tsEventNs[from]).toBeGreaterThan(lastEvent);
        expect(batch.tsRecvNs[from]).toBeGreaterThanOrEqual(lastRecv);
        expect(batch.tsRecvNs[from]).toBeGreaterThan(batch.tsEventNs[from]);
        [lastSequence, lastEvent, lastRecv] = [lastSequence + 1, batch.tsEventNs[from], batch.tsRecvNs[from]];
        from = to;
      }
    }
  });

  it('gives the same bytes for the same seed, and others for another', async () => {
    const source = openSim({ mode, seed: 5, messages: 1500 });
    const first = bytes(await collect(source.batches()));
    expect(bytes(await collect(source.batches())).equals(first)).toBe(true);
    expect(bytes(await collect(openSim({ mode, seed: 5, messages: 1500 }).batches())).equals(first)).toBe(true);
    const other = openSim({ mode, seed: 6, messages: 1500, name: source.instrument.name });
    expect(bytes(await collect(other.batches())).equals(first)).toBe(false);
  });

  it('does not depend on where it ends', async () => {
    const endless = await collect(openSim({ mode, seed: 5 }).batches(), 80);
    const short = await collect(openSim({ mode, seed: 5, messages: 150 }).batches());
    expect(short.length).toBeGreaterThan(3);
    expect(bytes(short.slice(0, -1)).equals(bytes(endless.slice(0, short.length - 1)))).toBe(true);
    const long = [...openSim({ mode, seed: 5, messages: 400 }).truth()];
    expect([...openSim({ mode, seed: 5, messages: 150 }).truth()]).toEqual(long.slice(0, 150));
  });

  it('keeps a book in sync, and its verifier agrees at every message', async () => {
    const source = openSim({ mode, seed: 2, messages: 1000 });
    const book = new LadderBook();
    const sync = new BookSync(source.instrument, book);
    const verifier = source.verifier()!;
    for await (const batch of source.batches()) {
      for (let from = 0; from < batch.length; ) {
        const to = messageEnd(batch, from);
        const effect = sync.applyMessage(batch, from, to);
        expect(effect).toBe(batch.sequence[from] === 1 ? Effect.RESYNCED : Effect.CHANGED);
        verifier.afterMessage(batch, from, to, book, true);
        from = to;
      }
    }
    expect(sync.faults).toEqual({ gaps: 0, crossed: 0, stale: 0, overflow: 0, disconnects: 0, halts: 0, checksums: 0 });
    expect(verifier.report()).toEqual({ checked: 20_000, mismatches: 0, firstMismatch: null });
  });

  it('states a truth for every message: a probability, or nothing', () => {
    const truth = [...openSim({ mode, seed: 4, messages: 500 }).truth()];
    expect(truth.map((record) => record.sequence)).toEqual(truth.map((_, i) => i + 1));
    for (const { pUp, pDown } of truth) {
      if (mode === 'realistic') expect([pUp, pDown]).toEqual([Number.NaN, Number.NaN]);
      else expect(pUp > 0 && pUp < 1 && pUp + pDown === 1).toBe(true);
    }
  });
});

/** Every level of the exchange and no other is in the ladder; where `deeply`, every order stands in its place too. */
function expectSameBook(exchange: Simulation, ladder: LadderBook, orders: OrderBook, deeply: boolean): void {
  const engine = exchange.engine;
  const wrong: string[] = [];
  for (const side of [Side.BID, Side.ASK] as const) {
    const count = engine.levelCount(side);
    if (count < 10) wrong.push(`only ${count} levels`);
    if (ladder.levelCount(side) !== count) wrong.push(`${ladder.levelCount(side)} levels, not ${count}`);
    for (let depth = 0; depth < count; depth++) {
      const level = engine.level(side, depth)!;
      if (ladder.lotsAt(side, level.priceTicks) !== level.lots) wrong.push(`lots at ${level.priceTicks}`);
      if (orders.levels.lotsAt(side, level.priceTicks) !== level.lots) wrong.push(`order lots at ${level.priceTicks}`);
      if (!deeply) continue;
      const ids = new Float64Array(orders.ordersAt(side, level.priceTicks));
      orders.queue(side, level.priceTicks, ids, new Float64Array(ids.length));
      const queue: number[] = [];
      for (let order = level.head; order !== null; order = order.next) queue.push(order.id);
      if (queue.join() !== ids.join()) wrong.push(`queue at ${level.priceTicks}`);
    }
  }
  if (ladder.crossed) wrong.push('crossed');
  if (orders.orderCount !== engine.orders.length) wrong.push('number of orders');
  expect(wrong).toEqual([]);
}

describe('the verifier', () => {
  it('notices one wrong lot, says where, and passes over what is not synced or was seen already', async () => {
    const source = openSim({ mode: 'realistic', seed: 1, messages: 100 });
    const [batch] = await collect(source.batches(), 1);
    const book = new LadderBook();
    const verifier = source.verifier()!;
    const to = messageEnd(batch, 0);
    verifier.afterMessage(batch, 0, to, book, false);
    expect(verifier.report().checked).toBe(0);
    book.applyRows(batch, 0, to);
    verifier.afterMessage(batch, 0, to, book, true);
    expect(verifier.report()).toEqual({ checked: 20, mismatches: 0, firstMismatch: null });
    book.addLots(Side.ASK, book.bestAskTicks, 1);
    verifier.afterMessage(batch, 0, to, book, true);
    expect(verifier.report()).toMatchObject({ checked: 40, mismatches: 1 });
    expect(verifier.report().firstMismatch).toMatch(
      /^message 1, ask level 1: the book has \d+ lots at 10001, the exchange \d+ lots at 10001$/,
    );
    book.clear();
    verifier.afterMessage(batch, 0, to, book, true);
    expect(verifier.report().mismatches).toBe(21);
    const next = messageEnd(batch, to);
    verifier.afterMessage(batch, to, next, book, false);
    verifier.afterMessage(batch, to, next, book, true);
    verifier.afterMessage(batch, 0, to, book, true);
    expect(verifier.report().checked).toBe(80);
  });

  it('catches up over messages that were lost on the way', async () => {
    const source = openSim({ mode: 'switching', seed: 1, messages: 300 });
    const book = new LadderBook();
    const verifier = source.verifier()!;
    for await (const batch of source.batches()) {
      for (let from = 0; from < batch.length; ) {
        const to = messageEnd(batch, from);
        book.applyRows(batch, from, to);
        if (batch.sequence[from] % 7 === 0) verifier.afterMessage(batch, from, to, book, true);
        from = to;
      }
    }
    expect(verifier.report()).toEqual({ checked: 42 * 20, mismatches: 0, firstMismatch: null });
  });
});

describe('openSim', () => {
  it('names its instrument by mode and seed, and says that it is simulated', () => {
    const source = openSim({ mode: 'oracle-nonlinear', seed: -3 });
    expect(source.instrument).toEqual({
      ...{ venue: 'sim', name: 'ORACLE-NONLINEAR--3', tickSize: '0.01', lotSize: '1' },
      ...{ sequencing: 'consecutive', burstQuietNs: 0, byOrder: true, depthLimit: null },
    });
    expect(source.origin).toBe('simulated');
    expect(source.notes.join()).toContain('simulated');
    expect(openSim({ mode: 'null', seed: 1, name: 'COIN' }).instrument.name).toBe('COIN');
  });

  it.each([
    [{ mode: 'tulips' as SimMode, seed: 1 }, /no simulator mode "tulips"; there are realistic, null, oracle/],
    [{ mode: 'null' as const, seed: 1.5 }, /seed is an integer of 32 bits, not 1.5/],
    [{ mode: 'null' as const, seed: 2 ** 31 }, /32 bits, not 2147483648/],
    [{ mode: 'null' as const, seed: 1, messages: 0 }, /positive integer, not 0/],
    [{ mode: 'null' as const, seed: 1, startDay: Number.NaN }, /days since 1970-01-01, not NaN/],
  ])('refuses %o', (options, message) => {
    expect(() => openSim(options)).toThrow(message);
    expect(() => openSim(options)).toThrow(BookcastError);
  });
});
