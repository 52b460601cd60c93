export { type Forecast, Forecaster, type ForecasterHooks } from './forecaster.ts';
