import type { Value } from '../graph.ts';
import type { NetBuilder } from '../net.ts';
import { add, concat, gemm, mul, reshape, sigmoid, slice, split, sub, sum, tanh, transpose } from '../ops/index.ts';
import { zeros } from '../ops/shapes.ts';
import { ofRecurrent } from './lstm.ts';
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

/** What the forward pass of one step leaves for the backward pass; each (B, H), `gates` (B, 2H). */
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

/** Step by step, so that it can be differentiated. All inputs are projected by one product; only what must wait for the last state waits. */
function unrolled(x: Value, weights: Weights): Value {
  const { graph } = x;
  const [steps, batch, features] = windowOf(x, 'gru');
  const hidden = weights.recurrent.shape[1];
  const rows = reshape(x, [steps * batch, features]);
  const { trace, flat } = graph.untracked(() => {
    const trace = forward(rows, weights, steps, batch);
    return {
      trace,
      flat: concat(
        trace.map(({ h }) => h),
        0,
      ),
    };
  }); // (T·B, H)
  const parameters = [weights.input, weights.recurrent, weights.inputBias, weights.recurrentBias];
  graph.record([rows, ...parameters], [flat], ([g], [needsRows]) => {
    const slopes = backward(trace, weights.recurrent, split(g!, 0, Array(steps).fill(batch)));
    const inside = concat(slopes.inside, 0); // (T·B, 3H): of the sums from the state
    const ofOpen = slice(inside, 1, 0, 2 * hidden);
    const outside = concat([ofOpen, concat(slopes.candidate, 0)], 1); // (T·B, 3H): of the sums from the input
    return [
      needsRows ? gemm(outside, weights.input) : null,
      gemm(outside, rows, { transA: true }),
      ofRecurrent(inside, flat, batch),
      sum(outside, [0]),
      sum(inside, [0]),
    ];
  });
  return reshape(flat, [steps, batch, hidden]);
}

function forward(rows: Value, weights: Weights, steps: number, batch: number): Step[] {
  const hidden = weights.recurrent.shape[1];
  const parts = [2 * hidden, hidden];
  const [openInput, candidateInput] = split(weights.input, 0, parts);
  const [openBias, candidateBias] = split(weights.inputBias, 0, parts);
  const [openRecurrentBias, recalledBias] = split(weights.recurrentBias, 0, parts);
  const sizes = Array(steps).fill(batch);
  const open = gemm(rows, openInput, { bias: add(openBias, openRecurrentBias), transB: true }); // (T·B, 2H)
  const candidate = gemm(rows, candidateInput, { bias: candidateBias, transB: true }); // (T·B, H)
  const opens = split(open, 0, sizes);
  const candidates = split(candidate, 0, sizes);
  // Turned once and not at each step.
  const [openRecurrent, recall] = split(weights.recurrent, 0, parts).map((part) => transpose(part)); // (H, 2H), (H, H)
  const still = zeros(rows, [batch, hidden]);
  const trace: Step[] = [];
  for (let t = 0; t < steps; t++) {
    const before = trace.at(-1)?.h ?? still;
    const gates = sigmoid(gemm(before, openRecurrent, { bias: opens[t] })); // (B, 2H)
    const [z, r] = split(gates, 1, [hidden, hidden]);
    const recalled = gemm(before, recall, { bias: recalledBias }); // (B, H)
    const n = tanh(add(candidates[t], mul(r, recalled)));
    const apart = sub(before, n);
    trace.push({ gates, z, r, recalled, n, apart, h: add(n, mul(z, apart)) });
  }
  return trace;
}

interface Slopes {
  /** Of the sums from the state at z, r and n, (B, 3H) a step. */
  readonly inside: Value[];
  /** Of the whole sum at n, (B, H) a step. */
  readonly candidate: Value[];
}

function backward(trace: readonly Step[], recurrent: Value, grads: readonly Value[]): Slopes {
  const one = recurrent.graph.scalar(1);
  const slopes: Slopes = { inside: [], candidate: [] };
  let fromNext: Value | null = null; // of the state, through the next step's update gate
  for (let t = trace.length - 1; t >= 0; t--) {
    const { gates, z, r, recalled, n, apart } = trace[t];
    const direct: Value = fromNext === null ? grads[t] : add(grads[t], fromNext);
    const ofH: Value = slopes.inside.length === 0 ? direct : gemm(slopes.inside[0], recurrent, { bias: direct });
    const ofN = mul(mul(ofH, sub(one, z)), sub(one, mul(n, n))); // of the sum at n
    const through = mul(concat([mul(ofH, apart), mul(ofN, recalled)], 1), mul(gates, sub(one, gates))); // (B, 2H)
    slopes.inside.unshift(concat([through, mul(ofN, r)], 1));
    slopes.candidate.unshift(ofN);
    fromNext = mul(ofH, z);
  }
  return slopes;
}
