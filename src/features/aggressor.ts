import { NO_PRICE } from '../core/index.ts';
import { type EventBatch, Side } from '../market/index.ts';

/**
 * Who began the trade of row `i`: 1 a buyer, −1 a seller, 0 unknown. A trade of unknown side was bought where it printed above
 * the mid and sold below; at the mid nobody knows.
 */
export function aggressorOf(batch: EventBatch, i: number, midTicks: number): number {
  const side = batch.side[i];
  if (side === Side.BID) return 1;
  if (side === Side.ASK) return -1;
  // A price between ticks cannot be told here: the venue's reader signs such trades, or nobody does.
  if (batch.priceTicks[i] === NO_PRICE) return 0;
  const distance = batch.priceTicks[i] - midTicks;
  return distance > 0 ? 1 : distance < 0 ? -1 : 0;
}
