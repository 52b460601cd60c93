import { Attribution, familiesOf } from '../models/index.ts';
import {
  attentionRollout,
  type Dataset,
  type FittedModel,
  familyShapley,
  type ShuffleCheck,
} from '../models/training.ts';
import { type AttributionSummary, MeanAttribution, type NamedInput } from './mean-attribution.ts';
import { type PermutationImportance, permutationImportance } from './permutation-importance.ts';

export interface MemberExplanation {
  readonly member: string;
  /** Null where the model cannot tell. */
  readonly attributions: AttributionSummary | null;
  /** By family, the most needed first; null where there are too few rows to permute. */
  readonly permutation: { readonly windows: number; readonly families: readonly PermutationImportance[] } | null;
  /** Mean |exact Shapley value| by family, against the mean row; null where there are too many families for the time. */
  readonly shapley: {
    readonly windows: number;
    readonly families: readonly { readonly family: string; readonly mean: number }[];
  } | null;
  /** Null where the model has no attention. */
  readonly attention: MeanAttention | null;
}

export interface MeanAttention {
  readonly windows: number;
  readonly checks: readonly ShuffleCheck[];
  /** How much of each row of the window reaches the end, the oldest first, 1 in all; null without a map over rows. */
  readonly rows: readonly number[] | null;
}

export interface MemberExplanationOptions {
  readonly member: string;
  readonly model: FittedModel;
  readonly data: Dataset;
  /** The columns of a row. */
  readonly inputs: readonly NamedInput[];
  /** Mean rows for which labels overlap. */
  readonly span: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

const MOST_EXPLAINED = 200;
const MOST_PERMUTED = 2000;
const MOST_SHAPLEY = 24;
const MOST_ATTENTION = 64;
const SHUFFLES = 4;
const DRAWS = 400;
/** Multiply-adds that each of the three may take, about: seconds, or fewer windows. */
const BUDGET = 2e10;
/** Predictions that one run of integrated gradients is worth: 64 points, thrice a prediction each. */
const A_RUN = 200;
/** Runs of integrated gradients a member, and windows that are explained whatever they take. */
const MOST_RUNS = 300;
const PROBED = 6;
/** Blocks of fewer rows would cut what signals remember. */
const LEAST_BLOCK = 20;

/**
 * What a fitted member's forecasts rest on, over test windows that are spread evenly: attributions of its own kind (each window for one class,
 * all in turn), permutation importance by block, exact Shapley values of families, and attention. How many windows that takes is settled by the cost of
 * the model, not by the clock, so that the same seed gives the same figures. Nothing is chosen by it.
 */
export async function explainMember(options: MemberExplanationOptions): Promise<MemberExplanation> {
  const { member, signal } = options;
  const attributions = await attributionsOf(options);
  const stop = (): boolean => signal.aborted;
  const permutation = stop() ? null : await permutationOf(options);
  const shapley = stop() ? null : await shapleyOf(options);
  const attention = stop() ? null : await attentionOf(options);
  return { member, attributions, permutation, shapley, attention };
}

/** So many of `count` things, spread evenly, by number. */
export function spread(count: number, most: number): Int32Array {
  const n = Math.max(0, Math.min(count, most));
  return Int32Array.from({ length: n }, (_, i) => Math.floor(((i + 0.5) * count) / n));
}

/** How many windows the budget allows, where each takes so many predictions. */
function affordable({ multiplyAdds }: FittedModel, predictions: number, most: number): number {
  return Math.min(most, Math.floor(BUDGET / (predictions * Math.max(1, multiplyAdds))));
}

async function attributionsOf(options: MemberExplanationOptions): Promise<AttributionSummary | null> {
  const { model, data, inputs, signal } = options;
  if (model.explainer === undefined) return null;
  const { matrix, test, target } = data.withLength(model.length);
  const explainer = await model.explainer();
  try {
    const mean = new MeanAttribution(inputs);
    const out = new Attribution(model.length, matrix.width);
    const explain = (number: number, i: number): void => {
      const end = (test.rows[number] + 1) * matrix.width;
      const window = matrix.data.slice(end - model.length * matrix.width, end);
      explainer.explain(window, i % target.classes.length, out);
    };
    let most = MOST_EXPLAINED;
    if (explainer.runs !== undefined) {
      // What a window takes is known of a few.
      let runs = 0;
      const tried = spread(test.count, PROBED);
      tried.forEach((number, i) => {
        explain(number, i);
        runs += explainer.runs ?? 1;
      });
      most = Math.min(most, affordable(model, A_RUN, MOST_RUNS) / Math.max(1, runs / tried.length));
    }
    for (const [i, number] of spread(test.count, Math.max(PROBED, Math.floor(most))).entries()) {
      if (signal.aborted) break;
      explain(number, i);
      mean.add(out);
    }
    return mean.summary();
  } finally {
    await explainer.close();
  }
}

async function permutationOf(options: MemberExplanationOptions): Promise<MemberExplanation['permutation']> {
  const { model, data, inputs, span, seed } = options;
  const families = familiesOf(inputs.map(({ family }) => family));
  const { test } = data.withLength(model.length);
  const blockLength = Math.max(LEAST_BLOCK, Math.ceil(2 * span), model.length);
  const rows = test.count === 0 ? 0 : test.rows[test.count - 1] - test.rows[0] + model.length;
  const most = affordable(model, families.names.length, MOST_PERMUTED);
  if (rows < 2 * blockLength || most < 1) return null;
  const found = await permutationImportance({
    model,
    data,
    families,
    blockLength,
    repeats: 1,
    seed,
    draws: DRAWS,
    most,
  });
  const windows = Math.min(most, test.count);
  return { windows, families: found.toSorted((a, b) => b.increase - a.increase) };
}

async function shapleyOf({
  model,
  data,
  inputs,
  seed,
}: MemberExplanationOptions): Promise<MemberExplanation['shapley']> {
  const families = familiesOf(inputs.map(({ family }) => family));
  const windows = data.withLength(model.length).test;
  const players = families.names.length;
  const which = players > 12 ? new Int32Array(0) : spread(windows.count, affordable(model, 2 ** players, MOST_SHAPLEY));
  if (which.length === 0) return null;
  const classes = data.target.classes.length;
  const classIndexes = which.map((_, i) => i % classes);
  const unit = 'logit';
  const found = await familyShapley({ model, data, windows, which, classIndexes, families, background: 0, seed, unit });
  const means = families.names.map((family, f) => ({
    family,
    mean: found.reduce((sum, { values }) => sum + Math.abs(values[f]), 0) / found.length,
  }));
  return { windows: which.length, families: means.sort((a, b) => b.mean - a.mean) };
}

async function attentionOf({ model, data, seed }: MemberExplanationOptions): Promise<MeanAttention | null> {
  const { test } = data.withLength(model.length);
  const batch = Math.min(test.count, MOST_ATTENTION);
  const reader = batch === 0 ? null : ((await model.attention?.(batch)) ?? null);
  if (reader === null) return null;
  try {
    const from = Math.floor((test.count - batch) / 2);
    const checks = await reader.shuffleCheck(test, from, SHUFFLES, seed);
    const { maps } = await reader.read(test, from);
    return { windows: batch, checks, rows: meanRollout(maps, batch, model.length) };
  } finally {
    await reader.close();
  }
}

/** Of all places that a net looks from at the end, and of all windows. */
function meanRollout(
  maps: Parameters<typeof attentionRollout>[0],
  windows: number,
  length: number,
): readonly number[] | null {
  const mean = new Array<number>(length).fill(0);
  for (let window = 0; window < windows; window++) {
    const rolled = attentionRollout(maps, window);
    if (rolled === null || rolled.length % length !== 0) return null;
    const places = rolled.length / length;
    for (let i = 0; i < rolled.length; i++) mean[i % length] += rolled[i] / places / windows;
  }
  return mean;
}
