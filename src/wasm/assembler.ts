/**
 * WebAssembly written in TypeScript: expressions build a tree, and `assemble` writes the tree as a module (WebAssembly
 * core specification 2.0, "Binary format", and the relaxed SIMD proposal). Only the instructions that are used here. The
 * compiler checks the types of all operands, the engine validates the module when it is compiled.
 */
export type Type = 'i32' | 'i64' | 'f64' | 'v128';

/** Code that leaves one value of the type; `void` leaves none. */
export interface Code<T extends Type | 'void' = 'void'> {
  readonly type: T;
  write(to: Output): void;
}

export interface Local<T extends Type> extends Code<T> {
  set(value: Code<T>): Code;
}

/** Where a jump leads: behind a `block`, or to the beginning of a `loop`. */
export interface Label {
  go(): Code;
  goIf(condition: Code<'i32'>): Code;
}

/** The locals of one function. Parameters come first. */
export interface Frame {
  param<T extends Type>(type: T): Local<T>;
  local<T extends Type>(type: T): Local<T>;
}

/** A function that returns an i32. */
export interface WasmFunction {
  readonly name: string;
  readonly params: readonly Type[];
  readonly locals: readonly Type[];
  readonly body: readonly Code[];
}

interface Output {
  readonly bytes: number[];
  /** The blocks around the place that is being written, outermost first; null for one that nothing jumps to. */
  readonly blocks: (Label | null)[];
}

const TYPE_CODE = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b } as const;
const NO_RESULT = 0x40;
const END = 0x0b;
export const PAGE_BYTES = 65536;

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 128; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

function signed(value: bigint): number[] {
  const bytes: number[] = [];
  for (; value < -64n || value > 63n; value >>= 7n) bytes.push(Number(value & 127n) | 128);
  return [...bytes, Number(value & 127n)];
}

function code<T extends Type | 'void'>(type: T, operands: readonly Code<Type>[], ...opcode: number[]): Code<T> {
  return {
    type,
    write(to) {
      for (const operand of operands) operand.write(to);
      to.bytes.push(...opcode);
    },
  };
}

const unary =
  <A extends Type, R extends Type>(_from: A, to: R, ...opcode: number[]) =>
  (a: Code<A>): Code<R> =>
    code(to, [a], ...opcode);
const binary =
  <A extends Type, R extends Type>(_from: A, to: R, ...opcode: number[]) =>
  (a: Code<A>, b: Code<A>): Code<R> =>
    code(to, [a, b], ...opcode);
/** Addresses need not be aligned, and the constant part of an address costs nothing. */
const load =
  <R extends Type>(to: R, ...opcode: number[]) =>
  (at: Code<'i32'>, offset = 0): Code<R> =>
    code(to, [at], ...opcode, 0, ...unsigned(offset));
const store =
  <A extends Type>(_from: A, ...opcode: number[]) =>
  (at: Code<'i32'>, value: Code<A>, offset = 0): Code =>
    code('void', [at, value], ...opcode, 0, ...unsigned(offset));

export const i32 = {
  const: (value: number) => code('i32', [], 0x41, ...signed(BigInt(value | 0))),
  load: load('i32', 0x28),
  load8: load('i32', 0x2d),
  load16: load('i32', 0x2f),
  store: store('i32', 0x36),
  store8: store('i32', 0x3a),
  eqz: unary('i32', 'i32', 0x45),
  eq: binary('i32', 'i32', 0x46),
  ne: binary('i32', 'i32', 0x47),
  gtU: binary('i32', 'i32', 0x4b),
  leU: binary('i32', 'i32', 0x4d),
  geU: binary('i32', 'i32', 0x4f),
  ctz: unary('i32', 'i32', 0x68),
  add: binary('i32', 'i32', 0x6a),
  sub: binary('i32', 'i32', 0x6b),
  mul: binary('i32', 'i32', 0x6c),
  and: binary('i32', 'i32', 0x71),
  or: binary('i32', 'i32', 0x72),
  xor: binary('i32', 'i32', 0x73),
  shl: binary('i32', 'i32', 0x74),
};

export const i64 = {
  const: (value: number) => code('i64', [], 0x42, ...signed(BigInt(value))),
  store: store('i64', 0x37),
  toI32: unary('i64', 'i32', 0xa7),
  toF64: unary('i64', 'f64', 0xb9),
  gtU: binary('i64', 'i32', 0x56),
  add: binary('i64', 'i64', 0x7c),
  sub: binary('i64', 'i64', 0x7d),
  mul: binary('i64', 'i64', 0x7e),
  and: binary('i64', 'i64', 0x83),
  shrU: binary('i64', 'i64', 0x88),
};

export const f64 = {
  load: load('f64', 0x2b),
  store: store('f64', 0x39),
  ne: binary('f64', 'i32', 0x62),
  const: (value: number) => code('f64', [], 0x44, ...new Uint8Array(Float64Array.of(value).buffer)),
  add: binary('f64', 'f64', 0xa0),
  sub: binary('f64', 'f64', 0xa1),
  mul: binary('f64', 'f64', 0xa2),
  fromI32: unary('i32', 'f64', 0xb7),
};

const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];

/** 128 bits: sixteen bytes, eight 16-bit or four 32-bit integers, as the operation sees them. */
export const v128 = {
  load: load('v128', ...simd(0)),
  store: store('v128', ...simd(11)),
  splatF64: unary('f64', 'v128', ...simd(20)),
  lowF64: (a: Code<'v128'>) => code('f64', [a], ...simd(33), 0),
  highF64: (a: Code<'v128'>) => code('f64', [a], ...simd(33), 1),
  /** The bits of the first that the second has not. */
  andNot: binary('v128', 'v128', ...simd(79)),
  ltI32: binary('v128', 'v128', ...simd(57)),
  gtI32: binary('v128', 'v128', ...simd(59)),
  /** The lower or the upper two of four signed 32-bit integers, to 64 bits. */
  lowToI64: unary('v128', 'v128', ...simd(199)),
  highToI64: unary('v128', 'v128', ...simd(200)),
  addF64: binary('v128', 'v128', ...simd(240)),
  subF64: binary('v128', 'v128', ...simd(241)),
  mulF64: binary('v128', 'v128', ...simd(242)),
  lowI64: (a: Code<'v128'>) => code('i64', [a], ...simd(29), 0),
  highI64: (a: Code<'v128'>) => code('i64', [a], ...simd(29), 1),
  eq8: binary('v128', 'v128', ...simd(35)),
  geU8: binary('v128', 'v128', ...simd(44)),
  sub8: binary('v128', 'v128', ...simd(113)),
  /** The highest bit of each byte, first byte lowest. */
  bitmask8: unary('v128', 'i32', ...simd(100)),
  /** 32-bit integers to 16 bits, those of the first operand lowest. */
  narrow32: binary('v128', 'v128', ...simd(134)),
  /** Products of 16-bit integers, added in pairs to 32 bits. */
  dot16: binary('v128', 'v128', ...simd(186)),
  // Of the relaxed ones every engine gives the same result for operands as described.
  /** The bytes of the first picked by the indices in the second: 0 to 15, or 255 for a 0. */
  swizzle8: binary('v128', 'v128', ...simd(0x100)),
  /** Products of bytes up to 127, added in pairs to 16 bits. */
  dot8: binary('v128', 'v128', ...simd(0x112)),
};

class LabelOf implements Label {
  go(): Code {
    return this.#jump(0x0c);
  }

  goIf(condition: Code<'i32'>): Code {
    return this.#jump(0x0d, condition);
  }

  #jump(opcode: number, ...operands: Code<'i32'>[]): Code {
    return {
      type: 'void',
      write: (to) => {
        for (const operand of operands) operand.write(to);
        to.bytes.push(opcode, ...unsigned(to.blocks.length - 1 - to.blocks.lastIndexOf(this)));
      },
    };
  }
}

function enclose(opcode: number, label: Label, body: readonly Code[], to: Output): void {
  to.bytes.push(opcode, NO_RESULT);
  to.blocks.push(label);
  for (const part of body) part.write(to);
  to.blocks.pop();
  to.bytes.push(END);
}

/** Jumps to its label leave it. */
export function block(body: (leave: Label) => readonly Code[]): Code {
  const leave = new LabelOf();
  const parts = body(leave);
  return { type: 'void', write: (to) => enclose(0x02, leave, parts, to) };
}

/** Jumps to its label begin it again; without one it ends. */
export function loop(body: (again: Label) => readonly Code[]): Code {
  const again = new LabelOf();
  const parts = body(again);
  return { type: 'void', write: (to) => enclose(0x03, again, parts, to) };
}

export function when(condition: Code<'i32'>, then: readonly Code[], otherwise: readonly Code[] = []): Code {
  return {
    type: 'void',
    write(to) {
      condition.write(to);
      to.bytes.push(0x04, NO_RESULT);
      to.blocks.push(null);
      for (const part of then) part.write(to);
      to.bytes.push(0x05);
      for (const part of otherwise) part.write(to);
      to.blocks.pop();
      to.bytes.push(END);
    },
  };
}

/** Ends the function. */
export function give(value: Code<'i32'>): Code {
  return code('void', [value], 0x0f);
}

export function wasmFunction(name: string, body: (frame: Frame) => readonly Code[]): WasmFunction {
  const params: Type[] = [];
  const locals: Type[] = [];
  const variable = <T extends Type>(type: T, index: number): Local<T> => ({
    ...code(type, [], 0x20, ...unsigned(index)),
    set: (value) => code('void', [value], 0x21, ...unsigned(index)),
  });
  const frame: Frame = {
    param: (type) => variable(type, params.push(type) - 1),
    local: (type) => variable(type, params.length + locals.push(type) - 1),
  };
  return { name, params, locals, body: body(frame) };
}

/** A module that exports the functions, and a memory of that many pages as `memory`. */
export function assemble(functions: readonly WasmFunction[], pages: number): Uint8Array<ArrayBuffer> {
  const vector = (items: readonly number[][]): number[] => [...unsigned(items.length), ...items.flat()];
  const section = (id: number, content: number[]): number[] => [id, ...unsigned(content.length), ...content];
  const named = (name: string, ...rest: number[]): number[] => [
    ...vector(Array.from(Buffer.from(name), (byte) => [byte])),
    ...rest,
  ];
  const types = functions.map(({ params }) => [
    0x60,
    ...vector(params.map((type) => [TYPE_CODE[type]])),
    ...vector([[TYPE_CODE.i32]]),
  ]);
  const bodies = functions.map(({ locals, body }) => {
    const bytes = vector(locals.map((type) => [1, TYPE_CODE[type]]));
    for (const part of body) part.write({ bytes, blocks: [null] });
    // Every function ends with `give`, and what would follow is never reached.
    bytes.push(0x00, END);
    return [...unsigned(bytes.length), ...bytes];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(3, vector(functions.map((_, i) => unsigned(i)))),
    ...section(5, vector([[1, ...unsigned(pages), ...unsigned(pages)]])),
    ...section(7, vector([...functions.map(({ name }, i) => named(name, 0, ...unsigned(i))), named('memory', 2, 0)])),
    ...section(10, vector(bodies)),
  ]);
}
