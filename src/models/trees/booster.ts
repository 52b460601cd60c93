import { Random } from '../../core/index.ts';
import { BinnedRows } from './binned-rows.ts';
import { type LabelledRows, learnAllEdges } from './bins.ts';
import { softmaxColumns, TreeEnsemble } from './ensemble.ts';
import { TreeGrower } from './grower.ts';
import type { SplitRules } from './split.ts';

export interface BoosterOptions extends SplitRules {
  readonly classes: number;
  readonly learningRate: number;
  readonly leaves: number;
  /** 0 for no limit. */
  readonly depth: number;
  readonly bins: number;
  /** Share of the rows that a round's trees are grown on, drawn anew for each round. */
  readonly rowShare: number;
  /** Share of the features that a tree may split, drawn anew for each tree. */
  readonly featureShare: number;
  /**
   * Of every feature: 1 where, as it rises, the last class's score must not fall and the first one's must not rise; −1 the other way about;
   * 0 for neither. So the logarithm of the odds of up against down is monotone in it.
   */
  readonly monotone: Int8Array;
  readonly seed: number;
  /** Sums histograms in JavaScript and not in WebAssembly; the trees are the same. */
  readonly plain?: boolean;
}

/**
 * Gradient boosting with a softmax over classes: in every round a tree a class, each a second-order step of the log-loss (Friedman 2001,
 * algorithm 6; Chen and Guestrin 2016). Of two classes the trees of one are the other's with the sign changed, so only one is grown.
 * Deterministic: all that is drawn comes from the seed and the round's number, so that rounds can be resumed.
 */
export class Booster {
  readonly ensemble: TreeEnsemble;
  /** Features that are alike in all training rows, and so never split. */
  readonly constant: readonly number[];
  readonly #train: LabelledRows;
  readonly #options: BoosterOptions;
  readonly #binned: BinnedRows;
  readonly #grower: TreeGrower;
  readonly #usable: number[] = [];
  /** Classes × rows. */
  readonly #scores: Float64Array;
  readonly #probabilities: Float64Array;
  /** The rows of the round where it has a share of them only. */
  #drawn = new Int32Array(0);
  /** Friedman's K / (K − 1) of the diagonal hessian. */
  readonly #factor: number;

  /** Every class has a row in `train`. */
  constructor(train: LabelledRows, options: BoosterOptions) {
    const { classes } = options;
    const n = train.rows.length;
    this.#train = train;
    this.#options = options;
    this.#factor = classes / (classes - 1);
    this.ensemble = new TreeEnsemble(classShares(train.labels, classes).map(Math.log), train.width);
    this.#binned = new BinnedRows(train, learnAllEdges(train, options.bins), {
      histograms: options.leaves,
      trees: this.treesARound,
      plain: options.plain === true,
    });
    this.#grower = new TreeGrower(this.#binned, { ...options, mostHessian: this.#factor / 4 });
    const constant: number[] = [];
    for (let f = 0; f < train.width; f++) {
      const splits = this.#binned.binCount(f) > 1 || (this.#binned.missing[f] && this.#someValue(f));
      (splits ? this.#usable : constant).push(f);
    }
    this.constant = constant;
    this.#scores = this.ensemble.baseScores(n);
    this.#probabilities = new Float64Array(n * classes);
  }

  get treesARound(): number {
    return this.#options.classes === 2 ? 1 : this.#options.classes;
  }

  get rounds(): number {
    return this.ensemble.trees / this.treesARound;
  }

  /** After trees of the same rows and options have been put into `ensemble`: the next round is the one that would have followed on them. */
  resume(): void {
    this.ensemble.addScores(0, this.#train.data, this.#train.width, this.#train.rows, this.#scores);
  }

  /** Grows one round; returns the mean log-loss of the training rows before it, and whether any tree has a split. */
  round(): { readonly loss: number; readonly grown: boolean } {
    const { monotone, rowShare } = this.#options;
    // Seeds of neighbouring rounds and of neighbouring fits must not meet.
    const random = new Random(Math.imul(this.#options.seed, 0x2545f491) + this.rounds);
    const loss = this.#differentiate();
    const count = this.#draw(random);
    const last = this.treesARound - 1;
    const constrained = monotone.some((direction) => direction !== 0);
    let grown = false;
    for (let t = 0; t <= last; t++) {
      // Growing a tree reorders the rows of the round, and the next one must not depend on how.
      if (t > 0) this.#order(count);
      const signs = !constrained || (t > 0 && t < last) ? null : t === last ? monotone : monotone.map((s) => -s);
      const tree = this.#grower.grow(t, count, this.#features(random), signs);
      // A leaf is rounded as the model file holds it, so that training and serving add the same numbers.
      for (const node of tree.nodes) node.value = Math.fround(node.value * this.#options.learningRate);
      grown ||= tree.nodes.length > 1;
      const k = this.#classOf(t);
      this.ensemble.add(tree.nodes, k);
      if (rowShare < 1) this.#scoreAll();
      else for (const leaf of tree.leaves) this.#score(leaf.from, leaf.to, k, tree.nodes[leaf.node].value);
    }
    return { loss, grown };
  }

  /** Writes gradients p − y and hessians p (1 − p) K / (K − 1) of all rows. */
  #differentiate(): number {
    const { labels } = this.#train;
    const n = labels.length;
    const p = this.#probabilities;
    p.set(this.#scores);
    softmaxColumns(p, n);
    let loss = 0;
    for (let i = 0; i < n; i++) loss -= Math.log(Math.max(p[labels[i] * n + i], 1e-300));
    this.#binned.pairs.forEach((pairs, t) => {
      this.#writePairs(pairs, this.#classOf(t));
    });
    return loss / n;
  }

  #writePairs(pairs: Float64Array, k: number): void {
    const { labels } = this.#train;
    const n = labels.length;
    const p = this.#probabilities;
    const factor = this.#factor;
    for (let i = 0; i < n; i++) {
      const share = p[k * n + i];
      pairs[2 * i] = labels[i] === k ? share - 1 : share;
      pairs[2 * i + 1] = factor * share * (1 - share);
    }
  }

  #classOf(tree: number): number {
    return this.#options.classes === 2 ? 1 : tree;
  }

  /** Puts the rows of the round into their order: all of them, or a share without replacement (Knuth, volume 2, algorithm S). */
  #draw(random: Random): number {
    const { rowShare } = this.#options;
    const n = this.#train.rows.length;
    const count = Math.max(1, Math.round(n * rowShare));
    if (rowShare < 1) {
      this.#drawn = new Int32Array(count);
      for (let i = 0, taken = 0; taken < count; i++) {
        if ((n - i) * random.float() < count - taken) this.#drawn[taken++] = i;
      }
    }
    this.#order(count);
    return count;
  }

  #order(count: number): void {
    const { order } = this.#binned;
    if (this.#options.rowShare < 1) order.set(this.#drawn);
    else for (let i = 0; i < count; i++) order[i] = i;
  }

  /** The features that the next tree may split, in their order. */
  #features(random: Random): readonly number[] {
    const usable = this.#usable;
    const count = Math.max(1, Math.round(usable.length * this.#options.featureShare));
    if (count >= usable.length) return usable;
    const drawn: number[] = [];
    usable.forEach((feature, i) => {
      if ((usable.length - i) * random.float() < count - drawn.length) drawn.push(feature);
    });
    return drawn;
  }

  #score(from: number, to: number, k: number, value: number): void {
    const { order } = this.#binned;
    const scores = this.#scores;
    const at = k * order.length;
    for (let i = from; i < to; i++) scores[at + order[i]] += value;
    if (this.#options.classes === 2) for (let i = from; i < to; i++) scores[order[i]] -= value;
  }

  /** Adds the last tree to the scores of all rows, those that it was not grown on among them. */
  #scoreAll(): void {
    const { data, width, rows } = this.#train;
    this.ensemble.addScores(this.ensemble.trees - 1, data, width, rows, this.#scores);
  }

  #someValue(feature: number): boolean {
    const { data, width, rows } = this.#train;
    return rows.some((row) => !Number.isNaN(data[row * width + feature]));
  }
}

function classShares(labels: Int32Array, classes: number): Float64Array {
  const shares = new Float64Array(classes);
  for (const label of labels) shares[label] += 1 / labels.length;
  return shares;
}
