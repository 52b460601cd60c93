// A strategy of one's own, for `bookcast backtest --strategy examples/imbalance-trader.ts` and `bookcast paper`. With the package
// installed these two imports are from 'bookcast/backtest' and 'bookcast/market'.
import type { Broker, OrderReport, Strategy } from '../src/backtest/index.ts';
import { Side } from '../src/market/index.ts';

/** Joins the heavier side of the book, one lot long or short at most, and leaves when the reason is gone. */
class ImbalanceTrader implements Strategy {
  readonly name = 'imbalance trader';
  #orderId = 0;

  onMarket(broker: Broker): void {
    if (!broker.trusted || broker.halted) return;
    const { bestBidLots, bestAskLots, bestBidTicks, bestAskTicks } = broker.book;
    const imbalance = (bestBidLots - bestAskLots) / (bestBidLots + bestAskLots);
    if (this.#orderId !== 0) {
      if (Math.abs(imbalance) < 0.2) broker.cancel(this.#orderId);
      return;
    }
    const side = imbalance > 0.6 ? Side.BID : imbalance < -0.6 ? Side.ASK : Side.NONE;
    if (side === Side.NONE || broker.positionLots === (side === Side.BID ? 1 : -1)) return;
    const priceTicks = side === Side.BID ? bestBidTicks : bestAskTicks;
    this.#orderId = broker.place({ side, type: 'limit', priceTicks, quantityLots: 1, postOnly: true });
  }

  onReport(broker: Broker, { orderId }: OrderReport): void {
    if (orderId === this.#orderId && !broker.orders.some(({ id }) => id === orderId)) this.#orderId = 0;
  }
}

/** What the command calls. */
export function createStrategy(): Strategy {
  return new ImbalanceTrader();
}
