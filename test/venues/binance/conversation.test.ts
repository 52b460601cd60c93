import { describe, expect, it } from 'vitest';
import { NO_PRICE } from '../../../src/core/index.ts';
import { EventFlag, EventKind, Fault, Side } from '../../../src/market/index.ts';
import { converse, DOCUMENTED, feedInstrument, RECEIVED_NS } from './frames.ts';
import { DAY } from './support.ts';

const BNBBTC = feedInstrument('BNBBTC', 'SPOT', { tickSize: '0.0001', lotSize: '0.00000001' });
const BNBUSDT = feedInstrument('BNBUSDT', 'SPOT', { tickSize: '0.0001', lotSize: '0.00000001' });
const USDM = feedInstrument('BTCUSDT', 'USDM', { tickSize: '0.0001', lotSize: '0.001' });
const QUARTER = feedInstrument('BTCUSD_200626', 'COINM', { tickSize: '0.1', lotSize: '1' });
const sinceDay = (ms: number): number => (ms - DAY * 86_400_000) * 1e6;

describe('the documented messages', () => {
  it('say nothing on a new connection: the address subscribes', () => {
    expect(converse([BNBBTC]).greeting()).toEqual([]);
  });

  it('a diff, the first of the connection: from now on snapshots join', () => {
    const { receive, rows, told } = converse([BNBBTC, BNBUSDT]);
    expect(told.calls).toEqual([]);
    receive(DOCUMENTED.spotDiff);
    expect(told.calls).toEqual(['joinable null']);
    const common = { tsEventNs: sinceDay(1672515782136), tsRecvNs: RECEIVED_NS, sequence: 160 };
    expect(rows()).toEqual([
      { kind: EventKind.DELTA, side: Side.NONE, flags: 0, priceTicks: NO_PRICE, sizeLots: 0, orderId: 156, ...common },
      { kind: EventKind.LEVEL, side: Side.BID, flags: 0, priceTicks: 24, sizeLots: 10e8, orderId: 0, ...common },
      { kind: EventKind.LEVEL, side: Side.ASK, flags: 1, priceTicks: 26, sizeLots: 100e8, orderId: 0, ...common },
    ]);
    receive(DOCUMENTED.spotTrade);
    expect(told.calls).toEqual(['joinable null']);
    expect(rows()).toMatchObject([
      { kind: EventKind.TRADE, side: Side.ASK, priceTicks: 10, sequence: 12345, orderId: 12345 },
    ]);
    receive(DOCUMENTED.spotTicker.replaceAll('25.35190000', '25.35200000').replaceAll('25.36520000', '0.00000000'));
    expect(rows(1)).toMatchObject([
      { kind: EventKind.BBO, side: Side.BID, priceTicks: 253520, sizeLots: 3121000000, sequence: 400900217 },
      { kind: EventKind.BBO, side: Side.ASK, priceTicks: NO_PRICE, flags: EventFlag.MESSAGE_END },
    ]);
    expect(rows(0)).toEqual([]);
  });

  it('futures diffs name their predecessor; symbols may have a date', () => {
    const usdm = converse([USDM]);
    usdm.receive(DOCUMENTED.usdmDiff);
    expect(usdm.rows()[0]).toMatchObject({ sequence: 160, orderId: 149, tsEventNs: sinceDay(123456788) });
    const coinm = converse([QUARTER]);
    coinm.receive(DOCUMENTED.coinmDiff);
    expect(coinm.rows()).toMatchObject([
      { sequence: 17285702, orderId: 17285675 },
      { priceTicks: 95176, sizeLots: 10 },
      {},
    ]);
  });

  it.each([
    ['spot, without a time', BNBBTC, DOCUMENTED.spotSnapshot, RECEIVED_NS, 1027024, '0.000001'],
    ['USD-M', USDM, DOCUMENTED.usdmSnapshot, sinceDay(1589436922959), 1027024, '0.000001'],
    ['COIN-M, with a symbol', QUARTER, DOCUMENTED.coinmSnapshot, sinceDay(1591250106368), 16769853, '0.1'],
  ] as const)('a snapshot: %s', (_what, { symbol, instrument }, body, tsEventNs, sequence, tickSize) => {
    const market = instrument.name.split('/')[1] as 'SPOT';
    const named = body.replace('"BTCUSD_PERP"', `"${symbol}"`);
    const one = feedInstrument(symbol, market, { tickSize, lotSize: instrument.lotSize });
    const plain = converse([one]);
    plain.answer(0, named);
    const rows = plain.rows();
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({ kind: EventKind.SNAPSHOT, sequence, orderId: 0, tsEventNs, tsRecvNs: RECEIVED_NS });
    expect(rows.map(({ side, flags }) => [side, flags])).toEqual([
      [2, 0],
      [0, 0],
      [1, 1],
    ]);
    // Other spacing takes another way, to the same rows.
    const spaced = converse([one]);
    spaced.answer(0, `${JSON.stringify(JSON.parse(named), null, 1)}\n`);
    expect(spaced.rows()).toEqual(rows);
    expect(plain.told.unread).toEqual([]);
  });

  it('a notice of shutdown, wrapped and bare', () => {
    const { receive, told } = converse([BNBBTC]);
    receive(DOCUMENTED.shutdown, DOCUMENTED.rawShutdown);
    expect(told.calls).toEqual(Array(2).fill('closing: Binance is about to shut this server down'));
  });

  it('answers and errors', () => {
    const { receive, told } = converse([BNBBTC]);
    receive(DOCUMENTED.subscribed, DOCUMENTED.invalid, '{"code":-1003,"msg":"Too many requests"}');
    expect(told.calls).toEqual([
      'refused null: bad-argument: the stream: Binance refused with code 2: Invalid request: unknown variant',
      'refused null: overloaded: the stream: Binance refused with code -1003: Too many requests',
    ]);
    expect(told.unread).toEqual([]);
  });
});

describe('trades', () => {
  const trade = (id: number, size = '100'): string =>
    DOCUMENTED.spotTrade.replace('"t":12345', `"t":${id}`).replace('"q":"100"', `"q":"${size}"`);

  it('are told once, also where another connection told them before', () => {
    const { receive, rows, told } = converse([BNBBTC]);
    receive(trade(7), trade(8), trade(7), trade(8), trade(9));
    expect(rows().map((row) => row.orderId)).toEqual([7, 8, 9]);
    expect(told.calls).toEqual(['joinable null']);
  });

  it('of size 0 keep the ids without a gap, and are no trades', () => {
    const { receive, rows, told } = converse([BNBBTC]);
    receive(trade(7), trade(8, '0'), trade(9), trade(12));
    expect(rows().map((row) => row.orderId)).toEqual([7, 9, 12]);
    expect(told.calls).toEqual(['joinable null', 'missing 2']);
  });
});

describe('frames that cannot be read', () => {
  it('say what is wrong and where, and the next one is read', () => {
    const { receive, rows, told } = converse([BNBBTC]);
    const good = DOCUMENTED.spotDiff;
    const at = (text: string): number => good.indexOf(text);
    receive(
      good.slice(0, -10),
      good.replace('"u":160', '"u":0160'),
      good.replace('["0.0026","100"]', '["0.0026",100]'),
      good.replace('"U":157', '"U":-157'),
      good.replace('"s":"BNBBTC"', '"s":9'),
      DOCUMENTED.spotTrade.replace('"p":"0.001"', '"p":"1e3"'),
      'not JSON at all',
      '[1,2]',
      `${good}}`,
      '{"stream":"bnbbtc@depth","lastUpdateId":5,"bids":[],"asks":[]}',
      good,
    );
    expect(rows().map((row) => row.kind)).toEqual([EventKind.DELTA, 0, 0]);
    expect(told.unread.map(({ i, offset }) => [i, offset])).toEqual([
      [0, good.length - 10],
      [0, at('160') + 1],
      [0, at('["0.0026"')],
      [0, expect.any(Number)],
      [0, at('"s":')],
      [0, DOCUMENTED.spotTrade.indexOf('"p":')],
      [null, 0],
      [null, 0],
      [0, good.length],
      [0, 0],
    ]);
    expect(told.unread[2].why).toMatch(/a size of 100, expected decimal text/);
    expect(told.unread[9].why).toMatch(/nobody asked for/);
    expect(told.faults).toEqual([]);
  });

  it('a diff or snapshot off the steps is a gap: rounded, it would not be the book of the venue', () => {
    const { receive, answer, rows, told } = converse([BNBBTC]);
    receive(DOCUMENTED.spotDiff.replace('0.0024', '0.00245'));
    expect(told.unread).toEqual([{ i: 0, why: 'a price of 0.00245', offset: DOCUMENTED.spotDiff.indexOf('["0.0024') }]);
    expect(told.faults).toMatchObject([
      { i: 0, fault: Fault.GAP, why: expect.stringMatching(/0.00245 is no whole.*ticks of 0.0001/) },
    ]);
    answer(0, DOCUMENTED.spotSnapshot);
    expect(told.faults).toMatchObject([{}, { i: 0, fault: Fault.GAP, why: expect.stringMatching(/4.00000200/) }]);
    expect(rows()).toEqual([]);
  });

  it('a trade or quote off the steps is lost, and the book is not', () => {
    const { receive, told } = converse([BNBBTC, BNBUSDT]);
    receive(
      DOCUMENTED.spotTrade.replace('0.001', '0.00105'),
      DOCUMENTED.spotTicker.replace('25.35190000', '25.35195000'),
    );
    expect(told.unread.map(({ i, why }) => [i, why])).toEqual([
      [0, 'a price of 0.00105'],
      [1, 'a price of 25.35195000'],
    ]);
    expect(told.faults).toEqual([]);
  });

  it.each([
    ['no snapshot', '{"code":-1121,"msg":"Invalid symbol."}', /no snapshot of the depth/],
    ['a diff', DOCUMENTED.spotDiff, /no snapshot of the depth/],
    ['half a snapshot', DOCUMENTED.spotSnapshot.slice(0, 60), /not JSON/],
    ['no id', DOCUMENTED.spotSnapshot.replace('1027024', '"1027024"'), /"u" is "1027024"/],
    ['an id too large', DOCUMENTED.spotSnapshot.replace('1027024', '99999999999999999'), /"u" is/],
    ['no asks', DOCUMENTED.spotSnapshot.replace('"asks"', '"no"'), /side "a" are absent/],
    ['nothing', '', /not JSON/],
  ])('an answer that is %s', (_what, body, why) => {
    const { answer, rows, told } = converse([BNBBTC]);
    answer(0, body);
    expect(told.unread).toHaveLength(1);
    expect(told.unread[0].why).toMatch(why);
    expect(rows()).toEqual([]);
  });

  it('streams of other symbols are left alone', () => {
    const { receive, told, rows } = converse([BNBBTC]);
    receive(DOCUMENTED.usdmDiff, DOCUMENTED.usdmTicker, '{"stream":"nonsense@', '{"stream":"bnbbtc@depth');
    expect(rows()).toEqual([]);
    expect(told.calls).toEqual(['joinable null']);
    expect(told.unread).toEqual([{ i: 0, why: expect.stringMatching(/not JSON/), offset: 23 }]);
  });
});

describe('resync', () => {
  const url = (instruments: Parameters<typeof converse>[0], snapshotLevels?: number): unknown =>
    converse(instruments, snapshotLevels === undefined ? {} : { snapshotLevels }).conversation.resync(0, 0);
  const many = (n: number) =>
    Array.from({ length: n }, (_, i) => feedInstrument(`A${i}USDT`, 'SPOT', { tickSize: '1', lotSize: '1' }));

  it('asks for one instrument, as deep as the limits let it be', () => {
    expect(url([BNBBTC])).toEqual({
      by: 'request',
      request: {
        url: 'https://api.binance.com/api/v3/depth?symbol=BNBBTC&limit=5000',
        scope: 'binance:spot',
        weight: 250,
      },
    });
    expect(url(many(13))).toMatchObject({ request: { url: expect.stringMatching(/A0USDT&limit=1000$/), weight: 50 } });
    expect(url(many(66))).toMatchObject({ request: { url: expect.stringMatching(/limit=500$/), weight: 25 } });
    expect(url([USDM])).toMatchObject({
      request: {
        url: 'https://fapi.binance.com/fapi/v1/depth?symbol=BTCUSDT&limit=1000',
        scope: 'binance:usdm',
        weight: 20,
      },
    });
    expect(url([QUARTER])).toMatchObject({
      request: {
        url: 'https://dapi.binance.com/dapi/v1/depth?symbol=BTCUSD_200626&limit=1000',
        scope: 'binance:coinm',
      },
    });
  });

  it('or as deep as was asked for, in numbers that the venue takes', () => {
    expect(url([BNBBTC], 10)).toMatchObject({ request: { url: expect.stringMatching(/limit=100$/), weight: 5 } });
    expect(url([BNBBTC], 5000)).toMatchObject({ request: { url: expect.stringMatching(/limit=5000$/) } });
    expect(url([USDM], 60)).toMatchObject({ request: { url: expect.stringMatching(/limit=100$/), weight: 5 } });
    expect(url([USDM], 9999)).toMatchObject({ request: { url: expect.stringMatching(/limit=1000$/), weight: 20 } });
  });
});

describe('numbers', () => {
  const diffAt = (talk: ReturnType<typeof converse>, u: number, seconds: number): void => {
    const bytes = Buffer.from(DOCUMENTED.spotDiff.replace('"U":157,"u":160', `"U":${u},"u":${u}`));
    talk.conversation.receive(bytes, 0, bytes.length, RECEIVED_NS + seconds * 1e9);
  };

  it('that stay behind the snapshot for long are of another count: the book is asked for again', () => {
    const talk = converse([BNBBTC]);
    talk.answer(0, DOCUMENTED.spotSnapshot.replace('4.00000200', '5.00000000'));
    for (const seconds of [0.1, 1, 2.9]) diffAt(talk, 900, seconds);
    expect(talk.told.faults).toEqual([]);
    diffAt(talk, 901, 3.1);
    diffAt(talk, 902, 3.2);
    expect(talk.told.faults).toMatchObject([{ i: 0, fault: Fault.GAP, why: expect.stringMatching(/numbers anew/) }]);
  });

  it('that have passed the snapshot are judged by the book alone', () => {
    const talk = converse([BNBBTC]);
    talk.answer(0, DOCUMENTED.spotSnapshot.replace('4.00000200', '5.00000000'));
    diffAt(talk, 1027025, 1);
    diffAt(talk, 900, 60);
    expect(talk.told.faults).toEqual([]);
  });
});

describe('the range that a snapshot told', () => {
  /** 100 levels a side, a tick apart: bids 900 … 801, asks 901 … 1000. */
  const side = (from: number, step: number, n = 100): string[][] =>
    Array.from({ length: n }, (_, k) => [(from + step * k).toFixed(0), '1']);
  const snapshot = (bids: string[][], asks: string[][]): string => JSON.stringify({ lastUpdateId: 5, bids, asks });
  const ticker = (bid: number, ask: number): string =>
    `{"stream":"wholeusdt@bookTicker","data":{"u":6,"s":"WHOLEUSDT","b":"${bid}","B":"1","a":"${ask}","A":"1"}}`;
  const WHOLE = feedInstrument('WHOLEUSDT', 'SPOT', { tickSize: '1', lotSize: '0.00000001' });

  it('is a gap to leave, once', () => {
    const { answer, receive, told } = converse([WHOLE], { snapshotLevels: 100 });
    receive(ticker(1, 2));
    answer(0, snapshot(side(900, -1), side(901, 1)));
    receive(ticker(899, 900), ticker(814, 815), ticker(0, 985));
    expect(told.faults).toEqual([]);
    receive(ticker(812, 900));
    expect(told.faults).toMatchObject([{ i: 0, fault: Fault.GAP, why: expect.stringMatching(/leaving the range/) }]);
    receive(ticker(700, 701));
    expect(told.faults).toHaveLength(1);
    answer(0, snapshot(side(900, -1), side(901, 1)));
    receive(ticker(900, 989));
    expect(told.faults).toHaveLength(2);
  });

  it('has no end where the snapshot told every level', () => {
    const { answer, receive, told } = converse([WHOLE], { snapshotLevels: 100 });
    answer(0, snapshot(side(900, -1, 99), side(901, 1, 99)));
    receive(ticker(10, 11), ticker(9000, 9001));
    expect(told.faults).toEqual([]);
  });

  it('outlives the connection', () => {
    const { answer, protocol, plan, told } = converse([WHOLE], { snapshotLevels: 100 });
    answer(0, snapshot(side(900, -1), side(901, 1)));
    const next = protocol.open(plan, told);
    const bytes = Buffer.from(ticker(802, 803));
    next.receive(bytes, 0, bytes.length, RECEIVED_NS);
    expect(told.faults).toHaveLength(1);
  });
});
