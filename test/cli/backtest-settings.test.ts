import { describe, expect, it } from 'vitest';
import { createBacktest } from '../../src/cli/backtest-parts.ts';
import { type BacktestSettings, openSettings } from '../../src/cli/backtest-settings.ts';
import type { Instrument } from '../../src/market/index.ts';
import { tempFile } from './support.ts';

const QUIET = { name: 'quiet', onMarket: () => {} };

function instrument(venue: string, name: string): Instrument {
  const rest = { tickSize: '0.01', lotSize: '0.001', sequencing: 'consecutive', burstQuietNs: 0, depthLimit: null };
  return { venue, name, ...rest } as Instrument;
}

function assumptions(settings: BacktestSettings, on: Instrument): string[] {
  const { latency, ledger } = createBacktest(
    settings,
    { instrument: on, origin: 'recorded', startDay: 1 },
    null,
    QUIET,
  );
  return [latency.assumption, ledger.fees.assumption];
}

describe('openSettings', () => {
  it('has whole defaults: a maker that places orders on any tape', () => {
    expect(openSettings(undefined)).toMatchObject({
      strategy: { kind: 'maker', signal: 'forecast', requote: 'cancel', start: 'join', quantityLots: 1 },
      queue: 'auto',
      fees: 'venue',
      forecast: { target: 'events:10', signals: null },
      equitySeconds: 1,
      baselines: true,
    });
  });

  it('takes flags above the file, and what is set above both', () => {
    const file = tempFile('mine.yaml', 'strategy: { kind: maker, skewTicks: 3 }\nfees: none\nlatency: { feedMs: 1 }\n');
    const read = openSettings(file, {
      strategy: 'maker',
      set: ['strategy.quantityLots=7', 'latency.entryMs=2'],
      target: 'time:500',
    });
    expect(read).toMatchObject({
      strategy: { skewTicks: 3, quantityLots: 7 },
      latency: { feedMs: 1, entryMs: 2 },
      forecast: { target: 'time:500' },
    });
    // Keys of another strategy do not come along.
    expect(openSettings(file, { strategy: 'taker' }).strategy).toMatchObject({ kind: 'taker', threshold: 0.3 });
    expect(openSettings(file, { strategy: 'own/trader.ts' }).strategy).toEqual({ kind: 'file', path: 'own/trader.ts' });
    expect(openSettings(file, { set: ['forecast=none'] }).forecast).toBe(null);
  });

  it.each([
    [{ strategy: 'makr' }, 'there is no strategy "makr"; did you mean "maker"?'],
    [{ set: ['strategy.kind=takr'] }, 'did you mean "taker"?'],
    [{ set: ['latencies.entryMs=2'] }, 'there is no key "latencies"; did you mean "latency"?'],
    [{ set: ['strategy.skewTick=2'] }, 'did you mean "skewTicks"?'],
    [{ set: ['queue=rigtrop'] }, 'no queue model "rigtrop"; there are risk-averse, rigtorp'],
    [{ set: ['forecast=often'] }, 'forecast is "often", and must be: keys (target, signals), or none'],
    [{ set: ['forecast.target=event:10'] }, 'event:10'],
    [{ set: ['equitySeconds=0'] }, 'equitySeconds is 0, and must be: seconds between points of equity'],
    [{ set: ['seed'] }, '--set seed: expected KEY=VALUE'],
  ])('says of %j what is wrong, and what was probably meant', (overrides, what) => {
    expect(() => openSettings(undefined, overrides)).toThrow(what);
  });

  it('says that there is no such file', () => {
    expect(() => openSettings('/no/such.yaml')).toThrow('/no/such.yaml: no such file of settings');
  });
});

describe('createBacktest', () => {
  it.each([
    ['sim', 'A', 'fees: none, since the simulated venue has no schedule'],
    ['lobster', 'GOOG', 'NASDAQ'],
    ['binance', 'BTCUSDT/SPOT', 'Binance spot'],
    ['binance', 'BTCUSDT/USDM', 'Binance USD-M'],
    ['binance', 'BTCUSD_PERP/COINM', 'Binance COIN-M'],
    ['coinbase', 'BTC-USD', 'Coinbase'],
    ['coinbase-exchange', 'BTC-USD', 'Coinbase'],
    ['kraken', 'BTC/USD', 'Kraken'],
    ['okx', 'BTC-USDT', 'OKX spot'],
  ])('charges what %s charges for %s', (venue, name, words) => {
    expect(assumptions(openSettings(undefined), instrument(venue, name))[1]).toContain(words);
  });

  it('refuses a venue without a schedule that it knows, and settings without one, naming what there is', () => {
    const file = tempFile('bare.yaml', 'latency: { feedMs: 1, entryMs: 1, responseMs: 1 }\n');
    const on = instrument('elsewhere', 'A-B');
    expect(() => assumptions(openSettings(undefined), on)).toThrow(
      /fees: no public schedule is known for elsewhere:A-B; give one of binance-spot, .*nasdaq, rates such as .*, or "none"/,
    );
    expect(() => assumptions(openSettings(file), on)).toThrow(/there is no fee schedule. Give one of binance-spot/);
    expect(assumptions(openSettings(file, { set: ['fees=none'] }), on)[1]).toBe('fees: none');
    expect(() => assumptions(openSettings(file, { set: ['latency=null', 'fees=none'] }), on)).toThrow(
      'there is no latency',
    );
  });

  it('reads files that the settings name, and says which one is not there', () => {
    const placements = tempFile('placements.csv', 'sent_ns,exchange_ns,received_ns\n1000,1500,1700\n2000,2500,2900\n');
    const set = ['latency={ feedMs: 1 }', `latency.placements=${placements}`, 'fees=none'];
    const on = instrument('sim', 'A');
    expect(assumptions(openSettings(undefined, { set }), on)[0]).toContain('drawn from 2 placements');
    const missing = openSettings(undefined, { set: [...set, 'latency.placements=/no/such.csv'] });
    expect(() => assumptions(missing, on)).toThrow('/no/such.csv');
  });
});
