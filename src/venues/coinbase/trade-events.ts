import { digitsOf, type JsonCursor } from '../../core/index.ts';
import { Side } from '../../market/index.ts';
import { findStream, type LevelStream, show } from './level-stream.ts';
import { BEYOND } from './steps.ts';

const bytesOf = (text: string): Buffer => Buffer.from(text);
const TYPE = bytesOf('type');
const UPDATE = bytesOf('update');
const TRADES = bytesOf('trades');
const PRODUCT = bytesOf('product_id');
const TRADE_ID = bytesOf('trade_id');
const PRICE = bytesOf('price');
const SIZE = bytesOf('size');
const SIDE = bytesOf('side');
const TIME = bytesOf('time');
const BUY = bytesOf('BUY');
const SELL = bytesOf('SELL');

interface Trade {
  readonly stream: LevelStream;
  readonly id: number;
  readonly maker: Side;
  readonly ticks: number;
  readonly lots: number;
  /** Not finite where the venue gave none. */
  readonly eventNs: number;
}

/**
 * The trades of one `market_trades` message. An event of type `snapshot` tells the past, and is left out; one of type `update`
 * has one trade or several, the newest first.
 */
export class TradeEvents {
  readonly #cursor: JsonCursor;
  readonly #streams: readonly LevelStream[];
  readonly #trades: Trade[] = [];

  constructor(cursor: JsonCursor, streams: readonly LevelStream[]) {
    this.#cursor = cursor;
    this.#streams = streams;
  }

  clear(): void {
    this.#trades.length = 0;
  }

  /** Reads one event, `{"type":"update","trades":[…]}`. */
  read(): void {
    const c = this.#cursor;
    const before = this.#trades.length;
    let isUpdate = false;
    if (!c.openObject()) return;
    while (c.key()) {
      if (c.keyIs(TYPE)) {
        if (c.text()) isUpdate = c.keyIs(UPDATE);
      } else if (c.keyIs(TRADES)) {
        if (!c.openArray()) return;
        while (c.element()) this.#trade();
      } else c.skip();
    }
    if (!isUpdate) this.#trades.length = before;
  }

  /** Tells the trades in the order of their ids, which is that of time. `otherNs` is the time of a trade that has none. */
  tell(otherNs: number, sequence: number, recvNs: number): void {
    const trades = this.#trades;
    if (trades.length > 1) trades.sort((a, b) => a.id - b.id);
    for (const { stream, id, maker, ticks, lots, eventNs } of trades) {
      stream.trade(id, maker, ticks, lots, Number.isFinite(eventNs) ? eventNs : otherNs, sequence, recvNs);
    }
  }

  /** `{"product_id":"BTC-USD","trade_id":"1068572091","price":"65083.67","size":"0.01","time":"…","side":"SELL"}` */
  #trade(): void {
    const c = this.#cursor;
    const start = c.at;
    let stream: LevelStream | null | undefined;
    let id = Number.NaN;
    let maker: Side = Side.NONE;
    let eventNs = Number.NEGATIVE_INFINITY;
    let [priceFrom, priceTo, sizeFrom, sizeTo] = [-1, 0, -1, 0];
    if (!c.openObject()) return;
    while (c.key()) {
      if (c.keyIs(PRODUCT)) {
        if (c.text()) stream = findStream(this.#streams, c.bytes, c.from, c.to);
      } else if (c.keyIs(TRADE_ID)) {
        if (c.text()) id = digitsOf(c.bytes, c.from, c.to);
      } else if (c.keyIs(PRICE)) {
        if (c.text()) [priceFrom, priceTo] = [c.from, c.to];
      } else if (c.keyIs(SIZE)) {
        if (c.text()) [sizeFrom, sizeTo] = [c.from, c.to];
      } else if (c.keyIs(SIDE)) {
        if (c.text()) maker = c.keyIs(BUY) ? Side.BID : c.keyIs(SELL) ? Side.ASK : Side.NONE;
      } else if (c.keyIs(TIME)) {
        if (c.text()) eventNs = this.#streams[0].time.read(c.bytes, c.from, c.to);
      } else c.skip();
    }
    if (c.why !== null) return;
    const isWhole = stream !== undefined && !Number.isNaN(id) && maker !== Side.NONE && priceFrom >= 0 && sizeFrom >= 0;
    if (!isWhole || Number.isNaN(eventNs)) {
      c.fail('a trade without product_id, trade_id, price, size, side (BUY or SELL) and a sound time', start);
      return;
    }
    if (!stream) return;
    const ticks = stream.steps.ticks(c.bytes, priceFrom, priceTo);
    const lots = stream.steps.lots(c.bytes, sizeFrom, sizeTo);
    if (ticks < BEYOND && lots > 0) this.#trades.push({ stream, id, maker, ticks, lots, eventNs });
    else {
      const text = `${show(c.bytes, priceFrom, priceTo)} and ${show(c.bytes, sizeFrom, sizeTo)}`;
      stream.refuse(`a trade's price and size are ${text}`, priceFrom);
    }
  }
}
