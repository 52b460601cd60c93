import { join, resolve } from 'node:path';
import { NS_PER_SECOND } from '../../src/core/index.ts';
import { CRYPTO_CALENDAR, STOCK_CALENDAR, type TradingCalendar } from '../../src/evaluate/index.ts';
import type { EventSource } from '../../src/market/index.ts';
import { openBinance } from '../../src/venues/binance/index.ts';
import { openLobster } from '../../src/venues/lobster/index.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const DATA = process.env.BOOKCAST_DATA ?? resolve(ROOT, '../shared/data');

/** What is traded, and how the maker and the taker are set for it. */
export interface Market {
  readonly name: string;
  readonly target: string;
  /** Public fees (`FEE_PRESETS`). */
  readonly fees: string;
  readonly calendar: TradingCalendar;
  /** Between two points of equity: a finer grid of hours tells nothing more, and takes its time. */
  readonly stepSeconds: number;
  /** Lots of one order: about 600 dollars of bitcoin, 100 shares. */
  readonly quantityLots: number;
  /** Ticks of a dollar: settings are carried over from market to market by them. */
  readonly ticksOf: number;
  /** Ticks by which a signal of 1 moves the maker's quotes, as tried. */
  readonly skews: readonly number[];
}

export interface Session {
  readonly name: string;
  readonly title: string;
  readonly market: Market;
  readonly files: readonly string[];
  /** Settings of the maker were chosen on it. */
  readonly tuned: boolean;
  /** Trading, ns since the recording's first midnight; absent: the whole recording. */
  readonly window?: { readonly fromNs: number; readonly toNs: number };
}

/** A basis point is some 30 ticks of the futures in 2023 and some 60 in 2024. */
const BTC = { target: 'time:1000', calendar: CRYPTO_CALENDAR, stepSeconds: 1, skews: [25, 100, 200] };

export const USDM: Market = { name: 'USD-M', ticksOf: 10, fees: 'binance-usdm', quantityLots: 10, ...BTC };
const SPOT: Market = { name: 'spot', ticksOf: 100, fees: 'binance-spot', quantityLots: 1_000_000, ...BTC };
const COINM: Market = { name: 'COIN-M', ticksOf: 10, fees: 'binance-coinm', quantityLots: 6, ...BTC };
export const GOOG: Market = {
  name: 'GOOG',
  ticksOf: 100,
  target: 'events:10',
  fees: 'nasdaq',
  calendar: STOCK_CALENDAR,
  stepSeconds: 10,
  quantityLots: 100,
  skews: [3, 10, 20],
};

/** The recording's times are of UTC: New York is four hours behind in June. */
const newYork = (hour: number): number => (hour + 4) * 3600 * NS_PER_SECOND;
const GOOG_FILES = ['lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip'];

export const SESSIONS: readonly Session[] = [
  {
    name: 'usdm-2023-04',
    title: 'Binance USD-M BTCUSDT 2023-04-04/05',
    market: USDM,
    files: ['binance/usdm_btcusdt_20230404.dat.gz', 'binance/usdm_btcusdt_20230405.dat.gz'],
    tuned: true,
  },
  {
    name: 'usdm-2024-07',
    title: 'Binance USD-M BTCUSDT 2024-07-18/19',
    market: USDM,
    files: ['binance/usdm_btcusdt_20240718.gz', 'binance/usdm_btcusdt_20240719.gz'],
    tuned: true,
  },
  {
    name: 'usdm-2024-08',
    title: 'Binance USD-M BTCUSDT 2024-08-08',
    market: USDM,
    files: ['binance/usdm_btcusdt_20240808.gz'],
    tuned: false,
  },
  {
    name: 'spot-2024-08',
    title: 'Binance spot BTCUSDT 2024-08-08/09',
    market: SPOT,
    files: ['binance/spot_btcusdt_20240808.gz', 'binance/spot_btcusdt_20240809.gz'],
    tuned: false,
  },
  {
    name: 'coinm-2024-08',
    title: 'Binance COIN-M BTCUSD perpetual 2024-08-08/09',
    market: COINM,
    files: ['binance/cm_btcusd_perp_20240808.gz', 'binance/cm_btcusd_perp_20240809.gz'],
    tuned: false,
  },
  {
    name: 'goog-before-14',
    title: 'NASDAQ GOOG 2012-06-21, 9:30 to 14:00',
    market: GOOG,
    files: GOOG_FILES,
    tuned: true,
    window: { fromNs: newYork(9.5), toNs: newYork(14) },
  },
  {
    name: 'goog-after-14',
    title: 'NASDAQ GOOG 2012-06-21, 14:00 to 16:00',
    market: GOOG,
    files: GOOG_FILES,
    tuned: false,
    window: { fromNs: newYork(14), toNs: newYork(16) },
  },
];

export const pathsOf = ({ files }: Pick<Session, 'files'>): string[] => files.map((file) => join(DATA, file));

export function openSession(session: Session): Promise<EventSource> {
  const paths = pathsOf(session);
  return session.market === GOOG ? openLobster({ paths }) : openBinance({ paths });
}
