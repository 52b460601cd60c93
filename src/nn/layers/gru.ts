import type { Value } from '../graph.ts';
import type { NetBuilder } from '../net.ts';
import { add, concat, gemm, mul, reshape, sigmoid, slice, split, sub, sum, tanh } from '../ops/index.ts';
import { zeros } from '../ops/shapes.ts';
import { column, columnsOf, earlier, rowsOf } from './recurrent.ts';
import { windowOf } from './window.ts';

/** Parameters in the order of ONNX's `GRU`: gates z, r, then the candidate n. */
interface Weights {
  /** (3H, F) */
  readonly input: Value;
  /** (3H, H) */
  readonly recurrent: Value;
  /** (3H) */
  readonly inputBias: Value;
  /** (3H): that of n is within the reset gate's reach. */
  readonly recurrentBias: Value;
}

/**
 * Cho et al. 2014, with the reset gate after the recurrent product as in cuDNN and PyTorch (ONNX's `linear_before_reset`): states of all
 * steps, (T, B, F) to (T, B, `hidden`), from zeros. Begins as PyTorch's `GRU`: all within ± 1/√hidden. Where one row a step is served, it
 * goes on from the state that the last one left.
 */
export function gru(net: NetBuilder, place: string, x: Value, hidden: number): Value {
  return net.within(place, () => {
    const features = windowOf(x, 'gru')[2];
    const initial = { uniform: 1 / Math.sqrt(hidden) };
    const weights = {
      input: net.parameter('input', [3 * hidden, features], initial),
      recurrent: net.parameter('recurrent', [3 * hidden, hidden], initial),
      inputBias: net.parameter('input bias', [3 * hidden], initial, { decays: false }),
      recurrentBias: net.parameter('recurrent bias', [3 * hidden], initial, { decays: false }),
    };
    return net.mode === 'train' ? unrolled(x, weights) : operator(net, x, weights);
  });
}

/** One ONNX operator for the whole recurrence. */
function operator(net: NetBuilder, x: Value, { input, recurrent, inputBias, recurrentBias }: Weights): Value {
  const { graph } = x;
  const [steps, batch, features] = windowOf(x, 'gru');
  const hidden = recurrent.shape[1];
  const state = [1, batch, hidden];
  const inputs = [
    x,
    reshape(input, [1, 3 * hidden, features]),
    reshape(recurrent, [1, 3 * hidden, hidden]),
    reshape(concat([inputBias, recurrentBias], 0), [1, 6 * hidden]),
    null, // lengths: all the same
    ...(net.streaming ? [net.state('h', state)] : []),
  ];
  const outputs = [{ shape: [steps, 1, batch, hidden] }, { shape: state }];
  const attributes = { hidden_size: { int: hidden }, linear_before_reset: { int: 1 } };
  const [states, h] = graph.emit('GRU', inputs, outputs, attributes);
  if (net.streaming) net.carry('h', h);
  return reshape(states, [steps, batch, hidden]);
}

/** What the forward pass of one step leaves for the backward pass; each (H, B), `gates` (2H, B). */
interface Step {
  /** σ of z and r side by side. */
  readonly gates: Value;
  readonly z: Value;
  readonly r: Value;
  /** The candidate's part from the state, before the reset gate. */
  readonly recalled: Value;
  readonly n: Value;
  /** The state before, minus n; null before the first step, whose state is 0. */
  readonly apart: Value;
  readonly h: Value;
}

/** Step by step, so that it can be differentiated. */
function unrolled(x: Value, weights: Weights): Value {
  const { graph } = x;
  const [steps, batch, features] = windowOf(x, 'gru');
  const { input, recurrent, inputBias, recurrentBias } = weights;
  const hidden = recurrent.shape[1];
  const rows = reshape(x, [steps * batch, features]);
  const { trace, flat } = graph.untracked(() => {
    const trace = forward(columnsOf(rows, steps), weights);
    return { trace, flat: rowsOf(trace.map(({ h }) => h)) }; // (T·B, H)
  });
  graph.record([rows, input, recurrent, inputBias, recurrentBias], [flat], ([g], [needsRows]) => {
    const slopes = backward(trace, recurrent, columnsOf(g!, steps));
    const inside = concat(slopes.inside, 1); // (3H, T·B): of the sums from the state
    const ofOpen = slice(inside, 0, 0, 2 * hidden);
    const outside = concat([ofOpen, concat(slopes.candidate, 1)], 0); // (3H, T·B): of the sums from the input
    return [
      needsRows ? gemm(outside, input, { transA: true }) : null,
      gemm(outside, rows),
      gemm(inside, earlier(trace.map(({ h }) => h)), { transB: true }),
      sum(outside, [1]),
      sum(inside, [1]),
    ];
  });
  return reshape(flat, [steps, batch, hidden]);
}

function forward(inputs: readonly Value[], weights: Weights): Step[] {
  const hidden = weights.recurrent.shape[1];
  const parts = [2 * hidden, hidden];
  const [openInput, candidateInput] = split(weights.input, 0, parts);
  const [openRecurrent, recall] = split(weights.recurrent, 0, parts);
  const [openInputBias, candidateInputBias] = split(weights.inputBias, 0, parts);
  const [openRecurrentBias, recallBias] = split(weights.recurrentBias, 0, parts);
  const openBias = column(add(openInputBias, openRecurrentBias));
  const candidateBias = column(candidateInputBias);
  const recalledBias = column(recallBias);
  const still = zeros(inputs[0], [hidden, inputs[0].shape[1]]);
  const trace: Step[] = [];
  for (const input of inputs) {
    const before = trace.at(-1)?.h ?? still;
    const open = gemm(openInput, input, { bias: openBias });
    const gates = sigmoid(gemm(openRecurrent, before, { bias: open })); // (2H, B)
    const [z, r] = split(gates, 0, [hidden, hidden]);
    const recalled = gemm(recall, before, { bias: recalledBias }); // (H, B)
    const candidate = gemm(candidateInput, input, { bias: candidateBias });
    const n = tanh(add(candidate, mul(r, recalled)));
    const apart = sub(before, n);
    trace.push({ gates, z, r, recalled, n, apart, h: add(n, mul(z, apart)) });
  }
  return trace;
}

interface Slopes {
  /** Of the sums from the state at z, r and n, (3H, B) a step. */
  readonly inside: Value[];
  /** Of the whole sum at n, (H, B) a step. */
  readonly candidate: Value[];
}

function backward(trace: readonly Step[], recurrent: Value, grads: readonly Value[]): Slopes {
  const one = recurrent.graph.scalar(1);
  const slopes: Slopes = { inside: [], candidate: [] };
  let fromNext: Value | null = null; // of the state, through the next step's update gate
  for (let t = trace.length - 1; t >= 0; t--) {
    const { gates, z, r, recalled, n, apart } = trace[t];
    const direct: Value = fromNext === null ? grads[t] : add(grads[t], fromNext);
    const ofH: Value =
      slopes.inside.length === 0 ? direct : gemm(recurrent, slopes.inside[0], { bias: direct, transA: true });
    const ofN = mul(mul(ofH, sub(one, z)), sub(one, mul(n, n))); // of the sum at n
    const through = mul(concat([mul(ofH, apart), mul(ofN, recalled)], 0), mul(gates, sub(one, gates))); // (2H, B)
    slopes.inside.unshift(concat([through, mul(ofN, r)], 0));
    slopes.candidate.unshift(ofN);
    fromNext = mul(ofH, z);
  }
  return slopes;
}
