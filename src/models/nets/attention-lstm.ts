import { Type } from 'typebox';
import { attentionPool, dense, lastStep, lstm, ops } from '../../nn/index.ts';
import { dropoutKey, hiddenKey, layersKey, lengthKey, widthKey } from './keys.ts';
import { defineNet } from './net.ts';

/**
 * An LSTM whose states are weighted by learnt attention: Yang, Yang, Dyer, He, Smola and Hovy, "Hierarchical attention networks for
 * document classification", NAACL 2016, section 2.2, on the additive scores of Bahdanau, Cho and Bengio, "Neural machine translation by
 * jointly learning to align and translate", ICLR 2015. The last state stands beside the weighted one, since the newest row counts most.
 */
export const attentionLstm = defineNet({
  name: 'attention-lstm',
  title: 'LSTM with attention over its states (Yang et al. 2016, NAACL)',
  config: Type.Object(
    {
      length: lengthKey(50, 2),
      hidden: hiddenKey(64),
      layers: layersKey(1, 'recurrent layers, one on the other'),
      attention: widthKey(32, 'units that score a state'),
      dropout: dropoutKey(0.1, 'between layers and before the head'),
    },
    { additionalProperties: false },
  ),
  streams: false,
  length: (config) => config.length,
  build: (config, _, outputs) => (net, x) => {
    let h = x; // (T, B, F)
    for (let i = 1; i <= config.layers; i++) {
      h = lstm(net, `lstm ${i}`, h, config.hidden); // (T, B, hidden)
      if (i < config.layers) h = net.dropout(h, config.dropout);
    }
    const pooled = attentionPool(net, 'attention', h, config.attention); // (B, hidden)
    const both = ops.concat([pooled, lastStep(h)], 1); // (B, 2·hidden)
    return dense(net, 'head', net.dropout(both, config.dropout), outputs); // (B, outputs)
  },
});
