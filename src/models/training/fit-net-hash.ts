import { createHash } from 'node:crypto';
import { formatTarget } from '../target.ts';
import type { Dataset } from './contract.ts';

/**
 * SHA-256 of all that decides what a fit comes to, besides the machine: the kind, the configuration, the seed, every bit of the rows,
 * which of them are trained on and validated with, and how they are scaled.
 */
export function fitHash(kind: string, config: unknown, seed: number, data: Dataset): string {
  const { matrix, target, scaler, train, validation } = data;
  const hash = createHash('sha256');
  hash.update(JSON.stringify([kind, config, seed, formatTarget(target), matrix.hash, train.length, scaler.clip]));
  for (const { rows, labels } of [train, validation]) for (const part of [rows, labels]) hash.update(bytesOf(part));
  for (const part of [scaler.mean, scaler.deviation]) hash.update(bytesOf(part));
  return hash.digest('hex');
}

function bytesOf(data: Int32Array | Float32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
