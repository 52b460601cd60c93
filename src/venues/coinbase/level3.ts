import { shown, type VenueTime } from '../../core/index.ts';
import { Side } from '../../market/index.ts';
import { lotsOf, ticksOf, wholeNumber } from './order-message.ts';
import type { Steps } from './steps.ts';

/** `GET /products/<id>/book?level=3`: every order, best price first, and at one price in the order of the queue. */
export interface Level3 {
  readonly sequence: number;
  /** `NaN` where the answer has no time. */
  readonly timeNs: number;
  readonly orders: readonly {
    readonly orderId: string;
    readonly side: Side;
    /** `BEYOND` where a column cannot hold it. */
    readonly ticks: number;
    readonly lots: number;
  }[];
}

/**
 * `{"sequence":3,"bids":[["295.96","0.05088265","3b0f1225-7f84-490b-a29f-0faef9de823a"],…],"asks":[…],"time":"…"}`, price, size
 * and order id. Throws a `SyntaxError` or `RangeError` that says what is wrong.
 */
export function parseLevel3(body: Buffer, steps: Steps, time: VenueTime): Level3 {
  const raw = JSON.parse(body.toString()) as Readonly<Record<string, unknown>> | null;
  const sequence = wholeNumber(raw?.sequence);
  if (raw === null || Number.isNaN(sequence)) throw new RangeError('a book without its sequence');
  const orders: Level3['orders'][number][] = [];
  const seen = new Set<string>();
  for (const [key, side] of [
    ['bids', Side.BID],
    ['asks', Side.ASK],
  ] as const) {
    const list = raw[key];
    if (!Array.isArray(list)) throw new RangeError(`a book without "${key}"`);
    for (const entry of list as unknown[]) {
      const [price, size, orderId] = Array.isArray(entry) ? (entry as unknown[]) : [];
      if (typeof orderId !== 'string' || seen.has(orderId)) {
        throw new RangeError(`an order ${shown(entry)}, expected [price, size, an id of its own]`);
      }
      seen.add(orderId);
      const lots = lotsOf(size, steps);
      if (lots > 0) orders.push({ orderId, side, ticks: ticksOf(price, steps), lots });
    }
  }
  const timeNs = typeof raw.time === 'string' ? time.readText(raw.time) : Number.NaN;
  return { sequence, timeNs, orders };
}
