import { BookcastError } from '../core/index.ts';
import { shapeText, type Value } from './graph.ts';
import { node } from './ops/shapes.ts';
import type { LossSpec } from './training.ts';

/** Refuses a loss that does not fit a net of so many outputs: `bad-argument`. */
export function checkLoss(loss: LossSpec, outputs: number): void {
  if (loss.kind === 'quantile') {
    checkList('quantiles', loss.quantiles, outputs, 'each in (0, 1)', (q) => q > 0 && q < 1);
    return;
  }
  if (outputs < 2)
    refuse(`a loss of kind ${loss.kind} needs at least 2 outputs, one a class, and the net has ${outputs}`);
  if (loss.kind === 'focal' && !(loss.gamma >= 0 && loss.gamma < Infinity))
    refuse(`the gamma of a focal loss is a number from 0 on, and not ${loss.gamma}`);
  if (loss.kind === 'brier') return;
  if (loss.weights !== undefined)
    checkList('class weights', loss.weights, outputs, 'each above 0', (w) => w > 0 && w < Infinity);
  if (loss.kind === 'cross-entropy' && loss.adjust !== undefined)
    checkList('logit adjustments', loss.adjust, outputs, 'each finite', Number.isFinite);
}

function checkList(
  what: string,
  list: readonly number[],
  outputs: number,
  must: string,
  ok: (x: number) => boolean,
): void {
  if (list.length !== outputs)
    refuse(`the loss has ${list.length} ${what} and the net ${outputs} outputs; give one for each output`);
  const wrong = list.find((x) => !ok(x));
  if (wrong !== undefined) refuse(`${what} are numbers, ${must}; found ${wrong}`);
}

function refuse(what: string): never {
  throw new BookcastError('bad-argument', what);
}

/** Numbers that the target of one window takes: one a class, all 0 but the class's own, which is 1; or the number itself. */
export function targetWidth(loss: LossSpec, outputs: number): number {
  return loss.kind === 'quantile' ? 1 : outputs;
}

/** What a window of each class counts for; null where all count alike. */
export function classWeights(loss: LossSpec): readonly number[] | null {
  return loss.kind === 'cross-entropy' || loss.kind === 'focal' ? (loss.weights ?? null) : null;
}

/** The loss of each window and its gradient at the outputs of that window, both before they are weighted. */
interface Windowed {
  /** (B, 1) */
  readonly loss: Value;
  /** (B, outputs) */
  readonly slope: Value;
}

/**
 * Σ share · loss over the windows of a batch: a number, differentiated by hand so that no logarithm of a rounded probability is taken.
 * `outputs` is (B, C); `target` (B, C), or (B, 1) for quantiles; `share` (B, 1) sums to 1 over the windows that count and is 0 for others.
 */
export function meanLoss(loss: LossSpec, outputs: Value, target: Value, share: Value): Value {
  const { graph } = outputs;
  const [batch, width] = outputs.shape;
  if (outputs.shape.length !== 2 || target.shape[0] !== batch || target.shape[1] !== targetWidth(loss, width))
    graph.fail(`loss: outputs ${shapeText(outputs.shape)} and targets ${shapeText(target.shape)} do not fit together`);
  const { loss: each, slope } = windowed(loss, outputs, target);
  const mean = node('ReduceSum', [node('Mul', [each, share], each.shape)], [], { keepdims: { int: 0 } });
  graph.record([outputs], [mean], ([g]) => {
    const weighted = node('Mul', [slope, share], outputs.shape);
    return [node('Mul', [weighted, g!], outputs.shape)];
  });
  return mean;
}

function windowed(loss: LossSpec, outputs: Value, target: Value): Windowed {
  switch (loss.kind) {
    case 'cross-entropy':
      return crossEntropy(adjusted(outputs, loss.adjust), target);
    case 'focal':
      return focal(outputs, target, loss.gamma);
    case 'brier':
      return brier(outputs, target);
    case 'quantile':
      return pinball(outputs, target, loss.quantiles);
  }
}

function adjusted(logits: Value, adjust: readonly number[] | undefined): Value {
  if (adjust === undefined) return logits;
  return node('Add', [logits, logits.graph.constant(Float32Array.from(adjust), [adjust.length])], logits.shape);
}

/** −ln p of the target's class, and p − target. */
function crossEntropy(logits: Value, target: Value): Windowed {
  const logP = node('LogSoftmax', [logits], logits.shape, { axis: { int: -1 } });
  const loss = node('Neg', [rowSum(node('Mul', [logP, target], logits.shape))], columnOf(logits));
  return { loss, slope: node('Sub', [node('Exp', [logP], logits.shape), target], logits.shape) };
}

/**
 * (1 − p)^γ (−ln p), with p that of the target's class. 1 − p is the sum of the other probabilities, which keeps its digits where p is
 * nearly 1.
 */
function focal(logits: Value, target: Value, gamma: number): Windowed {
  const { graph, shape } = logits;
  const column = columnOf(logits);
  const logP = node('LogSoftmax', [logits], shape, { axis: { int: -1 } });
  const p = node('Exp', [logP], shape);
  const logTrue = rowSum(node('Mul', [logP, target], shape));
  const others = rowSum(node('Mul', [p, node('Sub', [graph.scalar(1), target], shape)], shape));
  const modulation = node('Pow', [others, graph.scalar(gamma)], column);
  const loss = node('Neg', [node('Mul', [modulation, logTrue], column)], column);
  // By ln p: (1 − p)^γ (γ p ln p / (1 − p) − 1); the quotient tends to −1 as p tends to 1, and so may be cut off there.
  const floor = node('Max', [others, graph.scalar(1e-30)], column);
  const quotient = node('Div', [node('Mul', [node('Exp', [logTrue], column), logTrue], column), floor], column);
  const bracket = node('Sub', [node('Mul', [quotient, graph.scalar(gamma)], column), graph.scalar(1)], column);
  const byLogP = node('Mul', [modulation, bracket], column);
  return { loss, slope: node('Mul', [node('Sub', [target, p], shape), byLogP], shape) };
}

/** Σ (p − target)², and 2 p (d − Σ p d) with d = p − target. */
function brier(logits: Value, target: Value): Windowed {
  const { graph, shape } = logits;
  const p = node('Softmax', [logits], shape, { axis: { int: -1 } });
  const d = node('Sub', [p, target], shape);
  const mean = rowSum(node('Mul', [p, d], shape));
  const centred = node('Mul', [p, node('Sub', [d, mean], shape)], shape);
  return { loss: rowSum(node('Mul', [d, d], shape)), slope: node('Mul', [centred, graph.scalar(2)], shape) };
}

/** Mean over the quantiles τ of max(τ e, (τ − 1) e) with e = target − output (Koenker and Bassett 1978). */
function pinball(outputs: Value, target: Value, quantiles: readonly number[]): Windowed {
  const { graph, shape } = outputs;
  const n = quantiles.length;
  const share = (of: (q: number) => number): Value => graph.constant(Float32Array.from(quantiles, of), [1, n]);
  const above = share((q) => q / n);
  const below = share((q) => (q - 1) / n);
  const error = node('Sub', [target, outputs], shape);
  const losses = node('Max', [node('Mul', [error, above], shape), node('Mul', [error, below], shape)], shape);
  const isAbove = node('GreaterOrEqual', [error, graph.scalar(0)], shape, {}, 'bool');
  const slope = node('Neg', [node('Where', [isAbove, above, below], shape)], shape);
  return { loss: rowSum(losses), slope };
}

function columnOf(x: Value): readonly number[] {
  return [x.shape[0], 1];
}

/** (B, C) → (B, 1) */
function rowSum(x: Value): Value {
  return node('ReduceSum', [x, x.graph.integers([1])], columnOf(x), { keepdims: { int: 1 } });
}
