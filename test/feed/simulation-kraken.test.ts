import { simulationSuite } from './simulation-suite.ts';

simulationSuite('kraken');
