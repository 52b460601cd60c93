import { BookcastError } from '../../core/index.ts';
import { readGraph, readModel } from '../../nn/index.ts';
import type { ModelFile } from '../served/model-file.ts';
import { readTrees } from '../trees/read-trees.ts';
import { TreeShap } from '../trees/tree-shap.ts';
import type { Explainer } from './attribution.ts';
import { LinearExplainer } from './linear-explainer.ts';

/** What training says of how it scaled rows, beside the keys that serving needs. */
const SCALER = 'bookcast.scaler';
const LINEAR: readonly string[] = ['logistic', 'ridge'];

/**
 * What explains a served model exactly from nothing but its own file: TreeSHAP for trees, weight × scaled input for linear models of one row. Null for
 * other kinds: nets have a file beside them (`openExplainFile`). Throws `bad-input` where the file does not hold what its kind says.
 */
export function fileExplainer({
  path,
  bytes,
  metadata,
}: Pick<ModelFile, 'path' | 'bytes' | 'metadata'>): Explainer | null {
  const { kind, signals, classes } = metadata;
  if (kind === 'gbdt') return new TreeShap(readTrees(bytes, signals.length, path));
  if (!LINEAR.includes(kind)) return null;
  const scaler = scalerOf(bytes, path, signals.length);
  if (scaler === null) return null;
  const { constants } = readGraph(bytes, path);
  const [weight, bias] = [constants.get('head/weight'), constants.get('head/bias')];
  if (weight?.length !== signals.length * classes.length || bias?.length !== classes.length)
    throw new BookcastError(
      'bad-input',
      `${path} says that it is ${kind} of ${signals.length} columns and holds ${weight?.length ?? 0} weights, so its forecasts cannot be explained: train it again`,
      { path },
    );
  return new LinearExplainer(Float32Array.of(...weight, ...bias), classes.length, scaler);
}

/** Null where the file does not say. */
function scalerOf(
  bytes: Uint8Array,
  path: string,
  width: number,
): { mean: Float32Array; deviation: Float32Array; clip: number } | null {
  const text = readModel(bytes, path).metadata[SCALER];
  if (text === undefined) return null;
  try {
    const { mean, deviation, clip } = JSON.parse(text);
    if (mean.length === width && deviation.length === width && clip > 0)
      return { mean: Float32Array.from(mean), deviation: Float32Array.from(deviation), clip };
  } catch {
    // Told below, with what is no JSON and with what is no scaler alike.
  }
  throw new BookcastError(
    'bad-input',
    `${path}: its metadata ${SCALER} is no scaler of ${width} columns: train it again`,
    { path },
  );
}
