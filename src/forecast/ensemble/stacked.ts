import { ANY_LENGTH, decodeState, encodeState, packBytes, unpackBytes } from '../../core/index.ts';
import type { Label } from '../../models/index.ts';
import type { Combiner, CombinerShape } from './combiner.ts';
import { FixedShare, type FixedShareOptions } from './fixed-share.ts';
import { LogPool } from './log-pool.ts';

const STATE_VERSION = 1;

/**
 * Fixed-share over the members and one expert more, their logarithmic pool (`LogPool`): where members know different things the pool is
 * better than each of them, and where it is not, or no longer, the share brings another to the lead. So the log-loss exceeds that of the best of
 * members, logarithmic pool and equal pool by at most the bound of `FixedShare` with N + 2 experts, as long as the logarithmic pool is judged by what it would
 * have said with the exponents at hand when the label comes; with labels that come late these know a little more than at the decision.
 *
 * `weights`: what the logarithmic pool weighs is told as its members', in proportion to the sizes of their exponents.
 */
export class Stacked implements Combiner {
  readonly name = 'stacked';
  readonly weights: Float64Array;
  readonly #members: number;
  readonly #shares: FixedShare;
  readonly #pool: LogPool;
  /** The members and the logarithmic pool, as `#shares` takes them: the live arrays of the call at hand. */
  readonly #said: Float64Array[];
  readonly #awake: Uint8Array;
  readonly #pooled: Float64Array;

  constructor({ members, classes, ...options }: CombinerShape & FixedShareOptions) {
    this.#members = members;
    this.#shares = new FixedShare({ members: members + 1, classes, ...options });
    this.#pool = new LogPool(members, classes);
    this.weights = new Float64Array(members + 1);
    this.#pooled = new Float64Array(classes);
    this.#said = new Array<Float64Array>(members + 1).fill(this.#pooled);
    this.#awake = new Uint8Array(members + 1);
    this.#weigh();
  }

  combine(members: readonly Float64Array[], awake: Uint8Array, out: Float64Array): void {
    this.#load(members, awake);
    this.#shares.combine(this.#said, this.#awake, out);
  }

  settle(members: readonly Float64Array[], awake: Uint8Array, label: Label, span = 1): void {
    this.#load(members, awake);
    this.#shares.settle(this.#said, this.#awake, label, span);
    this.#pool.learn(members, awake, label, this.#shares.learningRate);
    this.#weigh();
  }

  save(): Uint8Array {
    return encodeState('combiner-stacked', STATE_VERSION, [packBytes(this.#shares.save()), ...this.#pool.state]);
  }

  restore(bytes: Uint8Array): void {
    const own = this.#pool.state;
    const lengths = [ANY_LENGTH, ...own.map(({ length }) => length)];
    const [shares, ...saved] = decodeState(bytes, 'combiner-stacked', STATE_VERSION, lengths);
    this.#shares.restore(unpackBytes(shares));
    own.forEach((array, i) => {
      array.set(saved[i]);
    });
    this.#weigh();
  }

  #load(members: readonly Float64Array[], awake: Uint8Array): void {
    const last = this.#members;
    for (let i = 0; i < last; i++) {
      this.#said[i] = members[i];
      this.#awake[i] = awake[i];
    }
    this.#said[last] = this.#pooled;
    this.#awake[last] = this.#pool.combine(members, awake, this.#pooled) ? 1 : 0;
  }

  #weigh(): void {
    const last = this.#members;
    const { exponents } = this.#pool;
    const own = this.#shares.weights;
    let size = 0;
    for (let i = 0; i < last; i++) size += Math.abs(exponents[i]);
    for (let i = 0; i < last; i++) {
      this.weights[i] = own[i] + own[last] * (size > 0 ? Math.abs(exponents[i]) / size : 1 / last);
    }
    this.weights[last] = own[last + 1];
  }
}
