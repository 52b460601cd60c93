import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BookcastError } from '../../../src/core/index.ts';
import type { HttpAnswer } from '../../../src/feed/index.ts';
import { krakenProtocol } from '../../../src/venues/kraken/index.ts';
import { pairOf, Sink } from './support.ts';

/** As REST AssetPairs answers today, in part (docs.kraken.com, "Get Tradable Asset Pairs"). */
const PAIRS = {
  XXBTZUSD: {
    altname: 'XBTUSD',
    wsname: 'XBT/USD',
    pair_decimals: 1,
    lot_decimals: 8,
    tick_size: '0.1',
    status: 'online',
  },
  XDGEUR: { altname: 'XDGEUR', wsname: 'XDG/EUR', pair_decimals: 7, lot_decimals: 8, tick_size: '0.0000001' },
  MINAGBP: { altname: 'MINAGBP', wsname: 'MINA/GBP', pair_decimals: 4, lot_decimals: 5 },
  COARSE: { wsname: 'ABC/USD', pair_decimals: 2, lot_decimals: 0, tick_size: '0.25' },
  FINE: { wsname: 'FIN/USD', pair_decimals: 2, lot_decimals: 8, tick_size: '0.001' },
  'XETHXXBT.d': { altname: 'ETHXBT.d', pair_decimals: 5, lot_decimals: 8 },
  ODD: { wsname: 'ODD/USD', pair_decimals: -1, lot_decimals: 8 },
  NONE: null,
};

const answer = (body: unknown, status = 200): HttpAnswer => ({
  url: 'https://api.kraken.com/0/public/AssetPairs',
  status,
  headers: {},
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});

describe('krakenProtocol', () => {
  it('asks once for all pairs, and names them as v2 does', () => {
    const protocol = krakenProtocol();
    expect(protocol.venue).toBe('kraken');
    expect(protocol.discovery(['BTC/USD'])).toEqual([
      { url: 'https://api.kraken.com/0/public/AssetPairs', scope: 'kraken', weight: 1 },
    ]);
    const found = protocol.instruments([answer({ error: [], result: PAIRS })]);
    expect(
      found.map(({ symbol, instrument }) => [symbol, instrument.name, instrument.tickSize, instrument.lotSize]),
    ).toEqual([
      ['BTC/USD', 'BTC/USD', '0.1', '0.00000001'],
      ['DOGE/EUR', 'DOGE/EUR', '0.0000001', '0.00000001'],
      ['MINA/GBP', 'MINA/GBP', '0.0001', '0.00001'],
      ['ABC/USD', 'ABC/USD', '0.25', '1'],
      ['FIN/USD', 'FIN/USD', '0.01', '0.00000001'],
    ]);
    expect(found[0]).toEqual({
      symbol: 'BTC/USD',
      book: 'levels',
      proof: 'checksum',
      instrument: {
        venue: 'kraken',
        name: 'BTC/USD',
        tickSize: '0.1',
        lotSize: '0.00000001',
        sequencing: 'linked',
        burstQuietNs: 1e6,
        depthLimit: 10,
        checksum: { rule: 'kraken', priceDecimals: 1, sizeDecimals: 8 },
      },
    });
  });

  it('says what is wrong with an answer that is no list of pairs', () => {
    const read = (body: unknown, status?: number): void => void krakenProtocol().instruments([answer(body, status)]);
    const cases: [() => void, string, RegExp][] = [
      [() => read('<html>'), 'bad-input', /AssetPairs: the answer is not JSON: "<html>"/],
      [() => read({ error: [] }), 'bad-input', /expected \{"error":\[\],"result"/],
      [() => read([1]), 'bad-input', /expected/],
      [() => read('null'), 'bad-input', /expected/],
      [() => read({ error: ['EGeneral:Too many requests'] }), 'overloaded', /EGeneral:Too many requests/],
      [() => read({ error: ['EGeneral:Unknown method'] }), 'bad-input', /Unknown method/],
      [() => read('busy', 503), 'overloaded', /status 503, expected 200/],
      [() => read('{}', 403), 'bad-input', /status 403/],
    ];
    for (const [call, code, message] of cases) {
      expect(call).toThrow(BookcastError);
      expect(call).toThrow(message);
      expect(call).toThrow(expect.objectContaining({ code }));
    }
  });

  it('reads any JSON or says that it cannot', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.record({ result: fc.dictionary(fc.string(), fc.jsonValue()) }).map((x) => JSON.stringify(x)),
        ),
        (text) => {
          try {
            krakenProtocol().instruments([answer(text)]);
          } catch (error) {
            if (!(error instanceof BookcastError)) throw error;
          }
        },
      ),
    );
  });

  it('puts a hundred pairs on a connection, within limits that it shares between them', () => {
    const protocol = krakenProtocol({ endpoints: { rest: 'http://127.0.0.1:9', stream: 'ws://127.0.0.1:9/' } });
    const pairs = Array.from({ length: 201 }, (_, i) => pairOf(`P${i}/USD`));
    const links = protocol.links(pairs);
    expect(links.map(({ url, instruments }) => [url, instruments.length])).toEqual([
      ['ws://127.0.0.1:9/v2', 100],
      ['ws://127.0.0.1:9/v2', 100],
      ['ws://127.0.0.1:9/v2', 1],
    ]);
    expect(links[0].instruments[1]).toBe(pairs[1]);
    const { connects, sends, requests } = links[0].limits;
    // Cloudflare: 150 connections in ten minutes.
    expect(connects.limit / connects.windowMs).toBeLessThan(150 / 600_000);
    expect(sends.limit / sends.windowMs).toBeLessThanOrEqual(0.01);
    expect(requests).toEqual({ limit: 1, windowMs: 1000 });
    expect(protocol.discovery([])[0].url).toBe('http://127.0.0.1:9/0/public/AssetPairs');
    expect(protocol.open(links[2], new Sink(1)).greeting(0)).toHaveLength(2);
    const beta = krakenProtocol({ endpoints: { stream: 'wss://beta-ws.kraken.com/v2' } });
    expect(beta.links(pairs.slice(0, 1))[0].url).toBe('wss://beta-ws.kraken.com/v2');
  });

  it('takes the depths that the venue has, and no others', () => {
    const [btc] = krakenProtocol({ depth: 1000 }).instruments([answer({ error: [], result: PAIRS })]);
    expect(btc.instrument.depthLimit).toBe(1000);
    for (const depth of [0, 27, 2000]) {
      expect(() => krakenProtocol({ depth })).toThrow(`10, 25, 100, 500, 1000 levels a side, not ${depth}`);
    }
    expect(() => krakenProtocol({ endpoints: { spot: 'http://x' } })).toThrow(BookcastError);
  });
});
