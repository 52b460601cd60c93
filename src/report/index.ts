export { headlineOf, intervalText, ranked } from './column-views.ts';
export { renderAnalysis } from './render-analysis.ts';
