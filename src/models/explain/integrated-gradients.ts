import { assert } from '../../core/index.ts';
import { type ExplainLayout, explainLayout, STRETCHES } from '../../nn/index.ts';
import { type Attribution, checkExplained, type Explainer } from './attribution.ts';

/** What runs the graph of `explainGraph` once: from `input` to `output`. */
export interface ExplainRun {
  readonly input: Float32Array;
  readonly output: Float32Array;
  run(anew: boolean): void;
  close(): Promise<void>;
}

/** Shares of what the net moved by: what may be left unaccounted for in all, and by all stretches without regard to sign. */
const TOLERANCE = 0.004;
const ROUGHNESS = 0.03;
/** Runs after which it is left so. */
const MOST_RUNS = 200;
/** Moves below this, in nats, are not told apart from rounding. */
const LEAST_MOVE = 1e-4;
/** Each run cuts this many of the worst stretches, each in so many. */
const CUT = 4;
const PIECES = STRETCHES / CUT;
/** Stretches that are kept while the path is refined. */
const MOST_STRETCHES = STRETCHES + MOST_RUNS * (STRETCHES - CUT);

/**
 * Integrated gradients to a tolerance. The fundamental theorem tells of every stretch of the path how far its sum of gradients is off: what
 * the net says at its ends is known. So the worst stretches are cut until all is accounted for (adaptive quadrature): a smooth net takes
 * one run of 64 points (48 gradients), one that turns sharply a few, and what is left shows as `remainder`. Memory for further stretches is
 * taken when a window first needs them.
 */
export class IntegratedGradients implements Explainer {
  readonly method = 'integrated-gradients';
  readonly rows: number;
  readonly inputs: number;
  readonly classes: number;
  /** Runs of the graph that the last explanation took. */
  runs = 0;
  readonly #graph: ExplainRun;
  readonly #layout: ExplainLayout;
  /** Of every stretch: where it begins and ends, how far its sum is off, and its values. */
  readonly #from = new Float64Array(MOST_STRETCHES);
  readonly #to = new Float64Array(MOST_STRETCHES);
  readonly #off = new Float64Array(MOST_STRETCHES);
  readonly #values: Float32Array[] = [];
  /** The stretches of the run at hand. */
  readonly #places = new Int32Array(STRETCHES);
  #stretches = 0;

  constructor(graph: ExplainRun, rows: number, inputs: number, classes: number) {
    const layout = explainLayout({ steps: rows, features: inputs, outputs: classes });
    assert(graph.input.length === layout.input && graph.output.length === layout.output, 'the graph is of such a net');
    this.#graph = graph;
    this.#layout = layout;
    this.rows = rows;
    this.inputs = inputs;
    this.classes = classes;
  }

  explain(window: Float32Array, classIndex: number, out: Attribution): void {
    checkExplained(this, window, classIndex, out);
    const { contrast } = this.#layout;
    const { input } = this.#graph;
    input.set(window);
    for (let k = 0; k < this.classes; k++) input[contrast + k] = (k === classIndex ? 1 : 0) - 1 / this.classes;
    out.method = this.method;
    out.classIndex = classIndex;
    out.deviations.fill(Number.NaN);
    this.#begin();
    this.#run();
    out.baseline = this.#graph.output[this.#layout.ends];
    out.value = this.#graph.output[this.#layout.ends + 2 * STRETCHES - 1];
    const moved = Math.max(Math.abs(out.value - out.baseline), LEAST_MOVE);
    while (this.runs < MOST_RUNS && !this.#accounted(moved)) {
      this.#refine();
      this.#run();
    }
    out.values.fill(0);
    for (let s = 0; s < this.#stretches; s++) {
      const values = this.#values[s];
      for (let i = 0; i < values.length; i++) out.values[i] += values[i];
    }
  }

  close(): Promise<void> {
    return this.#graph.close();
  }

  /** The whole path; stretches are shorter near the baseline, where norms turn fastest. */
  #begin(): void {
    this.runs = 0;
    this.#stretches = STRETCHES;
    for (let s = 0; s < STRETCHES; s++) {
      this.#from[s] = (s / STRETCHES) ** 2;
      this.#to[s] = ((s + 1) / STRETCHES) ** 2;
      this.#places[s] = s;
    }
  }

  #accounted(moved: number): boolean {
    let [sum, rough] = [0, 0];
    for (let s = 0; s < this.#stretches; s++) {
      sum += this.#off[s];
      rough += Math.abs(this.#off[s]);
    }
    return Math.abs(sum) <= TOLERANCE * moved && rough <= ROUGHNESS * moved;
  }

  /** Cuts the worst stretches; the pieces are the next run's. */
  #refine(): void {
    for (let cut = 0; cut < CUT; cut++) {
      let worst = 0;
      for (let s = 1; s < this.#stretches; s++) if (Math.abs(this.#off[s]) > Math.abs(this.#off[worst])) worst = s;
      const from = this.#from[worst];
      const length = (this.#to[worst] - from) / PIECES;
      for (let piece = 0; piece < PIECES; piece++) {
        const s = piece === 0 ? worst : this.#stretches++;
        this.#from[s] = from + piece * length;
        this.#to[s] = from + (piece + 1) * length;
        this.#off[s] = 0;
        this.#places[cut * PIECES + piece] = s;
      }
    }
  }

  #run(): void {
    const { from, to, ends } = this.#layout;
    const { input, output } = this.#graph;
    for (let place = 0; place < STRETCHES; place++) {
      input[from + place] = this.#from[this.#places[place]];
      input[to + place] = this.#to[this.#places[place]];
    }
    this.#graph.run(false);
    this.runs++;
    const window = this.rows * this.inputs;
    for (let place = 0; place < STRETCHES; place++) {
      const s = this.#places[place];
      this.#values[s] ??= new Float32Array(window);
      const values = this.#values[s];
      let sum = 0;
      for (let i = 0; i < window; i++) sum += values[i] = output[place * window + i];
      this.#off[s] = output[ends + 2 * place + 1] - output[ends + 2 * place] - sum;
    }
  }
}
