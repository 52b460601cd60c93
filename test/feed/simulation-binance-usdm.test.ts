import { simulationSuite } from './simulation-suite.ts';

simulationSuite('binance-usdm');
