import { createHash } from 'node:crypto';
import type { FillRecord, OrderRecord } from './run.ts';

/** IEEE 754 has many NaNs and processors differ in which they make: one stands for all. */
const NOT_A_NUMBER = 0x7ff8000000000000n;

/** Hex SHA-256 of all orders and fills, column by column, bit for bit: floats little-endian, then the texts as JSON. */
export function hashOf(orders: readonly OrderRecord[], fills: readonly FillRecord[]): string {
  const hash = createHash('sha256');
  const add = <Row>(rows: readonly Row[], columns: readonly ((row: Row) => number)[]): void => {
    for (const column of columns) {
      const values = Float64Array.from(rows, column);
      const bits = new BigUint64Array(values.buffer);
      values.forEach((value, i) => {
        if (Number.isNaN(value)) bits[i] = NOT_A_NUMBER;
      });
      hash.update(bits);
    }
  };
  add([orders.length, fills.length], [(count) => count]);
  add(orders, [
    (o) => o.id,
    (o) => o.side,
    (o) => o.priceTicks,
    (o) => o.quantityLots,
    (o) => o.sentNs,
    (o) => o.sentMidTicks,
    (o) => o.arrivedNs,
    (o) => o.arrivedMidTicks,
    (o) => o.endedNs,
    (o) => o.filledLots,
    (o) => o.state,
  ]);
  hash.update(JSON.stringify(orders.map((o) => [o.type, o.timeInForce, o.postOnly, o.reduceOnly, o.tag, o.reason])));
  add(fills, [
    (f) => f.orderId,
    (f) => f.side,
    (f) => f.priceTicks,
    (f) => f.quantityLots,
    (f) => Number(f.maker),
    (f) => f.exchangeNs,
    (f) => f.localNs,
    (f) => f.midTicks,
    (f) => f.fee,
    (f) => f.impact,
  ]);
  for (const fill of fills) add([...fill.laterMidTicks], [(mid) => mid]);
  return hash.digest('hex');
}
