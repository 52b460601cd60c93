export { headlineOf, intervalText, ranked } from './column-views.ts';
export { renderAnalysis } from './render-analysis.ts';
export { renderRunsComparison } from './runs-comparison.ts';
export { type ComparedRun, lowerIsBetter, metricText } from './runs-views.ts';
