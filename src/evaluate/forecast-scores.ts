import { BookcastError, Random } from '../core/index.ts';
import { categoricalPit, type UniformityTest, uniformityTest } from './diagnostics/probability-integral.ts';
import type { ResamplingOptions } from './inference/block-resampler.ts';
import { type DieboldMariano, dieboldMariano } from './inference/diebold-mariano.ts';
import { type EffectiveSize, effectiveSize } from './inference/long-run-variance.ts';
import { modelConfidenceSet } from './inference/model-confidence-set.ts';
import { type MemberFigures, MemberScores } from './member-scores.ts';
import { type BrierDecomposition, brierDecomposition } from './metrics/brier-parts.ts';
import {
  type CalibrationBand,
  CalibrationBins,
  type CalibrationError,
  calibrationBands,
  type ReliabilityPoint,
} from './metrics/calibration.ts';
import { type ClassLabels, checkLabels, checkProbabilities } from './metrics/class-labels.ts';
import { type ClassReport, classificationOf } from './metrics/classification.ts';
import { type ClassRanking, classRankings } from './metrics/ranking.ts';
import { type SelectivePoint, selectiveAccuracy } from './metrics/selective-accuracy.ts';
import { LEAST_BLOCKS } from './paired-losses.ts';

/** What a model said of each row. */
export interface RunForecast {
  readonly name: string;
  /** Rows × classes, row-major. */
  readonly probabilities: Float64Array;
  /** True for a model without skill by construction. */
  readonly baseline: boolean;
}

export interface ForecastRun {
  /** Class of each row, in order of time. */
  readonly labels: ClassLabels;
  readonly forecasts: readonly RunForecast[];
  /** Shares of the classes in training: the forecast without skill. */
  readonly prior: ArrayLike<number>;
  /** Rows × classes, where rows have priors of their own, such as those of the folds of a walk forward; gains are over these then. */
  readonly priors?: Float64Array;
  /** Rows of a block that is drawn whole; at least two horizons. */
  readonly blockLength: number;
  /** Rows that a label reaches ahead; half a block by default. */
  readonly horizon?: number;
  readonly seed: number;
  /** Bootstrap draws (500), and labels drawn from each forecast for the bands of a perfect model (200). */
  readonly draws?: number;
  readonly simulations?: number;
  /** Configurations that were tried before these were chosen, from the registry; null where nobody counted. */
  readonly trials?: number | null;
}

type Band = Pick<CalibrationBand, 'topLabel' | 'classwise'>;

/** Everything about one forecast. */
export interface ForecastScore extends MemberFigures {
  readonly name: string;
  readonly baseline: boolean;
  readonly perClass: readonly (ClassReport & ClassRanking)[];
  /** Rows by [actual][predicted]. */
  readonly confusion: readonly (readonly number[])[];
  readonly brierParts: BrierDecomposition;
  readonly calibration: {
    readonly error: CalibrationError;
    /** Of a perfect model whose rows are independent, and of one whose labels overlap as far as the horizon. */
    readonly band: Band;
    readonly overlappingBand: Band;
    /** By class; bands with overlapping labels. */
    readonly reliability: readonly (readonly ReliabilityPoint[])[];
  };
  readonly selective: readonly SelectivePoint[];
  readonly uniformity: UniformityTest;
  /** What the rows are worth for the mean of its log-loss. */
  readonly effectiveSize: EffectiveSize;
  /** Log-loss against the prior's, and against the best baseline's; null where there are too few rows or nothing to compare with. */
  readonly againstPrior: DieboldMariano | null;
  readonly againstBestBaseline: DieboldMariano | null;
  /** The largest level at which it is in the set of those that cannot be told from the best; null where there are too few blocks. */
  readonly confidence: number | null;
}

/** The whole record of a run, for the model card: plain data, the same for the same seed. */
export interface ForecastScores {
  readonly rows: number;
  readonly classes: number;
  /** Rows of each class. */
  readonly counts: readonly number[];
  readonly prior: readonly number[];
  readonly horizon: number;
  readonly blockLength: number;
  /** Whole blocks in the rows. */
  readonly blocks: number;
  /** Why there are no intervals; null where there are. */
  readonly reason: string | null;
  readonly seed: number;
  readonly draws: number;
  readonly simulations: number;
  readonly trials: number | null;
  /** Of the forecasts that are baselines, the one of least log-loss; null where none is. */
  readonly bestBaseline: string | null;
  /** In the order given. */
  readonly forecasts: readonly ForecastScore[];
}

/**
 * Scores forecasts of the same rows, all with the same drawn blocks. Throws `bad-input` for labels that are no classes and for what is no
 * distribution over them, `bad-argument` for blocks shorter than two horizons.
 */
export function scoreForecasts(run: ForecastRun): ForecastScores {
  const { labels, forecasts, blockLength, seed, draws = 500, simulations = 200, trials = null } = run;
  const horizon = run.horizon ?? Math.max(1, Math.floor(blockLength / 2));
  const classes = run.prior.length;
  check(run, horizon);
  const n = labels.length;
  const blocks = Math.floor(n / blockLength);
  const reason =
    blocks >= LEAST_BLOCKS ? null : `${blocks} blocks of ${blockLength} rows; an interval needs ${LEAST_BLOCKS}`;
  const resampling: ResamplingOptions | null =
    reason === null ? { blockLength, kind: 'stationary', draws, seed } : null;
  const members = forecasts.map(({ probabilities }) => new MemberScores(labels, probabilities, classes));
  const losses = members.map(({ rows }) => rows.logLoss);
  const priorLoss = new MemberScores(labels, run.priors ?? repeated(run.prior, n), classes).rows.logLoss;
  const best = leastLoss(forecasts, losses);
  const confidence = resampling === null || members.length === 0 ? [] : modelConfidenceSet(losses, resampling);
  const calibration = calibrations(run, classes, { horizon, simulations });
  const against = (own: Float64Array, other: Float64Array): DieboldMariano | null =>
    own === other || n <= 2 * horizon ? null : dieboldMariano(own, other, horizon);
  return {
    rows: n,
    classes,
    counts: classCounts(labels, classes),
    prior: Array.from(run.prior),
    horizon,
    blockLength,
    blocks,
    reason,
    seed,
    draws,
    simulations,
    trials,
    bestBaseline: best < 0 ? null : forecasts[best].name,
    forecasts: forecasts.map(({ name, baseline, probabilities }, f) => ({
      name,
      baseline,
      ...members[f].figures(priorLoss, resampling),
      ...classTables(labels, probabilities, members[f], classes),
      brierParts: brierDecomposition(labels, probabilities),
      calibration: calibration[f],
      selective: selectiveAccuracy(labels, probabilities),
      uniformity: uniformityTest(categoricalPit(labels, probabilities, new Random(seed)), horizon),
      effectiveSize: effectiveSize(losses[f], horizon),
      againstPrior: against(losses[f], priorLoss),
      againstBestBaseline: best < 0 ? null : against(losses[f], losses[best]),
      confidence: confidence.find(({ model }) => model === f)?.pValue ?? null,
    })),
  };
}

function check({ labels, forecasts, prior, priors, blockLength }: ForecastRun, horizon: number): void {
  checkLabels(labels, prior.length);
  checkProbabilities('prior', Float64Array.from(prior), 1, prior.length);
  if (priors !== undefined) checkProbabilities('prior', priors, labels.length, prior.length);
  for (const { name, probabilities } of forecasts) {
    checkProbabilities(name, probabilities, labels.length, prior.length);
  }
  const whole = Number.isInteger(blockLength) && Number.isInteger(horizon);
  if (whole && horizon >= 1 && blockLength >= 2 * horizon) return;
  throw new BookcastError(
    'bad-argument',
    `blocks of ${blockLength} rows are too short for labels that reach ${horizon} rows ahead; give whole numbers, a block at least twice the horizon`,
    { blockLength, horizon },
  );
}

function classCounts(labels: ClassLabels, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]++;
  return counts;
}

function repeated(prior: ArrayLike<number>, rows: number): Float64Array {
  const all = new Float64Array(rows * prior.length);
  for (let row = 0; row < rows; row++) all.set(prior, row * prior.length);
  return all;
}

/** The number of the baseline whose losses are least in all; −1 where none is a baseline. */
function leastLoss(forecasts: readonly RunForecast[], losses: readonly Float64Array[]): number {
  let [best, least] = [-1, Number.POSITIVE_INFINITY];
  forecasts.forEach(({ baseline }, f) => {
    const sum = losses[f].reduce((total, loss) => total + loss, 0);
    if (baseline && sum < least) [best, least] = [f, sum];
  });
  return best;
}

function classTables(
  labels: ClassLabels,
  probabilities: Float64Array,
  { confusion }: MemberScores,
  classes: number,
): Pick<ForecastScore, 'perClass' | 'confusion'> {
  const rankings = classRankings(labels, probabilities);
  return {
    perClass: classificationOf(confusion, classes).perClass.map((report, k) => ({ ...report, ...rankings[k] })),
    confusion: rankings.map((_, k) => Array.from(confusion.subarray(k * classes, (k + 1) * classes))),
  };
}

function calibrations(
  { labels, forecasts, seed }: ForecastRun,
  classes: number,
  { horizon, simulations }: { horizon: number; simulations: number },
): ForecastScore['calibration'][] {
  const binned = forecasts.map(({ probabilities }) => new CalibrationBins(probabilities, classes));
  const independent = calibrationBands(binned, { span: 1, simulations, seed });
  const overlapping = horizon === 1 ? independent : calibrationBands(binned, { span: horizon, simulations, seed });
  const errorBand = ({ topLabel, classwise }: CalibrationBand): Band => ({ topLabel, classwise });
  return binned.map((bins, f) => ({
    error: bins.error(bins.hits(labels)),
    band: errorBand(independent[f]),
    overlappingBand: errorBand(overlapping[f]),
    reliability: bins.curves(labels, overlapping[f]),
  }));
}
