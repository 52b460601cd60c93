import type { Value } from '../graph.ts';
import type { NetBuilder } from '../net.ts';
import { add, concat, gemm, mul, reshape, sigmoid, split, sub, sum, tanh } from '../ops/index.ts';
import { zeros } from '../ops/shapes.ts';
import { column, columnsOf, earlier, rowsOf } from './recurrent.ts';
import { windowOf } from './window.ts';

/** Parameters in the order of ONNX's `LSTM`: gates i, o, f (sigmoid), then g (tanh). */
interface Weights {
  /** (4H, F) */
  readonly input: Value;
  /** (4H, H) */
  readonly recurrent: Value;
  /** (4H) each; two of them, as PyTorch and cuDNN have, so that parameters can be carried over. */
  readonly inputBias: Value;
  readonly recurrentBias: Value;
}

/**
 * Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000: states of all steps, (T, B, F) to (T, B, `hidden`), from zeros.
 * Begins as PyTorch's `LSTM`: all within ± 1/√hidden. Where one row a step is served, it goes on from the state that the last one left.
 */
export function lstm(net: NetBuilder, place: string, x: Value, hidden: number): Value {
  return net.within(place, () => {
    const features = windowOf(x, 'lstm')[2];
    const initial = { uniform: 1 / Math.sqrt(hidden) };
    const weights = {
      input: net.parameter('input', [4 * hidden, features], initial),
      recurrent: net.parameter('recurrent', [4 * hidden, hidden], initial),
      inputBias: net.parameter('input bias', [4 * hidden], initial, { decays: false }),
      recurrentBias: net.parameter('recurrent bias', [4 * hidden], initial, { decays: false }),
    };
    return net.mode === 'train' ? unrolled(x, weights) : operator(net, x, weights);
  });
}

/** One ONNX operator for the whole recurrence. */
function operator(net: NetBuilder, x: Value, { input, recurrent, inputBias, recurrentBias }: Weights): Value {
  const { graph } = x;
  const [steps, batch, features] = windowOf(x, 'lstm');
  const hidden = recurrent.shape[1];
  const state = [1, batch, hidden];
  const inputs = [
    x,
    reshape(input, [1, 4 * hidden, features]),
    reshape(recurrent, [1, 4 * hidden, hidden]),
    reshape(concat([inputBias, recurrentBias], 0), [1, 8 * hidden]),
    null, // lengths: all the same
    ...(net.streaming ? [net.state('h', state), net.state('c', state)] : []),
  ];
  const outputs = [{ shape: [steps, 1, batch, hidden] }, { shape: state }, { shape: state }];
  const [states, h, c] = graph.emit('LSTM', inputs, outputs, { hidden_size: { int: hidden } });
  if (net.streaming) {
    net.carry('h', h);
    net.carry('c', c);
  }
  return reshape(states, [steps, batch, hidden]);
}

/** What the forward pass of one step leaves for the backward pass; each (H, B). */
interface Step {
  readonly i: Value;
  readonly o: Value;
  readonly f: Value;
  readonly g: Value;
  /** i g */
  readonly written: Value;
  /** f times the cell before; null in the first step. */
  readonly kept: Value | null;
  readonly c: Value;
  /** tanh c */
  readonly squashed: Value;
  readonly h: Value;
}

/** Step by step, so that it can be differentiated. */
function unrolled(x: Value, { input, recurrent, inputBias, recurrentBias }: Weights): Value {
  const { graph } = x;
  const [steps, batch, features] = windowOf(x, 'lstm');
  const hidden = recurrent.shape[1];
  const rows = reshape(x, [steps * batch, features]);
  const trace: Step[] = [];
  const flat = graph.untracked(() => {
    const bias = column(add(inputBias, recurrentBias));
    for (const columns of columnsOf(rows, steps))
      trace.push(forward(gemm(input, columns, { bias }), recurrent, trace.at(-1)));
    return rowsOf(trace.map(({ h }) => h));
  }); // (T·B, H)
  graph.record([rows, input, recurrent, inputBias, recurrentBias], [flat], ([g], [needsRows]) => {
    const slopes = backward(trace, recurrent, columnsOf(g!, steps));
    const ofGates = concat(slopes, 1); // (4H, T·B)
    const ofBias = sum(ofGates, [1]);
    return [
      needsRows ? gemm(ofGates, input, { transA: true }) : null,
      gemm(ofGates, rows),
      gemm(ofGates, earlier(trace.map(({ h }) => h)), { transB: true }),
      ofBias,
      ofBias,
    ];
  });
  return reshape(flat, [steps, batch, hidden]);
}

/** From the sums of the input at the gates, (4H, B). */
function forward(ofInput: Value, recurrent: Value, before: Step | undefined): Step {
  const hidden = recurrent.shape[1];
  const sums = before === undefined ? ofInput : gemm(recurrent, before.h, { bias: ofInput }); // (4H, B)
  const [ofI, ofO, ofF, ofG] = split(sums, 0, [hidden, hidden, hidden, hidden]);
  const [i, o, f, g] = [sigmoid(ofI), sigmoid(ofO), sigmoid(ofF), tanh(ofG)];
  const written = mul(i, g);
  const kept = before === undefined ? null : mul(f, before.c);
  const c = kept === null ? written : add(kept, written);
  const squashed = tanh(c);
  return { i, o, f, g, written, kept, c, squashed, h: mul(o, squashed) };
}

/** From the gradients of each step's state to those of the sums at its gates, i, o, f, g: (4H, B) each. */
function backward(trace: readonly Step[], recurrent: Value, grads: readonly Value[]): Value[] {
  /** y (1 − x) */
  const less = (y: Value, x: Value): Value => sub(y, mul(y, x));
  const slopes: Value[] = [];
  let fromNext: Value | null = null; // of the cell, through the next step's forget gate
  for (let t = trace.length - 1; t >= 0; t--) {
    const { i, o, f, g, written, kept, squashed, h } = trace[t];
    const ofH = slopes.length === 0 ? grads[t] : gemm(recurrent, slopes[0], { bias: grads[t], transA: true });
    const through = mul(ofH, sub(o, mul(h, squashed))); // o (1 − tanh² c)
    const ofC: Value = fromNext === null ? through : add(through, fromNext);
    const parts = [
      mul(ofC, less(written, i)), // g i (1 − i)
      mul(ofH, less(h, o)), // tanh c o (1 − o)
      kept === null ? zeros(f, f.shape) : mul(ofC, less(kept, f)), // c before f (1 − f)
      mul(ofC, sub(i, mul(written, g))), // i (1 − g²)
    ];
    slopes.unshift(concat(parts, 0)); // (4H, B)
    fromNext = mul(ofC, f);
  }
  return slopes;
}
