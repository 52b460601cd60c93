import { Type } from 'typebox';
import {
  convBlock,
  dense,
  inception,
  lastStep,
  leakyRelu,
  lstm,
  type NetBuilder,
  ops,
  type Value,
} from '../../nn/index.ts';
import { hiddenKey, lengthKey, widthKey } from './keys.ts';
import { defineNet } from './net.ts';

const leaky = (x: Value): Value => leakyRelu(x, 0.01);

/** Each of the three stages merges columns, then looks twice at four rows together. */
function stage(
  net: NetBuilder,
  place: string,
  x: Value,
  merged: number,
  channels: number,
  bend: (x: Value) => Value,
): Value {
  return net.within(place, () => {
    let y = convBlock(net, 'columns', x, { steps: 1, columns: merged, channels, bend }); // (B, channels, T, W/merged)
    y = convBlock(net, 'time 1', y, { steps: 4, columns: 1, channels, bend }); // (T − 3, …)
    return convBlock(net, 'time 2', y, { steps: 4, columns: 1, channels, bend }); // (T − 6, …)
  });
}

/**
 * Zhang, Zohren and Roberts, "DeepLOB: Deep convolutional neural networks for limit order books", IEEE Transactions on Signal Processing 67,
 * 2019, with the normalised layers of the authors' PyTorch code: 143,907 parameters for 100 rows of 40 numbers. Where that code normalises
 * by the statistics of the batch, each place is normalised over its channels here, with as many parameters: a forecast then depends on no
 * other window, and what is trained is what is served.
 *
 * In a raw book of ten levels (price and size, ask and bid in turn) the first stage joins price and size, the second the two sides of a level, the
 * third all levels. Rows of signals have no such order: there the first two stages summarise four neighbours in the schema, which are of one
 * family more often than not, and the third joins all. Columns of zeros fill up to a multiple of four.
 */
export const deeplob = defineNet({
  name: 'deeplob',
  title: 'DeepLOB: convolutions, an inception module and an LSTM (Zhang, Zohren and Roberts 2019, IEEE TSP 67)',
  config: Type.Object(
    {
      length: lengthKey(100, 19),
      channels: widthKey(32, 'channels of each convolution'),
      inception: widthKey(64, 'channels of each branch of the inception module'),
      hidden: hiddenKey(64),
    },
    { additionalProperties: false },
  ),
  streams: false,
  length: (config) => config.length,
  build: (config, features, outputs) => (net, x) => {
    const [steps, batch] = x.shape;
    const columns = 4 * Math.ceil(features / 4);
    const filled = ops.pad(x, [0, 0, 0], [0, 0, columns - features]); // (T, B, columns)
    const book = ops.reshape(ops.transpose(filled, [1, 0, 2]), [batch, 1, steps, columns]); // one channel
    const pairs = stage(net, 'pairs', book, 2, config.channels, leaky); // (B, channels, T − 6, columns/2)
    const levels = stage(net, 'levels', pairs, 2, config.channels, ops.tanh); // (B, channels, T − 12, columns/4)
    const whole = stage(net, 'book', levels, columns / 4, config.channels, leaky); // (B, channels, T − 18, 1)
    const looks = inception(net, 'inception', whole, config.inception, leaky); // (B, 3·inception, T − 18, 1)
    const rows = ops.reshape(ops.transpose(looks, [2, 0, 1, 3]), [steps - 18, batch, 3 * config.inception]);
    const states = lstm(net, 'lstm', rows, config.hidden); // (T − 18, B, hidden)
    return dense(net, 'head', lastStep(states), outputs); // (B, outputs)
  },
});
