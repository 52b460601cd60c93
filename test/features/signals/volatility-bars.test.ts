import { describe, expect, it } from 'vitest';
import { CATALOGUE, FeatureEngine } from '../../../src/features/index.ts';
import { BookSync, LadderBook, messageEnd } from '../../../src/market/index.ts';
import { ask, bid, delta, instrumentOf, type Message, toBatch } from '../random-market.ts';
import { lastOf, moved, START, startOf, until, valuesOf } from './volatility-market.ts';

const LN2 = Math.log(2);

/**
 * Bars of a second, all standing still but two. Second 10: mids 2, 6, 1 above the start, so that from the close of 0 before
 * O − C′ = 2, H − L = 5, C − O = −1. Second 11: 3 alone, so that O − C′ = 2 and nothing else.
 */
const candles: readonly Message[] = [
  startOf(),
  ...moved([
    [10.1, 2],
    [10.2, 6],
    [10.3, 1],
    [11.5, 3],
  ]),
];

describe('estimators of the range, over 60 closed bars', () => {
  const at = (name: string): number => lastOf(name, [...candles, until(61)])[0];

  it('Parkinson: the mean of (H − L)² / (4 ln 2)', () => {
    // 5² in one bar of sixty.
    expect(at('parkinson')).toBeCloseTo(Math.sqrt(25 / (60 * 4 * LN2)), 12);
  });

  it('Garman and Klass: ½ (H − L)² − (2 ln 2 − 1)(C − O)²', () => {
    expect(at('garman_klass')).toBeCloseTo(Math.sqrt((0.5 * 25 - (2 * LN2 - 1) * 1) / 60), 12);
  });

  it('Rogers and Satchell: (H − C)(H − O) + (L − C)(L − O), nothing for a bar in one direction', () => {
    // (6 − 1)(6 − 2) + (1 − 1)(1 − 2) = 20.
    expect(at('rogers_satchell')).toBeCloseTo(Math.sqrt(20 / 60), 12);
    const trend = moved(Array.from({ length: 300 }, (_, i) => [0.1 + i / 5, i]));
    expect(lastOf('rogers_satchell', [startOf(), ...trend, until(61)])).toEqual([0]);
    expect(lastOf('parkinson', [startOf(), ...trend, until(61)])[0]).toBeGreaterThan(1);
  });

  it('Yang and Zhang: the variance of O − C′, a share of that of C − O, Rogers and Satchell for the rest', () => {
    // O − C′: 2 and 2 among sixty, sum 4, squares 8. C − O: −1, squares 1.
    const overnight = (8 - 4 ** 2 / 60) / 59;
    const body = (1 - 1 / 60) / 59;
    const k = 0.34 / (1.34 + 61 / 59);
    expect(at('yang_zhang')).toBeCloseTo(Math.sqrt(overnight + k * body + ((1 - k) * 20) / 60), 12);
  });

  it('volatility of volatility: the scatter of ranges over their mean', () => {
    // One range of 5 and 59 of 0: variance (25 − 25 / 60) / 59 = 25 / 60, mean 5 / 60, so √60.
    expect(at('volatility_of_volatility')).toBeCloseTo(Math.sqrt(60), 12);
    // A second range of 5: variance (50 − 100 / 60) / 59, mean 10 / 60.
    const twice = [
      ...candles,
      ...moved(
        [
          [20.1, 3],
          [20.2, 8],
        ],
        3,
      ),
    ];
    const [value] = lastOf('volatility_of_volatility', [...twice, until(61)]);
    expect(value).toBeCloseTo(Math.sqrt((50 - 100 / 60) / 59) / (10 / 60), 12);
  });
});

/** Second by second the mid moves by 1, 2, −3, 1 (seconds 10 to 13) and by 4 (second 30): it ends 5 above the start. */
const returns: readonly Message[] = [
  startOf(),
  ...moved([
    [10.5, 1],
    [11.5, 3],
    [12.5, 0],
    [13.5, 1],
    [30.5, 5],
  ]),
];

describe('signals of the returns of 60 closed bars', () => {
  const at = (name: string): number[] => lastOf(name, [...returns, until(61)]);
  // Σ r² = 1 + 4 + 9 + 1 + 16 = 31.
  const rv = 31;
  // Neighbours: 1·2 + 2·3 + 3·1 = 11, four in a row: 1·2·3·1 = 6.
  const bv = (Math.PI / 2) * (60 / 59) * 11;
  const qp = (Math.PI / 2) ** 2 * 60 * (60 / 57) * 6;

  it('bipower: π / 2 times the products of neighbours', () => {
    expect(at('bipower')[0]).toBeCloseTo(Math.sqrt(((Math.PI / 2) * 11) / 59), 12);
  });

  it('jump: what bipower lacks of the realised variance, and its test', () => {
    const share = 1 - bv / rv;
    expect(qp / bv ** 2).toBeGreaterThan(1);
    const z = share / Math.sqrt((((Math.PI ** 2 / 4 + Math.PI - 5) / 60) * qp) / bv ** 2);
    const [gotShare, gotZ] = at('jump');
    expect(gotShare).toBeCloseTo(share, 12);
    expect(gotZ).toBeCloseTo(z, 12);
  });

  it('jump: all of it is one where a single second moved', () => {
    // BV = QP = 0, and the bound max(1, QP / BV²) = 1: z = 1 / √((π² / 4 + π − 5) / 60), (π² / 4 + π − 5) = 0.6090.
    const [share, z] = lastOf('jump', [startOf(), ...moved([[20, 7]]), until(61)]);
    expect(share).toBe(1);
    expect(z).toBeCloseTo(Math.sqrt(60 / (Math.PI ** 2 / 4 + Math.PI - 5)), 12);
    expect(z).toBeCloseTo(Math.sqrt(60 / 0.609), 3);
  });

  it('semivariance, skewness, kurtosis: balances of powers', () => {
    // r |r|: 1 + 4 − 9 + 1 + 16 = 13; r³: 1 + 8 − 27 + 1 + 64 = 47; r⁴: 1 + 16 + 81 + 1 + 256 = 355.
    expect(at('semivariance')[0]).toBeCloseTo(13 / 31, 12);
    expect(at('skewness')[0]).toBeCloseTo((Math.sqrt(60) * 47) / 31 ** 1.5, 12);
    expect(at('kurtosis')[0]).toBeCloseTo((60 * 355) / 31 ** 2, 12);
  });

  it('efficiency ratio: net move over path', () => {
    expect(at('efficiency_ratio')[0]).toBeCloseTo(5 / 11, 12);
    // Kaufman’s extremes: a straight line, here downwards.
    const trend = moved(Array.from({ length: 61 }, (_, i) => [i + 0.5, -i]));
    expect(lastOf('efficiency_ratio', [startOf(), ...trend, until(61)])).toEqual([-1]);
  });

  it('are NaN where nothing moved, and the volatilities 0', () => {
    const still = [startOf(), until(61)];
    for (const name of [
      'jump',
      'semivariance',
      'skewness',
      'kurtosis',
      'efficiency_ratio',
      'volatility_of_volatility',
    ]) {
      for (const x of lastOf(name, still)) expect(x, name).toBeNaN();
    }
    for (const name of ['bipower', 'parkinson', 'garman_klass', 'rogers_satchell', 'yang_zhang']) {
      expect(lastOf(name, still), name).toEqual([0]);
    }
  });
});

describe('where the mid stands among the bars', () => {
  it('range position: 1 at the high, −1 at the low, beyond where the open bar has left the range', () => {
    const position = (...moves: [number, number][]): number[] =>
      lastOf('range_position', [...returns, until(61), ...moved(moves, 5)]);
    // The bars of `returns` range from 0 to 5 above the start.
    expect(position()).toEqual([1]);
    expect(position([61.5, 0])).toEqual([-1]);
    expect(position([61.5, 2])[0]).toBeCloseTo((2 * 2 - 5 - 0) / 5, 12);
    expect(position([61.5, 7])[0]).toBeCloseTo((2 * 7 - 5 - 0) / 5, 12);
    // A second later the bar that reached 7 is closed: 7 is the high.
    expect(position([61.5, 7], [62.5, 7])).toEqual([1]);
    expect(lastOf('range_position', [startOf(), until(61)])[0]).toBeNaN();
  });

  it('drawdown: from the highest and the lowest mid, those of the open bar among them', () => {
    const drawdown = (...moves: [number, number][]): number[] =>
      lastOf('drawdown', [...returns, until(61), ...moved(moves, 5)]);
    expect(drawdown()).toEqual([0, 5]);
    // Up to 8 and down to 2 within the open second: 6 below the high, 2 above the low of 0.
    expect(drawdown([61.1, 8], [61.5, 2])).toEqual([6, 2]);
    // The low of 0 was the close of second 12 and leaves with its bar; 1 is left, from second 13.
    expect(lastOf('drawdown', [...returns, until(72.9)])).toEqual([0, 5]);
    expect(lastOf('drawdown', [...returns, until(73)])).toEqual([0, 4]);
  });

  it('is NaN while a side is empty', () => {
    const gone = delta(61.5e9, [bid(START + 4, 0)]);
    expect(lastOf('range_position', [...returns, until(61), gone])[0]).toBeNaN();
    expect(lastOf('drawdown', [...returns, until(61), gone])).toEqual([Number.NaN, Number.NaN]);
  });
});

describe('bars', () => {
  const parkinson = (messages: readonly Message[]): number[] => valuesOf('parkinson', messages).flat();

  it('are seen once closed, by the first message at or after their end, and not before', () => {
    const values = parkinson([
      ...candles,
      until(60.999),
      until(61),
      ...moved(
        [
          [61.2, 50],
          [61.9, 3],
        ],
        3,
      ),
      until(61.999),
      until(62),
    ]);
    const before = Math.sqrt(25 / (240 * LN2));
    expect(values.slice(-6, -5)[0]).toBeNaN();
    for (const x of values.slice(-5, -1)) expect(x).toBeCloseTo(before, 12);
    // The bar of second 61 ranged from 3, with which it ended, to 50.
    expect(values.at(-1)).toBeCloseTo(Math.sqrt((25 + 47 ** 2) / (240 * LN2)), 12);
  });

  it('leave after sixty seconds, many at once after a long silence', () => {
    // Second 10 is the oldest of sixty bars from 70 on, and gone at 71.
    expect(parkinson([...candles, until(70.9)]).at(-1)).toBeCloseTo(Math.sqrt(25 / (240 * LN2)), 12);
    expect(parkinson([...candles, until(71)]).at(-1)).toBe(0);
    const silence = [...candles, until(61), until(1e5)];
    expect(parkinson(silence).at(-1)).toBe(0);
    const after = [
      ...silence,
      ...moved(
        [
          [1e5 + 0.2, 3],
          [1e5 + 0.4, 7],
        ],
        3,
      ),
      until(1e5 + 1),
    ];
    expect(parkinson(after).at(-1)).toBeCloseTo(Math.sqrt(16 / (240 * LN2)), 12);
  });

  it('need a mid: seconds in which a side is empty throughout are none, and the next bar follows on the last', () => {
    // The ask is gone from 20.5 to 23.5: seconds 21 and 22 are no bars, second 20 stands, and second 23 opens 10 higher.
    const gap = [
      startOf(),
      delta(20.2e9, [bid(START - 1, 6)]),
      delta(20.5e9, [ask(START + 1, 0)]),
      delta(23.5e9, [bid(START - 1, 0), bid(START + 9, 5), ask(START + 11, 5)]),
    ];
    expect(lastOf('yang_zhang', [...gap, until(62.9)])[0]).toBeNaN();
    // One step from close to open of 10: variance (100 − 100 / 60) / 59 = 100 / 60.
    expect(lastOf('yang_zhang', [...gap, until(63)])[0]).toBeCloseTo(Math.sqrt(100 / 60), 12);
    expect(lastOf('efficiency_ratio', [...gap, until(63)])).toEqual([1]);
    // Empty from within a second in which no book left a mid: no bar either.
    const short = [startOf(), delta(20.5e9, [ask(START + 1, 0)]), delta(21.5e9, [ask(START + 1, 5)])];
    expect(lastOf('parkinson', [...short, until(61)])[0]).toBeNaN();
    expect(lastOf('parkinson', [...short, until(62)])).toEqual([0]);
  });

  it('start a new grid with a new book', () => {
    const later = moved([
      [110.4, 2],
      [110.8, 0],
    ]);
    const [value] = lastOf('parkinson', [...candles, startOf(100.3e9), ...later, until(161.3)]);
    // Both moves fall into [110.3, 111.3).
    expect(value).toBeCloseTo(Math.sqrt(4 / (240 * LN2)), 12);
    expect(lastOf('parkinson', [...candles, startOf(100.3e9), ...later, until(161.2)])[0]).toBeNaN();
  });

  it('say the same however seldom they are asked, exactly, and forget a jump too large for exact sums', () => {
    // Two to a second, with a jump of 80,000 ticks and back: its fourth power is 2⁶⁵.
    const walk = Array.from(
      { length: 400 },
      (_, i) => [i * 0.7 + 0.1, ((i * 37) % 23) + (i > 100 && i < 140 ? 8e4 : 0)] as const,
    );
    const messages = [startOf(), ...moved(walk)];
    for (const name of ['kurtosis', 'skewness', 'jump', 'efficiency_ratio', 'yang_zhang', 'rogers_satchell', 'hurst']) {
      const often = valuesOf(name, messages);
      // A new engine hears the same and is asked once.
      for (const k of [130, 139, 180, 260, 400]) expect(onceOf(name, messages.slice(0, k + 1)), name).toEqual(often[k]);
    }
  });
});

/** The columns of one signal after the last message, no row having been taken before. */
function onceOf(name: string, messages: readonly Message[]): number[] {
  const instrument = instrumentOf({ depthLimit: 2 });
  const engine = new FeatureEngine(instrument, { signals: CATALOGUE.filter((signal) => signal.name === name) });
  const batch = toBatch(messages);
  const book = new LadderBook();
  const sync = new BookSync(instrument, book);
  for (let from = 0; from < batch.length; from = messageEnd(batch, from)) {
    const to = messageEnd(batch, from);
    engine.onMessage(batch, from, to, book, sync.applyMessage(batch, from, to));
  }
  const row = new Float64Array(engine.schema.names.length);
  row.set(engine.row());
  return [...row];
}
