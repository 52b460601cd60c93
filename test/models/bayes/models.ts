import { Random } from '../../../src/core/index.ts';
import type { Decision, Model, Target } from '../../../src/models/index.ts';
import { prequential, type Step } from '../support.ts';

/** A mid whose next change is up with probability 1 / (1 + exp(−2 · slope · signal)), and a row of the signals; `slopes` may change with time. */
export function drivenWalk(seed: number, n: number, width: number, slopes: (t: number) => readonly number[]): Step[] {
  const random = new Random(seed);
  let midTicks = 5000;
  return Array.from({ length: n }, (_, t) => {
    const row = Array.from({ length: width }, () => random.normal());
    const step = { tsNs: t * 1e6, midTicks, row };
    const z = slopes(t).reduce((sum, slope, i) => sum + slope * row[i], 0);
    midTicks += random.bernoulli(1 / (1 + Math.exp(-2 * z))) ? 0.5 : -0.5;
    return step;
  });
}

/** Mean log-loss of each model over the labels of decisions [from, to). */
export function lossesOf(target: Target, models: readonly Model[], steps: readonly Step[], from: number, to: number) {
  const sums = models.map(() => 0);
  let count = 0;
  prequential(target, models, steps, (decision, label, said) => {
    if (decision.index < from || decision.index >= to) return;
    count++;
    for (const [m, p] of said.entries()) sums[m] -= Math.log(p[label]);
  });
  return sums.map((sum) => sum / count);
}

/** A trained model, frozen: the logistic of the rows with the given slopes, of a share `calm` of the truth. It shows its embedding where it has one. */
export class FrozenModel implements Model {
  readonly name = 'frozen';
  readonly baseline = false;
  readonly schemaHash = 'test';
  readonly embedding?: Float64Array;
  readonly #slopes: readonly number[];
  readonly #shown: readonly number[];

  constructor(slopes: readonly number[], shown: readonly number[] = []) {
    this.#slopes = slopes;
    this.#shown = shown;
    if (shown.length > 0) this.embedding = new Float64Array(shown.length);
  }

  predict({ row }: Decision, out: Float64Array): void {
    const z = this.#slopes.reduce((sum, slope, i) => sum + slope * row[i], 0);
    out[1] = 1 / (1 + Math.exp(-2 * z));
    out[0] = 1 - out[1];
    this.#shown.forEach((column, i) => {
      this.embedding![i] = row[column];
    });
  }

  update(): void {}
}
