import { shapeText, type Value } from '../graph.ts';
import { add, mul } from './arithmetic.ts';
import { matmul, matmulTransposed } from './linear.ts';
import { softmax } from './normalise.ts';
import { expectRank } from './shapes.ts';

/**
 * Scaled dot-product attention, softmax(Q Kᵀ / √d + bias) V (Vaswani et al. 2017, equation 1): (B, heads, T, d), keys and values
 * (B, heads, S, d). `bias` is broadcast to (B, heads, T, S): −∞, or a large negative number, where a query may not look. The softmax, (B, heads, T, S),
 * passes through `seen`.
 */
export function attention(
  queries: Value,
  keys: Value,
  values: Value,
  bias?: Value,
  seen: (map: Value) => Value = (map) => map,
): Value {
  for (const [x, what] of [
    [queries, 'queries'],
    [keys, 'keys'],
    [values, 'values'],
  ] as const)
    expectRank(x, 4, `attention: the ${what}`);
  const width = queries.shape[3];
  const batches = (x: Value): string => shapeText(x.shape.slice(0, 2));
  if (batches(queries) !== batches(keys) || batches(keys) !== batches(values))
    queries.graph.fail(
      `attention: queries ${shapeText(queries.shape)}, keys ${shapeText(keys.shape)} and values ${shapeText(values.shape)} differ on axes 0 ` +
        'and 1; all must have the same batch and heads',
    );
  if (keys.shape[3] !== width)
    queries.graph.fail(
      `attention: queries ${shapeText(queries.shape)} and keys ${shapeText(keys.shape)} differ on axis 3; both must have the head's width`,
    );
  if (keys.shape[2] !== values.shape[2])
    queries.graph.fail(
      `attention: keys ${shapeText(keys.shape)} and values ${shapeText(values.shape)} differ on axis 2; each key has one value`,
    );
  // Queries are scaled and not scores: there are fewer of them.
  const scaled = mul(queries, queries.graph.scalar(1 / Math.sqrt(width)));
  const scores = matmulTransposed(scaled, keys); // (B, heads, T, S)
  return matmul(seen(softmax(bias === undefined ? scores : add(scores, bias))), values);
}
