export { BurstClock } from './burst-clock.ts';
export { createCoreSignals } from './core-set.ts';
export { FeatureEngine } from './feature-engine.ts';
export { MarketView } from './market-view.ts';
export { createSchema, type FeatureSchema } from './schema.ts';
export type { FeatureInfo, Signal } from './signal.ts';
