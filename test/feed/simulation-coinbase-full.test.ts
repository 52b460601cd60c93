import { simulationSuite } from './simulation-suite.ts';

simulationSuite('coinbase-full');
