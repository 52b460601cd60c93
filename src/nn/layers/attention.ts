import { shapeText, type Value } from '../graph.ts';
import type { NetBuilder } from '../net.ts';
import { attention, gemm, mul, reshape, softmax, split, sum, tanh, transpose } from '../ops/index.ts';
import { dense, denseOverTime } from './dense.ts';
import { product, windowOf } from './window.ts';

/**
 * Multi-head self-attention of the rows of a window, each looking at all (Vaswani et al. 2017, section 3.2.2): (T, B, F) to (T, B, F). `heads`
 * must divide F.
 */
export function selfAttention(net: NetBuilder, place: string, x: Value, heads: number): Value {
  return net.within(place, () => {
    const [steps, batch, width] = windowOf(x, 'self-attention');
    if (width % heads !== 0)
      x.graph.fail(
        `self-attention: ${heads} heads do not share the ${width} features on axis 2 of ${shapeText(x.shape)}; make the width a multiple of heads`,
      );
    const projected = dense(net, 'queries, keys, values', x, 3 * width); // (T, B, 3F)
    const [queries, keys, values] = split(projected, 2, [width, width, width]).map((part) =>
      transpose(reshape(part, [steps, batch, heads, width / heads]), [1, 2, 0, 3]),
    ); // (B, heads, T, F/heads)
    const attended = attention(queries, keys, values, undefined, (map) => net.tap('attention', 'rows', map));
    const seen = transpose(attended, [2, 0, 1, 3]); // (T, B, heads, F/heads)
    return dense(net, 'out', reshape(seen, [steps, batch, width]), width);
  });
}

/**
 * Self-attention of the features of a window, each told by its T numbers, with one head (the spatial half of TLOB, Berti and Kasneci 2025):
 * (T, B, F) to (T, B, F).
 */
export function selfAttentionOverFeatures(net: NetBuilder, place: string, x: Value): Value {
  return net.within(place, () => {
    const [steps, batch, features] = windowOf(x, 'self-attention over features');
    const projected = denseOverTime(net, 'queries, keys, values', x, 3 * steps); // (3T, B, F)
    const [queries, keys, values] = split(projected, 0, [steps, steps, steps]).map((part) =>
      transpose(reshape(part, [steps, batch, 1, features]), [1, 2, 3, 0]),
    ); // (B, 1, F, T)
    const attended = attention(queries, keys, values, undefined, (map) => net.tap('attention', 'columns', map));
    const seen = transpose(attended, [3, 0, 1, 2]); // (T, B, 1, F)
    return denseOverTime(net, 'out', reshape(seen, [steps, batch, features]), steps);
  });
}

/**
 * A mean of the rows of a window, weighted by how each answers to a learnt query (Yang et al. 2016, equations 5 to 7): (T, B, F) to (B, F).
 * `units` score a row.
 */
export function attentionPool(net: NetBuilder, place: string, x: Value, units: number): Value {
  return net.within(place, () => {
    const [steps, batch] = windowOf(x, 'attention pool');
    const told = tanh(dense(net, 'told', x, units)); // (T, B, units)
    const query = net.parameter('query', [units, 1], { uniform: 1 / Math.sqrt(units) });
    const scores = gemm(reshape(told, [product([steps, batch]), units]), query); // (T·B, 1)
    const weights = net.tap('attention', 'rows', softmax(reshape(scores, [steps, batch, 1]), 0)); // (T, B, 1)
    return sum(mul(x, weights), [0]); // (B, F)
  });
}
