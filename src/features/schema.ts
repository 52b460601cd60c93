import { createHash } from 'node:crypto';
import { assert } from '../core/index.ts';
import type { FeatureInfo } from './signal.ts';

/** The columns of a row, in order. */
export interface FeatureSchema {
  readonly names: readonly string[];
  /** First 16 hex digits of the SHA-256 of all `name@version`, one a line: travels with datasets, models and answers. */
  readonly hash: string;
  readonly features: readonly FeatureInfo[];
}

export function createSchema(features: readonly FeatureInfo[]): FeatureSchema {
  const names = features.map((feature) => feature.name);
  assert(new Set(names).size === names.length, 'every column has a name of its own');
  const text = features.map((feature) => `${feature.name}@${feature.version}`).join('\n');
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return Object.freeze({ names: Object.freeze(names), hash, features: Object.freeze([...features]) });
}
