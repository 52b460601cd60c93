import type { FeedInstrument, LinkPlan, LinkSink, Outgoing } from '../../../src/feed/index.ts';
import { BatchBuilder, type Fault, instrumentKey } from '../../../src/market/index.ts';
import { type BinanceProtocolOptions, binanceProtocol } from '../../../src/venues/binance/index.ts';
import type { BinanceMarket, Steps } from '../../../src/venues/binance/instruments.ts';
import { binanceInstrument } from '../../../src/venues/binance/instruments.ts';
import { DAY, type Row, rowsOf } from './support.ts';

/** When every frame of these tests was received. */
export const RECEIVED_NS = 86_055_300e6;

export function feedInstrument(symbol: string, market: BinanceMarket, steps: Steps): FeedInstrument {
  return { instrument: binanceInstrument(symbol, market, steps), symbol, book: 'levels', proof: 'sequence' };
}

/** Messages as the venue's documentation shows them (binance-spot-api-docs, developers.binance.com), with its example values. */
export const DOCUMENTED = {
  spotDiff:
    '{"stream":"bnbbtc@depth@100ms","data":{"e":"depthUpdate","E":1672515782136,"s":"BNBBTC","U":157,"u":160,"b":[["0.0024","10"]],"a":[["0.0026","100"]]}}',
  spotTrade:
    '{"stream":"bnbbtc@trade","data":{"e":"trade","E":1672515782136,"s":"BNBBTC","t":12345,"p":"0.001","q":"100","b":88,"a":50,"T":1672515782136,"m":true,"M":true}}',
  spotTicker:
    '{"stream":"bnbusdt@bookTicker","data":{"u":400900217,"s":"BNBUSDT","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000"}}',
  spotSnapshot: '{"lastUpdateId":1027024,"bids":[["4.00000000","431.00000000"]],"asks":[["4.00000200","12.00000000"]]}',
  usdmDiff:
    '{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":123456789,"T":123456788,"s":"BTCUSDT","U":157,"u":160,"pu":149,"b":[["0.0024","10"]],"a":[["0.0026","100"]]}}',
  usdmTicker:
    '{"stream":"bnbusdt@bookTicker","data":{"e":"bookTicker","u":400900217,"E":1568014460893,"T":1568014460891,"s":"BNBUSDT","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000"}}',
  usdmSnapshot:
    '{"lastUpdateId":1027024,"E":1589436922972,"T":1589436922959,"bids":[["4.00000000","431.00000000"]],"asks":[["4.00000200","12.00000000"]]}',
  coinmDiff:
    '{"stream":"btcusd_200626@depth@100ms","data":{"e":"depthUpdate","E":1591270260907,"T":1591270260891,"s":"BTCUSD_200626","ps":"BTCUSD","U":17285681,"u":17285702,"pu":17285675,"b":[["9517.6","10"]],"a":[["9518.5","45"]]}}',
  coinmSnapshot:
    '{"lastUpdateId":16769853,"symbol":"BTCUSD_PERP","pair":"BTCUSD","E":1591250106370,"T":1591250106368,"bids":[["9638.0","431"]],"asks":[["9638.2","12"]]}',
  shutdown: '{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}',
  rawShutdown: '{"e":"serverShutdown","E":1770123456789}',
  subscribed: '{"result":null,"id":1}',
  invalid: '{"error":{"code":2,"msg":"Invalid request: unknown variant"},"id":1}',
} as const;

/** Everything that a conversation told its supervisor. */
export class Told implements LinkSink {
  readonly builders: readonly BatchBuilder[];
  readonly calls: string[] = [];
  readonly faults: { i: number | null; fault: Fault; why: string }[] = [];
  readonly unread: { i: number | null; why: string; offset: number }[] = [];
  readonly #trades = new Map<number, number>();

  constructor(instruments: readonly FeedInstrument[]) {
    this.builders = instruments.map(({ instrument }) => new BatchBuilder(instrumentKey(instrument), DAY));
  }

  builder(i: number): BatchBuilder {
    return this.builders[i];
  }

  joinable(i: number | null): void {
    this.calls.push(`joinable ${i}`);
  }

  freshTrade(i: number, id: number): boolean {
    const last = this.#trades.get(i) ?? -1;
    if (id <= last) return false;
    if (last >= 0 && id > last + 1) this.calls.push(`missing ${id - last - 1}`);
    this.#trades.set(i, id);
    return true;
  }

  fault(i: number | null, fault: Fault, why: string): void {
    this.faults.push({ i, fault, why });
  }

  unreadable(i: number | null, why: string, offset: number): void {
    this.unread.push({ i, why, offset });
  }

  heartbeat(): void {
    this.calls.push('heartbeat');
  }

  closing(why: string): void {
    this.calls.push(`closing: ${why}`);
  }

  refused(i: number | null, error: Error & { code?: string }): void {
    this.calls.push(`refused ${i}: ${error.code}: ${error.message}`);
  }
}

/** A conversation over one connection, and what it told. All instruments are of one market. */
export function converse(instruments: readonly FeedInstrument[], options: BinanceProtocolOptions = {}) {
  const protocol = binanceProtocol(options);
  const [plan] = protocol.links(instruments);
  const told = new Told(instruments);
  const conversation = protocol.open(plan as LinkPlan, told);
  return {
    protocol,
    plan,
    told,
    conversation,
    greeting: (): readonly Outgoing[] => conversation.greeting(0),
    receive(...frames: readonly (string | Buffer)[]): void {
      for (const frame of frames) {
        const bytes = Buffer.from(frame);
        conversation.receive(bytes, 0, bytes.length, RECEIVED_NS);
      }
    },
    answer: (i: number, body: string): void => conversation.answer(i, Buffer.from(body), RECEIVED_NS),
    rows: (i = 0): Row[] => rowsOf(told.builders[i].finish()),
  };
}
