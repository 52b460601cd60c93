export { BurstClock } from './burst-clock.ts';
export { CATALOGUE } from './catalogue.ts';
export { FeatureEngine, type FeatureOptions } from './feature-engine.ts';
export { type FeatureFit, parseFit } from './fit.ts';
export type { MarketView } from './market-view.ts';
export { type RowMirror, rowMirror } from './mirror.ts';
export { RowSampler, type SampledRow, type SamplerOptions, tradedLotsOf } from './sampler.ts';
export { parseClock, type SamplingClock } from './sampling-clock.ts';
export { type ColumnSchema, createSchema, type FeatureSchema, schemaHash } from './schema.ts';
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
export { IMBALANCE_BUCKETS, SPREAD_ENDS } from './signals/fair-value/microprice-states.ts';
