import { NO_CARRY } from '../../src/backtest/carry/carry.ts';
import { NO_IMPACT } from '../../src/backtest/impact/square-root-impact.ts';
import { Backtest, type Broker, NO_FEES, queueModelOf, type Strategy, tapeVenue } from '../../src/backtest/index.ts';
import { ConstantFeed } from '../../src/backtest/latency/feed-delay.ts';
import { ConstantOrders } from '../../src/backtest/latency/order-delay.ts';
import { SplitLatency } from '../../src/backtest/latency/split-latency.ts';
import { VenueClock } from '../../src/backtest/timeline/venue-clock.ts';
import { assert, NO_PRICE, NS_PER_MS, NS_PER_SECOND, systemClock } from '../../src/core/index.ts';
import {
  BatchBuilder,
  BookSync,
  type EventBatch,
  EventKind,
  type EventSource,
  type Instrument,
  LadderBook,
  messageEnd,
  Side,
} from '../../src/market/index.ts';
import { HftEvents } from './hft-events.ts';

export const FEED_NS = NS_PER_MS;
export const ENTRY_NS = NS_PER_MS;
export const RESPONSE_NS = NS_PER_MS;
/** Rows of a batch, about as many as a tape hands out at once. */
const BATCH_ROWS = 4096;

/** A tape in memory, and where an order of each side is nearest to the market and yet never trades. */
export interface PairTape {
  readonly name: string;
  readonly instrument: Instrument;
  readonly batches: readonly EventBatch[];
  /** Book events and trades: what is counted. */
  readonly events: number;
  readonly by: 'orders' | 'levels';
  readonly bidTicks: number;
  readonly askTicks: number;
  /** Of all prices on the tape and of the two orders. */
  readonly lowTicks: number;
  readonly highTicks: number;
  /** From the first event to the last. */
  readonly spanNs: number;
  readonly hft: HftEvents;
}

/** How a run ended, for the comparison of both sides. */
export interface PairEnd {
  readonly ns: number;
  readonly events: number;
  readonly touch: readonly number[];
  readonly fills: number;
}

/** Reads a whole source, converts it, and finds the prices. */
export async function pairTape(name: string, source: EventSource, by: 'orders' | 'levels'): Promise<PairTape> {
  const { instrument } = source;
  const batches = await readAll(source);
  const book = new LadderBook({ windowTicks: 1 << 17 });
  const sync = new BookSync(instrument, book);
  const clock = new VenueClock();
  const hft = new HftEvents(FEED_NS, by === 'orders');
  let [events, low, high, bid, ask] = [0, Infinity, -Infinity, Infinity, -Infinity];
  for (const batch of batches) {
    clock.enter(batch);
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      const ns = clock.read(batch, from);
      sync.applyMessage(batch, from, to);
      for (let i = from; i < to; i++) {
        hft.take(batch, i, ns);
        if (batch.kind[i] > EventKind.TRADE) continue;
        events++;
        const ticks = batch.priceTicks[i];
        if (ticks === NO_PRICE) continue;
        low = Math.min(low, ticks);
        high = Math.max(high, ticks);
        if (batch.kind[i] < EventKind.EXECUTE) continue;
        bid = Math.min(bid, ticks - 1);
        ask = Math.max(ask, ticks + 1);
      }
      from = to;
      if (book.bestAskTicks !== NO_PRICE) bid = Math.min(bid, book.bestAskTicks - 1);
      if (book.bestBidTicks !== NO_PRICE) ask = Math.max(ask, book.bestBidTicks + 1);
    }
  }
  const prices = { bidTicks: bid, askTicks: ask, lowTicks: Math.min(low, bid), highTicks: Math.max(high, ask) };
  return { name, instrument, batches, events, by, ...prices, spanNs: clock.nowNs - clock.startNs, hft };
}

/** In batches of the size of a tape's; a simulator's own hold a dozen rows. */
async function readAll(source: EventSource): Promise<EventBatch[]> {
  const batches: EventBatch[] = [];
  let builder: BatchBuilder | null = null;
  for await (const batch of source.batches({ lend: true })) {
    builder ??= new BatchBuilder(batch.instrument, batch.day, BATCH_ROWS);
    assert(builder.day === batch.day, 'a tape of the benchmark lies in one day');
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      builder.append(batch, from, to);
      if (builder.full) batches.push(builder.finish()!);
      from = to;
    }
  }
  const last = builder?.finish();
  if (last) batches.push(last);
  return batches;
}

/** Posts one order on each side once the first message has reached it. */
function restingPair({ bidTicks, askTicks }: PairTape): Strategy & { broker: Broker | null } {
  return {
    name: 'one resting order on each side',
    broker: null,
    onStart(broker) {
      this.broker = broker;
      broker.wakeAt(broker.nowNs + FEED_NS);
    },
    onTimer(broker) {
      broker.place({ side: Side.BID, type: 'limit', priceTicks: bidTicks, quantityLots: 1 });
      broker.place({ side: Side.ASK, type: 'limit', priceTicks: askTicks, quantityLots: 1 });
    },
  };
}

/** Plays the tape once; timed from the first batch to the last report. */
export function playPair(tape: PairTape): PairEnd {
  const strategy = restingPair(tape);
  const terms = { kind: 'linear', tickValue: 0.01, lotValue: 1, currency: 'USD' } as const;
  const backtest = new Backtest({
    instrument: tape.instrument,
    origin: 'recorded',
    strategy,
    venue: tapeVenue(queueModelOf('risk-averse'), tape.by),
    latency: new SplitLatency(new ConstantFeed(FEED_NS), new ConstantOrders(ENTRY_NS, RESPONSE_NS)),
    ledger: { terms, fees: NO_FEES, impact: NO_IMPACT, carry: NO_CARRY },
    // The rival records no account on the way.
    equityEveryNs: 3600 * NS_PER_SECOND,
    risk: null,
    forecast: null,
  });
  const begun = systemClock.monotonicNs();
  for (const batch of tape.batches) backtest.apply(batch);
  const run = backtest.finish();
  const ns = systemClock.monotonicNs() - begun;
  const { book } = strategy.broker!;
  assert(run.orders.length === 2 && run.ended === null, 'both orders were sent');
  return { ns, events: run.events, touch: [book.bestBidTicks, book.bestAskTicks], fills: run.fills.length };
}

/** What no engine can do without: the book of the venue and that of our side, by level, each told every message. */
export function playBooks(tape: PairTape): PairEnd {
  const books = [new LadderBook({ windowTicks: 1 << 17 }), new LadderBook({ windowTicks: 1 << 17 })];
  const [venue, own] = books.map((book) => new BookSync(tape.instrument, book));
  const begun = systemClock.monotonicNs();
  for (const batch of tape.batches) {
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      venue.applyMessage(batch, from, to);
      own.applyMessage(batch, from, to);
      from = to;
    }
  }
  const ns = systemClock.monotonicNs() - begun;
  return { ns, events: tape.events, touch: [books[1].bestBidTicks, books[1].bestAskTicks], fills: 0 };
}
