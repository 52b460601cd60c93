import type { Exchange } from '../../../src/backtest/exchange.ts';
import { type OrderReport, type OrderRequest, ReportKind } from '../../../src/backtest/order.ts';
import { BatchBuilder, EventKind, type Instrument, type LadderBook, Side } from '../../../src/market/index.ts';

export const B = Side.BID;
export const A = Side.ASK;

/** kind, side, price, lots, order id, flags. */
export type Row = readonly [EventKind, Side, number, number, number?, number?];

export const level = (side: Side, ticks: number, lots: number, flags = 0): Row => [
  EventKind.LEVEL,
  side,
  ticks,
  lots,
  0,
  flags,
];
export const trade = (aggressor: Side, ticks: number, lots: number): Row => [EventKind.TRADE, aggressor, ticks, lots];
export const add = (side: Side, ticks: number, lots: number, id: number): Row => [EventKind.ADD, side, ticks, lots, id];
export const execute = (side: Side, ticks: number, lots: number, id: number): Row => [
  EventKind.EXECUTE,
  side,
  ticks,
  lots,
  id,
];
export const remove = (side: Side, ticks: number, lots: number, id: number): Row => [
  EventKind.DELETE,
  side,
  ticks,
  lots,
  id,
];
export const reduce = (side: Side, ticks: number, lots: number, id: number): Row => [
  EventKind.CANCEL,
  side,
  ticks,
  lots,
  id,
];
export const fault = (code: number): Row => [EventKind.FAULT, Side.NONE, 0, code];

export function instrumentOf(extra: Partial<Instrument> = {}): Instrument {
  return {
    venue: 'toy',
    name: 'TOY',
    tickSize: '0.01',
    lotSize: '1',
    sequencing: 'consecutive',
    burstQuietNs: 0,
    depthLimit: null,
    ...extra,
  };
}

/** Drives an exchange message by message, one a microsecond, and keeps its reports as short texts. */
export class VenueTape {
  readonly said: string[] = [];
  readonly reports: OrderReport[] = [];
  exchange!: Exchange;
  sequence = 0;
  now = 0;
  #id = 0;

  readonly sink = (report: OrderReport): void => {
    this.reports.push(report);
    const { kind, orderId, quantityLots, priceTicks, leftLots, maker, reason } = report;
    const side = report.side === B ? 'buy' : 'sell';
    if (kind === ReportKind.FILLED) {
      this.said.push(`${orderId} ${side} ${quantityLots}@${priceTicks} ${maker ? 'maker' : 'taker'} left ${leftLots}`);
    } else {
      const name = ['accepted', 'rejected', '', 'cancelled', 'replaced', 'refused'][kind];
      this.said.push(`${orderId} ${name} ${quantityLots}${reason === null ? '' : `: ${reason}`}`);
    }
  };

  /** What was said since the last call. */
  heard(): string[] {
    return this.said.splice(0);
  }

  /** Only the fills said since the last call. */
  fills(): string[] {
    return this.heard().filter((line) => line.includes('aker'));
  }

  snapshot(...rows: Row[]): void {
    this.message([EventKind.SNAPSHOT, Side.NONE, 0, 0], ...rows);
  }

  message(...rows: Row[]): void {
    this.messageAt(this.now + 1000, ...rows);
  }

  messageAt(tsEventNs: number, ...rows: Row[]): void {
    this.now = Math.max(this.now, tsEventNs);
    this.sequence++;
    const builder = new BatchBuilder('toy:TOY', 0, rows.length + 1);
    for (const [kind, side, ticks, lots, id = 0, flags = 0] of rows) {
      builder.push(kind, side, ticks, lots, tsEventNs, tsEventNs, this.sequence, id);
      if (flags !== 0) builder.flag(flags);
    }
    builder.endMessage();
    const batch = builder.finish()!;
    this.exchange.onMessage(batch, 0, batch.length, this.now);
  }

  place(request: OrderRequest): number {
    this.exchange.submit(++this.#id, request, this.now);
    return this.#id;
  }

  limit(side: Side, priceTicks: number, quantityLots: number, extra: Partial<OrderRequest> = {}): number {
    return this.place({ side: side as OrderRequest['side'], type: 'limit', priceTicks, quantityLots, ...extra });
  }

  market(side: Side, quantityLots: number, extra: Partial<OrderRequest> = {}): number {
    return this.place({ side: side as OrderRequest['side'], type: 'market', priceTicks: 0, quantityLots, ...extra });
  }
}

/** `price×lots` of the best levels of a side. */
export function levelsOf(book: LadderBook, side: Side, n = 20): string[] {
  const ticks = new Int32Array(n);
  const lots = new Float64Array(n);
  const count = book.top(side, n, ticks, lots);
  return Array.from({ length: count }, (_, rank) => `${ticks[rank]}×${lots[rank]}`);
}
