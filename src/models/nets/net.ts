import type { Static, TSchema } from 'typebox';
import type { NetFunction } from '../../nn/index.ts';

/** A kind of net: from a configuration to the function that writes it as a graph. How it is trained stands elsewhere. */
export interface Net<C = unknown> {
  readonly name: string;
  /** One line: what it is, and the paper. */
  readonly title: string;
  /** Of the net's own keys; unknown keys are refused. Every key has a default and a description. */
  readonly config: TSchema;
  /** It carries its state from row to row, so that one row a step can be served instead of a window. */
  readonly streams: boolean;
  /** Rows in a window. */
  length(config: C): number;
  /** Throws `bad-argument` when the graph is built, where the configuration does not fit the rows. */
  build(config: C, features: number, outputs: number): NetFunction;
}

/** Ties the type of the configuration to its schema. */
export function defineNet<S extends TSchema>(net: Net<Static<S>> & { readonly config: S }): Net {
  return net as Net;
}
