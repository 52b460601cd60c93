import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assemble,
  block,
  type Code,
  f64,
  give,
  i32,
  i64,
  loop,
  PAGE_BYTES,
  v128,
  wasmFunction,
  when,
} from '../../src/wasm/index.ts';

declare const WebAssembly: {
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (module: object) => { readonly exports: unknown };
};

type Run = (...args: number[]) => number;
interface Exports {
  memory: { buffer: ArrayBuffer };
  run: Run;
}

function compile(...functions: Parameters<typeof assemble>[0]): Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(assemble(functions, 1))).exports as Exports;
}

/** A function of two integers that gives what `write` makes of them. */
function ofTwo(write: (a: Code<'i32'>, b: Code<'i32'>) => Code<'i32'>): Run {
  const { run } = compile(
    wasmFunction('run', (frame) => {
      const a = frame.param('i32');
      const b = frame.param('i32');
      return [give(write(a, b))];
    }),
  );
  return run;
}

const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

describe('WebAssembly written in TypeScript', () => {
  it('computes with integers as JavaScript does', () => {
    const operations: [Run, (a: number, b: number) => number][] = [
      [ofTwo(i32.add), (a, b) => (a + b) | 0],
      [ofTwo(i32.sub), (a, b) => (a - b) | 0],
      [ofTwo(i32.mul), Math.imul],
      [ofTwo(i32.and), (a, b) => a & b],
      [ofTwo(i32.or), (a, b) => a | b],
      [ofTwo(i32.xor), (a, b) => a ^ b],
      [ofTwo(i32.shl), (a, b) => a << (b & 31)],
      [ofTwo(i32.eq), (a, b) => Number(a === b)],
      [ofTwo(i32.ne), (a, b) => Number(a !== b)],
      [ofTwo(i32.gtU), (a, b) => Number(a >>> 0 > b >>> 0)],
      [ofTwo(i32.leU), (a, b) => Number(a >>> 0 <= b >>> 0)],
      [ofTwo((a) => i32.eqz(a)), (a) => Number(a === 0)],
      [ofTwo((a) => i32.ctz(a)), (a) => (a === 0 ? 32 : 31 - Math.clz32(a & -a))],
    ];
    fc.assert(
      fc.property(int, int, (a, b) => {
        for (const [run, expected] of operations) {
          expect(run(a, b)).toBe(expected(a, b));
          expect(run(a, a)).toBe(expected(a, a));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('writes constants of every length', () => {
    const edges = [0, 63, 64, -64, -65, 127, 128, 8191, 8192, 2 ** 31 - 1, -(2 ** 31)];
    fc.assert(
      fc.property(fc.oneof(int, fc.constantFrom(...edges)), (value) => {
        expect(ofTwo(() => i32.const(value))(0, 0)).toBe(value);
        expect(ofTwo(() => i64.toI32(i64.const(value)))(0, 0)).toBe(value);
      }),
      { numRuns: 50 },
    );
    // 2^52 − 1, taken apart.
    const high = ofTwo(() => i64.toI32(i64.shrU(i64.const(2 ** 52 - 1), i64.const(32))));
    expect(high(0, 0)).toBe(2 ** 20 - 1);
    const wide = ofTwo(() =>
      i64.gtU(i64.const(2 ** 53), i64.add(i64.mul(i64.const(2 ** 32), i64.const(2 ** 20)), i64.const(1))),
    );
    expect(wide(0, 0)).toBe(1);
    expect(ofTwo(() => i64.toI32(i64.and(i64.sub(i64.const(0), i64.const(1)), i64.const(255))))(0, 0)).toBe(255);
  });

  it('loops, leaves and branches', () => {
    // The sum of the even numbers below `n`, and -1 where it exceeds 1000.
    const { run } = compile(
      wasmFunction('other', () => [give(i32.const(7))]),
      wasmFunction('run', (frame) => {
        const n = frame.param('i32');
        const i = frame.local('i32');
        const sum = frame.local('i32');
        return [
          block((tooLarge) => [
            block((done) => [
              loop((again) => [
                done.goIf(i32.leU(n, i)),
                when(
                  i32.and(i, i32.const(1)),
                  [i.set(i32.add(i, i32.const(1))), again.go()],
                  [sum.set(i32.add(sum, i))],
                ),
                tooLarge.goIf(i32.gtU(sum, i32.const(1000))),
                i.set(i32.add(i, i32.const(1))),
                again.go(),
              ]),
            ]),
            give(sum),
          ]),
          give(i32.const(-1)),
        ];
      }),
    );
    for (const n of [0, 1, 2, 3, 10, 60]) {
      let sum = 0;
      for (let i = 0; i < n; i += 2) sum += i;
      expect(run(n)).toBe(sum);
    }
    expect(run(100)).toBe(-1);
  });

  it('reads and writes its memory', () => {
    const { run, memory } = compile(
      wasmFunction('run', (frame) => {
        const at = frame.param('i32');
        const x = frame.param('f64');
        return [
          i32.store(at, i32.add(i32.load(at), i32.const(1))),
          i32.store8(at, i32.load8(at, 4), 5),
          f64.store(at, x, 8),
          i64.store(at, i64.const(-2), 300),
          f64.store(at, i64.toF64(i64.const(2 ** 53 - 1)), 16),
          give(i32.load16(at, 4)),
        ];
      }),
    );
    expect(memory.buffer.byteLength).toBe(PAGE_BYTES);
    const view = new DataView(memory.buffer);
    view.setInt32(1000, 41, true);
    view.setUint8(1004, 0xab);
    expect(run(1000, 0.1)).toBe(0xabab);
    expect(view.getInt32(1000, true)).toBe(42);
    expect(view.getFloat64(1008, true)).toBe(0.1);
    expect(view.getFloat64(1016, true)).toBe(Number.MAX_SAFE_INTEGER);
    expect(view.getBigInt64(1300, true)).toBe(-2n);
  });

  it('takes sixteen bytes at a time', () => {
    const text = '0123456789abcdef';
    const program = (write: (word: Code<'v128'>, other: Code<'v128'>) => Code<'i32'>): number => {
      const { run, memory } = compile(
        wasmFunction('run', () => [give(write(v128.load(i32.const(0)), v128.load(i32.const(16))))]),
      );
      new Uint8Array(memory.buffer).set(Buffer.from(`${text}${'5'.repeat(16)}`));
      new Uint8Array(memory.buffer).fill(2, 32, 48);
      new Uint8Array(memory.buffer).set([9, 8, 255], 48);
      return run();
    };
    expect(program((word, five) => v128.bitmask8(v128.eq8(word, five)))).toBe(1 << 5);
    expect(program((word, five) => v128.bitmask8(v128.geU8(word, five)))).toBe(0xffe0);
    const low = (value: Code<'v128'>): Code<'i32'> => i64.toI32(v128.lowI64(value));
    expect(program((word, five) => low(v128.sub8(five, word)))).toBe(0x02030405);
    expect(program((word) => low(v128.swizzle8(word, v128.load(i32.const(48)))))).toBe(0x30003839);
    // '0' · 2 + '1' · 2 as 16 bits each; then 194 · 0x202 + 202 · 0x202.
    expect(program((word) => low(v128.dot8(word, v128.load(i32.const(32)))))).toBe(
      (((50 + 51) * 2) << 16) | ((48 + 49) * 2),
    );
    const twos = v128.load(i32.const(32));
    expect(program((word) => low(v128.dot16(v128.dot8(word, twos), twos)))).toBe((194 + 202) * 0x202);
    expect(program(() => low(v128.narrow32(v128.load(i32.const(64)), twos)))).toBe(0);
    expect(program(() => i64.toI32(v128.highI64(v128.narrow32(v128.load(i32.const(64)), twos))))).toBe(-1);
  });

  it('computes with numbers, one and two at a time, as JavaScript does', () => {
    const number = fc.double({ noNaN: true, min: -1e100, max: 1e100 });
    const at = (offset: number): Code<'f64'> => f64.load(i32.const(0), offset);
    const pair = (offset: number): Code<'v128'> => v128.load(i32.const(0), offset);
    const single = [f64.add(at(0), at(16)), f64.sub(at(0), at(16)), f64.mul(at(0), at(16)), f64.const(-0.1)];
    const double = [v128.addF64, v128.subF64, v128.mulF64].map((operation) => operation(pair(0), pair(16)));
    const { run, memory } = compile(
      wasmFunction('run', () => [
        ...single.map((value, k) => f64.store(i32.const(64), value, 8 * k)),
        ...double.map((value, k) => v128.store(i32.const(96), value, 16 * k)),
        v128.store(i32.const(144), v128.splatF64(f64.add(v128.lowF64(pair(0)), v128.highF64(pair(0))))),
        f64.store(i32.const(160), f64.fromI32(i32.const(-7))),
        give(f64.ne(at(0), at(16))),
      ]),
    );
    const numbers = new Float64Array(memory.buffer);
    fc.assert(
      fc.property(number, number, number, number, (a, b, c, d) => {
        numbers.set([a, b, c, d]);
        expect(run()).toBe(Number(a !== c));
        expect([...numbers.subarray(8, 12)]).toEqual([a + c, a - c, a * c, -0.1]);
        expect([...numbers.subarray(12, 18)]).toEqual([a + c, b + d, a - c, b - d, a * c, b * d]);
        expect([...numbers.subarray(18, 21)]).toEqual([a + b, a + b, -7]);
      }),
      { numRuns: 100 },
    );
  });

  it('compares four integers at a time', () => {
    const [a, b] = [v128.load(i32.const(0)), v128.load(i32.const(16))];
    const words = [v128.ltI32(a, b), v128.gtI32(a, b), v128.andNot(a, b), v128.lowToI64(a), v128.highToI64(a)];
    const { run, memory } = compile(
      wasmFunction('run', () => [
        ...words.map((word, k) => v128.store(i32.const(32), word, 16 * k)),
        give(i32.const(0)),
      ]),
    );
    const integers = new Int32Array(memory.buffer);
    integers.set([1, -5, 2 ** 31 - 1, -(2 ** 31), 1, 3, -(2 ** 31), 7]);
    run();
    expect([...integers.subarray(8, 12)]).toEqual([0, -1, 0, -1]);
    expect([...integers.subarray(12, 16)]).toEqual([0, 0, -1, 0]);
    expect([...integers.subarray(16, 20)]).toEqual([0, -8, 2 ** 31 - 1, -(2 ** 31)]);
    const wide = new BigInt64Array(memory.buffer);
    expect([...wide.subarray(10, 14)]).toEqual([1n, -5n, 2n ** 31n - 1n, -(2n ** 31n)]);
  });
});
