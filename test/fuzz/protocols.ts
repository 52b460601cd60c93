import type { VenueProtocol } from '../../src/feed/index.ts';
import type { DoubleVenue } from '../doubles/products.ts';

/** What makes the protocol that speaks with a double: a protocol keeps things from connection to connection. */
export async function protocolOf(venue: DoubleVenue): Promise<() => VenueProtocol> {
  if (venue.startsWith('binance')) {
    const { binanceProtocol } = await import('../../src/venues/binance/index.ts');
    return binanceProtocol;
  }
  if (venue === 'kraken') {
    const { krakenProtocol } = await import('../../src/venues/kraken/index.ts');
    return krakenProtocol;
  }
  if (venue === 'okx') {
    const { okxProtocol } = await import('../../src/venues/okx/index.ts');
    return okxProtocol;
  }
  const { coinbaseProtocol, coinbaseExchangeProtocol } = await import('../../src/venues/coinbase/index.ts');
  if (venue === 'coinbase') return coinbaseProtocol;
  if (venue === 'coinbase-exchange') return coinbaseExchangeProtocol;
  const secret = Buffer.from('a double looks at no signature').toString('base64');
  return () => coinbaseExchangeProtocol({ channel: 'full', keys: { key: 'k', secret, passphrase: 'p' } });
}
