import type { Decision, Label, Model } from './model.ts';
import type { Target } from './target.ts';

/**
 * Added to every count: the prior of Krichevsky and Trofimov (1981), Dirichlet(½, …, ½). No class has probability 0, so
 * the log-loss is finite, and it exceeds that of the best fixed probabilities by little more than ½ ln n a free class.
 */
const PRIOR_COUNT = 0.5;

/** How often each class occurred, smoothed. */
class Frequencies {
  readonly #counts: Float64Array;
  #total = 0;

  constructor(classes: number) {
    this.#counts = new Float64Array(classes).fill(PRIOR_COUNT);
    this.#total = classes * PRIOR_COUNT;
  }

  add(label: number): void {
    this.#counts[label]++;
    this.#total++;
  }

  of(label: number): number {
    return this.#counts[label] / this.#total;
  }

  write(out: Float64Array): void {
    for (let k = 0; k < this.#counts.length; k++) out[k] = this.#counts[k] / this.#total;
  }
}

/**
 * The running frequencies of the classes, of labels that exist. It looks at nothing of the decision, so it has no skill; a
 * model's gain over it is what the signals are worth.
 */
export class MajorityModel implements Model {
  readonly name = 'majority';
  readonly baseline = true;
  readonly schemaHash = null;
  readonly #frequencies: Frequencies;

  constructor(target: Target) {
    this.#frequencies = new Frequencies(target.classes.length);
  }

  predict(_decision: Decision, out: Float64Array): void {
    this.#frequencies.write(out);
  }

  update(_decision: Decision, label: Label): void {
    this.#frequencies.add(label);
  }
}

/**
 * Up exactly as likely as down, whatever the book says: the price is a martingale and only the chance that it stays where
 * it is (a running frequency) is learnt. No skill in direction by construction.
 */
export class MartingaleModel implements Model {
  readonly name = 'martingale';
  readonly baseline = true;
  readonly schemaHash = null;
  readonly #hasFlat: boolean;
  readonly #flat = new Frequencies(2);

  constructor(target: Target) {
    this.#hasFlat = target.classes.length === 3;
  }

  predict(_decision: Decision, out: Float64Array): void {
    if (!this.#hasFlat) {
      out[0] = 0.5;
      out[1] = 0.5;
      return;
    }
    const flat = this.#flat.of(1);
    out[0] = (1 - flat) / 2;
    out[1] = flat;
    out[2] = (1 - flat) / 2;
  }

  update(_decision: Decision, label: Label): void {
    if (this.#hasFlat) this.#flat.add(label === 1 ? 1 : 0);
  }
}

/**
 * The last move repeats: the class of the last label known at the decision, with the frequency at which that came true so
 * far; the rest is shared out by the classes' frequencies. Where labels overlap, the last known one is a horizon old: the
 * ones since then do not exist yet. All its skill is the autocorrelation of the labels.
 */
export class PersistenceModel implements Model {
  readonly name = 'persistence';
  readonly baseline = true;
  readonly schemaHash = null;
  readonly #frequencies: Frequencies;
  readonly #repeats = new Frequencies(2);

  constructor(target: Target) {
    this.#frequencies = new Frequencies(target.classes.length);
  }

  predict(decision: Decision, out: Float64Array): void {
    this.#frequencies.write(out);
    const last = decision.lastLabel;
    if (last < 0) return;
    const repeat = this.#repeats.of(1);
    const scale = (1 - repeat) / (1 - out[last]);
    for (let k = 0; k < out.length; k++) out[k] = k === last ? repeat : out[k] * scale;
  }

  update(decision: Decision, label: Label): void {
    this.#frequencies.add(label);
    if (decision.lastLabel >= 0) this.#repeats.add(label === decision.lastLabel ? 1 : 0);
  }
}

/**
 * How often each class followed each last known class: the whole first-order dependence of the labels on the ones that
 * were known in time, and nothing of the book.
 */
export class TransitionModel implements Model {
  readonly name = 'transition';
  readonly baseline = true;
  readonly schemaHash = null;
  /** By the last known class; one more for none. */
  readonly #rows: Frequencies[];
  readonly #classes: number;

  constructor(target: Target) {
    this.#classes = target.classes.length;
    this.#rows = Array.from({ length: this.#classes + 1 }, () => new Frequencies(this.#classes));
  }

  predict(decision: Decision, out: Float64Array): void {
    this.#row(decision).write(out);
  }

  update(decision: Decision, label: Label): void {
    this.#row(decision).add(label);
  }

  #row(decision: Decision): Frequencies {
    return this.#rows[decision.lastLabel < 0 ? this.#classes : decision.lastLabel];
  }
}
