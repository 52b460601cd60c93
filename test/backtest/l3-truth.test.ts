import { describe, expect, it } from 'vitest';
import { OrderExchange } from '../../src/backtest/exchange/order-exchange.ts';
import { type OrderRequest, ReportKind } from '../../src/backtest/order.ts';
import { Random } from '../../src/core/index.ts';
import { type EventBatch, EventKind, LadderBook, messageEnd, Side } from '../../src/market/index.ts';
import { openSim, type SimMode } from '../../src/venues/sim/index.ts';
import { MatchingEngine, type Order } from '../../src/venues/sim/matching-engine.ts';
import { collect } from '../support/batches.ts';

type BookSide = OrderRequest['side'];

/** The simulator's own matching engine, fed with the tape's messages as calls, and with our orders among them. */
class Truth {
  readonly fills: string[] = [];
  readonly #engine: MatchingEngine;
  readonly #tape = new Map<number, Order>();
  readonly #own = new Map<number, Order>();
  readonly #ownIds = new Map<number, number>();
  /** Our order that takes just now, and what it took at each price. */
  #taking: Map<number, number> | null = null;
  now = 0;

  constructor() {
    this.#engine = new MatchingEngine({
      row: (kind, _side, priceTicks, sizeLots, orderId) => {
        if (kind !== EventKind.EXECUTE) return;
        const own = this.#ownIds.get(orderId);
        if (own !== undefined) this.fills.push(`${own} ${sizeLots}@${priceTicks} maker ${this.now}`);
        this.#taking?.set(priceTicks, (this.#taking.get(priceTicks) ?? 0) + sizeLots);
      },
    });
  }

  message(batch: EventBatch, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const [kind, side, ticks, id] = [batch.kind[i], batch.side[i] as BookSide, batch.priceTicks[i], batch.orderId[i]];
      if (kind === EventKind.ADD) {
        const order = this.#engine.place(side, ticks, batch.sizeLots[i]);
        if (order !== null) this.#tape.set(id, order);
      } else if (kind === EventKind.CANCEL || kind === EventKind.DELETE) {
        const order = this.#tape.get(id);
        if (order === undefined || order.lots === 0) continue;
        this.#engine.cancel(order, kind === EventKind.DELETE ? order.lots : Math.min(order.lots, batch.sizeLots[i]));
      } else if (kind === EventKind.EXECUTE) {
        // One aggressor: all executions of the message, limited by the worst price.
        let lots = 0;
        let limit = ticks;
        for (; i < to && batch.kind[i] === EventKind.EXECUTE && batch.side[i] === side; i++) {
          lots += batch.sizeLots[i];
          limit = side === Side.BID ? Math.min(limit, batch.priceTicks[i]) : Math.max(limit, batch.priceTicks[i]);
        }
        i--;
        this.#immediate(side === Side.BID ? Side.ASK : Side.BID, limit, lots);
      }
    }
  }

  best(side: BookSide): number {
    return this.#engine.bestTicks(side);
  }

  /** Whether an order would come upon one of our own: the driver sends no such order, since the engine knows no self-trade prevention. */
  meetsOwn(side: BookSide, limit: number): boolean {
    return [...this.#own.values()].some(
      (order) =>
        order.lots > 0 &&
        order.side !== side &&
        (side === Side.BID ? order.level.priceTicks <= limit : order.level.priceTicks >= limit),
    );
  }

  submit(id: number, request: OrderRequest): void {
    const { side, quantityLots, timeInForce, postOnly } = request;
    const market = request.type === 'market';
    const limit = market ? (side === Side.BID ? 1e9 : -1e9) : request.priceTicks;
    const best = this.#engine.bestTicks(side === Side.BID ? Side.ASK : Side.BID);
    if (postOnly && (side === Side.BID ? best <= limit : best >= limit)) return;
    if (timeInForce === 'fok' && this.#reachable(side, limit) < quantityLots) return;
    this.#taking = new Map();
    if (market || timeInForce === 'ioc' || timeInForce === 'fok') this.#immediate(side, limit, quantityLots);
    else {
      const order = this.#engine.place(side, limit, quantityLots);
      if (order !== null) {
        this.#own.set(id, order);
        this.#ownIds.set(order.id, id);
      }
    }
    for (const [ticks, lots] of this.#taking) this.fills.push(`${id} ${lots}@${ticks} taker ${this.now}`);
    this.#taking = null;
  }

  cancel(id: number): void {
    const order = this.#own.get(id);
    if (order !== undefined && order.lots > 0) this.#engine.cancel(order, order.lots);
  }

  shrink(id: number, lots: number): void {
    const order = this.#own.get(id)!;
    if (order.lots > lots) this.#engine.cancel(order, order.lots - lots);
  }

  lotsOf(id: number): number {
    return this.#own.get(id)?.lots ?? 0;
  }

  hash(): number {
    const book = new LadderBook();
    this.#engine.report({ row: (_kind, side, ticks, lots) => book.addLots(side, ticks, lots) });
    return book.hash();
  }

  #reachable(side: BookSide, limit: number): number {
    const resting = side === Side.BID ? Side.ASK : Side.BID;
    let lots = 0;
    for (let depth = 0; depth < this.#engine.levelCount(resting); depth++) {
      const level = this.#engine.level(resting, depth)!;
      if (side === Side.BID ? level.priceTicks <= limit : level.priceTicks >= limit) lots += level.lots;
    }
    return lots;
  }

  #immediate(side: BookSide, limit: number, lots: number): void {
    const rest = this.#engine.place(side, limit, lots);
    if (rest !== null) this.#engine.cancel(rest, rest.lots);
  }
}

/** A random order of ours near the market as it is with us in it. */
function randomOrder(random: Random, truth: Truth): OrderRequest {
  const side = random.bernoulli(0.5) ? Side.BID : Side.ASK;
  const quantityLots = 1 + random.below(random.bernoulli(0.2) ? 600 : 80);
  const sign = side === Side.BID ? 1 : -1;
  const kind = random.float();
  const opposite = truth.best(side === Side.BID ? Side.ASK : Side.BID);
  if (kind < 0.1) return { side, type: 'market', priceTicks: 0, quantityLots };
  const priceTicks = kind < 0.3 ? opposite + sign * random.below(3) : truth.best(side) + sign * (1 - random.below(4));
  if (kind < 0.2)
    return { side, type: 'limit', priceTicks, quantityLots, timeInForce: random.bernoulli(0.5) ? 'ioc' : 'fok' };
  return { side, type: 'limit', priceTicks, quantityLots, postOnly: random.bernoulli(0.3) };
}

async function replay(
  mode: SimMode,
  seed: number,
  messages: number,
): Promise<{ truth: Truth; exchange: OrderExchange; fills: string[]; makers: number }> {
  const source = openSim({ mode, seed, messages });
  const truth = new Truth();
  const fills: string[] = [];
  let makers = 0;
  const exchange = new OrderExchange(source.instrument, (report) => {
    if (report.kind !== ReportKind.FILLED) return;
    if (report.maker) makers++;
    const { orderId, quantityLots, priceTicks, maker, exchangeNs } = report;
    fills.push(`${orderId} ${quantityLots}@${priceTicks} ${maker ? 'maker' : 'taker'} ${exchangeNs}`);
  });
  const random = new Random(seed * 7 + 1);
  const open: number[] = [];
  let ids = 0;
  for (const batch of await collect(source.batches())) {
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      const now = batch.tsEventNs[from];
      truth.now = now;
      truth.message(batch, from, to);
      exchange.onMessage(batch, from, to, now);
      from = to;
      if (random.bernoulli(0.15)) {
        const request = randomOrder(random, truth);
        const limit = request.type === 'market' ? (request.side === Side.BID ? 1e9 : -1e9) : request.priceTicks;
        if (!truth.meetsOwn(request.side, limit)) {
          open.push(++ids);
          truth.submit(ids, request);
          exchange.submit(ids, request, now);
        }
      }
      if (open.length > 0 && random.bernoulli(0.1)) {
        const id = open[random.below(open.length)];
        const left = truth.lotsOf(id);
        if (left > 1 && random.bernoulli(0.3)) {
          const order = exchange.own.find(Side.BID, id) ?? exchange.own.find(Side.ASK, id);
          expect(order?.left).toBe(left);
          const lots = 1 + random.below(left - 1);
          truth.shrink(id, lots);
          exchange.replace(id, order!.priceTicks, lots, now);
        } else {
          truth.cancel(id);
          exchange.cancel(id, now);
          open.splice(open.indexOf(id), 1);
        }
      }
    }
  }
  return { truth, exchange, fills, makers };
}

describe("our orders in the simulator's own matching engine, and in the L3 exchange", () => {
  const cases: [SimMode, number][] = [
    ['realistic', 1],
    ['realistic', 2],
    ['oracle', 3],
    ['null', 4],
    ['oracle-nonlinear', 5],
    ['switching', 6],
  ];
  it.each(cases)(
    'fill alike to the last lot and nanosecond, and leave the same book (%s, seed %i)',
    async (mode, seed) => {
      const { truth, exchange, fills, makers } = await replay(mode, seed, 6000);
      expect(fills).toEqual(truth.fills);
      expect(exchange.counterfactual.hash()).toBe(truth.hash());
      // The comparison is of something: orders of ours traded as makers and as takers.
      expect(makers).toBeGreaterThan(20);
      expect(fills.length - makers).toBeGreaterThan(4);
    },
  );

  it('leaves the tape as it is where we send nothing', async () => {
    const source = openSim({ mode: 'realistic', seed: 9, messages: 4000 });
    const exchange = new OrderExchange(source.instrument, () => expect.unreachable());
    for (const batch of await collect(source.batches())) {
      for (let from = 0; from < batch.length; ) {
        const to = messageEnd(batch, from);
        exchange.onMessage(batch, from, to, batch.tsEventNs[from]);
        from = to;
      }
    }
    expect(exchange.counterfactual.hash()).toBe(exchange.book.hash());
    expect(exchange.missed).toBe(0);
  });
});
