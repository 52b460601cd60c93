import { gru as layer } from '../../nn/index.ts';
import { recurrentNet } from './recurrent.ts';

/** Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine translation", EMNLP 2014. */
export const gru = recurrentNet('gru', 'Gated recurrent units (Cho et al. 2014, EMNLP)', layer);
