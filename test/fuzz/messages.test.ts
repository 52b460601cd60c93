import { fuzzSuite } from './suite.ts';
import { MESSAGE_TARGETS } from './targets.ts';

fuzzSuite(MESSAGE_TARGETS);
