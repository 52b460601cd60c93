import { Type } from 'typebox';
import { dense, gru as gruLayer, lastStep } from '../../nn/index.ts';
import { dropoutKey, hiddenKey, layersKey, lengthKey } from './keys.ts';
import { defineNet } from './net.ts';

/** Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine translation", EMNLP 2014. Served as a stream, it goes on from the state that the last row left. */
export const gru = defineNet({
  name: 'gru',
  title: 'Gated recurrent units (Cho et al. 2014, EMNLP)',
  config: Type.Object(
    {
      length: lengthKey(50, 2),
      hidden: hiddenKey(128),
      layers: layersKey(2, 'recurrent layers, one on the other'),
      dropout: dropoutKey(0.1, 'between layers and before the head'),
    },
    { additionalProperties: false },
  ),
  streams: true,
  length: (config) => config.length,
  build: (config, _, outputs) => (net, x) => {
    let h = x; // (T, B, F)
    for (let i = 1; i <= config.layers; i++) {
      h = gruLayer(net, `gru ${i}`, h, config.hidden); // (T, B, hidden)
      if (i < config.layers) h = net.dropout(h, config.dropout);
    }
    const last = net.dropout(lastStep(h), config.dropout); // (B, hidden)
    return dense(net, 'head', last, outputs); // (B, outputs)
  },
});
