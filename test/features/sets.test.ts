import { describe, expect, it } from 'vitest';
import { bookDepth, CATALOGUE, CORE_SET, FeatureEngine, findSignal, selectSignals } from '../../src/features/index.ts';
import { instrumentOf } from './random-market.ts';

const LEVELS = instrumentOf();
const ORDERS = instrumentOf({ byOrder: true });
const names = (text: string, instrument = LEVELS): string[] =>
  selectSignals(text, { instrument }).signals.map((signal) => signal.name);

describe('the catalogue', () => {
  it('has at least 60 signals of distinct names in every family, each fully described', () => {
    expect(CATALOGUE.length).toBeGreaterThanOrEqual(60);
    expect(new Set(CATALOGUE.map((signal) => signal.name)).size).toBe(CATALOGUE.length);
    const columns = CATALOGUE.flatMap((signal) => signal.columns(10).map((column) => column.name));
    expect(new Set(columns).size).toBe(columns.length);
    for (const signal of CATALOGUE) {
      for (const field of ['title', 'meaning', 'tex', 'formula', 'warmup', 'cost', 'source'] as const) {
        expect(signal[field].trim(), `${signal.name}: ${field}`).not.toBe('');
      }
      expect(signal.source, signal.name).toMatch(/\(\d{4}\)|definition/);
      for (const column of signal.columns(10)) {
        expect(column.name, signal.name).toMatch(new RegExp(`^${signal.name}(_[a-z0-9_]+)?$`));
      }
    }
  });
});

describe('selectSignals', () => {
  it('knows the sets and every name, in the order asked for, each once', () => {
    expect(names('core')).toEqual(CORE_SET.map((signal) => signal.name));
    expect(names('spread,ofi, spread')).toEqual(['spread', 'ofi']);
    expect(names('spread,core').slice(0, 2)).toEqual(['spread', 'ofi']);
    expect(names('imbalance_3')).toEqual(['imbalance']);
    expect(new FeatureEngine(LEVELS, { signals: CORE_SET }).schema.names).toHaveLength(34);
  });

  it('leaves out of a set what the data do not allow, and says what and why', () => {
    const levels = selectSignals('full', { instrument: LEVELS });
    const left = levels.leftOut.map(({ name }) => name);
    expect(left).toEqual(CATALOGUE.filter(({ needs }) => needs.length > 0).map(({ name }) => name));
    const byOrder = CATALOGUE.find(({ needs }) => needs.includes('orders'))!;
    expect(levels.leftOut.find(({ name }) => name === byOrder.name)?.reason).toContain(
      'needs every order by name (L3), and test:TEST is a stream of levels (L2)',
    );
    expect(levels.signals).not.toContain(byOrder);
    expect(selectSignals('full', { instrument: ORDERS }).signals).toContain(byOrder);
    expect(
      selectSignals('full', { instrument: ORDERS, peer: LEVELS }).signals.some(({ family }) => family === 'cross'),
    ).toBe(true);
  });

  it('refuses by name what the data do not allow', () => {
    const named = (need: string): string => CATALOGUE.find(({ needs }) => needs.includes(need as 'fit'))!.name;
    expect(() => names(named('orders'))).toThrow(
      'needs every order by name (L3), and test:TEST is a stream of levels (L2)',
    );
    expect(() => names(named('fit'), ORDERS)).toThrow('needs a fit: make one with "bookcast fit');
    expect(() => names(named('peer'))).toThrow('needs a second instrument: give its recording with --peer');
  });

  it('suggests the nearest name', () => {
    expect(() => names('microprise')).toThrow('there is no signal or set "microprise"; did you mean microprice?');
    expect(() => names('ofi_integratd')).toThrow('did you mean ofi_integrated?');
    expect(() => names('imbalnce_3')).toThrow('did you mean imbalance_3?');
    expect(() => names('cor')).toThrow('did you mean core?');
    expect(() => names('')).toThrow('there is no signal or set ""');
    expect(() => findSignal('zzzzzzzz')).toThrow('"bookcast features --list" has them all');
  });
});

describe('bookDepth', () => {
  it('is ten levels, or what the venue reports', () => {
    expect([null, 50, 10, 1].map((depthLimit) => bookDepth(instrumentOf({ depthLimit })))).toEqual([10, 10, 10, 1]);
  });
});
