import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { recordedLines } from '../../../bench/venues/depth-stream.ts';
import { decimalStep } from '../../../src/core/index.ts';
import { BatchBuilder, EventFlag, EventKind, type Instrument, instrumentKey } from '../../../src/market/index.ts';
import { BinanceDecoder } from '../../../src/venues/binance/decode.ts';
import { Decoded } from '../../../src/venues/binance/decoded.ts';
import { cutHeader } from '../../../src/venues/binance/diff-header.ts';
import { DiffKernel, DiffShape, sharedKernel } from '../../../src/venues/binance/diff-kernel.ts';
import { INPUT_BYTES, ROOM } from '../../../src/venues/binance/diff-memory.ts';
import { Field } from '../../../src/venues/binance/flat-scanner.ts';
import { binanceInstrument } from '../../../src/venues/binance/instruments.ts';
import { dataPath, needs } from '../../support/data.ts';
import { DAY, instrumentOf, type Row, rowsOf } from './support.ts';

const USDM = instrumentOf('BTCUSDT', 'USDM');
const SPOT = instrumentOf('BTCUSDT', 'SPOT');
const COINM = instrumentOf('BTCUSD_PERP', 'COINM');
/** Steps whose text has as many decimals as given. */
const steps = (price: number, size: number): Instrument =>
  binanceInstrument('BTCUSDT', 'USDM', { tickSize: String(10 ** -price), lotSize: (10 ** -size).toFixed(size) });

type Level = readonly [string, string];

function diff(bids: readonly Level[], asks: readonly Level[], u = 20, pu = 10): string {
  const list = (levels: readonly Level[]): string => levels.map(([p, q]) => `["${p}","${q}"]`).join(',');
  return (
    `{"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1723161256299,"T":1723161256298,"s":"BTCUSDT","U":${u - 5},` +
    `"u":${u},"pu":${pu},"b":[${list(bids)}],"a":[${list(asks)}]}}`
  );
}

const PLAIN = diff([['1', '1']], []);

interface Outcome {
  readonly decoded: readonly Decoded[];
  readonly rows: readonly Row[];
}

/** What a decoder makes of messages that come after one that teaches it the header. */
function outcome(instrument: Instrument, messages: readonly Buffer[], kernel: DiffKernel | null): Outcome {
  const builder = new BatchBuilder(instrumentKey(instrument), DAY);
  const decoder = new BinanceDecoder(instrument, 'BTCUSDT', builder, false, kernel);
  const first = Buffer.from(PLAIN);
  const decoded = [decoder.decodeMessage(first, 0, first.length, 5)];
  messages.forEach((bytes, i) => {
    decoded.push(decoder.decodeMessage(bytes, 0, bytes.length, i));
  });
  return { decoded, rows: rowsOf(builder.finish()) };
}

/** The same with the kernel's own builder, and with bytes held. */
function heldOutcome(instrument: Instrument, messages: readonly Buffer[]): Outcome {
  const kernel = DiffKernel.create()!;
  const builder = kernel.builder(instrumentKey(instrument), DAY);
  const decoder = new BinanceDecoder(instrument, 'BTCUSDT', builder, false, kernel);
  const all = [Buffer.from(PLAIN), ...messages];
  const bytes = Buffer.concat(all.flatMap((message) => [message, Buffer.from('\n')]));
  decoder.hold(bytes);
  let at = 0;
  const decoded = all.map((message, i) => {
    const from = at;
    at += message.length + 1;
    return decoder.decodeMessage(bytes, from, from + message.length, i === 0 ? 5 : i - 1);
  });
  return { decoded, rows: rowsOf(builder.finish()) };
}

function expectAlike(instrument: Instrument, messages: readonly Buffer[]): Outcome {
  const plain = outcome(instrument, messages, null);
  expect(outcome(instrument, messages, sharedKernel())).toEqual(plain);
  expect(heldOutcome(instrument, messages)).toEqual(plain);
  return plain;
}

/** Whether the kernel, and not the scanners, takes levels of that text. */
function takes(instrument: Instrument, ...levels: Level[]): boolean {
  const first = Buffer.from(PLAIN);
  const kernel = DiffKernel.create()!;
  const shape = new DiffShape(cutHeader(first, 0, first.indexOf('"b":[') + 5), 2);
  const bytes = Buffer.from(diff(levels, []));
  expect(kernel.match(shape, bytes, 0, bytes.length)).toBe(true);
  const builder = new BatchBuilder('x:Y', DAY);
  const scale = (text: string): number => decimalStep(text).scale;
  return kernel.push(builder, scale(instrument.tickSize), scale(instrument.lotSize), 1, 2, 3, 4);
}

const number = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(fc.nat({ max: 200_000 }), fc.integer({ min: 0, max: 10 }), fc.nat())
      .map(([whole, decimals, seed]) =>
        decimals === 0 ? `${whole}` : `${whole}.${`${seed}`.padEnd(10, '0').slice(0, decimals)}`,
      ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.nat({ max: 200_000 }), fc.nat({ max: 9 }), fc.integer({ min: 0, max: 14 }))
      .map(([a, b, n]) => `${a}.${b}${'0'.repeat(n)}`),
  },
  { weight: 2, arbitrary: fc.stringMatching(/^[0-9]{1,18}(\.[0-9]{1,18})?$/) },
  { weight: 1, arbitrary: fc.stringMatching(/^[0-9.,\-e" ]{0,6}$/) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '5.',
      '.5',
      '',
      '0',
      '007.50',
      '-1',
      '1e3',
      '2147483647',
      '2147483648',
      '9007199254740991',
      '9007199254740992',
      '1234567890123456.123456789012345',
    ),
  },
);
const level: fc.Arbitrary<Level> = fc.tuple(number, number);
const instruments = fc.constantFrom(
  USDM,
  SPOT,
  COINM,
  steps(0, 0),
  steps(5, 8),
  steps(2, 14),
  steps(1, 15),
  steps(0, 3),
  {
    ...USDM,
    tickSize: '0.5',
  },
);

describe('the kernel', () => {
  it('means the same as the scanners, whatever the levels', () => {
    fc.assert(
      fc.property(
        instruments,
        fc.array(fc.tuple(fc.array(level, { maxLength: 4 }), fc.array(level, { maxLength: 4 })), { maxLength: 4 }),
        (instrument, diffs) => {
          expectAlike(
            instrument,
            diffs.map(([bids, asks], i) => Buffer.from(diff(bids, asks, 30 + i, 20 + i))),
          );
        },
      ),
      { numRuns: 400 },
    );
  });

  it('means the same as the scanners where a message was changed in any place', () => {
    const whole = diff(
      [
        ['61787.70', '0.014'],
        ['1000.00', '606.675'],
      ],
      [['61790.10', '12.000']],
      9_007_199_254_740_991,
      5123107837557,
    );
    const change = fc.tuple(
      fc.nat({ max: whole.length - 1 }),
      fc.constantFrom('cut', 'drop', 'double', 'set'),
      fc.constantFrom(...'0195.,:"[]{} \n\0eu\\'),
    );
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        let text = whole;
        for (const [at, how, c] of changes) {
          if (how === 'cut') text = text.slice(0, at);
          else if (how === 'drop') text = text.slice(0, at) + text.slice(at + 1);
          else if (how === 'double') text = text.slice(0, at) + text.slice(at - 5);
          else text = text.slice(0, at) + c + text.slice(at + 1);
        }
        expectAlike(USDM, [Buffer.from(text), Buffer.from(whole)]);
      }),
      { numRuns: 400 },
    );
  });

  it('takes what Binance writes', () => {
    expect(takes(USDM, ['61787.70', '0.014'], ['1000.00', '606.675'], ['61787.70', '0.000'])).toBe(true);
    expect(takes(SPOT, ['61737.63000000', '0.00000000'], ['0.01000000', '12345.67891000'])).toBe(true);
    expect(takes(COINM, ['61773.6', '1001'], ['61776.4', '0'])).toBe(true);
    expect(takes(steps(0, 0), ['5.0', '7.00000000'], ['2147483647', '9007199254740991'])).toBe(true);
    expect(takes(steps(0, 0))).toBe(true);
    // Finer than a step, none or too large, and what is no number of the kernel's form.
    for (const bad of ['61787.75', '0.00', '214748364.80', '.5', '5.', '5', '', '-1.0', '61787.70000000000', '1e5']) {
      expect(takes(USDM, [bad, '0.014']), bad).toBe(false);
    }
    expect(takes(steps(0, 0), ['5', '9007199254740992'])).toBe(false);
    expect(takes(steps(0, 0), ['5.', '1'])).toBe(false);
  });

  it('reads every number exactly', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 8 }),
        fc.nat({ max: Number.MAX_SAFE_INTEGER }),
        fc.nat({ max: 6 }),
        (scale, units, zeros) => {
          const digits = String(units).padStart(scale + 1, '0');
          const whole = digits.slice(0, digits.length - scale);
          const text = scale === 0 ? whole : `${whole}.${digits.slice(digits.length - scale)}${'0'.repeat(zeros)}`;
          fc.pre(text.length <= 16);
          const instrument = steps(0, scale);
          expect(takes(instrument, ['7', text])).toBe(true);
          const { rows } = outcome(instrument, [Buffer.from(diff([['7', text]], []))], sharedKernel());
          expect(rows[3].sizeLots).toBe(units);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('marks the head and the last row, and tells the times and ids', () => {
    const { decoded, rows } = expectAlike(USDM, [
      Buffer.from(diff([['1.00', '2.000']], [['3.00', '4.000']], 77, 66)),
      Buffer.from(diff([], [], 88, 77)),
    ]);
    expect(decoded).toEqual([Decoded.DIFF, Decoded.DIFF, Decoded.DIFF]);
    expect(rows.slice(2).map((row) => [row.kind, row.flags, row.sequence, row.orderId, row.tsRecvNs])).toEqual([
      [EventKind.DELTA, 0, 77, 66, 0],
      [EventKind.LEVEL, 0, 77, 0, 0],
      [EventKind.LEVEL, EventFlag.MESSAGE_END, 77, 0, 0],
      [EventKind.DELTA, EventFlag.MESSAGE_END, 88, 77, 1],
    ]);
  });

  it('is shared by decoders of different streams, in any order', () => {
    const spot = (u: number): string =>
      `{"stream":"btcusdt@depth","data":{"e":"depthUpdate","E":1723161256299,"s":"BTCUSDT","U":${u},"u":${u},"b":[["5.12000000","1.00000000"]],"a":[]}}`;
    const run = (kernel: DiffKernel | null): Row[][] => {
      const builders = [USDM, SPOT].map((instrument) => new BatchBuilder(instrumentKey(instrument), DAY));
      const decoders = [USDM, SPOT].map(
        (instrument, i) => new BinanceDecoder(instrument, 'BTCUSDT', builders[i], false, kernel),
      );
      for (let i = 0; i < 20; i++) {
        const which = (i * 7) % 3 === 0 ? 0 : 1;
        const bytes = Buffer.from(which === 0 ? diff([['61787.70', '0.014']], [], i + 10, i) : spot(i));
        decoders[which].decodeMessage(bytes, 0, bytes.length, i);
      }
      return builders.map((builder) => rowsOf(builder.finish()));
    };
    expect(run(sharedKernel())).toEqual(run(null));
  });

  it('goes on where the rows do not fit, and where a message is too long for it', () => {
    const kernel = DiffKernel.create()!;
    const own = kernel.builder(instrumentKey(USDM), DAY);
    const other = new BatchBuilder(instrumentKey(USDM), DAY);
    const decoders = [
      new BinanceDecoder(USDM, 'BTCUSDT', own, false, kernel),
      new BinanceDecoder(USDM, 'BTCUSDT', other, false, null),
    ];
    const many = Array.from({ length: 900 }, (_, i): Level => [`${6000 + i}.10`, `${i}.000`]);
    const huge = Array.from({ length: INPUT_BYTES / 16 }, (_, i): Level => [`${6000 + (i % 900)}.10`, '1.000']);
    const messages = [diff(many, many), diff(huge, []), ...Array.from({ length: 40 }, () => diff(many, many))];
    for (const text of [PLAIN, ...messages, ...messages]) {
      const bytes = Buffer.from(text);
      for (const decoder of decoders) expect(decoder.decodeMessage(bytes, 0, bytes.length, 1)).toBe(Decoded.DIFF);
    }
    expect(own.length).toBeGreaterThan(ROOM);
    expect(own.length).toBe(other.length);
    const [a, b] = [own.finish()!, other.finish()!];
    for (const column of ['priceTicks', 'sizeLots', 'kind', 'side', 'flags', 'sequence'] as const) {
      expect(Buffer.compare(Buffer.from(a[column]), Buffer.from(b[column]))).toBe(0);
    }
  });

  it('does not wonder at messages without a byte between them', () => {
    const texts = [PLAIN, diff([['1.00', '2.000']], [], 12, 11), diff([['2.00', '2.000']], [], 13, 12)];
    const bytes = Buffer.from(texts.join(''));
    const kernel = DiffKernel.create()!;
    const builder = kernel.builder(instrumentKey(USDM), DAY);
    const decoder = new BinanceDecoder(USDM, 'BTCUSDT', builder, false, kernel);
    decoder.hold(bytes);
    let at = 0;
    for (const text of texts) {
      expect(decoder.decodeMessage(bytes, at, at + text.length, 0)).toBe(Decoded.DIFF);
      at += text.length;
    }
    expect(rowsOf(builder.finish()).filter((row) => row.kind === EventKind.DELTA)).toHaveLength(3);
  });

  it('is not there without WebAssembly, and then the scanners read all', () => {
    const messages = [Buffer.from(diff([['61787.70', '0.014']], []))];
    const expected = outcome(USDM, messages, null);
    vi.stubGlobal('WebAssembly', undefined);
    try {
      expect(DiffKernel.create()).toBe(null);
      expect(outcome(USDM, messages, DiffKernel.create())).toEqual(expected);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('holds no more than it has room for', () => {
    const text = diff([['1.00', '2.000']], [], 12, 11);
    const bytes = Buffer.concat([Buffer.from(`${PLAIN}\n${text}\n`), Buffer.alloc(INPUT_BYTES)]);
    const kernel = DiffKernel.create()!;
    const decoder = new BinanceDecoder(USDM, 'BTCUSDT', kernel.builder(instrumentKey(USDM), DAY), false, kernel);
    decoder.hold(bytes);
    const at = PLAIN.length + 1;
    expect(decoder.decodeMessage(bytes, 0, PLAIN.length, 0)).toBe(Decoded.DIFF);
    expect(decoder.decodeMessage(bytes, at, at + text.length, 0)).toBe(Decoded.DIFF);
  });

  it('serves its own builder alone', () => {
    const kernel = DiffKernel.create()!;
    kernel.builder('x:Y', DAY);
    expect(() => kernel.builder('x:Y', DAY)).toThrow('a kernel has one builder');
    expect(() => outcome(USDM, [Buffer.from(PLAIN)], kernel)).toThrow('a kernel with a builder serves that alone');
  });

  it('has no room for a header that no stream has', () => {
    const text = `{"${'x'.repeat(8000)}":1,"b":[`;
    expect(new DiffShape(cutHeader(Buffer.from(text), 0, text.length), 1).fits).toBe(false);
    const pieces = Array.from({ length: 90 }, (_, i) => `"${i}":1`).join(',');
    expect(new DiffShape(cutHeader(Buffer.from(pieces), 0, pieces.length), 1).fits).toBe(false);
    expect(new DiffShape(cutHeader(Buffer.from('"pu":12,"b":['), 0, 13), 1).fits).toBe(true);
    expect(cutHeader(Buffer.from('"pu":12,"b":['), 0, 13).map(({ field }) => field)).toEqual([Field.PREVIOUS, -1]);
  });

  for (const [file, instrument] of [
    ['usdm_btcusdt_20240808.gz', USDM],
    ['spot_btcusdt_20240808.gz', SPOT],
    ['cm_btcusd_perp_20240808.gz', COINM],
  ] as const) {
    const path = dataPath(`binance/${file}`);
    it.skipIf(path === null)(`reads ${file} as the scanners do${needs(`binance/${file}`)}`, () => {
      const lines = recordedLines(path!).slice(0, 30_000);
      const rows = [null, DiffKernel.create()!].map((kernel) => {
        const builder = kernel?.builder('x:Y', DAY) ?? new BatchBuilder('x:Y', DAY);
        const decoder = new BinanceDecoder(instrument, instrument.name.split('/')[0], builder, true, kernel);
        const batches: Buffer[] = [];
        for (const line of lines) {
          decoder.decode(line, 0, line.length);
          if (builder.full) batches.push(Buffer.from(builder.finish()!.buffer));
        }
        return Buffer.concat(batches);
      });
      expect(rows[0].length).toBeGreaterThan(1e6);
      expect(Buffer.compare(rows[0], rows[1])).toBe(0);
    });
  }
});
