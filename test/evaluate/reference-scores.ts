import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** A forecast and what scikit-learn says of it. */
export interface ReferenceCase {
  readonly name: string;
  readonly classes: number;
  readonly labels: readonly number[];
  readonly probabilities: readonly number[];
  readonly logLoss: number;
  readonly brier: number;
  readonly brierPerClass: readonly number[];
  readonly mcc: number;
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  readonly macroF1: number;
  readonly confusion: readonly (readonly number[])[];
  readonly precision: readonly number[];
  readonly recall: readonly number[];
  readonly f1: readonly number[];
  readonly rocAuc: readonly number[];
  readonly prAuc: readonly number[];
}

export interface ReferenceTest {
  readonly own: readonly number[];
  readonly other: readonly number[];
  readonly horizon: number;
  readonly lag: number;
  readonly variance: number;
  readonly statistic: number;
  readonly pValue: number;
}

/** Written by scripts/metrics_reference.py. */
export const REFERENCE: {
  readonly source: string;
  readonly cases: readonly ReferenceCase[];
  readonly dieboldMariano: readonly ReferenceTest[];
  readonly functions: Readonly<Record<string, readonly (readonly number[])[]>>;
} = JSON.parse(readFileSync(resolve(import.meta.dirname, '../fixtures/metrics/reference.json'), 'utf8'));
