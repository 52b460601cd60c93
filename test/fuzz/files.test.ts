import { RECORDING_TARGETS } from './recordings.ts';
import { fuzzSuite } from './suite.ts';

fuzzSuite(RECORDING_TARGETS);
