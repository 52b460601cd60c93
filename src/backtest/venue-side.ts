import type { BookcastError } from '../core/index.ts';
import { type EventBatch, EventKind, type Instrument } from '../market/index.ts';
import { createExchange, queueAssumption, tradesMissing } from './exchange/create-exchange.ts';
import type { Exchange, ReportSink } from './exchange.ts';
import { NO_IMPACT } from './impact/square-root-impact.ts';
import { Ledger, type LedgerOptions } from './ledger.ts';
import { type OrderReport, type OrderRequest, ReportKind } from './order.ts';
import type { QueueModel } from './queue/queue-model.ts';
import type { RunRecorder } from './run-recorder.ts';

/** How the venue is made. */
export interface VenueSettings {
  /** Printed with every result. */
  assumption(instrument: Instrument): string;
  create(instrument: Instrument, sink: ReportSink): Exchange;
  /** What makes the fills on a whole tape worthless; null where all is well. */
  fault(exchange: Exchange, instrument: Instrument): BookcastError | null;
}

/** The venue as the tape tells it: with exact queues where it names every order, unless it is read by levels, else with those of the model. */
export function tapeVenue(queue: QueueModel, by?: 'orders' | 'levels'): VenueSettings {
  const read = by === undefined ? { queue } : { queue, by };
  return {
    assumption: (instrument) => queueAssumption({ instrument, ...read }),
    create: (instrument, sink) => createExchange({ instrument, sink, ...read }),
    fault: (exchange, instrument) => tradesMissing(exchange, queue, instrument),
  };
}

/** What the venue's side tells the engine. */
export interface VenueListener {
  /** A report is on its way to us: returns when it arrives. */
  onReport(report: OrderReport): number;
  /** The recorder wants to look at another time. */
  onPlanned(): void;
}

/** What was sent to the venue. */
export type Command =
  | { readonly kind: 'submit'; readonly orderId: number; readonly request: OrderRequest }
  | { readonly kind: 'cancel'; readonly orderId: number }
  | { readonly kind: 'replace'; readonly orderId: number; readonly priceTicks: number; readonly quantityLots: number };

/** Everything that happens at the venue's time: the exchange with our orders in it, the money that follows from its fills, and what is recorded of both. */
export class VenueSide {
  readonly exchange: Exchange;
  /** Of the venue's book now, in ticks, with halves; `NaN` where it is not trusted. */
  midTicks = Number.NaN;
  /** The last mid that was known. */
  lastMidTicks = Number.NaN;
  readonly #recorder: RunRecorder;
  readonly #ledgerOptions: LedgerOptions;
  /** Null where nothing estimates volume and volatility from the market. */
  readonly #watcher: LedgerOptions['impact'] | null;
  readonly #listener: VenueListener;
  #ledger: Ledger;

  constructor(
    instrument: Instrument,
    settings: VenueSettings,
    ledger: LedgerOptions,
    recorder: RunRecorder,
    listener: VenueListener,
  ) {
    this.#recorder = recorder;
    this.#ledgerOptions = ledger;
    this.#watcher = ledger.impact === NO_IMPACT ? null : ledger.impact;
    this.#listener = listener;
    this.#ledger = new Ledger(ledger);
    this.exchange = settings.create(instrument, this.#report);
  }

  get ledger(): Ledger {
    return this.#ledger;
  }

  /** The market is open from `ns` on: nothing is owed for the time before. */
  open(ns: number): void {
    this.#ledger = new Ledger({ ...this.#ledgerOptions, startNs: ns });
  }

  /** Rows [from, to), one message, happen. */
  take(batch: EventBatch, from: number, to: number, ns: number): void {
    const { exchange } = this;
    exchange.onMessage(batch, from, to, ns);
    const { midTicks } = exchange;
    if (this.#watcher !== null) this.#watch(this.#watcher, batch, from, to, ns, midTicks);
    this.midTicks = midTicks;
    if (!Number.isNaN(midTicks)) this.lastMidTicks = midTicks;
  }

  act(command: Command, ns: number): void {
    switch (command.kind) {
      case 'submit':
        this.#recorder.arrived(command.orderId, ns, this.midTicks);
        this.exchange.submit(command.orderId, command.request, ns);
        return;
      case 'cancel':
        this.exchange.cancel(command.orderId, ns);
        return;
      default:
        this.exchange.replace(command.orderId, command.priceTicks, command.quantityLots, ns);
    }
  }

  carry(ns: number): void {
    this.#ledger.carryTo(ns, this.lastMidTicks);
  }

  /** Profit now, all costs paid, marked at the last mid that was known. */
  get net(): number {
    return this.#ledger.netAt(this.lastMidTicks);
  }

  /** A point of equity at `ns`. None before a mid was ever known: there is no account to speak of. */
  point(ns: number): void {
    const midTicks = this.lastMidTicks;
    if (Number.isNaN(midTicks)) return;
    const { positionLots } = this.#ledger;
    const { gross, net } = this.#ledger.mark(midTicks);
    this.#recorder.point({ ns, midTicks, positionLots, net, gross });
  }

  #watch(
    watcher: LedgerOptions['impact'],
    batch: EventBatch,
    from: number,
    to: number,
    ns: number,
    midTicks: number,
  ): void {
    const { kind } = batch;
    for (let i = from; i < to; i++) {
      if (kind[i] !== EventKind.EXECUTE && kind[i] !== EventKind.TRADE) continue;
      watcher.onTrade(ns, batch.priceTicks[i], batch.sizeLots[i]);
    }
    if (!Number.isNaN(midTicks) && midTicks !== this.midTicks) watcher.onMid(ns, midTicks);
  }

  /** The exchange says what became of an order. */
  readonly #report = (report: OrderReport): void => {
    const localNs = this.#listener.onReport(report);
    this.#recorder.reported(report);
    if (report.kind !== ReportKind.FILLED) return;
    this.#recorder.filled(report, localNs, this.midTicks, this.#ledger.fill(report));
    this.#listener.onPlanned();
  };
}
