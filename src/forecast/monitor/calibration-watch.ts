import { binOf } from './monitor-reference.ts';
import { WindowSums } from './window-sums.ts';

export interface CalibrationSnapshot {
  readonly window: number;
  readonly outcomes: number;
  /** Expected calibration error of the most probable class over the reference's bins; null before the first outcome. */
  readonly ece: number | null;
  /** The same of the calibration forecasts; null without a reference. */
  readonly referenceEce: number | null;
  /** Calibration in the large: mean probability minus share, of each class. */
  readonly gaps: readonly number[] | null;
  readonly referenceGaps: readonly number[] | null;
}

/** Whether what was said of outcomes is still how often they come. */
export class CalibrationWatch {
  readonly sums: WindowSums;
  readonly #classes: number;
  readonly #edges: Float64Array;

  /** `edges`: inner edges of the bins of the largest probability, rising. */
  constructor(classes: number, edges: ArrayLike<number>, window: number) {
    this.#classes = classes;
    this.#edges = Float64Array.from(edges);
    this.sums = new WindowSums(this.#edges.length + 1 + classes, window);
  }

  /** Allocates nothing. */
  add(probabilities: Float64Array, label: number): void {
    const bins = this.#edges.length + 1;
    let top = 0;
    const { values } = this.sums;
    for (let k = 0; k < this.#classes; k++) {
      const p = probabilities[k];
      if (p > probabilities[top]) top = k;
      values[bins + k] = k === label ? p - 1 : p;
    }
    const said = probabilities[top];
    values[binOf(this.#edges, said)] = top === label ? said - 1 : said;
    this.sums.commit();
  }

  snapshot(reference: { readonly ece: number; readonly gaps: readonly number[] } | null): CalibrationSnapshot {
    const bins = this.#edges.length + 1;
    const outcomes = this.sums.steps;
    let ece = 0;
    for (let b = 0; b < bins; b++) ece += Math.abs(this.sums.sum(b)) / outcomes;
    return {
      window: this.sums.window,
      outcomes,
      ece: outcomes === 0 ? null : ece,
      referenceEce: reference?.ece ?? null,
      gaps: outcomes === 0 ? null : Array.from({ length: this.#classes }, (_, k) => this.sums.sum(bins + k) / outcomes),
      referenceGaps: reference?.gaps ?? null,
    };
  }
}
