import { assert, BookcastError, NS_PER_SECOND } from '../core/index.ts';
import { type EventBatch, EventFlag, EventKind, type Instrument, instrumentKey, type Origin } from '../market/index.ts';
import { type OrderWire, OwnBroker } from './broker.ts';
import { termsAssumption } from './contract-terms.ts';
import type { LatencyModel } from './latency.ts';
import type { LedgerOptions } from './ledger.ts';
import { type ForecastSettings, MarketView } from './market-view.ts';
import { type OrderReport, type OrderRequest, OrderState, ReportKind } from './order.ts';
import type { RiskGate } from './risk/risk-gate.ts';
import { RiskDesk } from './risk-desk.ts';
import type { BacktestRun, RunAccount } from './run.ts';
import { hashOf } from './run-hash.ts';
import { RunRecorder } from './run-recorder.ts';
import type { Strategy } from './strategy.ts';
import { StrategyRunner } from './strategy-runner.ts';
import { Agenda, Slot } from './timeline/agenda.ts';
import { Channel } from './timeline/channel.ts';
import { InFlight } from './timeline/in-flight.ts';
import { RetainedBatches } from './timeline/retained-batches.ts';
import { VenueClock } from './timeline/venue-clock.ts';
import { type Command, type VenueSettings, VenueSide } from './venue-side.ts';

/** A strategy that acts so often without any time passing acts without end. */
const MAX_STEPS_AT_ONCE = 100_000;
const CLOSED = 'the tape has ended';

export interface BacktestOptions {
  readonly instrument: Instrument;
  readonly origin: Origin;
  /** New for each run: it may remember. So are all other parts. */
  readonly strategy: Strategy;
  readonly venue: VenueSettings;
  readonly latency: LatencyModel;
  readonly ledger: LedgerOptions;
  /** Null: no limits. */
  readonly risk: RiskGate | null;
  /** Null: the run makes no forecasts. */
  readonly forecast: ForecastSettings | null;
  /** Time between points of equity; default a second. */
  readonly equityEveryNs?: number;
}

/**
 * One strategy on one stream: a pure function of the batches, the strategy and the options. Each message passes twice, at the venue when it happens and at
 * our side when it reaches us, and whatever comes first is done first; of things at one time the order is that of `Slot`. A backtest gives it a tape, paper
 * trading the batches of a live feed as they arrive.
 *
 * What lies past the last venue time known waits until more of the tape is known, or `finish`: cutting the tape into other batches changes nothing.
 */
export class Backtest {
  readonly #options: BacktestOptions;
  readonly #key: string;
  readonly #latency: LatencyModel;
  readonly #clock = new VenueClock();
  readonly #agenda = new Agenda();
  readonly #inFlight = new InFlight();
  readonly #retained = new RetainedBatches();
  readonly #commands = new Channel<Command>();
  readonly #reports = new Channel<OrderReport>();
  readonly #refusals = new Channel<OrderReport>();
  readonly #recorder: RunRecorder;
  readonly #venue: VenueSide;
  readonly #view: MarketView;
  readonly #broker: OwnBroker;
  readonly #runner: StrategyRunner;
  readonly #risk: RiskDesk;
  #events = 0;
  #messages = 0;
  /** Fills reported to us. */
  #learned = 0;
  #closed = false;
  /** Somebody looks at our side's messages one by one. */
  #watched = true;
  /** Scheduled things done at `#stepNs`. */
  #steps = 0;
  #stepNs = Number.NaN;

  constructor(options: BacktestOptions) {
    this.#options = options;
    this.#key = instrumentKey(options.instrument);
    this.#latency = options.latency;
    this.#recorder = new RunRecorder(options.equityEveryNs ?? NS_PER_SECOND);
    this.#venue = new VenueSide(options.instrument, options.venue, options.ledger, this.#recorder, {
      onReport: (report) => this.#respond(report),
      onPlanned: () => this.#agenda.set(Slot.LOOK, this.#recorder.nextLookNs),
    });
    const { instrument } = options;
    const onForecast: ConstructorParameters<typeof MarketView>[2] = (forecast) => this.#runner.forecast(forecast);
    this.#view = new MarketView(instrument, options.forecast, onForecast, (batch) => this.#clock.shiftOf(batch));
    this.#broker = new OwnBroker(instrument, this.#view, this.#wire);
    this.#runner = new StrategyRunner(options.strategy, this.#broker, () => this.#broker.cancelAll());
    this.#risk = new RiskDesk(options.risk, this.#broker, options.ledger.terms);
  }

  /** Rows held in memory since they have yet to reach our side. */
  get retained(): number {
    return this.#retained.rows;
  }

  /** The forecaster's view, such as its hashes; null in a run without forecasts. */
  get forecaster(): MarketView['forecaster'] {
    return this.#view.forecaster;
  }

  /** How things stand, for whoever watches a run that goes on. */
  get account(): RunAccount {
    const { orders, fills } = this.#recorder;
    const { midTicks, exchange } = this.#venue;
    const { positionLots } = this.#venue.ledger;
    const net = positionLots === 0 && fills.length === 0 ? 0 : this.#venue.net;
    const lastFill = fills.at(-1) ?? null;
    return { midTicks, positionLots, openOrders: exchange.openOrders, orders: orders.length, net, lastFill };
  }

  /** What makes the fills worthless, such as a queue model that needs trades on a tape without any; known at the end. */
  get fault(): BookcastError | null {
    return this.#options.venue.fault(this.#venue.exchange, this.#options.instrument);
  }

  /** Takes whole messages, in order; the batch may be used again afterwards. Throws `bad-input` where they are of another instrument or the venue's clock goes back by over five seconds. */
  apply(batch: EventBatch): void {
    assert(!this.#closed, 'a run that was finished takes no batch');
    if (batch.instrument !== this.#key) {
      const found = `the batch is of ${batch.instrument}, and the run of ${this.#key}`;
      const facts = { instrument: batch.instrument };
      throw new BookcastError('bad-input', `${found}: give it one instrument's stream`, facts);
    }
    const { flags, kind, length } = batch;
    this.#clock.enter(batch);
    const shiftNs = this.#clock.shiftOf(batch);
    this.#retained.lend(batch);
    // Where nobody looks at our side but at scheduled times, its messages are taken together, then or at the batch's end: one book at a time is faster.
    const watched = this.#options.forecast !== null || this.#runner.watchesMarket;
    this.#watched = watched;
    const constantNs = this.#latency.constantFeedNs;
    let ns = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < length; i++) this.#events += Number(kind[i] <= EventKind.TRADE);
    for (let from = 0; from < length; ) {
      ns = this.#clock.read(batch, from);
      if (this.#messages++ === 0) this.#open(ns);
      if (watched || this.#agenda.dueNs <= ns) this.#catchUp(ns, Slot.MARKET);
      let to = from + 1;
      while (to < length && (flags[to - 1] & EventFlag.MESSAGE_END) === 0) to++;
      this.#venue.take(batch, from, to, ns);
      const feedNs = constantNs ?? this.#latency.feed(ns, batch.tsRecvNs[from] + shiftNs);
      assert(feedNs >= 0, 'a latency is at least 0');
      this.#inFlight.push(ns + feedNs, to - from);
      from = to;
    }
    if (!watched) this.#catchUp(ns, Slot.MARKET);
    this.#retained.settle();
  }

  /** The tape is over: what rests is cancelled, and what is on the way arrives. `notes`: what a reader should know of the source. */
  finish(notes: readonly string[] = []): BacktestRun {
    assert(!this.#closed, 'a run is finished once');
    const endNs = this.#messages === 0 ? 0 : this.#clock.nowNs;
    if (this.#messages > 0) {
      this.#catchUp(endNs, Slot.END);
      this.#closed = true;
      this.#broker.closed = true;
      this.#agenda.set(Slot.CARRY, Number.POSITIVE_INFINITY);
      this.#venue.carry(endNs);
      this.#venue.exchange.close(endNs, CLOSED);
      this.#venue.point(endNs);
      this.#agenda.set(Slot.TIMER, Number.POSITIVE_INFINITY);
      this.#agenda.set(Slot.LOOK, Number.POSITIVE_INFINITY);
      this.#catchUp(Number.POSITIVE_INFINITY, Slot.CARRY);
    }
    this.#closed = true;
    return this.#result(endNs, notes);
  }

  #open(ns: number): void {
    this.#venue.open(ns);
    this.#recorder.start(ns);
    this.#agenda.set(Slot.CARRY, this.#venue.ledger.nextCarryNs);
    this.#agenda.set(Slot.LOOK, this.#recorder.nextLookNs);
    this.#broker.nowNs = ns;
    this.#runner.start();
  }

  /** Does everything that comes before `slot` at `ns`. */
  #catchUp(ns: number, slot: Slot): void {
    const agenda = this.#agenda;
    const inFlight = this.#inFlight;
    for (;;) {
      const arrivalNs = inFlight.nextNs;
      const { dueNs } = agenda;
      const scheduledFirst = dueNs < arrivalNs || (dueNs === arrivalNs && agenda.slot < Slot.OURS);
      const nextNs = scheduledFirst ? dueNs : arrivalNs;
      if (nextNs >= ns && (nextNs > ns || (scheduledFirst ? agenda.slot : Slot.OURS) >= slot)) return;
      if (scheduledFirst) this.#doScheduled(dueNs, agenda.slot);
      else if (this.#watched) this.#takeOurs(arrivalNs);
      else this.#takeUnwatched(Math.min(dueNs, ns));
    }
  }

  /** What reaches us before `untilNs` while nobody looks, and the first of it in any case. */
  #takeUnwatched(untilNs: number): void {
    const retained = this.#retained;
    const inFlight = this.#inFlight;
    let ns: number;
    do {
      retained.turn();
      const { batch, row, heldRows } = retained;
      assert(batch !== null, 'what is on the way is held');
      let from = row;
      do {
        ns = inFlight.nextNs;
        const to = from + inFlight.shift();
        this.#view.take(batch, from, to);
        from = to;
      } while (inFlight.nextNs < untilNs && from < row + heldRows);
      retained.advance(from - row);
    } while (inFlight.nextNs < untilNs);
    this.#broker.nowNs = ns;
  }

  /** A message reaches us. */
  #takeOurs(ns: number): void {
    const retained = this.#retained;
    retained.turn();
    const { batch, row: from } = retained;
    assert(batch !== null, 'what is on the way is held');
    const to = from + this.#inFlight.shift();
    retained.advance(to - from);
    this.#broker.nowNs = ns;
    const isNews = this.#view.take(batch, from, to);
    const { quietNs } = this.#view;
    if (quietNs !== Number.POSITIVE_INFINITY) this.#agenda.set(Slot.QUIET, ns + quietNs);
    if (isNews && this.#runner.watchesMarket) this.#runner.market(batch, from, to);
  }

  #doScheduled(ns: number, slot: Slot): void {
    if (ns !== this.#stepNs) {
      this.#stepNs = ns;
      this.#steps = 0;
    } else if (++this.#steps > MAX_STEPS_AT_ONCE) {
      this.#runner.end(`it acted ${MAX_STEPS_AT_ONCE} times while no time passed`);
    }
    switch (slot) {
      case Slot.CARRY:
        this.#venue.carry(ns);
        this.#agenda.set(Slot.CARRY, this.#venue.ledger.nextCarryNs);
        return;
      case Slot.ORDERS:
        this.#act(this.#commands.shift(), ns);
        this.#agenda.set(Slot.ORDERS, this.#commands.nextNs);
        return;
      case Slot.REPORTS:
        this.#learn(this.#reports.shift(), ns);
        this.#agenda.set(Slot.REPORTS, this.#reports.nextNs);
        return;
      case Slot.REFUSALS:
        this.#learn(this.#refusals.shift(), ns);
        this.#agenda.set(Slot.REFUSALS, this.#refusals.nextNs);
        return;
      case Slot.QUIET:
        this.#agenda.set(Slot.QUIET, Number.POSITIVE_INFINITY);
        this.#broker.nowNs = ns;
        this.#quiet();
        return;
      case Slot.TIMER:
        this.#agenda.set(Slot.TIMER, Number.POSITIVE_INFINITY);
        this.#broker.nowNs = ns;
        this.#runner.timer();
        return;
      default:
        this.#look(ns);
    }
  }

  /** A command reaches the venue. */
  #act(command: Command, ns: number): void {
    if (!this.#closed) {
      this.#venue.act(command, ns);
      return;
    }
    if (command.kind === 'submit') this.#refuse(command.orderId, command.request, CLOSED);
  }

  /** A report reaches us. */
  #learn(report: OrderReport, ns: number): void {
    const { kind } = report;
    this.#broker.nowNs = ns;
    this.#broker.take(report);
    this.#runner.report(report);
    if (kind !== ReportKind.FILLED || this.#closed) return;
    this.#risk.learn(this.#recorder.fills[this.#learned++]);
    this.#checkRisk(ns);
  }

  /** Our clock says that the burst is over. At the end of the tape nobody knows. */
  #quiet(): void {
    const retained = this.#retained;
    retained.turn();
    const { batch, row } = retained;
    if (batch === null) return;
    this.#view.onQuiet(batch.tsRecvNs[row] + this.#clock.shiftOf(batch));
  }

  #look(ns: number): void {
    if (this.#recorder.look(this.#venue.midTicks)) {
      this.#venue.point(ns);
      this.#broker.nowNs = ns;
      this.#checkRisk(ns);
    }
    this.#agenda.set(Slot.LOOK, this.#recorder.nextLookNs);
  }

  /** The venue reports: returns when we learn of it. */
  #respond(report: OrderReport): number {
    const ns = report.exchangeNs;
    const localNs = this.#reports.push(ns + this.#latency.response(ns), report);
    this.#agenda.set(Slot.REPORTS, this.#reports.nextNs);
    return localNs;
  }

  /** What the strategy's broker sends. */
  readonly #wire: OrderWire = {
    submit: (order) => {
      this.#recorder.sent(order, this.#view.midTicks);
      const reason = this.#risk.refusal(order.request);
      if (reason === null) this.#send({ kind: 'submit', orderId: order.id, request: order.request });
      else {
        order.state = OrderState.REJECTED;
        this.#refuse(order.id, order.request, reason);
      }
    },
    cancel: (order) => this.#send({ kind: 'cancel', orderId: order.id }),
    replace: (order, priceTicks, quantityLots) => {
      const reason = this.#closed
        ? CLOSED
        : this.#risk.refusal({ ...order.request, priceTicks, quantityLots }, order.id);
      if (reason === null) this.#send({ kind: 'replace', orderId: order.id, priceTicks, quantityLots });
      else this.#answer(order.id, order.request, ReportKind.REFUSED, order.leftLots, reason);
    },
    wakeAt: (ns) => {
      if (!this.#closed && ns < this.#agenda.of(Slot.TIMER))
        this.#agenda.set(Slot.TIMER, Math.max(ns, this.#broker.nowNs));
    },
  };

  #send(command: Command): void {
    const { nowNs } = this.#broker;
    const latencyNs = this.#latency.entry(nowNs);
    assert(latencyNs >= 0, 'a latency is at least 0');
    this.#commands.push(nowNs + latencyNs, command);
    this.#agenda.set(Slot.ORDERS, this.#commands.nextNs);
  }

  #refuse(orderId: number, request: OrderRequest, reason: string): void {
    this.#recorder.refused(orderId, reason);
    this.#answer(orderId, request, ReportKind.REJECTED, 0, reason);
  }

  #checkRisk(ns: number): void {
    const { funding, borrow } = this.#venue.ledger.totals;
    this.#risk.check(ns, this.#view.midTicks, funding + borrow);
  }

  /** Our own answer, without a way to the venue. After the end there is nobody left to hear it. */
  #answer(orderId: number, request: OrderRequest, kind: ReportKind, leftLots: number, reason: string): void {
    if (this.#closed) return;
    const { nowNs } = this.#broker;
    const { side, priceTicks, quantityLots } = request;
    const facts = { orderId, side, exchangeNs: nowNs, priceTicks, quantityLots, leftLots };
    this.#refusals.push(nowNs, { kind, ...facts, maker: false, reason });
    this.#agenda.set(Slot.REFUSALS, this.#refusals.nextNs);
  }

  #result(endNs: number, notes: readonly string[]): BacktestRun {
    const { instrument, origin, strategy, venue, latency, ledger } = this.#options;
    const { orders, fills, equity } = this.#recorder;
    const { gross, net } = this.#venue.ledger.mark(this.#venue.lastMidTicks);
    const costs = [ledger.fees, ledger.impact, ledger.carry].map((part) => part.assumption);
    const assumptions = [latency.assumption, venue.assumption(instrument), ...costs];
    const own = [this.#clock.note, this.#risk.stopped, this.fault?.message ?? null];
    return {
      strategy: strategy.name,
      instrument: this.#key,
      origin,
      currency: ledger.terms.currency,
      assumptions: [...assumptions, termsAssumption(ledger.terms), this.#risk.assumption],
      notes: [...own.filter((note) => note !== null), ...notes],
      startDay: Math.max(0, this.#clock.startDay),
      startNs: this.#messages === 0 ? 0 : this.#clock.startNs,
      endNs,
      events: this.#events,
      messages: this.#messages,
      orders,
      fills,
      equity,
      totals: { gross, ...this.#venue.ledger.totals, net },
      ended: this.#runner.ended,
      hash: hashOf(orders, fills),
    };
  }
}
