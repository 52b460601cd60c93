import { Attribution, type AttributionMethod, type Model, OnlineExplainer } from '../models/index.ts';
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

/** Models that attribute what they say exactly. */
type Explained = Model & ConstructorParameters<typeof OnlineExplainer>[0];

const canExplain = (model: Model): model is Explained => 'attribute' in model && 'inputs' in model;

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
    if (last.awake[m] === 0 || !canExplain(model)) continue;
    const place = members.indexOf(model);
    const weight = place < 0 ? null : (last.weights?.[place] ?? null);
    explained.push({ model: model.name, weight, ...explainModel(forecaster, model, last.probabilities[m]) });
  }
  explained.sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0));
  return { index: last.index, members: explained };
}

function explainModel(
  { decision, target, features }: Forecaster,
  model: Explained,
  probabilities: Float64Array,
): Omit<MemberExplanation, 'model' | 'weight'> {
  const explainer = new OnlineExplainer(model);
  const byClass = target.classes.map((_, k) => {
    const out = new Attribution(1, explainer.inputs);
    explainer.explain(decision, probabilities, k, out);
    return out;
  });
  const columns = features.schema.columns.map(({ name, family }) => ({ name, family: family as string }));
  const inputs = [...CORE_NAMES.map((name) => ({ name, family: CORE_FAMILY })), ...columns].slice(0, explainer.inputs);
  const signals = inputs.map((input, i) => ({ ...input, values: byClass.map(({ values }) => values[i]) }));
  const families = [...new Set(inputs.map(({ family }) => family))].map((family) => {
    const own = signals.filter((signal) => signal.family === family);
    const values = target.classes.map((_, k) => own.reduce((sum, signal) => sum + signal.values[k], 0));
    return { name: family, family, values };
  });
  return {
    method: explainer.method,
    baseline: byClass.map(({ baseline }) => baseline),
    value: byClass.map(({ value }) => value),
    families,
    signals,
  };
}
