import { Attribution, type AttributionMethod, type Model, OnlineExplainer, type ServedModel } from '../models/index.ts';
import type { Forecaster } from './forecaster.ts';

/** What one input, or all of a family, adds to the logit of each class against the mean of all, in nats, in the order of the classes. */
export interface Contribution {
  readonly name: string;
  readonly family: string;
  readonly values: readonly number[];
}

/** One model's last forecast, as the model itself has it: `baseline` and all signals sum to `value`, class by class. */
export interface MemberExplanation {
  readonly model: string;
  /** What it weighs in the ensemble; null where it is not pooled. */
  readonly weight: number | null;
  readonly method: AttributionMethod;
  readonly baseline: readonly number[];
  readonly value: readonly number[];
  readonly families: readonly Contribution[];
  readonly signals: readonly Contribution[];
}

export interface ForecastExplanation {
  /** Number of the forecast. */
  readonly index: number;
  /** Of those models that can tell, the weightiest first. */
  readonly members: readonly MemberExplanation[];
}

/** What every online learner reads beside the row's signals, in its order. */
const CORE_NAMES = ['imbalance at the best prices', 'spread', 'imbalance × spread'] as const;
const CORE_FAMILY = 'best prices';

type Input = Pick<Contribution, 'name' | 'family'>;
const inputOf = ({ name, family }: Input): Input => ({ name, family });

/** What an online learner reads of rows with these columns, in its order; one that reads no rows has the first three alone. */
export function learnerInputs(columns: readonly Input[]): Input[] {
  return [...CORE_NAMES.map((name) => ({ name, family: CORE_FAMILY })), ...columns.map(inputOf)];
}

/** Models that attribute what they say exactly. */
type Explained = Model & ConstructorParameters<typeof OnlineExplainer>[0];

const canExplain = (model: Model): model is Explained => 'attribute' in model && 'inputs' in model;

/** The trained model in its place, or that is the model itself; null where there is none. */
const servedIn = (model: Model): ServedModel | null =>
  'current' in model ? ((model as Model & { readonly current: ServedModel | null }).current ?? null) : null;

/**
 * Why the last forecast is what it is, of each model that can say so; of none where there is no forecast. Made when asked for: it allocates, and
 * costs some microseconds a model.
 */
export function explainForecast(forecaster: Forecaster): ForecastExplanation {
  const { last, models, members } = forecaster;
  const explained: MemberExplanation[] = [];
  if (last.abstained !== null) return { index: last.index, members: explained };
  for (let m = 0; m < models.length; m++) {
    const model = models[m];
    if (last.awake[m] === 0) continue;
    const told = canExplain(model)
      ? explainLearner(forecaster, model, last.probabilities[m])
      : explainServed(forecaster, servedIn(model));
    if (told === null) continue;
    const place = members.indexOf(model);
    const weight = place < 0 ? null : (last.weights?.[place] ?? null);
    explained.push({ model: model.name, weight, ...told });
  }
  explained.sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0));
  return { index: last.index, members: explained };
}

type Told = Omit<MemberExplanation, 'model' | 'weight'>;

function explainLearner({ decision, target, features }: Forecaster, model: Explained, said: Float64Array): Told {
  const explainer = new OnlineExplainer(model);
  const byClass = target.classes.map((_, k) => {
    const out = new Attribution(1, explainer.inputs);
    explainer.explain(decision, said, k, out);
    return out;
  });
  return toldOf(byClass, learnerInputs(features.schema.columns).slice(0, explainer.inputs));
}

/** Of a trained model, from its own file; null where that cannot tell, or before its first whole window. */
function explainServed({ target, features }: Forecaster, served: ServedModel | null): Told | null {
  const explainer = served?.explainer ?? null;
  if (served === null || explainer === null) return null;
  const window = new Float32Array(explainer.rows * explainer.inputs);
  if (!served.copyWindow(window)) return null;
  const byClass = target.classes.map((_, k) => {
    const out = new Attribution(explainer.rows, explainer.inputs);
    explainer.explain(window, k, out);
    return out;
  });
  return toldOf(byClass, features.schema.columns.map(inputOf));
}

function toldOf(byClass: readonly Attribution[], inputs: readonly Input[]): Told {
  const sums = byClass.map((attribution) => {
    const out = new Float64Array(inputs.length);
    attribution.sumOverRows(out);
    return out;
  });
  const signals = inputs.map((input, i) => ({ ...input, values: sums.map((values) => values[i]) }));
  const families = [...new Set(inputs.map(({ family }) => family))].map((family) => {
    const own = signals.filter((signal) => signal.family === family);
    const values = byClass.map((_, k) => own.reduce((sum, signal) => sum + signal.values[k], 0));
    return { name: family, family, values };
  });
  return {
    method: byClass[0].method,
    baseline: byClass.map(({ baseline }) => baseline),
    value: byClass.map(({ value }) => value),
    families,
    signals,
  };
}
