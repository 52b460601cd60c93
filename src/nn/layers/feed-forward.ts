import type { Value } from '../graph.ts';
import type { NetBuilder } from '../net.ts';
import { dense } from './dense.ts';

/** Two maps with a bend between (Vaswani et al. 2017, section 3.3): (…, F) to (…, `inner`) to (…, `width`). */
export function feedForward(
  net: NetBuilder,
  place: string,
  x: Value,
  inner: number,
  width: number,
  bend: (x: Value) => Value,
): Value {
  return net.within(place, () => dense(net, 'down', bend(dense(net, 'up', x, inner)), width));
}
