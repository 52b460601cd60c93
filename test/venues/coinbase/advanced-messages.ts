/** Messages of Coinbase Advanced Trade, made up. */
let clock = 0;
export const envelope = (sequence_num: number, channel: string, events: unknown[], timestamp = stamp()): object => ({
  channel,
  timestamp,
  sequence_num,
  events,
});
const stamp = (): string => new Date(Date.UTC(2026, 7, 9, 21) + ++clock).toISOString();
export const level = (side: string, price_level: string, new_quantity: string): object => ({
  side,
  event_time: '2026-08-09T21:05:48.35161Z',
  price_level,
  new_quantity,
});
export const book = (type: string, product_id: string, ...updates: object[]): object => ({ type, product_id, updates });
export const trade = (trade_id: string, side: string, more: object = {}): object => ({
  product_id: 'BTC-USD',
  trade_id,
  price: '100.01',
  size: '0.5',
  time: '2026-08-09T21:05:48.167634Z',
  side,
  ...more,
});
export const snapshot = (id: string): object =>
  book('snapshot', id, level('bid', '100.00', '1'), level('offer', '100.02', '2'));
