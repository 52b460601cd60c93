import { describe, expect, it } from 'vitest';
import type { VenueProtocol } from '../../../src/feed/index.ts';
import { coinbaseExchangeProtocol, coinbaseProtocol } from '../../../src/venues/coinbase/index.ts';

const discovered = (protocol: VenueProtocol, body: unknown): ReturnType<VenueProtocol['instruments']> => {
  const [{ url }] = protocol.discovery([]);
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return protocol.instruments([{ url, status: 200, headers: {}, body: bytes }]);
};

describe('Advanced Trade’s products', () => {
  // As GET /api/v3/brokerage/market/products answers, cut to what matters.
  const BTC = {
    product_id: 'BTC-USD',
    price_increment: '0.01',
    base_increment: '0.00000001',
    quote_increment: '0.01',
    status: 'online',
    is_disabled: false,
    alias: '',
    alias_to: ['BTC-USDC'],
  };

  it('are asked for in one request, at an address that can be set', () => {
    expect(coinbaseProtocol().discovery(['BTC-USD'])).toEqual([
      { url: 'https://api.coinbase.com/api/v3/brokerage/market/products', scope: 'coinbase-advanced', weight: 1 },
    ]);
    const protocol = coinbaseProtocol({ endpoints: { rest: 'http://127.0.0.1:1', stream: 'ws://127.0.0.1:2/' } });
    expect(protocol.discovery([])[0].url).toMatch(/^http:\/\/127\.0\.0\.1:1\/api/);
    expect(protocol.links(discovered(protocol, { products: [BTC] }))[0].url).toBe('ws://127.0.0.1:2');
    expect(() => coinbaseProtocol({ endpoints: { socket: 'ws://x' } })).toThrow(/no part "socket"/);
  });

  it('become instruments with the venue’s own steps', () => {
    const found = discovered(coinbaseProtocol(), {
      products: [
        BTC,
        { ...BTC, product_id: 'FOO-EUR', price_increment: '0.00050', base_increment: '10', alias_to: [] },
      ],
    });
    expect(found).toEqual([
      {
        instrument: {
          venue: 'coinbase',
          name: 'BTC-USD',
          tickSize: '0.01',
          lotSize: '0.00000001',
          sequencing: 'linked',
          burstQuietNs: 1e6,
          depthLimit: null,
        },
        symbol: 'BTC-USD',
        book: 'levels',
        proof: 'sequence',
      },
      expect.objectContaining({ instrument: expect.objectContaining({ tickSize: '0.0005', lotSize: '10' }) }),
    ]);
  });

  it('are subscribed to by the name that their data come under', () => {
    const [usdc] = discovered(coinbaseProtocol(), { products: [{ ...BTC, product_id: 'BTC-USDC', alias: 'BTC-USD' }] });
    expect(usdc.instrument.name).toBe('BTC-USDC');
    expect(usdc.symbol).toBe('BTC-USD');
  });

  it('are left out where they do not trade, or say too little', () => {
    const left = [
      { ...BTC, status: 'delisted' },
      { ...BTC, is_disabled: true },
      { ...BTC, base_increment: '' },
      { ...BTC, base_increment: '0' },
      { ...BTC, base_increment: 1 },
      { ...BTC, product_id: undefined },
      { ...BTC, product_id: '' },
      'BTC-USD',
      null,
    ];
    expect(discovered(coinbaseProtocol(), { products: [...left, BTC] })).toHaveLength(1);
    const old = { ...BTC, price_increment: undefined };
    expect(discovered(coinbaseProtocol(), { products: [old] })[0].instrument.tickSize).toBe('0.01');
    expect(discovered(coinbaseProtocol(), { products: [] })).toEqual([]);
  });

  it.each(['', '<html>', 'null', '[]', '{"products":{}}', '{"products":[{}]}'])('are not to be had from %j', (body) => {
    expect(() => discovered(coinbaseProtocol(), body)).toThrow(/the venue's list of products begins with/);
  });
});

describe('Exchange’s products', () => {
  // docs.cdp.coinbase.com, "Get all known trading pairs".
  const BTC = { id: 'BTC-USD', base_increment: '0.00000001', quote_increment: '0.01', status: 'online' };

  it('become books by price, or by order', () => {
    expect(coinbaseExchangeProtocol().discovery([])[0]).toEqual({
      url: 'https://api.exchange.coinbase.com/products',
      headers: { 'user-agent': 'bookcast' },
      scope: 'coinbase-exchange',
      weight: 1,
    });
    const [byPrice] = discovered(coinbaseExchangeProtocol(), [BTC]);
    expect(byPrice).toMatchObject({ book: 'levels', proof: 'delivery', symbol: 'BTC-USD' });
    expect(byPrice.instrument).toMatchObject({ venue: 'coinbase-exchange', sequencing: 'linked', tickSize: '0.01' });
    const [byOrder] = discovered(coinbaseExchangeProtocol({ channel: 'full' }), [BTC]);
    expect(byOrder).toMatchObject({ book: 'orders', proof: 'sequence' });
    expect(byOrder.instrument.sequencing).toBe('consecutive');
  });

  it('may be of before 2021, or gone', () => {
    const old = { ...BTC, base_increment: undefined, base_min_size: '0.001' };
    const found = discovered(coinbaseExchangeProtocol(), [old, { ...BTC, id: 'X-USD', status: 'delisted' }]);
    expect(found.map(({ instrument }) => instrument.lotSize)).toEqual(['0.001']);
  });

  it.each(['', '{}', '[1]'])('are not to be had from %j', (body) => {
    expect(() => discovered(coinbaseExchangeProtocol(), body)).toThrow(/the venue's list of products/);
  });
});
