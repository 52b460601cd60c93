import { simulationSuite } from './simulation-suite.ts';

simulationSuite('okx');
