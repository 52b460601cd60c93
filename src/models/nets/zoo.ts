import { attentionLstm } from './attention-lstm.ts';
import { binCtabl, ctabl } from './ctabl.ts';
import { deeplob } from './deeplob.ts';
import { gru } from './gru.ts';
import { linear } from './linear.ts';
import { lstm } from './lstm.ts';
import { mlp } from './mlp.ts';
import { mlplob } from './mlplob.ts';
import type { Net } from './net.ts';
import { tlob } from './tlob.ts';
import { transformer } from './transformer.ts';

/** All nets, from the simplest on. */
export const NETS: readonly Net[] = [
  linear,
  mlp,
  lstm,
  gru,
  attentionLstm,
  transformer,
  tlob,
  mlplob,
  deeplob,
  ctabl,
  binCtabl,
];
