import type { Value } from '../graph.ts';
import { add, mul } from '../ops/index.ts';

/** x above 0, and `slope` x below (Maas, Hannun and Ng 2013). Its gradient at 0 is half of both. */
export function leakyRelu(x: Value, slope: number): Value {
  const { graph } = x;
  const [y] = graph.emit('LeakyRelu', [x], [{ shape: x.shape }], { alpha: { float: slope } });
  graph.record([x], [y], ([g]) => {
    const [sign] = graph.emit('Sign', [x], [{ shape: x.shape }]);
    const factor = add(mul(sign, graph.scalar((1 - slope) / 2)), graph.scalar((1 + slope) / 2));
    return [mul(g!, factor)];
  });
  return y;
}
