/** The operators that nets are written with: free functions on values, each checked when it is added and, where it can be, differentiable. */
export { add, div, maximum, minimum, mul, neg, sub } from './arithmetic.ts';
export { attention } from './attention.ts';
export { type ConvOptions, conv, maxPool, type PoolOptions } from './conv.ts';
export {
  abs,
  exp,
  gelu,
  log,
  pow,
  reciprocal,
  relu,
  sigmoid,
  softplus,
  sqrt,
  square,
  tanh,
} from './elementwise.ts';
export { gather, oneHot } from './gather.ts';
export { broadcastTo, concat, pad, reshape, slice, split, squeeze, transpose, unsqueeze } from './layout.ts';
export { type GemmOptions, gemm, matmul } from './linear.ts';
export { cast, equal, greater, greaterOrEqual, less, lessOrEqual, stopGradient, where } from './logic.ts';
export { layerNorm, logSoftmax, softmax } from './normalise.ts';
export { max, mean, sum } from './reduce.ts';
