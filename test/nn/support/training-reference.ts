import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { LossSpec, OptimiserSpec } from '../../../src/nn/index.ts';

/** What `scripts/nn_reference_training.py` writes. */
export interface TrainingReference {
  readonly losses: readonly {
    readonly spec: LossSpec;
    readonly batch: number;
    readonly outputs: number;
    readonly logits: readonly number[];
    readonly y: readonly number[];
    readonly weights: readonly number[] | null;
    readonly loss: number;
    readonly gradient: readonly number[];
  }[];
  readonly training: {
    readonly features: number;
    readonly classes: number;
    readonly weights: readonly number[];
    readonly batches: readonly { readonly x: readonly number[]; readonly y: readonly number[] }[];
    readonly cases: readonly {
      readonly spec: {
        readonly optimiser: OptimiserSpec;
        readonly clipNorm?: number;
        readonly ema?: number;
        readonly maxNorm?: number;
      };
      readonly rate: number;
      readonly seen: readonly {
        readonly step: number;
        readonly loss: number;
        readonly norm: number;
        readonly weights: readonly number[];
      }[];
    }[];
  };
}

export const REFERENCE: TrainingReference = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../../fixtures/nn/training.json'), 'utf8'),
);
