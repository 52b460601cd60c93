import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BookcastError, decimalStep, decimalToSteps } from '../../../src/core/index.ts';
import { EventKind } from '../../../src/market/index.ts';
import { StepReader } from '../../../src/venues/binance/step-reader.ts';
import { meaningOf } from './oracle.ts';
import { decodeLines, instrumentOf, RECV, type Row, usdm } from './support.ts';

const USDM = instrumentOf('BTCUSDT', 'USDM');

/** Values as the venue sends them, and some that it does not. */
const decimals = (scale: number, strange: boolean): fc.Arbitrary<string> => {
  const plain = fc
    .tuple(fc.integer({ min: 1, max: 200000 }), fc.nat({ max: 10 ** scale - 1 }), fc.nat({ max: 8 - scale }))
    .map(([whole, part, zeros]) =>
      `${whole}.${String(part).padStart(scale, '0')}${'0'.repeat(zeros)}`.replace(/\.$/, ''),
    );
  if (!strange) return plain;
  const odd = fc.constantFrom(
    '0',
    '0.0',
    '007.5',
    '5.',
    '.5',
    '',
    '-1',
    '1e3',
    '１',
    '12345678901',
    '0.0000000000',
    'NaN',
    ' 1',
  );
  return fc.oneof({ weight: 30, arbitrary: plain }, { weight: 1, arbitrary: odd });
};

const id = fc.oneof(fc.maxSafeNat(), fc.nat({ max: 100 }));
const levels = (strange: boolean) =>
  fc.array(fc.tuple(decimals(1, strange), fc.oneof(fc.constant('0.000'), decimals(3, strange))), { maxLength: 8 });

const message = fc.boolean().chain((strange) =>
  fc.oneof(
    fc.record({
      e: fc.constant('depthUpdate'),
      E: fc.constant(1723161255208),
      T: fc.constant(1723161255200),
      s: fc.constant('BTCUSDT'),
      U: id,
      u: id,
      pu: id,
      b: levels(strange),
      a: levels(strange),
    }),
    fc.record({
      e: fc.constantFrom('trade', 'trade', 'trade'),
      E: fc.constant(1723161255208),
      T: fc.constant(1723161255200),
      s: fc.constantFrom('BTCUSDT', 'ETHUSDT'),
      t: id,
      p: decimals(1, strange),
      q: decimals(3, strange),
      X: fc.constantFrom('MARKET', 'ADL'),
      m: fc.boolean(),
    }),
    fc.record({
      e: fc.constant('aggTrade'),
      E: fc.constant(1723161255208),
      s: fc.constant('BTCUSDT'),
      a: id,
      p: decimals(1, strange),
      q: decimals(3, strange),
      f: id,
      l: id,
      m: fc.boolean(),
    }),
    fc.record({
      e: fc.constant('bookTicker'),
      u: id,
      s: fc.constant('BTCUSDT'),
      b: decimals(1, strange),
      B: decimals(3, strange),
      a: decimals(1, strange),
      A: decimals(3, strange),
      T: fc.constant(1723161255200),
    }),
    fc.record({ e: fc.constantFrom('markPriceUpdate', 'kline'), E: id, p: fc.string() }),
  ),
);

/** What the decoder makes of one line, in the oracle's terms: rows without flags, or the error's kind. */
function ours(line: string): unknown {
  try {
    const { rows } = decodeLines(USDM, [line]);
    return rows.map(({ flags: _flags, ...rest }: Row) => rest);
  } catch (error) {
    if (error instanceof BookcastError) return 'off step';
    throw error;
  }
}

function theirs(line: string): unknown {
  try {
    return meaningOf(line, 'BTCUSDT', true, [1, 3]);
  } catch (error) {
    if (error instanceof RangeError) return 'off step';
    throw error;
  }
}

describe('the scanner means what JSON.parse means', () => {
  it('on generated messages of every kind', () => {
    fc.assert(
      fc.property(message, (data) => {
        const line = `${RECV} ${JSON.stringify({ stream: 'btcusdt@stream', data })}`;
        expect(ours(line)).toEqual(theirs(line));
      }),
      { numRuns: 1500 },
    );
  });

  it('with the keys in any order, with spaces, and without the wrapper', () => {
    const shuffledMessage = message.chain((data) =>
      fc
        .shuffledSubarray(Object.entries(data), { minLength: Object.keys(data).length })
        .map((entries) => [data, Object.fromEntries(entries)]),
    );
    fc.assert(
      fc.property(shuffledMessage, fc.constantFrom(0, 1), fc.boolean(), ([data, shuffled], space, wrap) => {
        const plain = `${RECV} ${JSON.stringify({ stream: 'btcusdt@stream', data })}`;
        const line = `${RECV} ${JSON.stringify(wrap ? { data: shuffled, stream: 'x' } : shuffled, null, space).replaceAll('\n', '')}`;
        expect(ours(line)).toEqual(ours(plain));
      }),
      { numRuns: 1000 },
    );
  });

  it('with any byte changed, any piece cut out and any piece doubled', () => {
    fc.assert(
      fc.property(
        message,
        fc.nat(),
        fc.nat({ max: 30 }),
        fc.integer({ min: 32, max: 126 }),
        fc.nat({ max: 2 }),
        (data, at, length, byte, how) => {
          const json = JSON.stringify({ stream: 'btcusdt@stream', data });
          const i = at % json.length;
          const piece = json.slice(i, i + length);
          const changed = [
            String.fromCharCode(byte) + json.slice(i + 1),
            json.slice(i + length),
            piece + piece + json.slice(i + length),
          ][how];
          const line = `${RECV} ${json.slice(0, i)}${changed}`;
          // A key that was changed may name a stream that the oracle does not tell from others; it is compared all the same.
          expect(ours(line)).toEqual(theirs(line));
        },
      ),
      { numRuns: 4000 },
    );
  });
});

describe('a header learned from one diff', () => {
  const diff = fc
    .record({
      U: id,
      u: id,
      pu: id,
      E: fc.constantFrom(1723161255208, 1723161255299),
      b: levels(false),
      a: levels(false),
    })
    .map(({ U, u, pu, E, b, a }) => usdm.depth(U, u, pu, b, a).replace('1723161255208', String(E)));
  /** Changes of the header alone. */
  const change = fc.constantFrom<(line: string) => string>(
    (line) => line,
    (line) => line.replace('@depth@0ms', '@depth20@100ms'),
    (line) => line.replaceAll('BTCUSDT', 'ETHUSDT'),
    (line) => line.replace('"T":1723161255200', '"T":1723161255200123'),
    (line) => line.replace(',"T":1723161255200', ''),
    (line) => line.replace('"pu":', '"pu":0'),
    (line) => line.replace(/"u":\d+/, '"u":"5"'),
    (line) => line.replace(/"u":\d+/, '"u":12345678901234567'),
    (line) => line.replace(/"u":\d+/, '"u":'),
    (line) => line.replace('"E":', '"ps":"BTC","E":'),
    (line) => line.replace('{"stream":"btcusdt@depth@0ms","data":', '').replace(/\}$/, ''),
    (line) => line.slice(0, 100),
  );

  it('never changes what the next line means', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(diff, change), { minLength: 2, maxLength: 8 }), (pairs) => {
        const lines = pairs.map(([line, how]) => how(line));
        const expected = lines.flatMap((line) =>
          line.includes('depth20') ? [] : meaningOf(line, 'BTCUSDT', true, [1, 3]),
        );
        const { rows } = decodeLines(USDM, lines);
        const bare = (row: Omit<Row, 'flags'>): unknown =>
          // A fault's venue time is that of the line before it, which the oracle does not know.
          row.kind === EventKind.FAULT ? { ...row, flags: 0, tsEventNs: 0 } : { ...row, flags: 0 };
        expect(rows.map(bare)).toEqual(expected.map(bare));
      }),
      { numRuns: 1500 },
    );
  });
});

describe('StepReader', () => {
  it('reads what decimalToSteps reads', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 12 });
    const text = fc.oneof(
      fc.tuple(digits, digits).map(([a, b]) => `${a}.${b}`),
      digits,
      fc.string({ unit: fc.constantFrom(...'019.-+e'), maxLength: 6 }),
    );
    const step = fc.constantFrom('1', '0.1', '0.01', '0.25', '0.5', '0.00000001', '5', '0.000005');
    fc.assert(
      fc.property(text, step, (decimal, unit) => {
        const bytes = Buffer.from(`${decimal}"]`);
        const reader = new StepReader(decimalStep(unit));
        const expected = decimal.startsWith('-')
          ? Number.NaN
          : decimalToSteps(bytes, 0, decimal.length, decimalStep(unit));
        const steps = reader.read(bytes, 0);
        expect(steps).toBe(expected);
        if (!Number.isNaN(steps)) expect(reader.end).toBe(decimal.length + 1);
      }),
      { numRuns: 3000 },
    );
  });

  it('has no number where the text does not end', () => {
    expect(new StepReader(decimalStep('1')).read(Buffer.from('12'), 0)).toBeNaN();
    expect(new StepReader(decimalStep('1')).read(Buffer.from('123456789012\n'), 0)).toBeNaN();
  });
});
