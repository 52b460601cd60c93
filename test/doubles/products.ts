/** What trades on a double. Prices and sizes are integers in units of 10^−decimals. */
export interface Product {
  /** Our name for it. */
  readonly name: string;
  /** The venue's. */
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly priceDecimals: number;
  readonly tick: number;
  readonly sizeDecimals: number;
  readonly lot: number;
  readonly meanLots: number;
  /** About where it trades. */
  readonly middle: number;
}

export const DOUBLE_VENUES = [
  'binance-spot',
  'binance-usdm',
  'binance-coinm',
  'coinbase',
  'coinbase-exchange',
  'coinbase-full',
  'kraken',
  'okx',
] as const;
/** A venue, or one of its markets or channels where these differ in what is said. */
export type DoubleVenue = (typeof DOUBLE_VENUES)[number];

const row = (
  [name, symbol, base, quote]: [string, string, string, string],
  [priceDecimals, tick, middle]: [number, number, number],
  [sizeDecimals, lot, meanLots]: [number, number, number],
): Product => ({ name, symbol, base, quote, priceDecimals, tick, middle, sizeDecimals, lot, meanLots });

const COINBASE = [
  row(['BTC-USD', 'BTC-USD', 'BTC', 'USD'], [2, 1, 6_508_366], [8, 1, 80_000_000]),
  row(['ETH-USD', 'ETH-USD', 'ETH', 'USD'], [2, 1, 191_949], [8, 1, 900_000_000]),
  row(['SHIB-USD', 'SHIB-USD', 'SHIB', 'USD'], [8, 1, 1_237], [0, 1, 90_000_000]),
];

/** Decimals as on each venue's wire; ticks of one unit, of ten, and of five; whole lots and lots of 10^−8. */
export const PRODUCTS: Readonly<Record<DoubleVenue, readonly Product[]>> = {
  'binance-spot': [
    row(['BTCUSDT/SPOT', 'BTCUSDT', 'BTC', 'USDT'], [8, 1_000_000, 6_168_599_000_000], [8, 1000, 20_000]),
    row(['ETHBTC/SPOT', 'ETHBTC', 'ETH', 'BTC'], [8, 1000, 2_831_000], [8, 10_000, 30_000]),
    row(['BLZETH/SPOT', 'BLZETH', 'BLZ', 'ETH'], [8, 1, 6_547], [8, 100_000_000, 3_000]),
  ],
  'binance-usdm': [
    row(['BTCUSDT/USDM', 'BTCUSDT', 'BTC', 'USDT'], [2, 10, 6_180_020], [3, 1, 900]),
    row(['ETHUSDT/USDM', 'ETHUSDT', 'ETH', 'USDT'], [2, 1, 267_344], [3, 1, 9_000]),
    row(['DOGEUSDT/USDM', 'DOGEUSDT', 'DOGE', 'USDT'], [6, 10, 101_230], [0, 1, 70_000]),
  ],
  'binance-coinm': [
    row(['BTCUSD_PERP/COINM', 'BTCUSD_PERP', 'BTC', 'USD'], [1, 1, 618_047], [0, 1, 400]),
    row(['ETHUSD_PERP/COINM', 'ETHUSD_PERP', 'ETH', 'USD'], [2, 1, 267_301], [0, 1, 900]),
    row(['BNBUSD_PERP/COINM', 'BNBUSD_PERP', 'BNB', 'USD'], [3, 5, 512_340], [0, 1, 90]),
  ],
  coinbase: COINBASE,
  'coinbase-exchange': COINBASE,
  'coinbase-full': COINBASE,
  kraken: [
    row(['BTC/USD', 'BTC/USD', 'XBT', 'USD'], [1, 1, 617_912], [8, 1, 70_000_000]),
    row(['ETH/USD', 'ETH/USD', 'ETH', 'USD'], [2, 1, 267_344], [8, 1, 700_000_000]),
    row(['XRP/EUR', 'XRP/EUR', 'XRP', 'EUR'], [5, 1, 56_123], [8, 1, 90_000_000_000]),
  ],
  okx: [
    row(['BTC-USDT', 'BTC-USDT', 'BTC', 'USDT'], [1, 1, 617_912], [8, 1, 70_000_000]),
    row(['BTC-USDT-SWAP', 'BTC-USDT-SWAP', 'BTC', 'USDT'], [1, 1, 618_047], [2, 1, 4_000]),
    row(['ETH-USD-SWAP', 'ETH-USD-SWAP', 'ETH', 'USD'], [2, 5, 267_340], [0, 1, 900]),
  ],
};
