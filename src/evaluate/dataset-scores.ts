import { assert, Random } from '../core/index.ts';
import type { Dataset } from '../models/training.ts';
import { baselineForecasts } from './baseline-scores.ts';
import { blockBootstrap, type Interval, intervalOf, LEAST_BLOCKS } from './paired-losses.ts';
import { confusionScores, logLossOf, type ModelScore, Scoreboard } from './scoreboard.ts';

/** As for gains of the online models: more blocks would be too short. */
const MOST_BLOCKS = 100;
const RESAMPLES = 1000;
/** The resampling is seeded, so that the same forecasts give the same intervals. */
const BOOTSTRAP_SEED = 20120621;

/** A figure with its 95 % interval; null where there are too few blocks for one. */
export interface Figure {
  readonly value: number;
  readonly interval: Interval | null;
}

/** Scores of one model on the test part; `ModelScore` says what each is. */
export interface DatasetScore {
  readonly model: string;
  /** True for a model without skill by construction. */
  readonly baseline: boolean;
  readonly logLoss: Figure;
  /** Log-loss of the training prior minus its own; nats. */
  readonly gain: Figure;
  readonly directionGain: Figure;
  readonly mcc: Figure;
  readonly macroF1: Figure;
  readonly accuracy: Figure;
  readonly brier: number;
}

export interface DatasetScores {
  /** Windows of the test part. */
  readonly windows: number;
  /** Blocks of `blockLength` windows in order of time that the intervals rest on. */
  readonly blocks: number;
  readonly blockLength: number;
  /** Why there are no intervals; null where there are. */
  readonly reason: string | null;
  readonly simulated: boolean;
  /** Models first, then the baselines. */
  readonly scores: readonly DatasetScore[];
  /** How much better the first model is than each baseline, in nats, by its name. */
  readonly over: Readonly<Record<string, Figure>>;
}

/** What a model says of each window of the test part, count × classes. */
export interface NamedForecast {
  readonly model: string;
  readonly probabilities: Float64Array;
}

/** Scores models beside every no-skill baseline on the test part, all on the same windows and with the same resampled blocks. */
export function scoreDataset(dataset: Dataset, models: readonly NamedForecast[]): DatasetScores {
  const { test, target, matrix } = dataset;
  const classes = target.classes.length;
  for (const { probabilities } of models)
    assert(probabilities.length === test.count * classes, 'a forecast has a probability for each class of each window');
  assert(test.count > 0, 'the test part has windows');
  const { baselines, span } = baselineForecasts(dataset);
  const plan = blockPlan(test.count, span);
  const named = [
    ...models.map((forecast) => ({ ...forecast, baseline: false })),
    ...baselines.map(({ name, probabilities }) => ({ model: name, probabilities, baseline: true })),
  ];
  const tallies = named.map(({ probabilities }) => new BlockTally(test.labels, probabilities, classes, plan));
  const prior = tallies[models.length];
  assert(named[models.length].model === 'prior', 'the training prior comes first of the baselines');
  return {
    windows: test.count,
    blocks: plan.blocks,
    blockLength: plan.length,
    reason: plan.reason,
    simulated: matrix.simulated,
    scores: named.map(({ model, baseline }, i) => ({ model, baseline, ...tallies[i].scores(prior) })),
    over: Object.fromEntries(
      models.length === 0
        ? []
        : baselines.map(({ name }, i) => [name, tallies[0].gainOver(tallies[models.length + i])]),
    ),
  };
}

interface BlockPlan {
  readonly blocks: number;
  readonly length: number;
  readonly reason: string | null;
  /** Blocks of each resample, the same for every model; empty where there are too few. */
  readonly draws: Uint8Array;
}

/** Blocks are at least twice as long as labels overlap, so that neighbours are nearly independent. */
function blockPlan(windows: number, span: number): BlockPlan {
  const length = Math.max(Math.ceil(2 * span), Math.ceil(windows / MOST_BLOCKS));
  const blocks = Math.floor(windows / length);
  const reason =
    blocks >= LEAST_BLOCKS
      ? null
      : `${blocks} blocks of ${length} windows, each twice a label's span; an interval needs ${LEAST_BLOCKS}`;
  const random = new Random(BOOTSTRAP_SEED);
  const draws = new Uint8Array(reason === null ? RESAMPLES * blocks : 0);
  for (let i = 0; i < draws.length; i++) draws[i] = random.below(blocks);
  return { blocks, length, reason, draws };
}

/** One model's sums over the test part, block by block. What is left over at the end, less than a block, counts in the values alone. */
class BlockTally {
  readonly #plan: BlockPlan;
  readonly #classes: number;
  readonly #score: ModelScore;
  readonly #losses: Float64Array;
  readonly #directions: Float64Array;
  /** [block][actual][predicted]. */
  readonly #confusions: Float64Array;

  constructor(labels: Int32Array, probabilities: Float64Array, classes: number, plan: BlockPlan) {
    const { blocks, length } = plan;
    const size = classes * classes;
    this.#plan = plan;
    this.#classes = classes;
    this.#losses = new Float64Array(blocks);
    this.#directions = new Float64Array(blocks);
    this.#confusions = new Float64Array(blocks * size);
    const all = new Scoreboard(1, classes);
    for (let i = 0; i < labels.length; i++) {
      const label = labels[i];
      const at = i * classes;
      const loss = all.add(0, label, probabilities, at);
      const block = Math.floor(i / length);
      if (block >= blocks) continue;
      this.#losses[block] += loss / length;
      let best = 0;
      for (let k = 1; k < classes; k++) if (probabilities[at + k] > probabilities[at + best]) best = k;
      this.#confusions[block * size + label * classes + best]++;
      if (label === 0 || label === classes - 1) {
        const even = (probabilities[at] + probabilities[at + classes - 1]) / 2;
        this.#directions[block] += (logLossOf(even) - loss) / length;
      }
    }
    this.#score = all.score(0);
  }

  scores(prior: BlockTally): Omit<DatasetScore, 'model' | 'baseline'> {
    const { logLoss, directionGain, mcc, macroF1, accuracy, brier } = this.#score;
    const intervals = this.#plan.reason === null ? this.#confusionIntervals() : null;
    return {
      logLoss: this.#figure(logLoss, this.#losses),
      gain: this.gainOver(prior),
      directionGain: this.#figure(directionGain, this.#directions),
      mcc: { value: mcc as number, interval: intervals?.mcc ?? null },
      macroF1: { value: macroF1 as number, interval: intervals?.macroF1 ?? null },
      accuracy: { value: accuracy as number, interval: intervals?.accuracy ?? null },
      brier: brier as number,
    };
  }

  /** The other's log-loss minus this one's, on the same blocks. */
  gainOver(other: BlockTally): Figure {
    const differences = this.#losses.map((loss, b) => other.#losses[b] - loss);
    return this.#figure((other.#score.logLoss as number) - (this.#score.logLoss as number), differences);
  }

  #figure(value: number | null, means: Float64Array): Figure {
    const interval = this.#plan.reason === null ? blockBootstrap(means, new Random(BOOTSTRAP_SEED), RESAMPLES) : null;
    return { value: value as number, interval };
  }

  /** Percentile intervals of what is made of the confusion matrix of all, by resampling the blocks' matrices. */
  #confusionIntervals(): Record<'mcc' | 'macroF1' | 'accuracy', Interval> {
    const { blocks, draws } = this.#plan;
    const size = this.#classes * this.#classes;
    const drawn = {
      mcc: new Float64Array(RESAMPLES),
      macroF1: new Float64Array(RESAMPLES),
      accuracy: new Float64Array(RESAMPLES),
    };
    const sum = new Float64Array(size);
    const add = (block: number): void => {
      for (let c = 0; c < size; c++) sum[c] += this.#confusions[block * size + c];
    };
    for (let b = 0; b < blocks; b++) add(b);
    const centre = confusionScores(sum, this.#classes);
    const keys = Object.keys(drawn) as (keyof typeof drawn)[];
    for (let r = 0; r < RESAMPLES; r++) {
      sum.fill(0);
      for (let b = 0; b < blocks; b++) add(draws[r * blocks + b]);
      const scores = confusionScores(sum, this.#classes);
      for (const key of keys) drawn[key][r] = scores[key];
    }
    return {
      mcc: intervalOf(drawn.mcc, centre.mcc, blocks),
      macroF1: intervalOf(drawn.macroF1, centre.macroF1, blocks),
      accuracy: intervalOf(drawn.accuracy, centre.accuracy, blocks),
    };
  }
}
