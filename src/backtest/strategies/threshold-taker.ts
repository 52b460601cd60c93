import type { Forecast } from '../../forecast/index.ts';
import { Side } from '../../market/index.ts';
import type { Broker, Strategy } from '../strategy.ts';
import type { Signal } from './signal.ts';

export interface ThresholdTakerOptions {
  readonly signal: Signal;
  /** Trades where the signal is at least so far from 0, in (0, 1). */
  readonly threshold: number;
  /** What it holds, long or short. */
  readonly quantityLots: number;
  /** How long after the last signal in its favour, ns. */
  readonly holdNs: number;
}

/**
 * Takes what stands at the best price where the forecast leans far enough, holds for a while, and takes its way out. Entries are limit orders at the best
 * opposite price that it sees, `ioc`: where the market has moved on meanwhile, nothing is bought. Exits are market orders.
 */
export class ThresholdTaker implements Strategy {
  readonly name: string;
  readonly #options: ThresholdTakerOptions;
  /** What it wants to hold, in lots. */
  #wanted = 0;
  #exitNs = Number.POSITIVE_INFINITY;

  constructor(options: ThresholdTakerOptions) {
    this.#options = options;
    this.name = options.signal.name === 'forecast' ? 'taker' : `taker (${options.signal.name})`;
  }

  onForecast(broker: Broker, forecast: Forecast): void {
    const { signal, threshold, quantityLots, holdNs } = this.#options;
    const value = signal.read(forecast);
    if (Math.abs(value) >= threshold) {
      this.#wanted = value > 0 ? quantityLots : -quantityLots;
      this.#exitNs = broker.nowNs + holdNs;
      broker.wakeAt(this.#exitNs);
      this.#enter(broker);
    } else this.onTimer(broker);
  }

  onTimer(broker: Broker): void {
    if (broker.nowNs < this.#exitNs) {
      broker.wakeAt(this.#exitNs);
      return;
    }
    this.#wanted = 0;
    const lots = exposure(broker);
    if (lots === 0 || !broker.trusted || broker.halted) return;
    broker.place({
      side: lots > 0 ? Side.ASK : Side.BID,
      type: 'market',
      priceTicks: 0,
      quantityLots: Math.abs(lots),
      reduceOnly: true,
    });
  }

  #enter(broker: Broker): void {
    const lots = this.#wanted - exposure(broker);
    if (lots === 0 || !broker.trusted || broker.halted) return;
    const buys = lots > 0;
    broker.place({
      side: buys ? Side.BID : Side.ASK,
      type: 'limit',
      priceTicks: buys ? broker.book.bestAskTicks : broker.book.bestBidTicks,
      quantityLots: Math.abs(lots),
      timeInForce: 'ioc',
    });
  }
}

/** Lots held, were all orders on the way to trade in full. */
function exposure(broker: Broker): number {
  let lots = broker.positionLots;
  for (const { request, leftLots } of broker.orders) lots += request.side === Side.BID ? leftLots : -leftLots;
  return lots;
}
