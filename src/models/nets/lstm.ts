import { lstm as layer } from '../../nn/index.ts';
import { recurrentNet } from './recurrent.ts';

/** Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9, 1997. */
export const lstm = recurrentNet(
  'lstm',
  'Long short-term memory (Hochreiter and Schmidhuber 1997, Neural Computation 9)',
  layer,
);
