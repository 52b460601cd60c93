import { coinbaseExchangeProtocol } from '../../../src/venues/coinbase/index.ts';
import { Listener, product } from './support.ts';

export const BTC = product('BTC-USD', { sequencing: 'consecutive' });
const ETH = product('ETH-USD', { sequencing: 'consecutive' });
export const URL = 'https://api.exchange.coinbase.com/products/BTC-USD/book?level=3';
export const VERIFY = `${URL}#verify`;

export const listen = (ids?: Map<string, number>): Listener =>
  new Listener(
    coinbaseExchangeProtocol({
      channel: 'full',
      ...(ids === undefined ? {} : { onOrder: (symbol, orderId, id) => void ids.set(`${symbol} ${orderId}`, id) }),
    }),
    [BTC, ETH],
  );

export const subscriptions = {
  type: 'subscriptions',
  channels: [
    { name: 'heartbeat', product_ids: ['BTC-USD'] },
    { name: 'full', product_ids: ['BTC-USD'] },
  ],
};

export const A = 'aaaaaaaa-77a8-460a-b958-66f114b0de9b';
export const B = 'bbbbbbbb-77a8-460a-b958-66f114b0de9b';
export const C = 'cccccccc-77a8-460a-b958-66f114b0de9b';
export const level3 = (sequence: number, bids: string[][], asks: string[][] = [], more: object = {}): object => ({
  sequence,
  bids,
  asks,
  auction_mode: false,
  ...more,
});
export const say = (type: string, sequence: number, more: object = {}): object => ({
  type,
  sequence,
  product_id: 'BTC-USD',
  time: '2026-08-09T08:19:27.028459Z',
  side: 'sell',
  ...more,
});
export const open = (
  sequence: number,
  order_id: string,
  price: string,
  remaining_size: string,
  more: object = {},
): object => say('open', sequence, { order_id, price, remaining_size, ...more });
export const match = (
  sequence: number,
  maker_order_id: string,
  price: string,
  size: string,
  more: object = {},
): object => say('match', sequence, { trade_id: 10, maker_order_id, taker_order_id: C, price, size, ...more });
export const faults = (listener: Listener): string[] =>
  listener.told.filter((line) => /^(fault|unreadable)/.test(line));

/** A synced book: A then B ask 100.00. */
export function synced(): Listener {
  const listener = listen().hear(subscriptions);
  listener.answer(
    0,
    level3(
      5,
      [],
      [
        ['100.00', '1', A],
        ['100.00', '2', B],
      ],
    ),
    URL,
  );
  listener.take();
  return listener;
}
