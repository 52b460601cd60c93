export { renderBacktest } from './backtest-page.ts';
export type {
  CardComparison,
  CardConformal,
  CardCurve,
  CardData,
  CardFold,
  CardPart,
  CardSection,
  CardWeights,
  ModelCard,
} from './card.ts';
export { renderCard } from './card-page.ts';
export { limitsOf, verdictOf } from './card-verdict.ts';
export { headlineOf, intervalText, ranked } from './column-views.ts';
export { renderAnalysis } from './render-analysis.ts';
export { renderRunsComparison } from './runs-comparison.ts';
export { type ComparedRun, lowerIsBetter, metricText } from './runs-views.ts';
