import { assert } from '../core/index.ts';

/**
 * Counts of a chain whose states come in mirrored pairs, folded onto the positive ones, and the expected sum of all moves
 * still to come from each: the odd solution of g = r + P g.
 */
export class MirroredChain {
  readonly size: number;
  /** Steps counted, those from the state 0 included. */
  steps = 0;
  readonly #visits: Float64Array;
  readonly #moves: Float64Array;
  /** Row-major, signed: + where the step kept the sign, − where it changed it. */
  readonly #counts: Float64Array;
  readonly #work: Float64Array;

  constructor(size: number) {
    assert(size > 0, 'a chain has states');
    this.size = size;
    this.#visits = new Float64Array(size);
    this.#moves = new Float64Array(size);
    this.#counts = new Float64Array(size * size);
    this.#work = new Float64Array(size * size);
  }

  /** A step between states ±1 … ±size or 0, its own mirror image. */
  count(from: number, to: number, move: number): void {
    this.steps++;
    // From 0 a step and its mirror image cancel.
    if (from === 0) return;
    const i = (from > 0 ? from : -from) - 1;
    this.#visits[i]++;
    this.#moves[i] += from > 0 ? move : -move;
    if (to !== 0) this.#counts[i * this.size + (to > 0 ? to : -to) - 1] += from > 0 === to > 0 ? 1 : -1;
  }

  /** Solves (visits + prior − counts) g = moves by elimination; the prior must be positive where states may trap. */
  solve(prior: number, g: Float64Array): void {
    const n = this.size;
    const a = this.#work;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) a[i * n + j] = -this.#counts[i * n + j];
      // An unvisited state has an empty row: with any positive diagonal its g is 0.
      a[i * n + i] += this.#visits[i] === 0 ? 1 : this.#visits[i] + prior;
      g[i] = this.#moves[i];
    }
    for (let k = 0; k < n; k++) {
      for (let i = k + 1; i < n; i++) {
        const factor = a[i * n + k] / a[k * n + k];
        if (factor === 0) continue;
        for (let j = k + 1; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
        g[i] -= factor * g[k];
      }
    }
    for (let i = n - 1; i >= 0; i--) {
      let rest = g[i];
      for (let j = i + 1; j < n; j++) rest -= a[i * n + j] * g[j];
      g[i] = rest / a[i * n + i];
    }
  }

  reset(): void {
    this.steps = 0;
    this.#visits.fill(0);
    this.#moves.fill(0);
    this.#counts.fill(0);
  }
}
