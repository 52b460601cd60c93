import { type EventBatch, Side } from '../../market/index.ts';
import type { Broker, Strategy } from '../strategy.ts';

/** Buys once, as soon as there is a market, and holds to the end: what the market itself did while others traded. */
export class BuyAndHold implements Strategy {
  readonly name = 'buy and hold';
  readonly #quantityLots: number;

  constructor(quantityLots: number) {
    this.#quantityLots = quantityLots;
  }

  onMarket(broker: Broker, _batch: EventBatch, _from: number, _to: number): void {
    if (!broker.trusted || broker.halted || broker.orders.length > 0) return;
    const quantityLots = this.#quantityLots - broker.positionLots;
    if (quantityLots > 0) broker.place({ side: Side.BID, type: 'market', priceTicks: 0, quantityLots });
  }
}
