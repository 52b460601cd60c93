import { NS_PER_MS } from '../../core/index.ts';
import type { Forecast } from '../../forecast/index.ts';
import { type EventBatch, Side } from '../../market/index.ts';
import { type OrderReport, type OrderSide, OrderState, type OwnOrder, ReportKind } from '../order.ts';
import type { Broker, Strategy } from '../strategy.ts';
import { MarketEstimates } from './market-estimates.ts';
import { avellanedaStoikov, glft, type QuoteDistances } from './quoting.ts';
import type { Signal } from './signal.ts';

export interface MarketMakerOptions {
  readonly signal: Signal;
  /** By how many ticks a signal of 1 moves the price that it quotes around. */
  readonly skewTicks: number;
  readonly quotes: 'avellaneda-stoikov' | 'glft';
  /** γ, 1 a tick. */
  readonly riskAversion: number;
  /** τ of Avellaneda and Stoikov. */
  readonly horizonSeconds: number;
  /** Of one quote. */
  readonly quantityLots: number;
  /** No quote that could bring the position past this. */
  readonly maxPositionLots: number;
  /** A quote stays where it is while what it should be is at most so far from it. */
  readonly toleranceTicks: number;
  /** How a quote is moved: replaced in one step where the venue can, or cancelled and, once it is gone, placed anew. */
  readonly requote: 'replace' | 'cancel';
  /** Until it has seen the market trade and move: it waits, or joins the best prices. */
  readonly start: 'wait' | 'join';
  /** Of the estimates of volatility and trading, ns. */
  readonly halfLifeNs: number;
}

/** After a refusal, so that a limit that stays reached is not asked at every message. */
const RETRY_NS = 10 * NS_PER_MS;

/** In place of an id while the order is being sent. */
const PLACING = -1;

const SIDES = [Side.BID, Side.ASK] as const;

/**
 * Quotes both sides, post-only, around the mid moved by the forecast: at the distances that Avellaneda and Stoikov, or Guéant, Lehalle and Fernandez-Tapia, give for the
 * inventory, on the nearest whole ticks, never through the market. A side that would bring the position past its limit is not quoted. Without a book to trust it
 * takes its quotes off; without a forecast it quotes around the mid.
 */
export class MarketMaker implements Strategy {
  readonly name: string;
  readonly #options: MarketMakerOptions;
  readonly #estimates: MarketEstimates;
  /** Ids of the working quotes by side; 0 where there is none. */
  readonly #ids: [number, number] = [0, 0];
  /** A replace of the quote was sent and not answered. */
  readonly #replacing: [boolean, boolean] = [false, false];
  /** No new quote before this, by side. */
  readonly #waitUntilNs: [number, number] = [0, 0];
  #value = 0;

  constructor(options: MarketMakerOptions) {
    this.#options = options;
    this.#estimates = new MarketEstimates(options.halfLifeNs);
    this.name = options.signal.name === 'forecast' ? 'maker' : `maker (${options.signal.name})`;
  }

  onMarket(broker: Broker, batch: EventBatch, from: number, to: number): void {
    this.#estimates.onMessage(broker, batch, from, to);
    this.#quote(broker);
  }

  onForecast(broker: Broker, forecast: Forecast): void {
    const value = this.#options.signal.read(forecast);
    this.#value = Number.isNaN(value) ? 0 : value;
    this.#quote(broker);
  }

  onReport(broker: Broker, { orderId, kind, leftLots }: OrderReport): void {
    for (const side of SIDES) {
      if (this.#ids[side] !== orderId) continue;
      if (kind === ReportKind.REPLACED || kind === ReportKind.REFUSED) this.#replacing[side] = false;
      const gone =
        kind === ReportKind.REJECTED || kind === ReportKind.CANCELLED || (kind === ReportKind.FILLED && leftLots === 0);
      if (kind === ReportKind.REJECTED) this.#waitUntilNs[side] = broker.nowNs + RETRY_NS;
      if (gone) {
        this.#ids[side] = 0;
        this.#replacing[side] = false;
      }
    }
    this.#quote(broker);
  }

  #quote(broker: Broker): void {
    if (!broker.trusted || broker.halted) {
      for (const side of SIDES) this.#take(broker, side);
      return;
    }
    const { book, positionLots } = broker;
    const { skewTicks, quantityLots, maxPositionLots } = this.#options;
    const distances = this.#distances(positionLots) ?? this.#touch(book.bestAskTicks - book.bestBidTicks);
    if (distances === null) {
      for (const side of SIDES) this.#take(broker, side);
      return;
    }
    const fair = book.mid + skewTicks * this.#value;
    // To the nearest tick, halves away from the fair price: rounding outwards always would never join a spread of one tick.
    const bid = Math.min(Math.ceil(fair - distances.bid - 0.5), book.bestAskTicks - 1);
    const ask = Math.max(Math.floor(fair + distances.ask + 0.5), book.bestBidTicks + 1);
    if (positionLots + quantityLots > maxPositionLots) this.#take(broker, Side.BID);
    else this.#put(broker, Side.BID, bid);
    if (positionLots - quantityLots < -maxPositionLots) this.#take(broker, Side.ASK);
    else this.#put(broker, Side.ASK, ask);
  }

  /** Null while the market is not known well enough. */
  #distances(positionLots: number): QuoteDistances | null {
    const { variance, tradeRate, depthDecay } = this.#estimates;
    const { quotes, riskAversion, horizonSeconds, quantityLots } = this.#options;
    if (!(variance > 0 && tradeRate > 0 && depthDecay > 0)) return null;
    const input = { inventory: positionLots / quantityLots, variance, tradeRate, depthDecay, riskAversion };
    return quotes === 'glft' ? glft(input) : avellanedaStoikov(input, horizonSeconds);
  }

  /** Half the spread to either side, while nothing better is known. */
  #touch(spreadTicks: number): QuoteDistances | null {
    return this.#options.start === 'join' ? { bid: spreadTicks / 2, ask: spreadTicks / 2 } : null;
  }

  #put(broker: Broker, side: OrderSide, priceTicks: number): void {
    const { quantityLots, toleranceTicks } = this.#options;
    const id = this.#ids[side];
    if (id === 0) {
      if (broker.nowNs < this.#waitUntilNs[side]) return;
      // A refusal by our own limits is answered within the call.
      this.#ids[side] = PLACING;
      const placed = broker.place({ side, type: 'limit', priceTicks, quantityLots, postOnly: true });
      const refused = workingOrder(broker, placed) === null;
      this.#ids[side] = refused ? 0 : placed;
      if (refused) this.#waitUntilNs[side] = broker.nowNs + RETRY_NS;
      return;
    }
    const order = workingOrder(broker, id);
    if (order === null || order.state !== OrderState.OPEN || order.cancelling || this.#replacing[side]) return;
    // What is left of a partly filled quote keeps its place: a larger one would lose it.
    if (Math.abs(order.priceTicks - priceTicks) <= toleranceTicks) return;
    if (this.#options.requote === 'cancel') {
      broker.cancel(id);
      return;
    }
    this.#replacing[side] = true;
    broker.replace(id, priceTicks, quantityLots);
  }

  #take(broker: Broker, side: OrderSide): void {
    const order = workingOrder(broker, this.#ids[side]);
    if (order !== null && !order.cancelling) broker.cancel(order.id);
  }
}

function workingOrder(broker: Broker, id: number): OwnOrder | null {
  for (const order of broker.orders) if (order.id === id) return order;
  return null;
}
