import { describe, expect, it } from 'vitest';
import { BookcastError } from '../../src/core/index.ts';
import { instrumentKey, parseInstrument, priceStep, sizeStep } from '../../src/market/index.ts';

const GOOD = {
  venue: 'binance',
  name: 'BTCUSDT/USDM',
  tickSize: '0.10',
  lotSize: '0.001',
  sequencing: 'linked',
  burstQuietNs: 1000,
  depthLimit: null,
} as const;

describe('Instrument', () => {
  it('survives JSON, frozen, without what does not belong to it', () => {
    const parsed = parseInstrument(JSON.parse(JSON.stringify({ ...GOOD, colour: 'red' })), 'tape.json');
    expect(parsed).toEqual(GOOD);
    expect(Object.isFrozen(parsed)).toBe(true);
    expect(parseInstrument({ ...GOOD, depthLimit: 10 }, 'tape.json').depthLimit).toBe(10);
  });

  it('has a key, and exact steps', () => {
    expect(instrumentKey(GOOD)).toBe('binance:BTCUSDT/USDM');
    expect(priceStep(GOOD)).toEqual({ scale: 1, step: 1, value: 0.1 });
    expect(sizeStep(GOOD)).toEqual({ scale: 3, step: 1, value: 0.001 });
  });

  it('keeps how its checksums are made, and is read without', () => {
    const checksum = { rule: 'kraken', priceDecimals: 1, sizeDecimals: 8 };
    const parsed = parseInstrument(JSON.parse(JSON.stringify({ ...GOOD, checksum })), 'tape.json');
    expect(parsed).toEqual({ ...GOOD, checksum });
    expect(Object.isFrozen(parsed.checksum)).toBe(true);
    expect('checksum' in parseInstrument(GOOD, 'tape.json')).toBe(false);
    const bad = [
      null,
      'kraken',
      { ...checksum, rule: 'okx' },
      { ...checksum, priceDecimals: 0 },
      { ...checksum, sizeDecimals: 2 },
    ];
    for (const wrong of [...bad, { ...checksum, sizeDecimals: 17 }, { ...checksum, priceDecimals: 1.5 }]) {
      expect(() => parseInstrument({ ...GOOD, checksum: wrong }, 'tape.json')).toThrow(/^tape.json: checksum is/);
    }
  });

  it('says where data from outside is wrong, and in which field', () => {
    const { sequencing: _, ...incomplete } = GOOD;
    const cases: [unknown, string][] = [
      [null, 'tape.json: an instrument is an object'],
      ['BTCUSDT', 'tape.json: an instrument is an object'],
      [incomplete, 'tape.json: the instrument lacks "sequencing"'],
      [{ ...GOOD, tickSize: 0.1 }, 'tape.json: tickSize and lotSize are positive decimals in quotes'],
      [{ ...GOOD, lotSize: '0.000' }, 'tape.json: tickSize and lotSize are positive decimals in quotes'],
      [{ ...GOOD, sequencing: 'none' }, 'tape.json: sequencing is consecutive, spanning or linked, not "none"'],
    ];
    for (const [data, message] of cases) {
      expect(() => parseInstrument(data, 'tape.json')).toThrow(BookcastError);
      expect(() => parseInstrument(data, 'tape.json')).toThrow(message);
    }
  });
});
