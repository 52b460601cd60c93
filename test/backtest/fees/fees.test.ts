import { describe, expect, it } from 'vitest';
import { FEE_PRESETS } from '../../../src/backtest/fees/fee-presets.ts';
import { FeeSchedule } from '../../../src/backtest/fees/fee-schedule.ts';
import { parseFees } from '../../../src/backtest/fees/parse-fees.ts';
import { costed, INVERSE, LINEAR } from '../money.ts';

const BPS = { maker: { bps: 2 }, taker: { bps: 5 } };

describe('FeeSchedule', () => {
  it('charges bps of the notional, by who made and who took', () => {
    const fees = parseFees(BPS, 'fees');
    // 10 lots of 0.1 at 100 USD: 100 USD.
    expect(fees.fee(costed(10, 200), LINEAR)).toBeCloseTo(0.05, 12);
    expect(fees.fee(costed(-10, 200, { maker: true }), LINEAR)).toBeCloseTo(0.02, 12);
    expect(fees.assumption).toBe('fees: as given; maker 2 bps, taker 5 bps');
  });

  it('charges an inverse contract in the coin: 100 contracts of 100 USD at 20,000 USD are 0.5 BTC, 5 bps of it 0.00025', () => {
    expect(parseFees(BPS, 'fees').fee(costed(100, 200_000), INVERSE)).toBeCloseTo(0.00025, 15);
  });

  it('charges by the share and by the contract, and adds parts up', () => {
    const nasdaq = parseFees('nasdaq', 'fees');
    const share = { ...LINEAR, tickValue: 0.01, lotValue: 1 };
    expect(nasdaq.fee(costed(100, 57_000), share)).toBeCloseTo(0.3, 12);
    expect(nasdaq.fee(costed(100, 57_000, { maker: true }), share)).toBeCloseTo(-0.21, 12);
    const both = parseFees({ maker: { bps: 0 }, taker: { bps: 5, perShare: 0.01, perContract: 0.5 } }, 'fees');
    // 100 USD × 5 bps + 1 unit of the base × 0.01 + 10 lots × 0.5.
    expect(both.fee(costed(10, 200), LINEAR)).toBeCloseTo(0.05 + 0.01 + 5, 12);
    expect(both.assumption).toMatch(/taker 5 bps \+ 0.01 a share \+ 0.5 a contract/);
  });

  it('takes the tier of the volume before the fill, with what was brought along', () => {
    const data = { ...BPS, tiers: [{ volume: 150, maker: { bps: 1 }, taker: { bps: 4 } }], volume: 60 };
    const fees = parseFees(data, 'fees');
    // 60, 160 and 260 USD were traded before the three fills of 100 USD.
    expect([1, 2, 3].map((orderId) => fees.fee(costed(10, 200, { orderId }), LINEAR))).toEqual([0.05, 0.04, 0.04]);
    // The volume of an inverse contract is in dollars: 2 contracts are 200.
    const inverse = parseFees({ ...data, volume: 0 }, 'fees');
    expect(inverse.fee(costed(2, 200_000), INVERSE)).toBeCloseTo((200 / 20_000) * 0.0005, 15);
    expect(inverse.fee(costed(2, 200_000), INVERSE)).toBeCloseTo((200 / 20_000) * 0.0004, 15);
  });

  it('charges a least fee once an order, not once a fill', () => {
    const fees = parseFees({ ...BPS, minimumPerOrder: 0.12 }, 'fees');
    // Fills of 0.05 each: 0.12 at once, nothing while the sum is 0.10, then what is above 0.12.
    const paid = [0, 1, 2].map(() => fees.fee(costed(10, 200), LINEAR));
    expect(paid[0]).toBe(0.12);
    expect(paid[1]).toBe(0);
    expect(paid[2]).toBeCloseTo(0.03, 12);
    expect(fees.fee(costed(10, 200, { orderId: 2 }), LINEAR)).toBe(0.12);
  });

  it('caps the fee of an order, and the cap in bps outweighs the minimum', () => {
    const capped = parseFees({ ...BPS, maximumPerOrder: 0.07 }, 'fees');
    expect(capped.fee(costed(10, 200), LINEAR)).toBeCloseTo(0.05, 12);
    expect(capped.fee(costed(10, 200), LINEAR)).toBeCloseTo(0.02, 12);
    expect(capped.fee(costed(10, 200), LINEAR)).toBe(0);
    // At least 1, but at most 1 % of 100 USD traded so far.
    const broker = parseFees({ ...BPS, minimumPerOrder: 5, maximumPerOrderBps: 100 }, 'fees');
    expect(broker.fee(costed(10, 200), LINEAR)).toBe(1);
    expect(broker.assumption).toMatch(/at least 5 an order; at most 100 bps of an order/);
  });
});

describe('parseFees', () => {
  it('has presets with rates, source and date', () => {
    for (const [name, data] of Object.entries(FEE_PRESETS)) {
      expect(data.name, name).toMatch(/20\d\d/);
      expect(parseFees(name, 'fees').assumption).toContain(data.name);
    }
    // A taker of 100 USD pays 10, 5 and 5 bps at Binance.
    const taken = ['binance-spot', 'binance-usdm', 'binance-coinm'].map((name) =>
      new FeeSchedule(FEE_PRESETS[name]).fee(costed(10, 200), LINEAR),
    );
    expect(taken).toEqual([0.1, 0.05, 0.05]);
  });

  it('is asked for: a run without fees has to say so', () => {
    expect(() => parseFees(undefined, 'backtest.yaml: fees')).toThrow(
      /^backtest.yaml: fees: there is no fee schedule\. Give one of binance-spot, .*kraken.*"none" for a run without fees$/,
    );
    expect(parseFees('none', 'fees').fee(costed(10, 200), LINEAR)).toBe(0);
    expect(parseFees('none', 'fees').assumption).toBe('fees: none');
  });

  it.each([
    ['binance', /no fee schedule "binance"; there are binance-spot/],
    ['toString', /no fee schedule "toString"/],
    [{ preset: 'kraken', volume: 5 }, /fees\.volume is 5.*one tier/],
    [{ preset: 'kraken', maker: { bps: 1 } }, /fees\.maker.*absent beside a preset/],
    [{ maker: { bps: 1 } }, /fees\.taker is absent/],
    [{ ...BPS, takerBps: 3 }, /fees has no key "takerBps"; there are preset, name, maker/],
    [{ maker: { bp: 1 }, taker: { bps: 1 } }, /fees\.maker has no key "bp"; did you mean "bps"\?; there are bps/],
    [{ maker: {}, taker: { bps: 1 } }, /fees\.maker is empty.*no fee/],
    [{ maker: { bps: 'x' }, taker: { bps: 1 } }, /fees\.maker\.bps is "x", and must be a number/],
    [{ ...BPS, minimumPerOrder: -1 }, /minimumPerOrder is -1, and must be a number from 0/],
    [
      {
        ...BPS,
        tiers: [
          { volume: 9, ...BPS },
          { volume: 9, ...BPS },
        ],
      },
      /tiers.*in order of volume/,
    ],
    [{ ...BPS, tiers: 3 }, /fees\.tiers is 3, and must be a list/],
    [[1], /fees is \[1\], and must be keys and values/],
  ])('refuses %j', (data, message) => {
    expect(() => parseFees(data, 'fees')).toThrow(message);
  });

  it('refuses a fee by the share for an inverse contract, at once or at the first fill', () => {
    expect(() => parseFees('nasdaq', 'fees', INVERSE)).toThrow(/by the share does not fit an inverse contract/);
    expect(() => parseFees('nasdaq', 'fees').fee(costed(1, 200_000), INVERSE)).toThrow(/does not fit an inverse/);
  });

  it('takes a preset as an object and a name of one’s own', () => {
    expect(parseFees({ preset: 'kraken' }, 'fees').assumption).toContain('Kraken');
    expect(parseFees({ ...BPS, name: 'my tier of 2026' }, 'fees').assumption).toContain('my tier of 2026');
  });
});
