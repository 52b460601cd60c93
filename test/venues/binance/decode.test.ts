import { describe, expect, it } from 'vitest';
import { BookcastError, NO_PRICE } from '../../../src/core/index.ts';
import { EventFlag, EventKind, Fault, Side } from '../../../src/market/index.ts';
import { decodeLines, instrumentOf, RECV, RECV_NS, usdm } from './support.ts';

const USDM = instrumentOf('BTCUSDT', 'USDM');
const SPOT = instrumentOf('BTCUSDT', 'SPOT');
const COINM = instrumentOf('BTCUSD_PERP', 'COINM');
const VENUE_NS = 86055200e6;

describe('messages as recorded', () => {
  it('a futures diff is a head with its ids and one row a level', () => {
    const { rows } = decodeLines(USDM, [usdm.depth(5, 9, 3, [['61800.20', '2.507']], [['61800.30', '0.000']])]);
    const common = { tsEventNs: VENUE_NS, tsRecvNs: RECV_NS, sequence: 9 };
    expect(rows).toEqual([
      { kind: EventKind.DELTA, side: Side.NONE, flags: 0, priceTicks: NO_PRICE, sizeLots: 0, orderId: 3, ...common },
      { kind: EventKind.LEVEL, side: Side.BID, flags: 0, priceTicks: 618002, sizeLots: 2507, orderId: 0, ...common },
      {
        kind: EventKind.LEVEL,
        side: Side.ASK,
        flags: EventFlag.MESSAGE_END,
        priceTicks: 618003,
        sizeLots: 0,
        orderId: 0,
        ...common,
      },
    ]);
  });

  it('a diff without levels is a lone head, which still moves the ids on', () => {
    const { rows } = decodeLines(USDM, [usdm.depth(5, 9, 3, [], [])]);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ kind: EventKind.DELTA, flags: EventFlag.MESSAGE_END, sequence: 9, orderId: 3 });
  });

  it('a spot diff names no predecessor: it is U − 1; its time is E; eight decimals are exact', () => {
    const line =
      `${RECV} {"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT","U":50093239189,` +
      '"u":50093239202,"b":[["61737.63000000","25.42618900"]],"a":[]}}';
    const { rows } = decodeLines(SPOT, [line]);
    expect(rows[0]).toMatchObject({ sequence: 50093239202, orderId: 50093239188, tsEventNs: 86055208e6 });
    expect(rows[1]).toMatchObject({ priceTicks: 6173763, sizeLots: 2542618900 });
  });

  it('a snapshot is the one line of no stream, with or without spaces; the sizes of 2023 are whole lots', () => {
    const spaced =
      '1680652700599351 {"lastUpdateId": 11, "E": 1680652700590, "T": 1680652700580, "bids": [["28145.10", "3.818"]], "asks": []}';
    const { rows, log } = decodeLines(USDM, [spaced]);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({ kind: EventKind.SNAPSHOT, sequence: 11 });
    expect(rows[1]).toMatchObject({ priceTicks: 281451, sizeLots: 3818, flags: EventFlag.MESSAGE_END });
    expect(log.snapshots).toBe(1);
  });

  it('a trade has the aggressor: m says that the buyer was the maker, so the aggressor sold', () => {
    const { rows } = decodeLines(USDM, [
      usdm.trade(7, '61800.30', '0.006', false),
      usdm.trade(8, '61800.20', '1.000', true),
    ]);
    expect(rows.map((row) => row.side)).toEqual([Side.BID, Side.ASK]);
    expect(rows[0]).toMatchObject({ kind: EventKind.TRADE, priceTicks: 618003, sizeLots: 6, sequence: 7, orderId: 7 });
  });

  it('trades of the insurance fund have no aggressor, and placeholders of size 0 are no trades', () => {
    const { rows } = decodeLines(USDM, [
      usdm.trade(7, '61800.30', '0.006', false, 'INSURANCE_FUND'),
      usdm.trade(8, '0', '0', true, 'NA'),
    ]);
    expect(rows.map((row) => [row.sequence, row.side])).toEqual([[7, Side.NONE]]);
  });

  it('spot tickers carry no time, so they have the receive time; an empty side has no price', () => {
    const line = `${RECV} {"stream":"btcusdt@bookTicker","data":{"u":12,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000","a":"0.00000000","A":"0.00000000"}}`;
    const { rows } = decodeLines(SPOT, [line]);
    expect(rows).toMatchObject([
      { kind: EventKind.BBO, side: Side.BID, priceTicks: 6183763, sizeLots: 378826000, tsEventNs: RECV_NS, flags: 0 },
      { kind: EventKind.BBO, side: Side.ASK, priceTicks: NO_PRICE, sizeLots: 0, flags: EventFlag.MESSAGE_END },
    ]);
  });

  it('COIN-M writes its ticker with u first, and counts contracts', () => {
    const line = `${RECV} {"stream":"btcusd_perp@bookTicker","data":{"u":1007198632021,"e":"bookTicker","s":"BTCUSD_PERP","ps":"BTCUSD","b":"61804.7","B":"35","a":"61804.8","A":"1645","T":1723161255200,"E":1723161255208}}`;
    expect(decodeLines(COINM, [line]).rows[0]).toMatchObject({
      priceTicks: 618047,
      sizeLots: 35,
      sequence: 1007198632021,
    });
  });

  it('receive times have milliseconds, microseconds or nanoseconds, told by their digits', () => {
    const rest = usdm.trade(7, '61800.30', '0.006', false).slice(RECV.length);
    const { rows } = decodeLines(USDM, [RECV.slice(0, 13) + rest, RECV.slice(0, 16) + rest, RECV + rest]);
    expect(rows.map((row) => row.tsRecvNs)).toEqual([86053937e6, 86053937085e3, RECV_NS]);
  });

  it('venue times may be microseconds', () => {
    const line = usdm.trade(7, '61800.30', '0.006', false).replace('"T":1723161255200', '"T":1723161255200123');
    expect(decodeLines(USDM, [line]).rows[0].tsEventNs).toBe(VENUE_NS + 123e3);
  });

  it('of trade and aggTrade, which tell the same trades, the kind that comes first is taken', () => {
    const agg = `${RECV} {"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":1723161255208,"a":70,"s":"BTCUSDT","p":"61800.30","q":"0.006","f":7,"l":8,"T":1723161255200,"m":false}}`;
    const trade = usdm.trade(7, '61800.30', '0.006', false);
    expect(decodeLines(USDM, [agg, trade, agg]).rows.map((row) => row.sequence)).toEqual([70, 70]);
    const { rows, log } = decodeLines(USDM, [trade, agg]);
    expect(rows.map((row) => row.sequence)).toEqual([7]);
    expect([...log.others]).toEqual([['aggTrade (trade tells the same)', 1]]);
  });
});

describe('messages that are not of this book', () => {
  it('the best levels that a depth20 stream repeats look like a diff on futures, and are none', () => {
    const line = usdm.depth(5, 9, 3, [['61800.20', '2.507']], []).replace('@depth@0ms', '@depth20@100ms');
    const shuffled = line.replace('"e":"depthUpdate",', '').replace('"pu":3', '"pu":3,"e":"depthUpdate"');
    const { rows, log } = decodeLines(USDM, [line, shuffled]);
    expect(rows).toEqual([]);
    expect([...log.others]).toEqual([['depth of a few levels (not a diff)', 2]]);
  });

  it('other streams and answers are counted by name and left out', () => {
    const { rows, log } = decodeLines(USDM, [
      `${RECV} {"stream":"btcusdt@markPrice@1s","data":{"e":"markPriceUpdate","E":1,"s":"BTCUSDT","p":"1.5"}}`,
      `${RECV} {"stream":"btcusdt@kline_1m","data":{"e":"kline","E":1,"s":"BTCUSDT","k":{"t":1}}}`,
      `${RECV} {"stream":"btcusdt@depth5","data":{"lastUpdateId":160,"bids":[],"asks":[]}}`,
      `${RECV} {"stream":"!ticker@arr","data":[]}`,
      `${RECV} {"result":null,"id":1}`,
      `${RECV} {"code":-1003,"msg":"Too many requests"}`,
    ]);
    expect(rows).toEqual([]);
    expect(log).toMatchObject({ messages: 6, unparsable: 0 });
    expect([...log.others.keys()]).toEqual([
      'markPriceUpdate',
      'kline',
      'depth5',
      'arr',
      'messages of no known kind',
      'an answer "Too many requests"',
    ]);
  });

  it('other symbols are left out, and so are snapshots that could be theirs', () => {
    const other = usdm.depth(5, 9, 3, [['1.00', '2']], []).replaceAll('BTCUSDT', 'ETHUSDT');
    const snapshot = usdm.snapshot(9, [['61800.20', '2.507']], []);
    const { rows, log } = decodeLines(USDM, [other, snapshot, usdm.trade(7, '61800.30', '0.006', false)], true);
    expect(rows.map((row) => row.kind)).toEqual([EventKind.TRADE]);
    expect(log).toMatchObject({ otherSymbols: 1, snapshotsLeftOut: 1, snapshots: 0 });
  });
});

describe('lines that cannot be read', () => {
  const good = usdm.depth(5, 9, 3, [['61800.20', '2.507']], [['61800.30', '0.006']]);
  const cases: [what: string, line: string, reason: RegExp][] = [
    ['no receive time', good.slice(RECV.length + 1), /receive time of 13, 16 or 19 digits/],
    ['a receive time of another length', `17231612 ${good.slice(RECV.length + 1)}`, /receive time/],
    ['a line that was cut', good.slice(0, -20), /is not JSON/],
    ['JSON with a leading zero', good.replace('"u":9', '"u":09'), /is not JSON/],
    ['something after the message', `${good}}`, /is not JSON/],
    ['no object', `${RECV} [1]`, /is no object/],
    ['a negative size', good.replace('"2.507"', '"-2.507"'), /a size of "-2.507"/],
    ['a negative zero', good.replace('"2.507"', '"-0"'), /a size of "-0"/],
    ['a price of 0', good.replace('"61800.20"', '"0.00"'), /a price of "0.00"/],
    ['a size that is a number', good.replace('"2.507"', '2.507'), /a size of 2.507/],
    ['a size in words', good.replace('"2.507"', '"NaN"'), /a size of "NaN"/],
    ['a price with an exponent', good.replace('"61800.20"', '"6e4"'), /a price of "6e4"/],
    ['an id that is no integer', good.replace('"u":9', '"u":9.5'), /"u" is 9.5/],
    ['an id beyond 2^53', good.replace('"u":9', '"u":9007199254740993'), /"u" is/],
    ['a time beyond any number', good.replace('"T":1723161255200', '"T":17E3161255200'), /"T" is Infinity/],
    ['a level of one number', good.replace('["61800.20","2.507"]', '["61800.20"]'), /a level \["61800.20"\]/],
    ['no asks', good.replace(/,"a":.*$/, '}}'), /side "a" are absent/],
    ['no predecessor on futures', good.replace('"pu":3,', ''), /types of a Binance message/],
    ['a trade without m', usdm.trade(1, '1.00', '1.000', true).replace(',"m":true', ''), /types of a Binance message/],
    ['no symbol', usdm.ticker(1, '1.00', '1', '2.00', '1').replace('"s":"BTCUSDT",', ''), /the symbol "s" is absent/],
    ['a symbol that is a number', good.replace('"s":"BTCUSDT"', '"s":7'), /the symbol "s" is 7/],
    ['a trade at 0', usdm.trade(1, '0.00', '1.000', true), /a price of "0.00"/],
    ['a ticker of negative size', usdm.ticker(1, '1.00', '-1', '2.00', '1'), /a size of "-1"/],
    ['a snapshot without bids', usdm.snapshot(1, [], []).replace('"bids":[]', '"bids":null'), /side "b" are null/],
  ];

  it.each(cases)('%s: a fault in its place, and the stream goes on', (_what, line, reason) => {
    const { rows, log } = decodeLines(USDM, [good, line, good]);
    expect(rows.map((row) => row.kind)).toEqual([8, 0, 0, 9, 8, 0, 0]);
    expect(rows[3]).toMatchObject({ sizeLots: Fault.UNPARSABLE, flags: EventFlag.MESSAGE_END, tsRecvNs: RECV_NS });
    expect(log.unparsable).toBe(1);
    expect(log.reasons[0]).toMatch(/^fixture, line 2: /);
    expect(log.reasons[0]).toMatch(reason);
  });

  it('keeps the first few reasons only', () => {
    const { log } = decodeLines(
      USDM,
      Array.from({ length: 100 }, () => `${RECV} {`),
    );
    expect(log.unparsable).toBe(100);
    expect(log.reasons).toHaveLength(3);
  });

  it.each([
    [
      'a price between two ticks',
      good.replace('61800.20', '61800.25'),
      /line 1: a price of 61800.25 .*ticks of 0.1.*--tick/,
    ],
    ['a size between two lots', good.replace('2.507', '2.5071'), /line 1: a size of 2.5071 .*lots of 0.001.*--lot/],
    ['a price of too many ticks', good.replace('61800.20', '999999999.90'), /too many of them/],
    ['a trade between two ticks', usdm.trade(1, '1.05', '1.000', true), /a price of 1.05/],
    ['a ticker between two lots', usdm.ticker(1, '1.00', '0.0001', '2.00', '1'), /a size of 0.0001/],
  ])('%s is an error that says what to do', (_what, line, message) => {
    expect(() => decodeLines(USDM, [line])).toThrow(BookcastError);
    expect(() => decodeLines(USDM, [line])).toThrow(message);
  });
});
