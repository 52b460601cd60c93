import type { NetFunction } from '../../../src/nn/index.ts';
import { add, gelu, matmul, mean, reshape, slice, tanh } from '../../../src/nn/ops/index.ts';

/** Softmax regression on the last row of a window, as small as a net gets. */
export function linearNet(classes: number, maxNorm?: number): NetFunction {
  return (net, x) => {
    const [steps, batch, features] = x.shape;
    const last = reshape(slice(x, 0, steps - 1), [batch, features]); // (B, F)
    const w = net.parameter('w', [features, classes], { uniform: 0.5 }, maxNorm === undefined ? {} : { maxNorm });
    const b = net.parameter('b', [classes], { fill: 0 }, { decays: false });
    return add(matmul(last, w), b); // (B, classes)
  };
}

/** Two layers over all rows, a mean over time and, where it is asked for, dropout: enough to go wrong in. */
export function smallNet(classes: number, share = 0): NetFunction {
  return (net, x) =>
    net.within('small', () => {
      const features = x.shape[2];
      const w = net.parameter('w', [features, 8], { normal: 0.4 });
      const b = net.parameter('b', [8], { fill: 0.1 }, { decays: false });
      const hidden = net.dropout(gelu(add(matmul(x, w), b)), share); // (T, B, 8)
      const u = net.parameter('u', [8, classes], { uniform: 0.4 });
      return matmul(net.dropout(mean(hidden, [0]), share), u); // (B, classes)
    });
}

/** A leaky sum of rows, h ← 0.5 h + tanh(x W), read out by a product: it streams. */
export function leakyNet(classes: number): NetFunction {
  return (net, x) =>
    net.within('leaky', () => {
      const [steps, batch, features] = x.shape;
      const w = net.parameter('w', [features, 4], { normal: 0.4 });
      const u = net.parameter('u', [4, classes], { normal: 0.4 });
      const { graph } = x;
      let h = net.streaming ? net.state('h', [1, 4]) : null;
      for (let t = 0; t < steps; t++) {
        const row = tanh(matmul(reshape(slice(x, 0, t, t + 1), [batch, features]), w)); // (B, 4)
        h = h === null ? row : add(graph.emit('Mul', [h, graph.scalar(0.5)], [{ shape: h.shape }])[0], row);
      }
      if (net.streaming) net.carry('h', h!);
      return matmul(h!, u);
    });
}
