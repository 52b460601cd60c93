import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DecimalStep } from '../../src/core/index.ts';
import { LadderBook, Side } from '../../src/market/index.ts';
import { packageFolder } from '../harness.ts';

/** A side of ccxt's book: `[price, size]`, best first. */
type CcxtSide = [price: number, size: number][];
interface CcxtBook {
  bids: CcxtSide;
  asks: CcxtSide;
  nonce: number;
}
interface CcxtExchange {
  orderbooks: Record<string, CcxtBook>;
  orderBook(snapshot: { symbol: string; bids: CcxtSide; asks: CcxtSide; nonce: number }): CcxtBook;
  safeMarketStructure(market: object): object;
  setMarkets(markets: readonly object[]): void;
  handleMessage(client: CcxtClient, message: unknown): void;
}
interface CcxtClient {
  onMessage(event: { data: string }): void;
  reject(error: unknown, messageHash?: string): void;
}
type Handler = (client: CcxtClient, message: unknown) => void;
export interface CcxtClasses {
  Exchange: new () => CcxtExchange;
  Client: new (url: string, onMessage: Handler, ...others: (() => void)[]) => CcxtClient;
}

/** Its Binance class and its websocket client: the package's entry point loads every exchange it knows. */
export async function loadCcxt(): Promise<CcxtClasses> {
  const load = async (file: string): Promise<unknown> => {
    const { href } = pathToFileURL(join(packageFolder('ccxt'), 'js/src', file));
    return ((await import(href)) as { default: unknown }).default;
  };
  return {
    Exchange: (await load('pro/binance.js')) as CcxtClasses['Exchange'],
    Client: (await load('base/ws/Client.js')) as CcxtClasses['Client'],
  };
}

/**
 * ccxt's own way from a received text to its order book, as `watchOrderBook` has it: its websocket client parses the text, its
 * Binance class checks the chain and changes the book. Only the connection is not there.
 */
export class CcxtFeed {
  readonly #exchange: CcxtExchange;
  readonly #client: CcxtClient;

  /** `symbols` are the venue's. */
  constructor({ Exchange, Client }: CcxtClasses, symbols: readonly string[], spot: boolean) {
    const exchange = new Exchange();
    exchange.setMarkets(
      symbols.map((id) =>
        exchange.safeMarketStructure({
          id,
          symbol: nameOf(id),
          type: spot ? 'spot' : 'swap',
          spot,
          swap: !spot,
          contract: !spot,
        }),
      ),
    );
    const url = spot ? 'wss://stream.example/stream' : 'wss://fstream.example/ws';
    const nothing = (): void => {};
    const take: Handler = (from, message) => exchange.handleMessage(from, message);
    this.#client = new Client(url, take, nothing, nothing, nothing);
    this.#client.reject = (error) => {
      throw error;
    };
    this.#exchange = exchange;
  }

  /** `nonce`: the id as of which the book is. */
  snapshot(id: string, bids: [string, string][], asks: [string, string][], nonce: number): void {
    const numbers = (levels: [string, string][]): CcxtSide =>
      levels.map(([price, size]) => [Number(price), Number(size)]);
    const symbol = nameOf(id);
    const book = this.#exchange.orderBook({ symbol, bids: numbers(bids), asks: numbers(asks), nonce });
    this.#exchange.orderbooks[symbol] = book;
  }

  receive(text: string): void {
    this.#client.onMessage({ data: text });
  }

  /** Its levels in our own book. */
  book(id: string, price: DecimalStep, size: DecimalStep): LadderBook {
    const { bids, asks } = this.#exchange.orderbooks[nameOf(id)];
    const ladder = new LadderBook({ windowTicks: 1 << 17 });
    for (const [side, levels] of [
      [Side.BID, bids],
      [Side.ASK, asks],
    ] as const) {
      for (const [at, lots] of levels)
        ladder.setLevel(side, Math.round(at / price.value), Math.round(lots / size.value));
    }
    return ladder;
  }

  /** The id as of which the book is. */
  nonce(id: string): number {
    return this.#exchange.orderbooks[nameOf(id)].nonce;
  }
}

/** A name that ccxt takes: what it says does not matter here. */
function nameOf(id: string): string {
  return `${id}/X`;
}
