import { assert, BookcastError } from '../../core/index.ts';
import { binOf, type LabelledRows, MISSING_BIN, SLOTS } from './bins.ts';
import { histogramModule } from './histogram-code.ts';

/** What is used of WebAssembly; absent where the engine runs without it. */
declare const WebAssembly:
  | undefined
  | {
      Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
      Memory: new (pages: { initial: number }) => { readonly buffer: ArrayBuffer };
      Instance: new (module: object, imports: object) => { readonly exports: object };
    };

/** `histogramModule`; all arguments are addresses. */
interface Loops {
  gather(rows: number, rowsEnd: number, pairs: number, to: number): void;
  subtract(from: number, fromEnd: number, what: number): void;
  add(rows: number, rowsEnd: number, pairs: number, words: number, histogram: number): void;
}

const PAGE_BYTES = 65536;
/** What 32-bit addresses reach, less a page. */
const MOST_BYTES = 2 ** 32 - PAGE_BYTES;
/** Bins in a word. */
const PACK = 4;
/** Numbers in the histograms of the features of a word. */
const BLOCK = PACK * SLOTS * 2;

interface Room {
  readonly histograms: number;
  readonly trees: number;
  readonly plain?: boolean;
}

/**
 * The training rows as bins, with the memory that growing a tree works in: row numbers, gradients, histograms. All of it is
 * one block, which the WebAssembly loops and these views share. Bins are kept by blocks of four features: a row's four bins are one word, so
 * that one load serves four histograms.
 */
export class BinnedRows {
  readonly count: number;
  readonly features: number;
  readonly edges: readonly Float32Array[];
  /** Whether a feature is missing in some row. */
  readonly missing: readonly boolean[];
  /** Numbers of the rows that a tree is grown on, each leaf's together. */
  readonly order: Int32Array;
  /** Numbers (gradients and hessians in turn) in one histogram: 512 a feature. */
  readonly histogramSize: number;
  readonly #blocks: number;
  /** The bin of row `i` of a feature stands at `binsAt(feature)` + 4 i. */
  readonly bytes: Uint8Array;
  /** Gradient and hessian of every row in turn, one array for each tree that is grown at once. */
  readonly pairs: readonly Float64Array[];
  readonly #words: Uint32Array;
  readonly #gathered: Float64Array;
  readonly #histograms: Float64Array[];
  readonly #loops: Loops | null;
  readonly #pairsAt: number;
  readonly #gatheredAt: number;
  readonly #orderAt: number;
  readonly #histogramsAt: number;

  /**
   * `histograms` are held at once, and gradients of `trees` trees. `plain` keeps to JavaScript; the sums are the same to the last bit.
   * Throws `bad-input` for more than memory can have addresses.
   */
  constructor(source: LabelledRows, edges: readonly Float32Array[], { histograms, trees, plain = false }: Room) {
    assert(edges.length === source.width, 'every feature has edges');
    this.count = source.rows.length;
    this.features = source.width;
    this.edges = edges;
    this.#blocks = Math.ceil(this.features / PACK);
    this.histogramSize = this.#blocks * BLOCK;
    const words = this.#blocks * this.count;
    this.#pairsAt = Math.ceil((4 * words) / 16) * 16;
    this.#gatheredAt = this.#pairsAt + 16 * this.count * trees;
    this.#histogramsAt = this.#gatheredAt + 16 * this.count;
    this.#orderAt = this.#histogramsAt + 8 * this.histogramSize * histograms;
    const bytes = this.#orderAt + 4 * this.count;
    if (bytes > MOST_BYTES) {
      throw new BookcastError(
        'bad-input',
        `trees on ${this.count} rows × ${this.features} signals with ${histograms} leaves need ${bytes} bytes, and at most ${MOST_BYTES} ` +
          'can be had; take fewer rows, signals or leaves',
        { rows: this.count, features: this.features },
      );
    }
    const { buffer, loops } = plain || typeof WebAssembly === 'undefined' ? plainMemory(bytes) : wasmMemory(bytes);
    this.#loops = loops;
    this.bytes = new Uint8Array(buffer, 0, 4 * words);
    this.#words = new Uint32Array(buffer, 0, words);
    const pairsFrom = (at: number): Float64Array => new Float64Array(buffer, at, 2 * this.count);
    this.pairs = Array.from({ length: trees }, (_, t) => pairsFrom(this.#pairsAt + 16 * this.count * t));
    this.#gathered = pairsFrom(this.#gatheredAt);
    this.#histograms = Array.from(
      { length: histograms },
      (_, k) => new Float64Array(buffer, this.#histogramsAt + 8 * this.histogramSize * k, this.histogramSize),
    );
    this.order = new Int32Array(buffer, this.#orderAt, this.count);
    this.missing = edges.map((of, feature) => this.#fill(source, feature, of));
  }

  /** Bins of a feature, missing ones apart. */
  binCount(feature: number): number {
    return this.edges[feature].length;
  }

  /** Where the bins of a feature begin in `bytes`. */
  binsAt(feature: number): number {
    return PACK * Math.floor(feature / PACK) * this.count + (feature % PACK);
  }

  /** The gradient of bin `b` of feature `f` at 2 (256 f + b), its hessian behind it. */
  histogram(slot: number): Float64Array {
    return this.#histograms[slot];
  }

  /** Sums the pairs of one tree over the rows `order[from, to)`, by bin. */
  build(slot: number, tree: number, from: number, to: number): void {
    this.#histograms[slot].fill(0);
    if (from === to) return;
    const loops = this.#loops;
    if (loops === null) {
      this.#buildPlainly(this.#histograms[slot], this.pairs[tree], from, to);
      return;
    }
    const [rows, rowsEnd] = [this.#orderAt + 4 * from, this.#orderAt + 4 * to];
    loops.gather(rows, rowsEnd, this.#pairsAt + 16 * this.count * tree, this.#gatheredAt);
    const histogram = this.#addressOf(slot);
    for (let block = 0; block < this.#blocks; block++) {
      const words = 4 * block * this.count;
      loops.add(rows, rowsEnd, this.#gatheredAt, words, histogram + 8 * BLOCK * block);
    }
  }

  /** parent − sibling, in the parent's place. */
  subtract(parent: number, sibling: number): void {
    if (this.#loops !== null) {
      const from = this.#addressOf(parent);
      this.#loops.subtract(from, from + 8 * this.histogramSize, this.#addressOf(sibling));
      return;
    }
    const from = this.#histograms[parent];
    const what = this.#histograms[sibling];
    for (let i = 0; i < from.length; i++) from[i] -= what[i];
  }

  #addressOf(slot: number): number {
    return this.#histogramsAt + 8 * this.histogramSize * slot;
  }

  #buildPlainly(sums: Float64Array, pairs: Float64Array, from: number, to: number): void {
    const { order } = this;
    const gathered = this.#gathered;
    for (let i = from, at = 0; i < to; i++, at += 2) {
      const row = 2 * order[i];
      gathered[at] = pairs[row];
      gathered[at + 1] = pairs[row + 1];
    }
    for (let block = 0; block < this.#blocks; block++) this.#addBlock(block, sums, from, to);
  }

  #addBlock(block: number, sums: Float64Array, from: number, to: number): void {
    const words = this.#words.subarray(block * this.count, (block + 1) * this.count);
    const { order } = this;
    const gathered = this.#gathered;
    const first = BLOCK * block;
    for (let i = from, at = 0; i < to; i++, at += 2) {
      const word = words[order[i]];
      const g = gathered[at];
      const h = gathered[at + 1];
      const a = first + ((word & 255) << 1);
      const b = first + 2 * SLOTS + ((word >>> 7) & 510);
      const c = first + 4 * SLOTS + ((word >>> 15) & 510);
      const d = first + 6 * SLOTS + ((word >>> 23) & 510);
      sums[a] += g;
      sums[a + 1] += h;
      sums[b] += g;
      sums[b + 1] += h;
      sums[c] += g;
      sums[c + 1] += h;
      sums[d] += g;
      sums[d + 1] += h;
    }
  }

  /** Writes the bins of a feature; true where one is missing. */
  #fill({ data, width, rows }: LabelledRows, feature: number, edges: Float32Array): boolean {
    const { bytes } = this;
    const at = this.binsAt(feature);
    let missing = false;
    for (let i = 0; i < rows.length; i++) {
      const x = data[rows[i] * width + feature];
      const known = !Number.isNaN(x);
      bytes[at + PACK * i] = known ? binOf(edges, x) : MISSING_BIN;
      if (!known) missing = true;
    }
    return missing;
  }
}

interface Memory {
  readonly buffer: ArrayBuffer;
  readonly loops: Loops | null;
}

function plainMemory(bytes: number): Memory {
  return { buffer: new ArrayBuffer(bytes), loops: null };
}

function wasmMemory(bytes: number): Memory {
  assert(typeof WebAssembly !== 'undefined', 'there is WebAssembly');
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(histogramModule()), { a: { memory } });
  return { buffer: memory.buffer, loops: instance.exports as Loops };
}
