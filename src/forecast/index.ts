export { type Forecast, Forecaster, type ForecasterHooks, type ForecasterOptions } from './forecaster.ts';
