import { shapeText, type Value } from '../graph.ts';
import type { NetBuilder } from '../net.ts';
import { add } from '../ops/index.ts';
import { windowOf } from './window.ts';

/** Adds sines and cosines of a row's place in its window, from slow to fast (Vaswani et al. 2017, section 3.5): (T, B, F), F even. */
export function addPositions(net: NetBuilder, x: Value): Value {
  const [steps, , width] = windowOf(x, 'positions');
  if (width % 2 !== 0)
    x.graph.fail(
      `positions: axis 2 of ${shapeText(x.shape)} is odd; each sine needs its cosine, so make the width even`,
    );
  const data = new Float32Array(steps * width);
  for (let t = 0; t < steps; t++)
    for (let i = 0; i < width; i += 2) {
      const angle = t / 10000 ** (i / width);
      data[t * width + i] = Math.sin(angle);
      data[t * width + i + 1] = Math.cos(angle);
    }
  return add(x, net.graph.constant(data, [steps, 1, width]));
}
