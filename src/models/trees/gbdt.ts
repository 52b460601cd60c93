import { setImmediate } from 'node:timers/promises';
import { BookcastError } from '../../core/index.ts';
import type { Explainer } from '../explain/attribution.ts';
import { checkCheckpoint, decodeCheckpoint, encodeCheckpoint } from '../training/checkpoint.ts';
import type { Dataset, FitOptions, FittedModel, ModelKind, Windows } from '../training/contract.ts';
import { EarlyStopping } from '../training/early-stopping.ts';
import { fitHash } from '../training/fit-net-hash.ts';
import type { LabelledRows } from './bins.ts';
import { Booster } from './booster.ts';
import { checkRows } from './check-rows.ts';
import { type GbdtConfig, GbdtSchema, monotoneOf } from './config.ts';
import { softmaxColumns, type TreeEnsemble } from './ensemble.ts';
import { encodeTrees } from './onnx.ts';
import { packTrees, unpackTrees } from './packed.ts';
import { TreeShap } from './tree-shap.ts';

/** Rounds between two checkpoints. */
const CHECKPOINT_ROUNDS = 25;
/** As in the scores: a class held impossible costs this much and not infinity. */
const LEAST_PROBABILITY = 1e-9;

/**
 * Gradient-boosted trees on the last row of the window, unscaled, as trees do not mind; what is missing goes the way that was learnt for it.
 */
export const gbdt: ModelKind<GbdtConfig> = {
  name: 'gbdt',
  title: 'Gradient-boosted trees on histograms, grown leaf by leaf (Chen and Guestrin 2016; Ke et al. 2017)',
  config: GbdtSchema,
  length: () => 1,
  fit: async (data, config, options) => new GbdtFit(data.withLength(1), config, options).run(),
};

/** Growing, round by round, until the validation log-loss has not fallen for a while. */
class GbdtFit {
  readonly #config: GbdtConfig;
  readonly #options: FitOptions;
  readonly #booster: Booster;
  readonly #stopping: EarlyStopping;
  readonly #validation: LabelledRows;
  /** Of the validation rows, classes × rows. */
  readonly #scores: Float64Array;
  readonly #fit: string;
  readonly #samples: number;
  #losses: number[] = [];

  constructor(data: Dataset, config: GbdtConfig, options: FitOptions) {
    const { rounds: _, patience, ...growing } = config;
    const monotone = monotoneOf(config, data.matrix.names);
    checkRows(data);
    this.#config = config;
    this.#options = options;
    this.#stopping = new EarlyStopping(patience);
    this.#validation = rowsOf(data.validation);
    this.#samples = data.train.count;
    this.#fit = fitHash('gbdt', config, options.seed, data);
    const classes = data.target.classes.length;
    this.#booster = new Booster(rowsOf(data.train), { ...growing, classes, monotone, seed: options.seed });
    this.#scores = this.#booster.ensemble.baseScores(data.validation.count);
    this.#note(data);
  }

  async run(): Promise<FittedModel> {
    const { ensemble, treesARound } = this.#booster;
    this.#restore();
    while (this.#booster.rounds < this.#config.rounds && !this.#stopping.stops) {
      this.#stopIfAsked();
      const first = ensemble.trees;
      const { loss, grown } = this.#booster.round();
      if (!grown && this.#config.rowShare === 1 && this.#config.featureShare === 1) {
        // Leaves alone say nothing; but a model file needs a tree.
        ensemble.truncate(Math.max(first, treesARound));
        this.#options.onEvent({
          kind: 'note',
          text: `stopped after round ${this.#booster.rounds}: no split gains anything`,
        });
        break;
      }
      this.#told(loss, first);
      if (this.#booster.rounds % CHECKPOINT_ROUNDS === 0) this.#save();
      // Growing holds the thread; whoever wants to stop it or to show it gets a turn.
      await setImmediate();
    }
    if (this.#validation.rows.length > 0) this.#keepBest(treesARound);
    return new FittedGbdt(ensemble);
  }

  #told(loss: number, first: number): void {
    const { onEvent } = this.#options;
    const round = this.#booster.rounds;
    const { rounds } = this.#config;
    onEvent({ kind: 'step', epoch: round - 1, step: round, steps: rounds, loss, samples: round * this.#samples });
    const metrics: Record<string, number> = { 'train-loss': loss };
    let best = true;
    if (this.#validation.rows.length > 0) {
      metrics['validation-log-loss'] = this.#validate(first);
      best = this.#stopping.offer(metrics['validation-log-loss'], round - 1);
      this.#losses.push(metrics['validation-log-loss']);
    }
    onEvent({ kind: 'epoch', epoch: round - 1, epochs: rounds, metrics, best });
  }

  /** Adds the trees from number `first` on to the validation scores; returns the log-loss. */
  #validate(first: number): number {
    const { data, width, rows, labels } = this.#validation;
    this.#booster.ensemble.addScores(first, data, width, rows, this.#scores);
    const probabilities = this.#scores.slice();
    softmaxColumns(probabilities, rows.length);
    let sum = 0;
    labels.forEach((label, i) => {
      sum -= Math.log(Math.max(LEAST_PROBABILITY, probabilities[label * rows.length + i]));
    });
    return sum / rows.length;
  }

  #keepBest(treesARound: number): void {
    const { ensemble } = this.#booster;
    const grown = this.#booster.rounds;
    const best = Math.max(1, this.#stopping.state().bestEpoch + 1);
    ensemble.truncate(best * treesARound);
    if (best === grown) return;
    const text = `kept ${best} of ${grown} rounds: the validation log-loss was lowest there`;
    this.#options.onEvent({ kind: 'note', text });
  }

  #note({ matrix, validation }: Dataset): void {
    const { constant } = this.#booster;
    const names = constant.slice(0, 8).map((f) => matrix.names[f]);
    if (constant.length > names.length) names.push(`${constant.length - names.length} more`);
    if (constant.length > 0) {
      const text = `no tree splits ${names.join(', ')}: alike in all training rows`;
      this.#options.onEvent({ kind: 'note', text });
    }
    if (validation.count > 0) return;
    const text = `there are no validation rows: all ${this.#config.rounds} rounds are kept`;
    this.#options.onEvent({ kind: 'note', text });
  }

  #stopIfAsked(): void {
    if (!this.#options.signal.aborted) return;
    this.#save();
    const { rounds } = this.#booster;
    throw new BookcastError('not-ready', `stopped after ${rounds} of ${this.#config.rounds} rounds`, { round: rounds });
  }

  #save(): void {
    const { checkpoints, threads } = this.#options;
    if (checkpoints === null) return;
    const none = new Float32Array(0);
    const step = this.#booster.rounds;
    checkpoints.save(
      encodeCheckpoint({
        fit: this.#fit,
        device: 'cpu',
        threads,
        epoch: step,
        stepInEpoch: 0,
        lossSum: 0,
        losses: this.#losses,
        stopping: this.#stopping.state(),
        trainer: { step, parameters: packTrees(this.#booster.ensemble), first: none, second: none, average: none },
        best: none,
      }),
    );
  }

  #restore(): void {
    const bytes = this.#options.checkpoints?.load() ?? null;
    if (bytes === null) return;
    const checkpoint = decodeCheckpoint(bytes);
    checkCheckpoint(checkpoint, this.#fit);
    unpackTrees(checkpoint.trainer.parameters, this.#booster.ensemble);
    this.#booster.resume();
    const { data, width, rows } = this.#validation;
    this.#booster.ensemble.addScores(0, data, width, rows, this.#scores);
    this.#stopping.restore(checkpoint.stopping);
    this.#losses = [...checkpoint.losses];
    this.#options.onEvent({
      kind: 'note',
      text: `going on after ${checkpoint.epoch} of ${this.#config.rounds} rounds`,
    });
  }
}

/** Trees and what reads them. */
class FittedGbdt implements FittedModel {
  readonly kind = 'gbdt';
  readonly length = 1;
  /** Leaves, and thresholds of splits. */
  readonly parameters: number;
  /** Trees do not multiply: comparisons are counted, of an average training row in all trees. */
  readonly multiplyAdds: number;
  readonly ensemble: TreeEnsemble;

  constructor(ensemble: TreeEnsemble) {
    this.ensemble = ensemble;
    this.parameters = ensemble.nodes;
    this.multiplyAdds = Math.round(ensemble.meanDepth());
  }

  async predict({ matrix, rows }: Windows): Promise<Float64Array> {
    return this.ensemble.predict(matrix.data, matrix.width, rows);
  }

  toOnnx(metadata: Readonly<Record<string, string>>): Uint8Array {
    return encodeTrees(this.ensemble, metadata);
  }

  async explainer(): Promise<Explainer> {
    return new TreeShap(this.ensemble);
  }

  async close(): Promise<void> {}
}

function rowsOf({ matrix, rows, labels }: Windows): LabelledRows {
  return { data: matrix.data, width: matrix.width, rows, labels };
}
