import { ANY_LENGTH, assert, decodeState, encodeState, packBytes, unpackBytes } from '../../core/index.ts';
import type { Label } from '../../models/index.ts';
import type { Combiner } from './combiner.ts';

const STATE_VERSION = 1;

/**
 * Copies of a combiner that forecast in turn, each taught its own forecasts' outcomes alone (Weinberger and Ordentlich 2002; Joulani,
 * György and Szepesvári, "Online learning under delayed feedback", ICML 2013, theorem 1). With as many copies as forecasts are made until a
 * label exists (h for `events:h`), each has learnt its last outcome when its turn comes, so what is proven of one of them without delay holds
 * for all together with delay, h times: exponential weights lose at most h ln N / η to the best expert, on any sequence. The price is that each
 * learns from every h-th label; one combiner that learns late from all of them is mostly better, and has no such bound.
 *
 * `combine` is called once a decision and `span` tells `settle` how many decisions ago its own was, which tells whose it was.
 */
export class Interleaved implements Combiner {
  readonly name = 'interleaved';
  /** Of the copy that forecast last. */
  readonly weights: Float64Array;
  readonly #copies: readonly Combiner[];
  #last = 0;
  /** Whose turn is next. */
  #next = 0;

  /** `make` is called once a copy. */
  constructor(copies: number, make: () => Combiner) {
    assert(Number.isInteger(copies) && copies >= 1, 'there is a copy at least');
    this.#copies = Array.from({ length: copies }, make);
    this.weights = this.#copies[0].weights.slice();
  }

  combine(members: readonly Float64Array[], awake: Uint8Array, out: Float64Array): void {
    this.#last = this.#next;
    this.#copies[this.#last].combine(members, awake, out);
    this.weights.set(this.#copies[this.#last].weights);
    this.#next = this.#last + 1 === this.#copies.length ? 0 : this.#last + 1;
  }

  settle(members: readonly Float64Array[], awake: Uint8Array, label: Label, span = 1): void {
    const count = this.#copies.length;
    const whose = (this.#next - (span % count) + count) % count;
    // To the copy its labels do not overlap.
    this.#copies[whose].settle(members, awake, label, Math.max(1, Math.floor(span / count)));
    this.weights.set(this.#copies[this.#last].weights);
  }

  save(): Uint8Array {
    const turn = Float64Array.of(this.#last, this.#next);
    return encodeState('combiner-interleaved', STATE_VERSION, [
      turn,
      ...this.#copies.map((copy) => packBytes(copy.save())),
    ]);
  }

  restore(bytes: Uint8Array): void {
    const lengths = [2, ...this.#copies.map(() => ANY_LENGTH)];
    const [turn, ...saved] = decodeState(bytes, 'combiner-interleaved', STATE_VERSION, lengths);
    // All were saved alike: where one of them cannot be read, the first cannot, and nothing has changed.
    this.#copies.forEach((copy, i) => {
      copy.restore(unpackBytes(saved[i]));
    });
    [this.#last, this.#next] = turn;
    this.weights.set(this.#copies[this.#last].weights);
  }
}
