export { BurstClock } from './burst-clock.ts';
export { CATALOGUE } from './catalogue.ts';
export { FeatureEngine, type FeatureOptions } from './feature-engine.ts';
export type { FeatureFit } from './fit.ts';
export type { MarketView } from './market-view.ts';
export { type ColumnSchema, createSchema, type FeatureSchema } from './schema.ts';
export { bookDepth, CORE_SET, findSignal, type Offer, type Selection, selectSignals } from './sets.ts';
export {
  type ColumnInfo,
  FAMILIES,
  type Family,
  type Need,
  type Part,
  type Signal,
  type SignalDefinition,
} from './signal.ts';
