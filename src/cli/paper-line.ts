import type { RunAccount } from '../backtest/index.ts';
import { NS_PER_DAY } from '../core/index.ts';
import { numberText } from '../figure/index.ts';
import { type Instrument, priceStep, Side, sizeStep } from '../market/index.ts';
import type { Io } from './io.ts';
import { grouped, StatusTable } from './output.ts';

const SHOW_MS = 1000;

/** How a paper account stands, once a second, where a person watches; silence elsewhere. */
export class PaperLine {
  readonly #status: StatusTable | null;
  readonly #timer: NodeJS.Timeout | null;

  /** `account` is null before the first message. */
  constructor(io: Io, instrument: Instrument, currency: string, account: () => RunAccount | null) {
    this.#status = io.interactive ? new StatusTable(io) : null;
    const show = (): void => {
      const now = account();
      const text = now === null ? 'waiting for the market' : accountText(now, instrument, currency);
      this.#status?.show(`${text}\n`, text);
    };
    this.#timer = io.interactive ? setInterval(show, SHOW_MS) : null;
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }
}

/** `position 2 lots, 2 open of 31 orders, net +0.12 USD, mid 100.015, last fill: bought 1 at 100.01, maker, 09:31:02` */
export function accountText(account: RunAccount, instrument: Instrument, currency: string): string {
  const { positionLots, openOrders, orders, net, midTicks, lastFill } = account;
  const price = (ticks: number): string => {
    const { value, scale } = priceStep(instrument);
    return (ticks * value).toFixed(scale + (Number.isInteger(ticks) ? 0 : 1));
  };
  const size = (lots: number): string => (lots * sizeStep(instrument).value).toFixed(sizeStep(instrument).scale);
  const parts = [
    `position ${size(positionLots)}`,
    `${openOrders} open of ${grouped(orders)} orders`,
    `net ${numberText(net, 4)} ${currency}`,
    Number.isNaN(midTicks) ? 'no book to trust' : `mid ${price(midTicks)}`,
  ];
  if (lastFill === null) return [...parts, 'no fill yet'].join(', ');
  const { side, quantityLots, priceTicks, maker, exchangeNs } = lastFill;
  const time = new Date((exchangeNs % NS_PER_DAY) / 1e6).toISOString().slice(11, 19);
  const what = `${side === Side.BID ? 'bought' : 'sold'} ${size(quantityLots)} at ${price(priceTicks)}`;
  return [...parts, `last fill: ${what} as ${maker ? 'maker' : 'taker'}, ${time}`].join(', ');
}
