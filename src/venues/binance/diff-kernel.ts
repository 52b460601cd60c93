import { assert, type DecimalStep } from '../../core/index.ts';
import { BatchBuilder, EventBatch } from '../../market/index.ts';
import { diffModule } from './diff-code.ts';
import type { HeaderPiece } from './diff-header.ts';
import { INPUT_BYTES, layTables, MAX_SCALE, Place, ROOM, WORD } from './diff-memory.ts';

/** What is used of WebAssembly; absent where the engine runs without it. */
declare const WebAssembly:
  | {
      Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
      Instance: new (module: object) => { readonly exports: unknown };
    }
  | undefined;

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  header(at: number): number;
  diff(
    at: number,
    end: number,
    close: number,
    row: number,
    priceScale: number,
    sizeScale: number,
    eventNs: number,
    recvNs: number,
    id: number,
    previous: number,
  ): number;
}

const FIELDS = 128;
/** The shortest level, `["1","0"]`. */
const LEVEL_BYTES = 9;

/** What all diffs of one stream have in common: the header, and how many braces end the message. */
export class DiffShape {
  readonly close: number;
  /** As they stand in the memory at `PIECES` and `TEXT`. */
  readonly pieces: Uint8Array;
  readonly text: Uint8Array;

  constructor(pieces: readonly HeaderPiece[], close: number) {
    this.close = close;
    const table = new Int32Array((pieces.length * Place.PIECE_BYTES) / 4);
    const texts: Uint8Array[] = [];
    let at: number = Place.TEXT;
    pieces.forEach(({ text, field }, i) => {
      table.set([at, text.length, field < 0 ? 0 : Place.NUMBERS + 8 * field], i * 3);
      texts.push(text);
      at += text.length;
    });
    this.pieces = new Uint8Array(table.buffer);
    this.text = Buffer.concat(texts);
  }

  /** No stream of the venue's has a header that does not. */
  get fits(): boolean {
    return Place.PIECES + this.pieces.length <= Place.TEXT && Place.TEXT + this.text.length + WORD <= Place.NUMBERS;
  }
}

/**
 * Reads diffs whose header reads as one before: compiled code that takes sixteen bytes at a time. It understands what
 * Binance writes, and whatever it understands means the same to the scanners in TypeScript; at anything else it gives
 * up, and they are asked. It works in a memory of its own, into which a message is copied first. Decoders may share one: a
 * message is matched and pushed before the next one is matched.
 */
export class DiffKernel {
  /** The numbers of the header last matched, by `Field`; only fields that its shape has. */
  readonly number: Float64Array;
  readonly #exports: Exports;
  readonly #bytes: Uint8Array;
  #rows: EventBatch;
  #builder: BatchBuilder | null = null;
  /** The shape that is in the memory. */
  #shape: DiffShape | null = null;
  #held: Buffer | null = null;
  #at = 0;
  #end = 0;

  /** Null where there is no WebAssembly. */
  static create(): DiffKernel | null {
    return typeof WebAssembly === 'undefined' ? null : new DiffKernel();
  }

  private constructor() {
    assert(typeof WebAssembly !== 'undefined', 'there is WebAssembly');
    compiled ??= new WebAssembly.Module(diffModule());
    this.#exports = new WebAssembly.Instance(compiled).exports as Exports;
    const { buffer } = this.#exports.memory;
    this.#bytes = new Uint8Array(buffer);
    this.number = new Float64Array(buffer, Place.NUMBERS, FIELDS);
    this.#rows = EventBatch.over(buffer, Place.ROWS, '', 0, ROOM);
    layTables(buffer);
  }

  /** A builder whose rows the kernel writes in place: from here on it serves this one alone. Into others rows are copied. */
  builder(instrument: string, day: number): BatchBuilder {
    assert(this.#builder === null, 'a kernel has one builder');
    this.#rows = EventBatch.over(this.#exports.memory.buffer, Place.ROWS, instrument, day, ROOM);
    this.#builder = new BatchBuilder(instrument, day, undefined, this.#rows);
    return this.#builder;
  }

  /** Whether counts of such steps can be read: ones of 10, 1, 0.1 …, not of 0.25. */
  reads(unit: DecimalStep): boolean {
    return unit.step === 1 && unit.scale <= MAX_SCALE;
  }

  /**
   * Takes bytes of which many messages will be matched, all at once rather than one by one. They must not change until others
   * are held.
   */
  hold(bytes: Buffer): void {
    this.#held = bytes.length <= INPUT_BYTES ? bytes : null;
    if (this.#held !== null) bytes.copy(this.#bytes, Place.HELD);
  }

  /** Takes the message `bytes[from, to)`, and says whether its header is of that shape; `number` then holds its numbers. */
  match(shape: DiffShape, bytes: Buffer, from: number, to: number): boolean {
    if (shape !== this.#shape) {
      this.#bytes.set(shape.pieces, Place.PIECES);
      this.#bytes.set(shape.text, Place.TEXT);
      this.#shape = shape;
    }
    let at: number = Place.HELD + from;
    if (bytes !== this.#held) {
      if (to - from > INPUT_BYTES) return false;
      at = Place.INPUT;
      bytes.copy(this.#bytes, at, from, to);
    }
    this.#end = at + to - from;
    // No part of a message has this byte, so that nothing is read beyond the end. A message that begins right there is
    // then not understood, and left to the scanners.
    this.#bytes[this.#end] = 0;
    this.#at = this.#exports.header(at);
    return this.#at >= 0;
  }

  /**
   * Pushes the message last matched, with these times and ids: a DELTA and its LEVEL rows. False where the levels are not
   * what they must be; nothing was pushed then.
   */
  push(
    builder: BatchBuilder,
    priceScale: number,
    sizeScale: number,
    eventNs: number,
    recvNs: number,
    id: number,
    previous: number,
  ): boolean {
    assert(this.#builder === null || this.#builder === builder, 'a kernel with a builder serves that alone');
    const { close } = this.#shape!;
    const at = this.#at;
    const end = this.#end;
    const rows = builder.reserve(Math.ceil((end - at) / LEVEL_BYTES) + 1);
    const inPlace = rows === this.#rows;
    const start = inPlace ? builder.length : 0;
    const behind = this.#exports.diff(at, end, close, start, priceScale, sizeScale, eventNs, recvNs, id, previous);
    if (behind < 0) return false;
    if (inPlace) builder.length = behind;
    else builder.append(this.#rows, 0, behind);
    return true;
  }
}

let compiled: object | undefined;
let shared: DiffKernel | null | undefined;

/** The kernel of all who have none of their own: it keeps nothing between messages. */
export function sharedKernel(): DiffKernel | null {
  shared ??= DiffKernel.create();
  return shared;
}
