import { assert } from '../core/index.ts';
import {
  binRows,
  coverageBand,
  coverageOf,
  type ForecastScore,
  type ForecastScores,
  gainOver,
  type LateStages,
  lossesOverTime,
  type MemberExplanation,
  type RunForecast,
  type Study,
  scoreForecasts,
} from '../evaluate/index.ts';
import { formatTarget, parseTarget, type Target } from '../models/index.ts';
import type { PreparedDataset, RowMatrix } from '../models/training.ts';
import type { CardComparison, CardConformal, CardCurve, CardFold, CardSection, CardWeights } from '../report/index.ts';
import { timeMs, timeOf } from './evaluate-data.ts';

/** What one fold came to. */
export interface FoldResult {
  readonly study: Study;
  /** Over validation windows, then test windows. */
  readonly late: LateStages;
  readonly weights: CardWeights;
  readonly curves: readonly CardCurve[];
  readonly explanations: readonly MemberExplanation[];
}

export interface SectionFacts {
  readonly target: Target;
  /** As it was asked for. */
  readonly asked: string;
  readonly seed: number;
  readonly calibrated: boolean;
  readonly coverage: number;
  readonly trials: CardSection['trials'];
}

type Figures = Pick<
  CardSection,
  'scores' | 'served' | 'chosen' | 'comparisons' | 'conformal' | 'folds' | 'curves' | 'losses' | 'explanations'
>;

/** Intervals rest on at most so many blocks: more would be too short. */
const MOST_BLOCKS = 100;
const MOST_BINS = 40;
const ROWS_A_BIN = 50;
/** Of sets with exactly the coverage asked for. */
const SIMULATIONS = 400;
const OF_EACH_FOLD = 'the chosen member of each fold';

/** All figures of one target, of all folds together. */
export function sectionFigures(matrix: RowMatrix, results: readonly FoldResult[], facts: SectionFacts): Figures {
  const labels = joinedLabels(results);
  const forecasts = pooledForecasts(results, facts.calibrated);
  const served = facts.calibrated ? 'calibrated' : 'ensemble';
  const horizon = Math.ceil(Math.max(...results.map(({ study }) => study.span)));
  const scores = scoreForecasts({
    labels,
    forecasts,
    prior: results[0].study.dataset.prior,
    // Of each fold's own training rows: the first of the baselines.
    priors: forecasts[0].probabilities,
    horizon,
    blockLength: Math.max(2 * horizon, Math.ceil(labels.length / MOST_BLOCKS)),
    seed: facts.seed,
    trials: facts.trials.training + facts.trials.evaluations,
  });
  const chosenNames = new Set(results.map(({ study }) => study.chosen));
  const chosen = chosenNames.size === 1 ? results[0].study.chosen : OF_EACH_FOLD;
  return {
    scores,
    served,
    chosen,
    comparisons: comparisons(results, forecasts, labels, scores, chosen),
    conformal: conformalOf(results, labels, forecasts[forecasts.length - 1].probabilities, { ...facts, horizon }),
    folds: results.map((result) => foldOf(matrix, result)),
    curves: results.flatMap(({ curves }) => curves),
    // Members are fitted anew in each fold; those of the last have seen the most.
    explanations: results[results.length - 1].explanations,
    losses: lossesOf(matrix, results, labels, scores, [served, chosen], forecasts),
  };
}

function joinedLabels(results: readonly FoldResult[]): Int8Array {
  return Int8Array.from(results.flatMap(({ study }) => [...study.labels]));
}

/** Each forecaster's test rows of all folds; behind the ensemble what is served, where that differs. */
function pooledForecasts(results: readonly FoldResult[], calibrated: boolean): RunForecast[] {
  const [{ study: first }] = results;
  const forecasts = first.forecasts.map(({ name, baseline }, f) => ({
    name,
    baseline,
    probabilities: joined(results.map(({ study }) => study.forecasts[f].probabilities)),
  }));
  if (!calibrated) return forecasts;
  const probabilities = joined(results.map(({ study, late }) => onTest(study, late.served)));
  return [...forecasts, { name: 'calibrated', baseline: false, probabilities }];
}

function onTest({ dataset }: Study, of: Float64Array): Float64Array {
  return of.subarray(dataset.validation.count * dataset.target.classes.length);
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function comparisons(
  results: readonly FoldResult[],
  forecasts: readonly RunForecast[],
  labels: Int8Array,
  { blockLength, seed, bestBaseline }: ForecastScores,
  chosen: string,
): CardComparison[] {
  const of = (name: string): Float64Array =>
    (forecasts.find((forecast) => forecast.name === name) as RunForecast).probabilities;
  const byFold = (): Float64Array =>
    joined(
      results.map(
        ({ study }) => (study.forecasts.find(({ name }) => name === study.chosen) as RunForecast).probabilities,
      ),
    );
  const gain = (other: Float64Array): CardComparison['gain'] =>
    gainOver(of('ensemble'), other, { labels, blockLength, seed });
  const single = 'the member that the validation part chose';
  const list: CardComparison[] = [
    {
      against: chosen,
      why: single,
      baseline: false,
      gain: gain(chosen === OF_EACH_FOLD ? byFold() : of(chosen)),
    },
  ];
  if (chosen !== 'imbalance' && forecasts.some(({ name }) => name === 'imbalance')) {
    const why = 'the desk’s baseline: imbalance, spread and their product';
    list.push({ against: 'imbalance', why, baseline: false, gain: gain(of('imbalance')) });
  }
  if (bestBaseline !== null) {
    const why = 'the best forecast without skill';
    list.push({ against: bestBaseline, why, baseline: true, gain: gain(of(bestBaseline)) });
  }
  return list;
}

function conformalOf(
  results: readonly FoldResult[],
  labels: Int8Array,
  served: Float64Array,
  { coverage, target, horizon, seed }: SectionFacts & { readonly horizon: number },
): CardConformal {
  const classes = target.classes.length;
  const covered = results.flatMap(({ study, late }) => [...late.covered.subarray(study.dataset.validation.count)]);
  const kept = results.flatMap(({ study, late }) => [...late.kept.subarray(study.dataset.validation.count)]);
  const sizes = results.flatMap(({ study, late }) => [...late.sizes.subarray(study.dataset.validation.count)]);
  const { overall: found, tenths } = coverageOf(covered);
  let [single, right] = [0, 0];
  sizes.forEach((size, i) => {
    if (size !== 1) return;
    single++;
    const own = served.subarray(i * classes, (i + 1) * classes);
    if (own[labels[i]] === Math.max(...own)) right++;
  });
  return {
    coverage,
    found,
    exact: coverageOf(kept),
    band: coverageBand({ rows: kept.length, coverage, span: horizon, simulations: SIMULATIONS, seed }),
    meanSize: sizes.reduce((sum, size) => sum + size, 0) / sizes.length,
    tenths,
    single: single / sizes.length,
    singleRight: single === 0 ? 0 : right / single,
  };
}

function foldOf(matrix: RowMatrix, { study, weights }: FoldResult): CardFold {
  const { dataset, forecasts, labels, chosen } = study;
  const loss = (probabilities: Float64Array): number => lossesOverTime(labels, probabilities, 1)[0];
  const prior = loss(forecasts[0].probabilities);
  return {
    parts: dataset.parts.map(({ name, rows, windows, classes, rowRange }) => ({
      name,
      rows,
      windows,
      classes: [...classes],
      from: timeOf(matrix, rowRange?.first ?? 0),
      to: timeOf(matrix, rowRange?.last ?? 0),
    })),
    chosen,
    scores: forecasts.map(({ name, probabilities }) => {
      const logLoss = loss(probabilities);
      return { name, logLoss, gain: prior - logLoss };
    }),
    weights,
  };
}

function lossesOf(
  matrix: RowMatrix,
  results: readonly FoldResult[],
  labels: Int8Array,
  { bestBaseline }: ForecastScores,
  own: readonly string[],
  forecasts: readonly RunForecast[],
): CardSection['losses'] {
  const rows = results.flatMap(({ study }) => [...study.dataset.test.rows]);
  const bins = Math.max(1, Math.min(MOST_BINS, Math.floor(rows.length / ROWS_A_BIN)));
  const names = [...own, ...(bestBaseline === null ? [] : [bestBaseline]), 'prior'];
  const drawn = forecasts.filter(({ name }) => names.includes(name));
  return {
    rowsEach: Math.round(rows.length / bins),
    timesMs: Array.from({ length: bins }, (_, bin) => {
      const [from, to] = binRows(rows.length, bins, bin);
      return timeMs(matrix, rows[(from + to) >> 1]);
    }),
    series: drawn
      .toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name))
      .map(({ name, probabilities }) => ({ name, values: lossesOverTime(labels, probabilities, bins) })),
  };
}

/** What the registry keeps of a score. */
export function registryFigures({
  logLoss,
  gain,
  directionGain,
  mcc,
  macroF1,
  accuracy,
  brier,
  calibration,
}: ForecastScore): Record<string, { value: number; low: number | null; high: number | null }> {
  const named = {
    'test-log-loss': logLoss,
    'test-gain': gain,
    'test-direction-gain': directionGain,
    'test-mcc': mcc,
    'test-macro-f1': macroF1,
    'test-accuracy': accuracy,
    'test-brier': brier,
    'test-ece': { value: calibration.error.topLabel, interval: null },
  };
  return Object.fromEntries(
    Object.entries(named).map(([name, { value, interval }]) => [
      name,
      { value, low: interval?.low ?? null, high: interval?.high ?? null },
    ]),
  );
}

/** Whole sentences: what was done, so that another can do it again. */
export function protocolOf(
  recipe: {
    readonly data: {
      readonly split: string;
      readonly embargo: number;
      readonly reach: number;
      readonly clock: string;
    };
    readonly trained: readonly { readonly name: string; readonly mirror: boolean | 'auto' }[];
    readonly online: readonly string[];
    readonly combiner: { readonly kind: string };
  },
  { asked, target, coverage, calibrated, seed }: SectionFacts,
  datasets: readonly PreparedDataset[],
  results: readonly FoldResult[],
  span: number,
): string[] {
  const { data, trained, online, combiner } = recipe;
  const mirrored = trained.filter(({ mirror }) => mirror === true).map(({ name }) => name);
  const asking = trained.filter(({ mirror }) => mirror === 'auto').map(({ name }) => name);
  const [train, validation, test] = data.split.split('/');
  const folds = datasets.length;
  return [
    folds === 1
      ? `Cut by time: ${train} % of the rows to learn from, the next ${validation} % to weigh the members, the last ${test} % to score.`
      : `Walked forward in ${folds} folds: each learns from all rows before its test part, the last of these (in the proportion ${train} to ${validation}) only weigh the members; members are fitted anew in each fold, and every row of the last ${test} % is scored once. Thresholds, scalers and the prior of the gains are those of each fold’s own training rows.`,
    `Purged: a row whose label came to be known after its part’s end is left out. Embargo: the first ${data.embargo === 1 ? 'horizon' : `${data.embargo} horizons`} of each later part as well.`,
    `Every forecast has ${data.reach} rows behind it within its part, so that models of short and of long windows are scored on the very same rows.`,
    thresholdText(asked, folds === 1 ? [target] : datasets.map((dataset) => dataset.target)),
    `Labels are anchored at the decision, and known ${span.toFixed(1)} rows later on average; ${data.clock === 'burst' ? 'decisions stand at the end of a burst, never inside it' : `decisions are those of the clock ${data.clock}`}.`,
    trained.length === 0
      ? 'No member is fitted beforehand.'
      : `Fitted on the training rows, stopped by the validation rows, and frozen: ${trained.map(({ name }) => name).join(', ')}${mirrored.length === 0 ? '' : `; with bids and asks in each other’s place too: ${mirrored.join(', ')}`}. Their scalers are of the training rows.`,
    ...(asking.length === 0 ? [] : [mirrorText(asking, results)]),
    online.length === 0
      ? 'No member learns on the way.'
      : `Learning from the first row on, from each label once a later row has brought it: ${online.join(', ')}.`,
    `The ensemble (${combiner.kind}) weighs members${combiner.kind === 'stacked' ? ', their logarithmic pool' : ''} and their equal pool from the first validation row on, by labels as they come to exist. ${calibrated ? 'What is served is its forecast at a temperature that is learnt in the same way (“calibrated”).' : 'It is served as it is.'}`,
    `Sets that shall hold what comes true ${Math.round(100 * coverage)} % of the time are adaptive conformal (DtACI), on what is served.`,
    `Seed ${seed}: the same data, recipe and seed give the same figures.`,
  ];
}

function thresholdText(asked: string, targets: readonly Target[]): string {
  if (targets[0].kind === 'next-change') {
    return 'Any change of the mid counts, of whatever size: there are no thresholds.';
  }
  if (parseTarget(asked).threshold?.kind !== 'quantiles') {
    return `${formatTarget(targets[0])}: the target’s thresholds are stated, not learnt.`;
  }
  const rows = targets.length === 1 ? 'the training rows' : 'each fold’s own training rows';
  return `The thresholds of ${asked} are those of ${rows} alone: ${targets.map(formatTarget).join(', ')}.`;
}

/** What the training rows said of the mirror, fold by fold. */
function mirrorText(members: readonly string[], results: readonly FoldResult[]): string {
  const said = results.map(({ study: { mirrorTrial } }) => {
    assert(mirrorTrial !== null, 'a study tries the mirror where a member leaves it to the training part');
    const { holds, gain, error } = mirrorTrial;
    return `${holds ? 'seen' : 'not seen'} (${signed(gain)} ± ${error.toFixed(4)} nats)`;
  });
  return `Bids and asks in each other’s place, for ${members.join(', ')}: ${said.join(', ')}. Small trees decided it, fitted on the first four fifths of the training rows with and without and scored on their last fifth; it is left out where it costs more than two standard errors.`;
}

function signed(nats: number): string {
  return `${nats < 0 ? '−' : '+'}${Math.abs(nats).toFixed(4)}`;
}
