import type { FeeRate, FeeScheduleData } from './fee-schedule.ts';

function flat(name: string, maker: FeeRate, taker: FeeRate): FeeScheduleData {
  return { name, tiers: [{ volume: 0, maker, taker }] };
}

/**
 * Public schedules at the tier without any volume, without discounts for paying in a venue's own coin. Looked up in November 2026 in published copies; a
 * schedule changes without notice, so that one's own account is what counts. Where copies disagree, the dearest is taken, and the name says so.
 */
export const FEE_PRESETS: Readonly<Record<string, FeeScheduleData>> = {
  'binance-spot': flat(
    'Binance spot, regular user (VIP 0), without the BNB discount (published tables of binance.com/en/fee, looked up November 2026)',
    { bps: 10 },
    { bps: 10 },
  ),
  'binance-usdm': flat(
    'Binance USD-M futures, regular user (VIP 0), without the BNB discount (binance.com/en/fee/futureFee as indexed on 2026-10-12)',
    { bps: 2 },
    { bps: 5 },
  ),
  'binance-coinm': flat(
    'Binance COIN-M futures, regular user (VIP 0): published copies say 1 to 2 bps for makers and 4 to 5 bps for takers, the dearest is taken (looked up November 2026)',
    { bps: 2 },
    { bps: 5 },
  ),
  coinbase: flat(
    'Coinbase Advanced, Intro 1, below 1,000 USD in 30 days (help.coinbase.com, advanced-trade-fees, as indexed in May 2026)',
    { bps: 60 },
    { bps: 120 },
  ),
  kraken: flat(
    'Kraken Pro spot, the entry tier (kraken.com/features/fee-schedule as indexed on 2026-05-30)',
    { bps: 25 },
    { bps: 40 },
  ),
  'okx-spot': flat(
    'OKX spot, USDT pairs, regular user Lv1 (okx.com/fees, an undated copy looked up November 2026)',
    { bps: 8 },
    { bps: 10 },
  ),
  'okx-swap': flat(
    'OKX perpetual swaps, regular user Lv1 (okx.com/fees as indexed on 2026-10-16)',
    { bps: 2 },
    { bps: 5 },
  ),
  nasdaq: flat(
    'NASDAQ, displayed orders in shares of 1 USD and more, as Interactive Brokers passes them on (INETstkfee, an undated copy looked up November 2026), without commission',
    { perShare: -0.0021 },
    { perShare: 0.003 },
  ),
};
