import { assert, gaussLegendre } from '../../core/index.ts';
import { type ExplainLayout, explainLayout, POINTS, STRETCHES } from '../../nn/index.ts';
import { type Attribution, checkExplained, type Explainer } from './attribution.ts';

/** What runs the graph of `explainGraph` once: from `input` to `output`. */
export interface ExplainRun {
  readonly input: Float32Array;
  readonly output: Float32Array;
  run(anew: boolean): void;
  close(): Promise<void>;
}

/** What may be left unaccounted for, as a share of what the net moved by. */
const TOLERANCE = 0.002;
/** By how much the plain sums of gradients of all stretches may be off, as a share of all that the net moved to and fro along the path. */
const ROUGHNESS = 0.03;
/** Runs after which it is left so. */
const MOST_RUNS = 100;
/** Moves below this, in nats, are not told apart from rounding. */
const LEAST_MOVE = 1e-4;
/** A shorter stretch is not cut: its points would hardly be told apart in 32-bit floats. */
const LEAST_LENGTH = 4e-6;
/** By how much at most the gradients of such a stretch are grown, so that their sum is what the net moved by. */
const MOST_GROWTH = 4;
/** Each run cuts this many of the worst stretches, each in so many. */
const CUT = 4;
const PIECES = STRETCHES / CUT;
/** Stretches that are kept while the path is refined. */
const MOST_STRETCHES = STRETCHES + MOST_RUNS * (STRETCHES - CUT);
/** Slopes that differ by less than this share of themselves differ by the rounding of 32-bit floats. */
const ALIKE = 1e-5;
const WEIGHTS = gaussLegendre(POINTS).weights;

/**
 * Integrated gradients to a tolerance, summed in float64. The fundamental theorem tells of every stretch of the path how far its sum of
 * gradients is off: what the net says at its ends is known. A stretch whose sum is off has a kink in it, as of a ReLU, so that Gauss's weights count the
 * gradients on one side of it too much; they are tilted towards the larger or the smaller slopes by as little as makes the sum right
 * (least squares, no weight below 0). Of one kink between straight pieces that gives the exact integral of every input. Where no such weights
 * exist, the net turned between two points: the worst stretches are cut, until all is accounted for (adaptive quadrature). Norms over a few
 * channels that hardly differ turn within less than 32-bit floats resolve, which is a jump: there gradients keep their proportions and are
 * grown to the jump. A smooth net takes one run of 64 points (48 gradients), one that turns sharply a few, and what is left shows as `remainder`. Memory for further stretches
 * is taken when a window first needs them.
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
  /** Of every stretch: its ends, by how much the net moves on it, how far its plain and its tilted sum are off, and its values. */
  readonly #from = new Float64Array(MOST_STRETCHES);
  readonly #to = new Float64Array(MOST_STRETCHES);
  readonly #moved = new Float64Array(MOST_STRETCHES);
  readonly #plain = new Float64Array(MOST_STRETCHES);
  readonly #off = new Float64Array(MOST_STRETCHES);
  readonly #values: Float64Array[] = [];
  /** The stretches of the run at hand. */
  readonly #places = new Int32Array(STRETCHES);
  /** Of the stretch at hand: slopes along the path at its points, and what each point counts for. */
  readonly #slopes = new Float64Array(POINTS);
  readonly #weights = new Float64Array(POINTS);
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
    while (this.runs < MOST_RUNS && !this.#accounted(moved) && this.#refine()) this.#run();
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
    let [sum, rough, variation] = [0, 0, LEAST_MOVE];
    for (let s = 0; s < this.#stretches; s++) {
      sum += this.#off[s];
      if (this.#to[s] - this.#from[s] >= LEAST_LENGTH) rough += Math.abs(this.#plain[s]);
      variation += Math.abs(this.#moved[s]);
    }
    return Math.abs(sum) <= TOLERANCE * moved && rough <= ROUGHNESS * variation;
  }

  /** Cuts the worst stretches; the pieces are the next run's. False where none is long enough to be cut. */
  #refine(): boolean {
    for (let cut = 0; cut < CUT; cut++) {
      const worst = this.#worst();
      if (worst < 0) return false;
      const from = this.#from[worst];
      const length = (this.#to[worst] - from) / PIECES;
      for (let piece = 0; piece < PIECES; piece++) {
        const s = piece === 0 ? worst : this.#stretches++;
        this.#from[s] = from + piece * length;
        this.#to[s] = from + (piece + 1) * length;
        // Chosen once a run.
        this.#plain[s] = 0;
        this.#off[s] = 0;
        this.#places[cut * PIECES + piece] = s;
      }
    }
    return true;
  }

  /** What tilting could not mend counts most. */
  #worst(): number {
    let [worst, most] = [-1, -1];
    for (let s = 0; s < this.#stretches; s++) {
      const wrong = Math.abs(this.#plain[s]) + Math.abs(this.#off[s]) / TOLERANCE;
      if (wrong <= most || this.#to[s] - this.#from[s] < LEAST_LENGTH) continue;
      most = wrong;
      worst = s;
    }
    return worst;
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
    for (let place = 0; place < STRETCHES; place++) {
      const s = this.#places[place];
      this.#moved[s] = output[ends + 2 * place + 1] - output[ends + 2 * place];
      this.#weigh(s, place);
    }
  }

  /** Sums up the stretch `s`, whose slopes stand at `place` of the graph's output. */
  #weigh(s: number, place: number): void {
    const { output } = this.#graph;
    const window = this.rows * this.inputs;
    const length = this.#to[s] - this.#from[s];
    for (let q = 0; q < POINTS; q++) {
      const at = (place * POINTS + q) * window;
      let slope = 0;
      for (let i = 0; i < window; i++) slope += output[at + i];
      this.#slopes[q] = slope;
    }
    this.#tilt(s, length);
    this.#values[s] ??= new Float64Array(window);
    const values = this.#values[s].fill(0);
    for (let q = 0; q < POINTS; q++) {
      const at = (place * POINTS + q) * window;
      const weight = this.#weights[q] * length;
      for (let i = 0; i < window; i++) values[i] += weight * output[at + i];
    }
  }

  /** Weights of the points of a stretch, 1 in all: w (1 + t (slope − mean slope)), t as large as makes the sum right and no weight negative. */
  #tilt(s: number, length: number): void {
    const slopes = this.#slopes;
    let mean = 0;
    for (let q = 0; q < POINTS; q++) mean += WEIGHTS[q] * slopes[q];
    let [variance, steepest, flattest] = [0, 0, 0];
    for (let q = 0; q < POINTS; q++) {
      const apart = slopes[q] - mean;
      variance += WEIGHTS[q] * apart * apart;
      steepest = Math.max(steepest, apart);
      flattest = Math.min(flattest, apart);
    }
    const wanted = this.#moved[s] / length - mean;
    const differ = steepest - flattest > ALIKE * Math.abs(mean);
    const t = differ ? Math.max(-1 / steepest, Math.min(-1 / flattest, wanted / variance)) : 0;
    const tilted = mean + t * variance;
    const growth = length < LEAST_LENGTH ? grown(this.#moved[s] / length, tilted) : 1;
    for (let q = 0; q < POINTS; q++) this.#weights[q] = WEIGHTS[q] * growth * (1 + t * (slopes[q] - mean));
    this.#plain[s] = wanted * length;
    this.#off[s] = this.#moved[s] - growth * tilted * length;
  }
}

function grown(wanted: number, found: number): number {
  return found === 0 ? 1 : Math.max(0, Math.min(MOST_GROWTH, wanted / found));
}
