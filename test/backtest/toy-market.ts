import { NO_CARRY } from '../../src/backtest/carry/carry.ts';
import { NO_IMPACT } from '../../src/backtest/impact/square-root-impact.ts';
import {
  type BacktestOptions,
  type Exchange,
  type OrderRequest,
  ReportKind,
  type ReportSink,
  type Strategy,
} from '../../src/backtest/index.ts';
import {
  BatchBuilder,
  type EventBatch,
  EventKind,
  Fault,
  type Instrument,
  LadderBook,
  Side,
} from '../../src/market/index.ts';

export const MS = 1e6;

/** A market in whole ticks and lots, told by level. */
export const TOY: Instrument = Object.freeze({
  venue: 'test',
  name: 'TOY',
  tickSize: '1',
  lotSize: '1',
  sequencing: 'consecutive',
  burstQuietNs: 0,
  depthLimit: null,
});

/** Writes toy messages: each has a number of its own, and the same time in both columns unless it is told another. */
export class ToyTape {
  readonly builder: BatchBuilder;
  #sequence = 0;

  constructor(day = 20000) {
    this.builder = new BatchBuilder('test:TOY', day, 16);
  }

  /** The whole book is one level a side, of ten lots. */
  snapshot(ns: number, bid: number, ask: number, recvNs = ns): this {
    this.#push(EventKind.SNAPSHOT, Side.NONE, 0, 0, ns, recvNs, true);
    this.#push(EventKind.LEVEL, Side.BID, bid, 10, ns, recvNs);
    this.#push(EventKind.LEVEL, Side.ASK, ask, 10, ns, recvNs);
    this.builder.endMessage();
    return this;
  }

  /** Both best prices move: the old levels empty. */
  move(ns: number, [oldBid, oldAsk]: [number, number], [bid, ask]: [number, number], recvNs = ns): this {
    this.#push(EventKind.LEVEL, Side.BID, oldBid, 0, ns, recvNs, true);
    this.#push(EventKind.LEVEL, Side.ASK, oldAsk, 0, ns, recvNs);
    this.#push(EventKind.LEVEL, Side.BID, bid, 10, ns, recvNs);
    this.#push(EventKind.LEVEL, Side.ASK, ask, 10, ns, recvNs);
    this.builder.endMessage();
    return this;
  }

  level(ns: number, side: Side, ticks: number, lots: number, recvNs = ns): this {
    this.#push(EventKind.LEVEL, side, ticks, lots, ns, recvNs, true);
    this.builder.endMessage();
    return this;
  }

  fault(ns: number, fault: Fault): this {
    this.builder.push(EventKind.FAULT, Side.NONE, 0, fault, ns, ns, 0, 0);
    this.builder.endMessage();
    return this;
  }

  /** Someone sold: whoever rests at `ticks` on the bid trades. */
  sold(ns: number, ticks: number, lots: number, recvNs = ns): this {
    this.#push(EventKind.TRADE, Side.ASK, ticks, lots, ns, recvNs, true);
    this.builder.endMessage();
    return this;
  }

  batch(): EventBatch {
    return this.builder.finish()!;
  }

  #push(kind: EventKind, side: Side, ticks: number, lots: number, ns: number, recvNs: number, begins = false): void {
    if (begins) this.#sequence++;
    this.builder.push(kind, side, ticks, lots, ns, recvNs, this.#sequence, 0);
  }
}

/**
 * A venue with the simplest rules there are, for tests of what is around it: market orders trade whole at the best price, limit orders rest and trade, whole, with the
 * first print at or below their price. Writes down when it was told what.
 */
export class ToyExchange implements Exchange {
  readonly book = new LadderBook();
  readonly halted = false;
  readonly needsTrades = false;
  readonly tradesSeen = 0;
  positionLots = 0;
  readonly log: string[] = [];
  readonly #sink: ReportSink;
  readonly #open = new Map<number, OrderRequest>();

  constructor(sink: ReportSink) {
    this.#sink = sink;
  }

  get openOrders(): number {
    return this.#open.size;
  }

  get midTicks(): number {
    return this.book.mid;
  }

  get trusted(): boolean {
    return !Number.isNaN(this.book.mid);
  }

  onMessage(batch: EventBatch, from: number, to: number, nowNs: number): void {
    this.log.push(`${nowNs}: message ${batch.sequence[from]}`);
    for (let i = from; i < to; i++) {
      if (batch.kind[i] === EventKind.FAULT && batch.sizeLots[i] === Fault.GAP) this.book.clear();
      if (batch.kind[i] !== EventKind.TRADE) continue;
      for (const [id, request] of this.#open) {
        if (request.priceTicks >= batch.priceTicks[i]) this.#fill(id, request, request.priceTicks, true, nowNs);
      }
    }
    this.book.applyRows(batch, from, to);
  }

  submit(orderId: number, request: OrderRequest, nowNs: number): void {
    this.log.push(`${nowNs}: order ${orderId}`);
    this.#say(ReportKind.ACCEPTED, orderId, request, request.quantityLots, nowNs);
    if (request.type === 'limit') this.#open.set(orderId, request);
    else {
      const price = request.side === Side.BID ? this.book.bestAskTicks : this.book.bestBidTicks;
      this.#fill(orderId, request, price, false, nowNs);
    }
  }

  cancel(orderId: number, nowNs: number): void {
    this.log.push(`${nowNs}: cancel ${orderId}`);
    const request = this.#open.get(orderId);
    if (request === undefined) return;
    this.#open.delete(orderId);
    this.#say(ReportKind.CANCELLED, orderId, request, 0, nowNs, 'asked for');
  }

  replace(orderId: number, priceTicks: number, quantityLots: number, nowNs: number): void {
    this.log.push(`${nowNs}: replace ${orderId}`);
    const request = this.#open.get(orderId);
    if (request === undefined) return;
    const replaced = { ...request, priceTicks, quantityLots };
    this.#open.set(orderId, replaced);
    this.#say(ReportKind.REPLACED, orderId, replaced, quantityLots, nowNs);
  }

  close(nowNs: number, reason: string): void {
    this.log.push(`${nowNs}: close`);
    for (const [id, request] of this.#open) this.#say(ReportKind.CANCELLED, id, request, 0, nowNs, reason);
    this.#open.clear();
  }

  #fill(orderId: number, request: OrderRequest, priceTicks: number, maker: boolean, exchangeNs: number): void {
    this.#open.delete(orderId);
    const { side, quantityLots } = request;
    this.positionLots += side === Side.BID ? quantityLots : -quantityLots;
    const facts = { kind: ReportKind.FILLED, orderId, side, exchangeNs, priceTicks, quantityLots };
    this.#sink({ ...facts, leftLots: 0, maker, reason: null });
  }

  #say(
    kind: ReportKind,
    orderId: number,
    { side, priceTicks, quantityLots }: OrderRequest,
    leftLots: number,
    exchangeNs: number,
    reason: string | null = null,
  ): void {
    this.#sink({ kind, orderId, side, exchangeNs, priceTicks, quantityLots, leftLots, maker: false, reason });
  }
}

/** Feed, entry and response take so many ns, always. */
export function constantLatency(feedNs: number, entryNs: number, responseNs: number): BacktestOptions['latency'] {
  return { assumption: 'latency: constant', feed: () => feedNs, entry: () => entryNs, response: () => responseNs };
}

/** A free market of whole dollars: a lot that moves by a tick is a dollar. */
export const FREE: BacktestOptions['ledger'] = {
  terms: { kind: 'linear', tickValue: 1, lotValue: 1, currency: 'USD' },
  fees: { assumption: 'fees: none', fee: () => 0 },
  impact: NO_IMPACT,
  carry: NO_CARRY,
};

/** A run on the toy venue, which is handed out to be looked at. */
export function toyOptions(
  strategy: Partial<Strategy>,
  latency: BacktestOptions['latency'],
  overrides: Partial<BacktestOptions> = {},
): { options: BacktestOptions; venue: () => ToyExchange } {
  let venue: ToyExchange | null = null;
  const options: BacktestOptions = {
    instrument: TOY,
    origin: 'simulated',
    strategy: { name: 'toy', ...strategy },
    venue: {
      assumption: () => 'venue: toy',
      fault: () => null,
      create: (_, sink) => {
        venue = new ToyExchange(sink);
        return venue;
      },
    },
    latency,
    ledger: FREE,
    risk: null,
    forecast: null,
    ...overrides,
  };
  return { options, venue: () => venue! };
}
