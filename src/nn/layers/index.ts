/** Layers with parameters of their own. Each reads and gives time-major tensors, and names its parameters within `place`. */
export { attentionPool, selfAttention, selfAttentionOverFeatures } from './attention.ts';
export { bilinear, tabl } from './bilinear.ts';
export { biNorm } from './bin.ts';
export { convBlock, inception } from './conv-block.ts';
export { dense, denseOverTime } from './dense.ts';
export { feedForward } from './feed-forward.ts';
export { gru } from './gru.ts';
export { layerNorm, layerNormOverChannels, layerNormOverTime } from './layer-norm.ts';
export { leakyRelu } from './leaky-relu.ts';
export { lstm } from './lstm.ts';
export { addPositions } from './positions.ts';
export { flattenWindow, lastStep } from './window.ts';
